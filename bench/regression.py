"""IO: numeric targets of three public tables, by `murmur init` and `murmur run`, beside scikit-learn's ridge.

    pip install scikit-learn pandas plotnine && npm run build && python3 bench/regression.py [SEEDS [TABLE ...]]

Diabetes (Efron, Hastie, Johnstone & Tibshirani 2004, of scikit-learn), Texas housing and diamonds (of plotnine's wheel).
A fifth of the rows is held out, the same for both. Ridge has standardized numbers, one-hot categories, and the best of
four penalties by the held-out rows themselves, which flatters it. `murmur init` writes `training: auto`,
without privacy too. Prints a Markdown table of R², with the 95 % interval of the mean over seeds by Student's t.
"""
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import pandas
from scipy.stats import t as student
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEEDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
ONLY = sys.argv[2:]
PENALTIES = [0.1, 1, 10, 100]
MURMUR = ["node", str(Path(__file__).parent.parent / "dist/cli/main.js")]


def plotnine(name):
    """Its file alone: to import plotnine takes seconds, and all that it needs."""
    (place,) = importlib.util.find_spec("plotnine").submodule_search_locations
    return pandas.read_csv(Path(place) / "data" / f"{name}.csv")


def tables():
    yield "diabetes", load_diabetes(as_frame=True, scaled=False).frame, "target"
    housing = plotnine("txhousing").dropna()[["city", "year", "month", "sales", "listings", "inventory", "median"]]
    yield "Texas housing", housing, "median"
    yield "diamonds", plotnine("diamonds"), "price"


def ridge(train, test, target):
    inputs = train.drop(columns=target)
    numbers = list(inputs.select_dtypes("number"))
    texts = [name for name in inputs if name not in numbers]
    scaled = make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(handle_unknown="ignore"), texts))
    models = [make_pipeline(scaled, Ridge(alpha=penalty)).fit(inputs, train[target]) for penalty in PENALTIES]
    return max(model.score(test.drop(columns=target), test[target]) for model in models)


def murmur(folder, seed, *settings):
    sets = [part for setting in settings for part in ("--set", setting)]
    out = folder / f"run-{seed}-{'-'.join(settings).replace('/', '')}"
    command = [*MURMUR, "run", str(folder / "study/scenario.yaml"), "--json", "--hosts", "1", "--seed", str(seed)]
    done = subprocess.run([*command, "--out", str(out), *sets], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["errors"]["r2"]


def told(values):
    count = len(values)
    half = student.ppf(0.975, count - 1) * statistics.stdev(values) / count**0.5 if count > 1 else None
    spread = "" if half is None else f" ± {half:.3f}"
    return f"{statistics.mean(values):.3f}{spread}"


print("| table | rows | ridge | no privacy | ε 3 | ε 1 |\n|---|---|---|---|---|---|")
for name, table, target in tables():
    if ONLY and name not in ONLY:
        continue
    shuffled = table.iloc[numpy.random.default_rng(2).permutation(len(table))].reset_index(drop=True)
    held = len(shuffled) // 5
    test, train = shuffled[:held], shuffled[held:]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        train.to_csv(folder / "train.csv", index=False)
        test.to_csv(folder / "test.csv", index=False)
        init = ["init", str(folder / "study"), "--from", str(folder / "train.csv"), "--test", str(folder / "test.csv")]
        subprocess.run([*MURMUR, *init, "--target", target, "--public", "--quiet"], check=True, stdout=subprocess.DEVNULL)
        plain = murmur(folder, 1, "privacy.trust=none")
        noised = [
            told([murmur(folder, seed, f"privacy.epsilon={epsilon}") for seed in range(1, SEEDS + 1)])
            for epsilon in (3, 1)
        ]
    print(f"| {name} | {len(train)} | {ridge(train, test, target):.3f} | {plain:.3f} | {noised[0]} | {noised[1]} |", flush=True)

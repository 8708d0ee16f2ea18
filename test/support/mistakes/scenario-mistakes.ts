/** What a new user gets wrong in a scenario's file, and by which words of the error they find it. */
import { both, type Mistake, SCENARIO_FILE, swap, without } from "./mistake.ts";

type Row = readonly [name: string, scenario: (text: string) => string, ...says: string[]];

/** Values of another kind than their key's. */
const VALUES: readonly Row[] = [
  [
    "a number in quotes",
    swap("epsilon: 3", 'epsilon: "1"'),
    ...["privacy.epsilon", 'got text, "1"', "Write it without quotes: epsilon: 1."],
  ],
  [
    "a decimal comma",
    swap("epsilon: 3", "epsilon: 0,5"),
    ...["privacy.epsilon", 'got text, "0,5"', "epsilon: 0.5."],
  ],
  [
    "yes for true",
    swap("public: true", "public: yes"),
    ...["data.source.public", 'got text, "yes"', "Write public: true."],
  ],
  [
    "a word for a number",
    swap("rounds: 2", "rounds: many"),
    ...["training.rounds", "got many", "a finite number"],
  ],
  [
    "a fraction of a round",
    swap("rounds: 2", "rounds: 2.5"),
    ...["training.rounds", "got 2.5", "a whole number"],
  ],
  ["no rounds", swap("rounds: 2", "rounds: 0"), "training.rounds", "got 0", "a number ≥ 1"],
  [
    "a number for a list",
    swap("bands: [30, 40, 50]", "bands: 30"),
    ...["data.columns.age.bands", "got 30", "a list of numbers"],
  ],
  [
    "text for a list",
    swap("vocabulary: [Lyon, Bonn, Oslo]", "vocabulary: Lyon"),
    ...["data.columns.city.vocabulary", "got Lyon", "a list of 1 to 10,000 values"],
  ],
  [
    "a list for text",
    swap("file: people.csv", "file: [people.csv]"),
    ...["data.source.file", 'got ["people.csv"]', "expected text"],
  ],
  [
    "text for a block",
    swap("model: { kind: logistic }", "model: logistic"),
    ...["model", "got logistic", "keys and their values"],
  ],
  [
    "nothing behind a colon",
    swap("epsilon: 3", "epsilon:"),
    ...["privacy.epsilon", "got nothing behind its colon", "Write a value there."],
  ],
  [
    "a name with a space",
    swap("name: study", "name: My study"),
    ...["name (study.yaml)", "got My study", "1 to 64 of a-z, 0-9 and -"],
  ],
  [
    "bounds the wrong way round",
    swap("bounds: [18, 80]", "bounds: [80, 18]"),
    ...["data.columns.age.bounds", "got [80,18]", "the first below the second"],
  ],
  [
    "an epsilon of nothing",
    swap("epsilon: 3", "epsilon: 0"),
    ...["privacy.epsilon", "got 0", "a number > 0"],
  ],
  [
    "a role mistyped",
    swap("id: { role: directIdentifier", "id: { role: directIdentifer"),
    ...["data.columns.id.role", "got directIdentifer", "Did you mean directIdentifier?"],
  ],
  [
    "a type by its short name",
    swap("type: integer", "type: int"),
    ...["data.columns.age.type", "got int", "Did you mean integer?"],
  ],
  [
    "another library's model",
    swap("kind: logistic", "kind: randomForest"),
    ...["model.kind", "got randomForest", "one of logistic, softmax, linear, mlp, cnn"],
  ],
];

/** No YAML, or another shape of it than meant. */
const SHAPES: readonly Row[] = [
  [
    "a brace that is never closed",
    swap("{ kind: logistic }", "{ kind: logistic"),
    ...["yaml (study.yaml, line 20)", "got a { that nothing closes", "Close it."],
  ],
  [
    "a bracket that is never closed",
    swap("bands: [30, 40, 50]", "bands: [30, 40, 50"),
    ...["yaml (study.yaml, line 12)", "got a [ that nothing closes"],
  ],
  [
    "a quote that is never closed",
    swap('"oneHot(age)"', '"oneHot(age)'),
    ...["yaml (study.yaml, line 18)", "got a quote that nothing closes", "Close it."],
  ],
  [
    "a tab",
    swap("  rounds: 2", "\trounds: 2"),
    ...["yaml (study.yaml, line 23)", "got a tab", "Write two spaces"],
  ],
  [
    "a line too far to the left",
    swap("  rounds: 2", "rounds: 2"),
    ...["yaml (study.yaml, line 23)", "Indent the line like those around it"],
  ],
  [
    "no space behind a colon",
    swap("rounds: 2", "rounds:2"),
    ...["yaml (study.yaml, line 23)", "without a colon and a space", "Put a space behind"],
  ],
  [
    "no comma between two keys",
    swap("integer, bounds", "integer bounds"),
    ...["yaml (study.yaml, line 12)", "study.yaml"],
  ],
  [
    "a key twice",
    swap("  rounds: 2", "  rounds: 2\n  rounds: 3"),
    ...["yaml (study.yaml, line 24)", "got a key that stood in this block before", "Remove one"],
  ],
  ["nothing at all", () => "", "the scenario (study.yaml)", "an empty file", "murmur init DIR"],
  ["remarks alone", () => "# to do\n", "the scenario (study.yaml)", "an empty file", "murmur init"],
  ["a list", () => "- format: 1\n", "the scenario (study.yaml)", "got a list", "murmur init DIR"],
];

/** Keys by other names, in other places, or none. */
const KEYS: readonly Row[] = [
  [
    "a key in small letters",
    swap("clipNorm", "clipnorm"),
    ...["training.clipnorm", "one of algorithm, rounds", "Did you mean clipNorm?"],
  ],
  [
    "a key as Python spells it",
    swap("learningRate", "learning_rate"),
    ...["training.learning_rate", "Did you mean learningRate?"],
  ],
  [
    "epochs",
    swap("rounds: 2", "epochs: 2"),
    ...["training.epochs", "Did you mean rounds (with sampling full"],
  ],
  ["lr", swap("learningRate: 1", "lr: 1"), "training.lr", "Did you mean learningRate?"],
  [
    "max_grad_norm",
    swap("clipNorm: 1", "max_grad_norm: 1"),
    ...["training.max_grad_norm", "Did you mean clipNorm?"],
  ],
  [
    "sigma",
    swap("epsilon: 3", "sigma: 3"),
    ...["privacy.sigma", "Did you mean noiseMultiplier (in place of epsilon"],
  ],
  [
    "a key in another block",
    both(without("epsilon: 3"), swap("  rounds: 2", "  rounds: 2\n  epsilon: 3")),
    ...["training.epsilon", "Did you mean privacy.epsilon?"],
  ],
  [
    "a key beside its block",
    swap("seed: 3", "seed: 3\ntestRows: 12"),
    ...["(study.yaml, testRows)", "Did you mean data.source.testRows?"],
  ],
  [
    "a key of a column by its usual name",
    swap("bounds: [18, 80]", "range: [18, 80]"),
    ...["data.columns.age.range", "Did you mean bounds?"],
  ],
  [
    "a key that is none",
    swap("seed: 3", "seed: 3\nwibble: 3"),
    ...["(study.yaml, wibble)", "one of format, name, seed, data", "Remove it."],
  ],
  [
    "no population",
    without("population"),
    ...["privacy.population", "how many people", "Write population: 1000, with your number."],
  ],
  ["no delta", without("delta"), "privacy.delta", "below 1 / population", "Write delta: 1e-5."],
  [
    "no epsilon",
    without("epsilon"),
    ...["privacy.epsilon", "epsilon, or noiseMultiplier", "Set privacy.epsilon"],
  ],
  ["no clients", (text) => text.replace(/clients:[\s\S]*/, ""), "clients", "{ count: 10 }"],
  ["no format", without("format"), "format (study.yaml)", "Write format: 1."],
  ["no target", without("target: {"), "data.target", "what is to be predicted", "target: { name"],
  [
    "no features",
    (text) => text.replace(/features:[\s\S]*?model:/, "model:"),
    ...["features (study.yaml)", "the model's inputs", "formula"],
  ],
  [
    "nobody held out",
    without("testRows"),
    ...["data.source.testRows", "how many people are held out", "Set one"],
  ],
  [
    "no role",
    swap("role: insensitive, ", ""),
    ...["data.columns.spent.role", "what the column is to a person", "Write role: insensitive."],
  ],
];

/** Each key by itself right, together not. */
const TOGETHER: readonly Row[] = [
  [
    "epsilon and noise",
    swap("epsilon: 3", "epsilon: 3\n  noiseMultiplier: 1"),
    ...["privacy.epsilon", "epsilon and noiseMultiplier", "Remove one"],
  ],
  [
    "a delta above one over the population",
    swap("delta: 1e-4", "delta: 0.1"),
    ...["privacy.delta", "got 0.1", "below 1 / population"],
  ],
  [
    "a cohort larger than the clients",
    swap("count: 4", "count: 4\n  minCohort: 9"),
    ...["clients.minCohort", "got 9", "at most clients.count, 4"],
  ],
  [
    "a function mistyped",
    swap("oneHot(age)", "onehot(age)"),
    ...["features.age.formula", "got onehot()", "Did you mean oneHot?"],
  ],
  [
    "a formula over a column mistyped",
    swap('formula: "spent"', 'formula: "spnt"'),
    ...["features.spent.formula", "got spnt", "Did you mean spent?"],
  ],
  [
    "a target that is no column",
    swap("column: returned", "column: bought"),
    ...["data.target.column", "got bought", "the one column with role target"],
  ],
  [
    "a table mistyped",
    swap("file: people.csv", "file: poeple.csv"),
    ...["path.missing (study.yaml, data.source)", "got poeple.csv", "Did you mean people.csv?"],
  ],
  [
    "a table in another folder",
    swap("file: people.csv", "file: ../people.csv"),
    ...["path.escape (study.yaml, data.source)", "got ../people.csv", "beside the scenario"],
  ],
];

const ROWS = [...VALUES, ...SHAPES, ...KEYS, ...TOGETHER];

/** The training block, which is all between its head and the next. */
const auto = (text: string) => text.replace(/^training:\n(?: {2}.*\n)+/m, "training: auto\n");

const OVERRIDES: readonly (readonly [
  name: string,
  set: string,
  scenario: (text: string) => string,
  ...says: string[],
])[] = [
  [
    "a key of training: auto",
    "training.rounds=200",
    auto,
    "--set (--set training.rounds): got a key of training, which is auto",
    "a block of keys at training",
    "murmur lint prints what auto comes to",
    '--set "training={ … }", or --set training={} before this',
  ],
  [
    "a key two below training: auto",
    "training.sampling.kind=poisson",
    auto,
    "got a key of training, which is auto",
    "murmur lint prints",
  ],
  [
    "a key of a number",
    "privacy.epsilon.max=1",
    (text) => text,
    "got a key of privacy.epsilon, which is 3",
    '--set "privacy.epsilon={ max: … }"',
  ],
];

export const SCENARIO_MISTAKES: readonly Mistake[] = [
  ...ROWS.map(([name, scenario, ...says]) => ({ name: `a scenario with ${name}`, scenario, says })),
  ...OVERRIDES.map(([name, set, scenario, ...says]) => ({
    name: `--set, ${name}`,
    args: ["run", `{dir}/${SCENARIO_FILE}`, "--set", set, "--out", "{dir}/out"],
    scenario,
    says,
  })),
];

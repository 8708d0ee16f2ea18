/** What people call the keys of a scenario elsewhere, and what those keys are that every scenario must have. */

/** Other libraries' names and common ones, in small letters without `_` and `-` → the key that does it here. */
const CALLED_HERE: Readonly<Record<string, string>> = {
  epoch: "training.rounds",
  epochs: "training.rounds",
  globalrounds: "training.rounds",
  iterations: "training.rounds",
  numepochs: "training.rounds",
  numrounds: "training.rounds",
  steps: "training.rounds",
  localsteps: "training.localSteps",
  eta: "training.learningRate",
  lr: "training.learningRate",
  stepsize: "training.learningRate",
  clip: "training.clipNorm",
  clipping: "training.clipping",
  gradientclip: "training.clipNorm",
  l2normclip: "training.clipNorm",
  maxgradnorm: "training.clipNorm",
  maxnorm: "training.clipNorm",
  optimizer: "training.serverOptimizer",
  samplerate: "training.sampling",
  samplingrate: "training.sampling",
  strategy: "training.algorithm",
  eps: "privacy.epsilon",
  targetepsilon: "privacy.epsilon",
  targetdelta: "privacy.delta",
  noisescale: "privacy.noiseMultiplier",
  noisestd: "privacy.noiseMultiplier",
  sigma: "privacy.noiseMultiplier",
  datasetsize: "privacy.population",
  n: "privacy.population",
  numrows: "privacy.population",
  samplesize: "privacy.population",
  users: "privacy.population",
  minclients: "clients.minCohort",
  nclients: "clients.count",
  numclients: "clients.count",
  hiddenlayers: "model.hidden",
  hiddensizes: "model.hidden",
  hiddenunits: "model.hidden",
  csv: "data.source.file",
  dataset: "data.source.file",
  path: "data.source.file",
  holdout: "data.source.testRows",
  split: "data.source.testRows",
  testsize: "data.source.testRows",
  testsplit: "data.source.testRows",
  navalues: "data.source.missing",
  separator: "data.source.delimiter",
  dtype: "data.columns.*.type",
  max: "data.columns.*.bounds",
  min: "data.columns.*.bounds",
  range: "data.columns.*.bounds",
  categories: "data.columns.*.vocabulary",
  values: "data.columns.*.vocabulary",
  label: "data.target",
  labels: "data.target.classes",
  randomseed: "seed",
  randomstate: "seed",
};

/** What is worth a word more, of a key that was called otherwise. */
const NOTES: Readonly<Record<string, string>> = {
  "training.rounds": "with sampling full, a round is one step over all rows",
  "training.sampling": "{ kind: poisson, rate: 0.1 }",
  "privacy.noiseMultiplier": "in place of epsilon, not beside it",
};

/** The key that somebody means who calls it `name`, from the top; undefined if that is no usual name. */
export function calledHere(name: string): string | undefined {
  const plain = name.toLowerCase().replaceAll(/[_-]/g, "");
  return Object.hasOwn(CALLED_HERE, plain) ? CALLED_HERE[plain] : undefined;
}

/** What to know of a key beside its name. */
export function noteOn(key: string): string | undefined {
  return NOTES[key];
}

interface KeyHelp {
  readonly is: string;
  /** A line of YAML, or more than one, parted by commas in braces. */
  readonly write: string;
}

const REQUIRED: Readonly<Record<string, KeyHelp>> = {
  format: { is: "the version of the scenario format, 1", write: "format: 1" },
  name: { is: "the study's name, of a-z, 0-9 and -", write: "name: my-study" },
  data: {
    is: "where the rows come from and what their columns are",
    write: "murmur init DIR --from TABLE writes such a block",
  },
  "data.source": { is: "where the rows come from", write: "source: { file: people.csv }" },
  "data.columns": {
    is: "each column of the table with its role",
    write: "columns: { age: { role: quasiIdentifier, type: integer, bounds: [0, 120] } }",
  },
  "data.columns.*.role": {
    is: "what the column is to a person: directIdentifier, quasiIdentifier, sensitive, insensitive, target, eventLog or drop",
    write: "role: insensitive",
  },
  "data.target": {
    is: "what is to be predicted",
    write: "target: { name: returns, column: returned, positive: yes }",
  },
  "data.target.name": { is: "what is predicted, by name", write: "name: returns" },
  features: {
    is: "the model's inputs, a formula each",
    write: 'features: { age: { formula: "age / 100" } }',
  },
  privacy: {
    is: "what the run may tell about one person",
    write: "privacy: { epsilon: 1, delta: 1e-5, population: 1000 }",
  },
  "privacy.delta": {
    is: "the chance that epsilon does not hold, below 1 / population",
    write: "delta: 1e-5",
  },
  "privacy.population": {
    is: "how many people (rows, if nothing names persons) all clients hold together, those held out not counted; with unit client, how many clients",
    write: "population: 1000, with your number",
  },
  clients: { is: "who takes part", write: "clients: { count: 10 }" },
  "clients.count": { is: "how many clients the rows are dealt to", write: "count: 10" },
};

/** Of a key that every scenario, or every column, must have. @param path from the top */
export function requiredKey(path: readonly string[]): KeyHelp | undefined {
  const plain = path.map((key, i) => (path[i - 1] === "columns" ? "*" : key)).join(".");
  return Object.hasOwn(REQUIRED, plain) ? REQUIRED[plain] : undefined;
}

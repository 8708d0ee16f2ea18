/** Runs that differ in one thing each: every trust, unit, algorithm, sampler, step, fault and engine. */

export interface RunCase {
  readonly name: string;
  readonly scenario: string;
  /** As `--set` takes them: key → value. */
  readonly set: Readonly<Record<string, string | number>>;
}

type Settings = RunCase["set"];

/** In the place of sixty thousand: `DIGITS_FOLDER` stands for a folder that holds so many. */
export const DIGIT_COUNTS = { train: 200, held: 40 };
export const DIGITS_FOLDER = "DIGITS";
const DIGITS = { "training.rounds": 1, "data.source.folder": DIGITS_FOLDER };

function shipped(name: string, set: Settings): RunCase {
  return { name, scenario: `scenarios/${name}.yaml`, set };
}

/** As they are handed out, but for their rounds. */
const SHIPPED: readonly RunCase[] = [
  shipped("purchases", {}),
  shipped("faulty", {}),
  ...["adult", "adult-by-column", "adult-dirichlet", "clinics", "online-retail"].map((name) =>
    shipped(name, { "training.rounds": 2 }),
  ),
  shipped("purchases-clients", { "training.rounds": 2 }),
  ...["fashion-scatter", "mnist-scatter", "mnist-mlp", "mnist-cnn"].map((name) =>
    shipped(name, { ...DIGITS, "privacy.population": DIGIT_COUNTS.train }),
  ),
  ...["mnist-fedavg", "mnist-fedavg-mlp"].map((name) =>
    shipped(name, {
      ...DIGITS,
      ...{ "clients.count": 10, "clients.minCohort": 8, "privacy.population": 10 },
    }),
  ),
];

const SMALL = {
  "data.source.rows": 120,
  "data.source.testRows": 20,
  "clients.minCohort": 2,
  "training.rounds": 2,
  "training.learningRate": 0.1,
  "privacy.trust": "central",
};

function records(name: string, set: Settings): RunCase {
  const few = { "clients.count": 4, "privacy.population": 120 };
  return shippedAs(`records: ${name}`, "purchases", { ...SMALL, ...few, ...set });
}

const clients = (name: string, set: Settings) => clientsOf("purchases", name, set);

function clientsOf(file: string, name: string, set: Settings): RunCase {
  const own = set["training.algorithm"] === "fedSgd" ? {} : { "training.batchSize": 10 };
  const few = {
    ...own,
    ...{ "clients.count": 6, "privacy.population": 6, "privacy.unit": "client" },
    ...{ "privacy.epsilon": 10, "training.algorithm": "fedAvg" },
  };
  return shippedAs(`clients: ${name}`, file, { ...SMALL, ...few, ...set });
}

function shippedAs(name: string, file: string, set: Settings): RunCase {
  return { name, scenario: `scenarios/${file}.yaml`, set };
}

const POISSON = { "training.sampling.kind": "poisson", "training.sampling.rate": 0.5 };
const FIXED_SIZE = {
  "training.sampling.kind": "fixedSize",
  "training.sampling.size": 3,
};
const NONE = { "privacy.trust": "none" };
const TRUSTS = ["central", "local", "distributed", "none"];
const SEVERAL_EPOCHS = { "training.localEpochs": 2 };
const ALGORITHMS: Readonly<Record<string, Settings>> = {
  fedSgd: {},
  fedAvg: SEVERAL_EPOCHS,
  fedProx: { ...SEVERAL_EPOCHS, "training.proximal": 0.1 },
  scaffold: SEVERAL_EPOCHS,
};
const ADAPTS = {
  "training.adaptiveClipping.bounds": "[0.01, 10]",
  "training.adaptiveClipping.bitNoise": 4,
};

const RECORDS: readonly RunCase[] = [
  ...TRUSTS.map((trust) => records(trust, { "privacy.trust": trust })),
  ...TRUSTS.filter((trust) => trust !== "distributed").map((trust) =>
    records(`${trust}, poisson`, { "privacy.trust": trust, ...POISSON }),
  ),
  records("replaceOne", { "privacy.adjacency": "replaceOne" }),
  records("local steps", { "privacy.trust": "local", "training.localSteps": 3 }),
  records("clip by layer", { "training.clipping": "perLayer" }),
  records("adaptive clip", ADAPTS),
  records("rotated", { "privacy.trust": "distributed", "privacy.rotation": "true" }),
  records("median", { ...NONE, "training.aggregation.kind": "median" }),
  records("trimmed mean", {
    ...{ "privacy.trust": "local", "training.aggregation.kind": "trimmedMean" },
    ...{ "training.aggregation.trim": 0.3, "clients.minCohort": 4 },
  }),
  records("exponential average", {
    "training.averaging.kind": "ema",
    "training.averaging.decay": 0.5,
  }),
  records("mean of models", { "training.averaging.kind": "mean", "training.averaging.from": 1 }),
  records("counts", {
    ...{ "statistics.noiseMultiplier": 10, "statistics.classCounts": "true" },
    ...{ "statistics.quantiles.recency": 8, "evaluation.perClient": "true" },
    ...{ "evaluation.federated.noiseMultiplier": 20, "evaluation.federated.every": 2 },
  }),
  records("suppress", { "data.anonymity.mode": "suppress", "data.anonymity.k": 3 }),
  records("rdp", { ...POISSON, "privacy.accountant": "rdp" }),
  records("lost clients", { "clients.dropOut": 0.3, "privacy.spareAttempts": 4 }),
  records("lost clients, masked", {
    ...{ "clients.count": 6, "clients.minCohort": 4, "clients.dropOut": 0.2 },
    ...{ "privacy.trust": "distributed", "privacy.spareAttempts": 4 },
  }),
  ...["tfjsCpu", "tfjsWasm"].map((engine) => records(engine, { "training.engine": engine })),
];

const CLIENTS: readonly RunCase[] = [
  ...Object.entries(ALGORITHMS).flatMap(([algorithm, set]) => {
    const own = { "training.algorithm": algorithm, ...set };
    // Under masks no client knows for sure that its control was counted.
    const trusts = TRUSTS.filter((trust) => trust !== "distributed" || algorithm !== "scaffold");
    return [
      ...trusts.map((trust) =>
        clients(`${algorithm}, ${trust}`, { ...own, "privacy.trust": trust }),
      ),
      clients(`${algorithm}, poisson`, { ...own, ...POISSON }),
      clients(`${algorithm}, fixed size`, {
        ...own,
        ...FIXED_SIZE,
        // No theorem amplifies it for clients that remember rounds.
        "privacy.adjacency": algorithm === "scaffold" ? "zeroOut" : "replaceOne",
      }),
    ];
  }),
  ...["momentum", "adam", "yogi", "adagrad"].map((kind) =>
    clientsOf("purchases-clients", kind, { "training.serverOptimizer": kind }),
  ),
  clients("adaptive clip, poisson", { ...ADAPTS, ...POISSON, ...SEVERAL_EPOCHS }),
  clients("stragglers", {
    ...SEVERAL_EPOCHS,
    "clients.stragglers.share": 0.5,
    "clients.stragglers.localEpochs": 1,
  }),
];

export const CASES: readonly RunCase[] = [...SHIPPED, ...RECORDS, ...CLIENTS];

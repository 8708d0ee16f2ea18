import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ScenarioError } from "../../../shared/errors.ts";
import { parseScenario, resolvedYaml } from "../../../shared/scenario/scenario.ts";
import { minCohort } from "../../../shared/scenario/schema.ts";

const FOLDER = join(import.meta.dirname, "../../../scenarios");
const shipped = readFileSync(join(FOLDER, "purchases.yaml"), "utf8");
/** Rules of sampling and clip norms stand before those of masks only under another trust. */
const purchases = shipped.replace("trust: distributed", "trust: central");
const parse = (text: string, ...set: string[]) =>
  parseScenario(
    text,
    "test.yaml",
    set.map((pair) => {
      const [path = "", value = ""] = pair.split(/=(.*)/s);
      return { path, value };
    }),
  );

it.each(["purchases", "purchases-clients", "online-retail"])(
  "reads %s.yaml, and its resolved form again",
  (name) => {
    const scenario = parse(readFileSync(join(FOLDER, `${name}.yaml`), "utf8"));
    expect(scenario.name).toBe(name);
    expect(parse(resolvedYaml(scenario))).toEqual(scenario);
  },
);

it("fills in what the file leaves out", () => {
  const scenario = parse(purchases);
  expect(scenario.privacy).toMatchObject({
    unit: "record",
    adjacency: "zeroOut",
    spareAttempts: 0,
  });
  expect(scenario.training.engine).toBe("auto");
  expect(minCohort(parse(purchases.replace("minCohort: 8, ", "")))).toBe(8);
});

it("takes overrides as YAML values in their place", () => {
  const scenario = parse(purchases, "privacy.epsilon=0.25", "training.momentum=0");
  expect(scenario.privacy.epsilon).toBe(0.25);
  expect(scenario.training.momentum).toBe(0);
});

const CLIENT = ["privacy.unit=client", "privacy.population=10", "training.algorithm=fedAvg"];
const ADAPTIVE = "training.adaptiveClipping={bounds: [0.1, 8], bitNoise: 50}";

it("takes a number for a block, a block for a number, and then keys of it", () => {
  const rate = (...set: string[]) => parse(purchases, ...set).training.learningRate;
  expect(rate()).toEqual({ schedule: "cosine", start: 2, end: 0.2, warmup: 0 });
  expect(rate("training.learningRate=0.5")).toBe(0.5);
  expect(rate("training.learningRate.end=0.1")).toMatchObject({ start: 2, end: 0.1 });
  const linear = "training.learningRate={ schedule: linear, start: 3, end: 1 }";
  expect(rate(linear)).toEqual({ schedule: "linear", start: 3, end: 1, warmup: 0 });
  expect(rate(linear, "training.learningRate.warmup=2")).toMatchObject({ start: 3, warmup: 2 });
  const number = purchases.replace(/learningRate: \{.*?\}/, "learningRate: 4");
  expect(parse(number, linear).training.learningRate).toMatchObject({ schedule: "linear" });
  expect(parse(purchases, "training.rounds=200").training.rounds).toBe(200);
});

describe("refuses, naming the place and the mend", () => {
  it.each([
    ["an unknown key", ["training.clipnorm=1"], "unknownKey", "Did you mean clipNorm?"],
    ["a prototype key", ["training.__proto__=1"], "--set", "a key of the scenario"],
    ["a wrong type", ["training.rounds=many"], "training.rounds", "expected a finite number"],
    [
      "a date where a number is due",
      ["training.rounds=2020-01-01"],
      "training.rounds",
      "2020-01-01",
    ],
    ["infinity", ["training.clipNorm=.inf"], "training.clipNorm", "a finite number"],
    ["not a number", ["privacy.epsilon=.nan"], "privacy.epsilon", "NaN"],
    ["epsilon and noise", ["privacy.noiseMultiplier=1"], "privacy.epsilon", "Remove one"],
    ["epsilon 0", ["privacy.epsilon=0"], "privacy.epsilon", "> 0"],
    ["a delta of 1 / population", ["privacy.delta=0.001"], "privacy.delta", "below 1 / population"],
    ["a delta of 2", ["privacy.delta=2"], "privacy.delta", "2"],
    [
      "a cohort above the clients",
      ["clients.minCohort=11"],
      "clients.minCohort",
      "at most clients.count, 10",
    ],
    ["rows that are not the population", ["data.source.rows=999"], "data.source.rows", "1000"],
    [
      "a rate without Poisson",
      ["training.sampling.rate=0.5"],
      "training.sampling.rate",
      "none with kind: full",
    ],
    [
      "a rate above 1",
      ["training.sampling.kind=poisson", "training.sampling.rate=1.5"],
      "training.sampling.rate",
      "≤ 1",
    ],
    [
      "as many rates as rounds",
      ["training.rounds=6", "training.learningRate=[0.25, 0.5, 1, 2, 4]"],
      "training.learningRate",
      "6 rounds",
    ],
    ["rounds by halves", ["training.rounds=1.5"], "training.rounds", "1.5"],
    ["a huge hidden layer", ["model.hidden=[1000000000]"], "model.hidden.0", "65536"],
    [
      "seeded noise on private data",
      ["data.source.generator=null"],
      "data.source.generator",
      "purchases",
    ],
    ["one override twice", ["seed=1", "seed=2"], "--set", "each key once"],
    ["a value for a block", ["privacy=1"], "privacy", "expected keys and their values"],
    [
      "a block that would take back a key of its own",
      ["training.learningRate.start=1", "training.learningRate=2"],
      "--set",
      "a block before its keys",
    ],
    [
      "colluders under central",
      ["privacy.colluders=1"],
      "privacy.colluders",
      "for sampling of kind fixedSize under central",
    ],
    [
      "sampling under masks",
      ["privacy.trust=distributed", "training.sampling.kind=poisson", "training.sampling.rate=0.5"],
      "training.sampling.kind",
      "need their bearers",
    ],
    [
      "a fixed size of records",
      ["training.sampling.kind=fixedSize", "training.sampling.size=10"],
      "training.sampling.kind",
      "poisson",
    ],
    [
      "a fixed size without its size",
      [...CLIENT, "training.sampling.kind=fixedSize"],
      "training.sampling.size",
      "a size with kind",
    ],
    [
      "more clients than there are",
      [...CLIENT, "training.sampling.kind=fixedSize", "training.sampling.size=11"],
      "training.sampling.size",
      "at most the 10",
    ],
    [
      "unit client with another population",
      ["privacy.unit=client"],
      "privacy.population",
      "clients.count, 10",
    ],
    [
      "a record algorithm for clients",
      ["privacy.unit=client", "privacy.population=10"],
      "training.algorithm",
      "fedAvg",
    ],
    [
      "a client algorithm for records",
      ["training.algorithm=fedAvg"],
      "training.algorithm",
      "dpSgd",
    ],
    [
      "local epochs of records",
      ["training.localEpochs=2"],
      "training.localEpochs",
      "none with dpSgd",
    ],
    ["batches of records", ["training.batchSize=2"], "training.batchSize", "none with dpSgd"],
    [
      "Poisson under replaceOne",
      [
        "training.sampling.kind=poisson",
        "training.sampling.rate=0.1",
        "privacy.adjacency=replaceOne",
      ],
      "privacy.adjacency",
      "zeroOut",
    ],
    [
      "a clip norm that adapts under local",
      [ADAPTIVE, "privacy.trust=local"],
      "training.adaptiveClipping",
      "trust central",
    ],
    [
      "one that adapts by layer",
      [ADAPTIVE, "training.clipping=perLayer"],
      "training.adaptiveClipping",
      "flat",
    ],
    [
      "one that begins outside its bounds",
      [ADAPTIVE, "training.clipNorm=9"],
      "training.adaptiveClipping.bounds",
      "clipNorm, 9",
    ],
    ["records added or removed", ["privacy.adjacency=addOrRemove"], "privacy.adjacency", "zeroOut"],
    [
      "momentum twice",
      ["training.serverOptimizer=adam"],
      "training.momentum",
      "short for serverOptimizer",
    ],
    [
      "an optimizer that is none",
      ["training.serverOptimizer=lion"],
      "training.serverOptimizer",
      "a kind, alone or with its numbers",
    ],
    [
      "a server's rate where the rate is the server's",
      ["training.serverLearningRate=1"],
      "training.serverLearningRate",
      "elsewhere learningRate is the coordinator's",
    ],
    ["a μ without fedProx", ["training.proximal=1"], "training.proximal", "with fedProx"],
    [
      "fedProx without its μ",
      [...CLIENT.slice(0, 2), "training.algorithm=fedProx"],
      "training.proximal",
      "nothing",
    ],
    [
      "noised steps of its own under central",
      ["training.localSteps=2"],
      "training.localSteps",
      "trust local",
    ],
    [
      "a warm-up that never ends",
      ["training.learningRate={schedule: constant, start: 1, warmup: 5}"],
      "training.learningRate.warmup",
      "fewer than the 5 rounds",
    ],
    [
      "an average of no model",
      ["training.averaging={kind: mean, from: 6}"],
      "training.averaging.from",
      "rounds 1 to 5",
    ],
    [
      "stragglers of records",
      ["clients.stragglers={share: 0.5, localEpochs: 1}"],
      "clients.stragglers",
      "no local epochs",
    ],
    [
      "stragglers that finish",
      [...CLIENT, "training.localEpochs=2", "clients.stragglers={share: 0.5, localEpochs: 2}"],
      "clients.stragglers.localEpochs",
      "fewer than training.localEpochs, 2",
    ],
    [
      "counts of clients",
      [...CLIENT, "evaluation.federated.noiseMultiplier=9"],
      "evaluation.federated",
      "unit record",
    ],
    [
      "statistics of nothing",
      ["statistics.noiseMultiplier=9"],
      "statistics",
      "classCounts, or quantiles",
    ],
    [
      "a fault's client that there is none of",
      ["clients.faults=[{kind: crash, clients: [c11]}]"],
      "clients.faults.0.clients",
      "c01 to c10",
    ],
    [
      "a fault of named clients and of a share",
      ["clients.faults=[{kind: hang}, {kind: crash, clients: [c01], share: 0.5}]"],
      "clients.faults.1.share",
      "one of the two",
    ],
    [
      "a fault after the last round",
      ["clients.faults=[{kind: crash, rounds: [1, 6]}]"],
      "clients.faults.0.rounds",
      "rounds from 1 to 5",
    ],
    [
      "a fault in rounds that end before they begin",
      ["clients.faults=[{kind: crash, rounds: {from: 3, to: 2}}]"],
      "clients.faults.0.rounds.to",
      "at least from, 3",
    ],
    [
      "faults that would tell who was drawn",
      [
        ...CLIENT,
        "privacy.noise=secure",
        "training.sampling.kind=poisson",
        "training.sampling.rate=0.5",
        "clients.faults=[{kind: hang}]",
      ],
      "clients.faults",
      "who fails in a round was in it",
    ],
    [
      "clients that drop out and would tell who was drawn",
      [
        ...CLIENT,
        "privacy.noise=secure",
        "training.sampling.kind=poisson",
        "training.sampling.rate=0.5",
        "clients.dropOut=0.1",
      ],
      "clients.dropOut",
      "who fails in a round was in it",
    ],
    [
      "a median under central",
      ["training.aggregation={kind: median}"],
      "training.aggregation",
      "sum",
    ],
    [
      "a median with scaffold",
      [
        ...CLIENT.filter((pair) => !pair.startsWith("training.algorithm")),
        "privacy.trust=none",
        "training.algorithm=scaffold",
        "training.aggregation={kind: median}",
      ],
      "training.aggregation",
      "mean of all clients' controls",
    ],
    [
      "a median with a clip norm that adapts",
      [
        ...CLIENT,
        "privacy.trust=none",
        "training.adaptiveClipping={bounds: [0.1, 10], bitNoise: 3}",
        "training.aggregation={kind: median}",
      ],
      "training.aggregation",
      "a sum of bits",
    ],
    [
      "a trimmed mean that trims nobody",
      ["privacy.trust=none", "training.aggregation={kind: trimmedMean, trim: 0.12}"],
      "training.aggregation.trim",
      "at least one of the 8 updates",
    ],
    [
      "a key that the role has no use for",
      ["data.columns.name.bands=[1]"],
      "data.columns.name.bands",
      "directIdentifier",
    ],
  ])("%s", (_, set, what, detail) => {
    const attempt = () => parse(purchases, ...set);
    expect(attempt).toThrow(ScenarioError);
    expect(attempt).toThrow(new RegExp(`^${what.replace(/[.*]/g, "\\$&")} \\(`));
    expect(attempt).toThrow(detail);
  });

  it.each([
    ["a prototype among the features", "features: { __proto__: { formula: x } }\n", "unknownKey"],
    ["a thousand brackets", `format: ${"[".repeat(1_000)}`, "yaml.depth"],
    [
      "brackets behind a comment full of closing ones",
      `# ${"]".repeat(9_000)}\nformat: ${"[".repeat(9_000)}`,
      "yaml.depth",
    ],
    ["many brackets closed in texts between", `format: ${"[ ']]', ".repeat(6_000)}`, "yaml.depth"],
    ["a list in a list in a list on one line", `format:\n  ${"- ".repeat(9_000)}a`, "yaml.depth"],
    ["keys of keys of keys", `${"? ".repeat(9_000)}a`, "yaml.depth"],
    ["deeper by a space on every line", deeper(1_300), "yaml.depth"],
    ["a duplicate key", "format: 1\nformat: 1\n", "yaml "],
    ["an alias", "format: &one 1\nseed: *one\n", "yaml.alias"],
    ["a tag that makes functions", "format: !!js/function 'x'\n", "yaml.tag"],
    ["several documents", "format: 1\n---\nformat: 1\n", "yaml "],
    ["a deep nest", `format: ${"[".repeat(500)}${"]".repeat(500)}`, "yaml"],
    ["more than 1 MiB", `format: 1 # ${"x".repeat(1 << 20)}`, "yaml.size"],
    ["tabs", "format:\n\t- 1\n", "yaml "],
    ["a list", "- 1\n", "the scenario"],
    ["nothing", "", "the scenario"],
  ])("%s", (_, text, what) => {
    expect(() => parse(text)).toThrow(ScenarioError);
    expect(() => parse(text)).toThrow(what);
  });

  it("ten lines that would grow to a billion", () => {
    const lines = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}, *a${i}]`,
    );
    expect(() => parse(`a0: &a0 lol\n${lines.join("\n")}`)).toThrow("yaml.alias");
  });
});

it("refuses rows beside a file, which has its own", () => {
  const retail = readFileSync(join(FOLDER, "online-retail.yaml"), "utf8");
  expect(() => parse(retail, "data.source.rows=77")).toThrow(/^data\.source\.rows \(/);
});

it("refuses replaceOne of a filtered population: who comes in would move others", () => {
  const retail = readFileSync(join(FOLDER, "online-retail.yaml"), "utf8");
  // Of persons whom a column names nobody takes another's place.
  expect(parse(retail, "privacy.adjacency=replaceOne").privacy.adjacency).toBe("replaceOne");
  const people = `
format: 1
name: people
data:
  source: { file: people.csv, testRows: 2, public: true, where: "age > 20" }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
features: { age: { formula: age } }
privacy: { epsilon: 1, delta: 1e-5, population: 8, adjacency: replaceOne }
clients: { count: 2, minCohort: 2 }
`;
  expect(() => parse(people)).toThrow(/^privacy\.adjacency \(/);
});

describe("privacy.rowsPerPerson", () => {
  const people = `
format: 1
name: visits
data:
  source: { file: visits.csv, testRows: 2, public: true }
  columns:
    id: { role: directIdentifier }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    back: { role: target }
  target: { name: back, column: back, positive: "yes" }
features: { age: { formula: age } }
privacy: { epsilon: 1, delta: 1e-5, population: 8, rowsPerPerson: 3 }
clients: { count: 2, minCohort: 2 }
`;
  const NAMED = "data.person=id";

  it("goes with the column that names the person, data.person for short", () => {
    const { data, privacy } = parse(people, NAMED, "data.source.rows=20");
    expect([data.source.person, data.source.rows, privacy.rowsPerPerson]).toEqual(["id", 20, 3]);
    expect(parse(people, "data.source.person=id")).toEqual(parse(people, NAMED));
    expect(() => parse(people, NAMED, "data.source.person=id")).toThrow("person");
  });

  it.each([
    ["nothing that names the person", [], "data.source.person", "names the person"],
    [
      "more rows than all may have",
      [NAMED, "data.source.rows=25"],
      "data.source.rows",
      "at most 24",
    ],
    [
      "whole clients",
      [NAMED, "privacy.unit=client", "privacy.population=2", "training.algorithm=fedAvg"],
      "privacy.rowsPerPerson",
      "unit client",
    ],
    [
      "a deal by label",
      [NAMED, "data.partition={ kind: dirichlet, alpha: 1 }"],
      "data.partition.kind",
      "iid or files",
    ],
    ["parts of k rows", [NAMED, "data.anonymity.mode=mondrian"], "data.anonymity.mode", "suppress"],
    [
      "joined events",
      [NAMED, "data.source.events={ visits: { time: day } }"],
      "privacy.rowsPerPerson",
      "data.source.events",
    ],
    ["no whole number", [NAMED, "privacy.rowsPerPerson=0"], "privacy.rowsPerPerson", "0"],
  ])("is refused with %s", (_, set, where, expected) => {
    const refused = () => parse(people, ...set);
    expect(refused).toThrow(`${where} (`);
    expect(refused).toThrow(expected);
  });

  it("is refused of generated people, who have a row each", () => {
    expect(() => parse(purchases, "privacy.rowsPerPerson=2")).toThrow("privacy.rowsPerPerson (");
  });
});

/** A block in a block in a block. */
function deeper(levels: number): string {
  return Array.from({ length: levels }, (_, i) => `${" ".repeat(i)}a:`).join("\n");
}

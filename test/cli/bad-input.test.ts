/** Bad input: one clear error that names place and mend, exit 2, and no run folder left. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { murmur, murmurProcess, ROOT, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

/** Runs a scenario with its run folder in a scratch place; gives what was printed and left. */
function refused(scenario: string, ...args: string[]) {
  return refusedBy(murmur, scenario, ...args);
}

async function refusedBy(command: typeof murmur, scenario: string, ...args: string[]) {
  const out = join(folder.path, "runs/run");
  const { status, stdout, stderr } = await command(["run", scenario, "--out", out, ...args]);
  const left = readdirSync(folder.path).includes("runs")
    ? readdirSync(join(folder.path, "runs"))
    : [];
  return { status, stdout, lines: stderr.trimEnd().split("\n"), left };
}

function expectOne(
  { status, lines, left }: Awaited<ReturnType<typeof refused>>,
  ...parts: string[]
) {
  expect(lines).toHaveLength(1);
  for (const part of parts) expect(lines[0]).toContain(part);
  expect(lines[0]).toMatch(/^ScenarioError: \S.* \(.*\): got .*, expected .*\. .*/);
  expect(status).toBe(2);
  expect(left).toEqual([]);
}

it.each([
  ["an unknown key", "training.clipnorm=1", ["unknownKey", "Did you mean clipNorm?"]],
  ["a wrong type", "training.rounds=soon", ["training.rounds", "got soon"]],
  ["epsilon together with noise", "privacy.noiseMultiplier=3", ["privacy.epsilon", "Remove one"]],
  ["delta of 1 / population", "privacy.delta=0.001", ["privacy.delta", "below 1 / population"]],
  [
    "minCohort above the clients",
    "clients.minCohort=11",
    ["clients.minCohort", "at most clients.count, 10"],
  ],
  [
    "a call that is not on the list",
    "features.ageBand.formula='createUnit(\"x\")'",
    ["expression", "features.ageBand"],
  ],
  [
    "a divisor that may be zero",
    "features.recency.formula='1 / count(purchaseHistory)'",
    ["features.recency", "div("],
  ],
  [
    "a direct identifier in a formula",
    "features.recency.formula=email",
    ["features.recency", "email"],
  ],
  [
    "a column that is nowhere declared",
    "features.recency.formula=shoeSize",
    ["features.recency", "shoeSize"],
  ],
  [
    "as many colluders as there may be survivors",
    "privacy.colluders=8",
    ["privacy.colluders", "Lower it"],
  ],
  ["more rows than the population", "data.source.rows=1001", ["data.source.rows", "1000"]],
  ["a path out of the folder", "data.columns.location.hierarchy=../package.json", ["path.escape"]],
  [
    "a file that is not there",
    "data.columns.location.hierarchy=data/nowhere.csv",
    ["path.missing"],
  ],
  ["an alias in a flag", "privacy.epsilon=*a", ["--set privacy.epsilon"]],
  ["broken YAML in a flag", "privacy.epsilon=[1", ["--set privacy.epsilon"]],
  ["a prototype in a flag", "__proto__.x=1", ["--set", "__proto__"]],
  ["an epsilon that promises nothing", "privacy.epsilon=1000", ["privacy.epsilon"]],
  ["a rate that no run needs", "training.sampling={kind: poisson, rate: 1e-300}", ["--set"]],
  ["an engine that is not here", "training.engine=tfjsNode", ["training.engine", "tfjsWasm"]],
] as const)(
  "refuses %s",
  async (_, set, parts) => {
    expectOne(await refused("scenarios/purchases.yaml", "--set", set), ...parts);
  },
  TIMEOUT_MS,
);

it(
  "refuses a port in use",
  async () => {
    const server = createServer().listen(0, "127.0.0.1");
    try {
      await new Promise((resolve) => server.once("listening", resolve));
      const address = server.address();
      const port = typeof address === "object" ? String(address?.port) : "";
      expectOne(
        await refusedBy(murmurProcess, "scenarios/purchases.yaml", "--port", port),
        "port (--port)",
        "EADDRINUSE",
      );
    } finally {
      server.close();
    }
  },
  TIMEOUT_MS,
);

it(
  "refuses a place that is taken, and leaves it as it was",
  async () => {
    const out = join(folder.path, "taken");
    cpSync(join(ROOT, "scenarios"), out, { recursive: true });
    const { status, stderr } = await murmur(["run", "scenarios/purchases.yaml", "--out", out]);
    expect(status).toBe(2);
    expect(stderr).toContain("run folder (--out)");
    expect(readdirSync(folder.path)).toEqual(["taken"]);
  },
  TIMEOUT_MS,
);

it.each([
  [["run"], "missing required argument"],
  [["run", "scenarios/purchases.yaml", "--hots", "2"], "Did you mean --hosts?"],
  [["run", "scenarios/purchases.yaml", "--seed", "1.5"], "whole number"],
  [["run", "scenarios/purchases.yaml", "--seed", "-1"], "whole number"],
  [["run", "scenarios/purchases.yaml", "--seed", ""], "whole number"],
  [["run", "scenarios/purchases.yaml", "--hosts", "1000000"], "from 1 to 64"],
  [["run", "scenarios/purchases.yaml", "--set", "name=a", "--set", "name=b"], "the key twice"],
  [["run", "scenarios/purchases.yaml", "--set", "privacy=1"], "privacy (purchases.yaml): got 1"],
  [["run", "lint", "scenarios/purchases.yaml"], "too many arguments"],
  [["join", "localhost:1"], "required option '--data <file>'"],
  [["run", "scenarios/purchases.yaml", "--hosts", "0"], "whole number"],
  [["run", "scenarios/purchases.yaml", "--port", "70000"], "whole number"],
  [["run", "scenarios/purchases.yaml", "--set", "epsilon"], "key.of.the.scenario=value"],
  [["run", "scenarios/nowhere.yaml"], "path.missing"],
  [["verify", "nowhere"], "got nothing there, expected a finished run"],
  [["predict", "nowhere", "--row", "{}"], "got nothing there, expected a finished run"],
  [["dance"], "unknown command"],
  [["run", "/dev/zero"], "path.notFile"],
  [["run", "scenarios/purchases.yaml", "--out", "package.json"], "run folder"],
  [["run", "scenarios/purchases.yaml", "--out", "/proc/nowhere/r"], "run folder (--out)"],
])(
  "refuses %j with exit 2",
  async (args, text) => {
    const { status, stderr } = await murmur(args);
    expect(stderr).toContain(text);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(2);
  },
  TIMEOUT_MS,
);

/** A small event table and a scenario over it; `change` spoils one of the two. */
function ownScenario(change: {
  csv?: (csv: string) => string;
  yaml?: (yaml: string) => string;
}): string {
  const people = Array.from({ length: 60 }, (_, i) => {
    const day = String(1 + (i % 28)).padStart(2, "0");
    const later = i % 2 === 0 ? `p${i},France,2024-07-${day},9\n` : "";
    return `p${i},France,2024-05-${day},${10 + i}\n${later}`;
  });
  const csv = `who,country,day,spent\n${people.join("")}`;
  const yaml = `
format: 1
name: own
data:
  source: { file: events.csv, person: who, events: { orders: { time: day, fields: [amount] } }, testRows: 20, public: true }
  columns:
    who: { role: directIdentifier }
    country: { role: quasiIdentifier, take: first, level: 1, hierarchy: { France: [Europe], Spain: [Europe] } }
    spent: { role: drop }
    orders: { role: eventLog, time: day, cutOff: 2024-07-01, maxAgeDays: 90, maxEvents: 10 }
  target: { name: orderedAgain, event: orders, within: 30 }
features:
  orders: { formula: "count(orders)", bounds: [0, 10] }
model: { kind: logistic }
training: { rounds: 2, learningRate: 1 }
privacy: { epsilon: 1, delta: 1e-5, population: 40 }
clients: { count: 4 }
`.replace(", fields: [amount]", "");
  writeFileSync(join(folder.path, "events.csv"), change.csv ? change.csv(csv) : csv);
  writeFileSync(join(folder.path, "own.yaml"), change.yaml ? change.yaml(yaml) : yaml);
  return join(folder.path, "own.yaml");
}

it(
  "runs a table of one's own",
  async () => {
    const { status, stdout, stderr } = await murmur([
      "run",
      ownScenario({}),
      "--json",
      "--out",
      join(folder.path, "run"),
    ]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    // Twenty of sixty would be held out on average; by their hashes eighteen are.
    expect(JSON.parse(stdout).stages[0].rowsOut).toBe(42);
  },
  TIMEOUT_MS,
);

it.each([
  ["a ragged row", { csv: (t: string) => t.replace("p3,France,", "p3,") }, ["data.ragged", "line"]],
  ["an empty file", { csv: () => "" }, ["data.empty", "events.csv"]],
  [
    "a header alone",
    { csv: (t: string) => t.slice(0, t.indexOf("\n") + 1) },
    ["data.", "events.csv"],
  ],
  [
    "an undeclared column",
    { csv: (t: string) => t.replace(/,(spent|\d+)$/gm, ",$1,$1x") },
    ["data.", "spentx"],
  ],
  [
    "a declared column that is missing",
    { yaml: (t: string) => t.replace("who:", "whom: { from: whom, role: drop }\n    who:") },
    ["data.", "whom"],
  ],
  [
    "a hierarchy without a value that the data have",
    { csv: (t: string) => t.replace("p4,France", "p4,Atlantis") },
    ["data.", "country", "unseen: other"],
  ],
  [
    "a population that is not there",
    { yaml: (t: string) => t.replace("population: 40", "population: 41") },
    ["privacy.population", "40"],
  ],
  [
    "a time that is none",
    { csv: (t: string) => t.replace("2024-05-02", "yesterday") },
    ["data.", "line"],
  ],
] as const)(
  "refuses %s",
  async (_, change, parts) => {
    const result = await refused(ownScenario(change));
    expectOne(result, ...parts);
    // The message names the place, never a cell.
    expect(result.lines[0]).not.toMatch(/Atlantis|yesterday/);
  },
  TIMEOUT_MS,
);

it(
  "keeps the scenario and its data as they were",
  async () => {
    const scenario = ownScenario({});
    const before = readFileSync(scenario, "utf8");
    await refused(scenario, "--set", "privacy.colluders=2");
    expect(readFileSync(scenario, "utf8")).toBe(before);
  },
  TIMEOUT_MS,
);

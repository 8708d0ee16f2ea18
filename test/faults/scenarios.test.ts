/** Scenario files that are no good: each is refused by its own name before anything is read or written. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readAnyScenario } from "../../run/scenario/read-scenario.ts";
import { sealScenario } from "../../run/scenario/seal-scenario.ts";
import { SCENARIOS } from "../support/contracts.ts";
import { scratch } from "../support/murmur.ts";
import { problemOf } from "../support/problem.ts";

const { path: folder, remove } = scratch();
afterAll(remove);
// Under masks some of these are refused for that.
const whole = readFileSync(join(SCENARIOS, "purchases.yaml"), "utf8").replace(
  "trust: distributed",
  "trust: central",
);

beforeAll(() => {
  mkdirSync(join(folder, "in/data"), { recursive: true });
  writeFileSync(
    join(folder, "in/data/locations.csv"),
    readFileSync(join(SCENARIOS, "data/locations.csv")),
  );
  writeFileSync(join(folder, "secret.csv"), "x\n");
  symlinkSync(join(folder, "secret.csv"), join(folder, "in/link.csv"));
  symlinkSync("/dev/zero", join(folder, "in/zero.csv"));
  execFileSync("mkfifo", [join(folder, "in/pipe.csv")]);
});

/** From a file's bytes to a sealed plan, as `murmur run` goes. */
async function seal(text: string | Uint8Array, set: readonly string[] = []): Promise<void> {
  const file = join(folder, "in/bad.yaml");
  writeFileSync(file, text);
  const overrides = set.map((pair) => {
    const [path = "", value = ""] = pair.split(/=(.*)/s);
    return { path, value };
  });
  await sealScenario(await readAnyScenario(file, { set: overrides }), file);
}

const LAUGHS = Array.from({ length: 10 }, (_, i) =>
  i === 0 ? "a0: &a0 [x, x]" : `a${i}: &a${i} [${`*a${i - 1}, `.repeat(9)}*a${i - 1}]`,
).join("\n");

it("takes the file that the others spoil", async () => {
  expect(await problemOf(() => seal(whole))).toBe("no refusal");
});

const FILES: readonly [input: string, text: string | Uint8Array, what: string][] = [
  ["bytes that are not UTF-8", Buffer.from([0x66, 0xff, 0xfe]), "data.encoding"],
  ["a byte order mark and tabs", "\ufeffformat:\t1\n\tname: x\n", "yaml"],
  ["a key twice", `${whole}\nseed: 8\n`, "yaml"],
  ["an anchor and its alias", `${whole}\na: &a 1\nb: *a\n`, "yaml.alias"],
  ["ten lines that unfold to billions", LAUGHS, "yaml.alias"],
  ["a tag that would run code", `${whole}\nx: !!js/function 'function () {}'\n`, "yaml.tag"],
  ["more than 1 MiB", `${whole}\n# ${"x".repeat(1 << 20)}`, "yaml.size"],
  ["two documents", `${whole}\n---\n${whole}`, "yaml"],
  ["a thousand levels", `${whole}\nx: ${"[".repeat(1_000)}${"]".repeat(1_000)}\n`, "yaml.depth"],
  ["a key __proto__", `${whole}\n__proto__: { x: 1 }\n`, "unknownKey"],
  ["a key constructor", `${whole}\nconstructor: { x: 1 }\n`, "unknownKey"],
  ["a key in other letters", whole.replace("clipNorm: 2.0", "clipnorm: 2.0"), "unknownKey"],
];

it.each(FILES.map(([input, text, what]) => ({ input, text, what })))(
  "input scenario: $input → $what",
  async ({ text, what }) => {
    expect(await problemOf(() => seal(text))).toBe(`ScenarioError ${what}`);
  },
);

const CLIENT = ["privacy.unit=client", "privacy.population=10", "training.algorithm=fedAvg"];

const POISSON = ["training.sampling.kind=poisson", "training.sampling.rate=0.1"];

const SETS: readonly [set: string | readonly string[], what: string][] = [
  ["training.rounds=no", "training.rounds"],
  ["training.rounds=1_000", "training.rounds"],
  ["training.rounds=2020-01-01", "training.rounds"],
  ['privacy.delta="1e-5"', "privacy.delta"],
  ["training.clipNorm=.nan", "training.clipNorm"],
  ["training.clipNorm=.inf", "training.clipNorm"],
  ["privacy.epsilon=0", "privacy.epsilon"],
  ["privacy.epsilon=-1", "privacy.epsilon"],
  ["privacy.noiseMultiplier=1", "privacy.epsilon"],
  ["privacy.delta=0", "privacy.delta"],
  ["privacy.delta=0.001", "privacy.delta"],
  ["privacy.delta=2", "privacy.delta"],
  [["training.sampling.kind=poisson", "training.sampling.rate=0"], "training.sampling.rate"],
  [["training.sampling.kind=poisson", "training.sampling.rate=1.5"], "training.sampling.rate"],
  [
    [...CLIENT, "training.sampling.kind=fixedSize", "training.sampling.size=11"],
    "training.sampling.size",
  ],
  ["clients.minCohort=11", "clients.minCohort"],
  ["training.rounds=0", "training.rounds"],
  ["training.rounds=1.5", "training.rounds"],
  ["training.rounds=1000000000", "training.rounds"],
  ["training.clipNorm=0", "training.clipNorm"],
  ["training.clipNorm=-0", "training.clipNorm"],
  ["model.hidden=[0]", "model.hidden.0"],
  ["model.hidden=[1000000000]", "model.hidden.0"],
  ["data.columns.location.hierarchy=../secret.csv", "path.escape"],
  ["data.columns.location.hierarchy=/etc/hostname", "path.escape"],
  ["data.columns.location.hierarchy=link.csv", "path.escape"],
  ["data.columns.location.hierarchy=nowhere.csv", "path.missing"],
  ["data.columns.location.hierarchy=data", "path.notFile"],
  ["data.columns.location.hierarchy=pipe.csv", "path.notFile"],
  [
    ["training.sampling.kind=poisson", "training.sampling.rate=0.1", "privacy.accountant=gdp"],
    "privacy.accountant",
  ],
  ["privacy.unit=client", "privacy.population"],
  [["privacy.unit=client", "privacy.population=10"], "training.algorithm"],
  ["training.algorithm=fedAvg", "training.algorithm"],
  ["training.aggregation={kind: median}", "training.aggregation"],
  [["privacy.trust=distributed", "training.aggregation={kind: median}"], "training.aggregation"],
  // A sampler is of the plan's unit: there is no place for another beside it.
  [[...POISSON, "training.sampling.clients={kind: poisson, rate: 0.5}"], "unknownKey"],
  ["data.columns.location.hierarchy=zero.csv", "path.escape"],
];

it.each(SETS.map(([set, what]) => [[set].flat().join(" "), what, [set].flat()] as const))(
  "input scenario: %s → %s",
  async (_, what, set) => {
    expect(await problemOf(() => seal(whole, set))).toBe(`ScenarioError ${what}`);
  },
);

it("input scenario: /dev/zero in the scenario's place → path.notFile", async () => {
  expect(await problemOf(() => readAnyScenario("/dev/zero", { set: [] }))).toBe(
    "ScenarioError path.notFile",
  );
});

it("reads 0x10 as 16 and keeps what is only odd", async () => {
  const scenario = await readAnyScenario(join(SCENARIOS, "purchases.yaml"), {
    set: [
      { path: "training.rounds", value: "0x10" },
      { path: "training.learningRate", value: "1" },
    ],
  });
  expect(scenario.training.rounds).toBe(16);
});

/** `bounds: private` in runs that go on: after a kill amid the bounds under secure noise, and from a finished run's weights. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { planScenario } from "../../run/plan-scenario.ts";
import { simulate } from "../../run/simulate.ts";
import { verify } from "../../run/verify.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { murmur, scratch, startMurmur } from "../support/murmur.ts";
import { endOf } from "../support/participations.ts";

const folder = scratch();
afterAll(folder.remove);
const at = (...names: string[]) => join(folder.path, ...names);
const row = (i: number) => `${20 + (i % 40)},${i % 40 < 20 ? "no" : "yes"}`;
const ROWS = ["age,paid", ...Array.from({ length: 1_200 }, (_, i) => row(i))].join("\n");
writeFileSync(at("rows.csv"), `${ROWS}\n`);

function scenarioOf(bounds: unknown, model: object, privacy: object, source: object = {}) {
  return {
    format: 1,
    name: "ages",
    data: {
      source: { file: "rows.csv", testRows: 200, ...source },
      columns: {
        age: { role: "insensitive", type: "integer", bounds: [0, 1_000] },
        paid: { role: "target" },
      },
      target: { name: "pays", column: "paid", positive: "yes" },
    },
    features: { age: { formula: "age", bounds } },
    model,
    training: { rounds: 2, learningRate: 1 },
    privacy: { trust: "central", epsilon: 20, delta: 1e-4, population: 1_000, ...privacy },
    clients: { count: 3, minCohort: 2 },
  };
}

const lines = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

it("row 14: killed between a charge of the bounds and its release: charged once, and learned by another attempt", {
  timeout: 120_000,
}, async () => {
  const [file, run] = [at("secure.json"), at("secure")];
  const privacy = { noise: "secure", spareAttempts: 1 };
  writeFileSync(file, JSON.stringify(scenarioOf("private", { kind: "logistic" }, privacy)));
  const child = startMurmur(["run", file, "--hosts", "1", "--quiet", "--out", run], {
    MURMUR_FAILPOINT: "ledger-after-sync:kill:charge-3",
  });
  expect(await endOf(child), "the failpoint was never reached").toBe("SIGKILL");
  const before = readFileSync(`${run}.tmp/ledger.jsonl`, "utf8");
  const { status, stderr } = await murmur(["resume", run, "--quiet"]);
  expect([status, stderr]).toEqual([0, ""]);
  // Nothing that was written is written anew: the first release is the one that counts.
  const ledger = readFileSync(join(run, "ledger.jsonl"), "utf8");
  expect(ledger.startsWith(before)).toBe(true);
  const entries = lines(join(run, "ledger.jsonl"));
  expect(entries.map(({ kind }) => kind)).toEqual([
    ...["open", "charge", "bounds", "charge", "abort", "resumed"],
    ...["charge", "bounds", "charge", "bounds"],
    ...["charge", "release", "charge", "release", "close"],
  ]);
  const released = entries.filter(({ kind }) => kind === "bounds");
  expect(released.map(({ release, attempt }) => [release, attempt])).toEqual([
    [1, 0],
    [2, 2],
    [3, 3],
  ]);
  expect(verify(run)).toMatchObject({ charges: 6 });
  // The rows' own ledger has each attempt of both processes once.
  const own = lines(at("rows.csv.murmur", "own.jsonl"));
  const bounds = own.filter(({ kind, task }) => kind === "participation" && task === "bounds");
  expect(bounds.map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3]);
});

it("from a finished run's weights: by the bounds that it has learned, and refused without", async () => {
  const options = { folder: folder.path };
  const source = { public: true };
  const first = await simulate(scenarioOf("private", { kind: "logistic" }, {}, source), {
    ...options,
    out: at("first"),
  });
  const model = { file: "first/model/model.json" };
  const learning = planScenario(scenarioOf("private", model, {}, source), options);
  await expect(learning).rejects.toThrow(/bounds: private .*model\.file with weights/);
  await expect(learning).rejects.toThrow(ScenarioError);
  const learned = first.trace.bounds?.features[0]?.bounds;
  const next = await simulate(scenarioOf(learned, model, {}, source), options);
  expect(next.trace.start.loss).toBe(first.trace.rounds.at(-1)?.loss);
  expect(next.ledger.some(({ entry }) => entry.kind === "bounds")).toBe(false);
  const other = await simulate(scenarioOf([0, 1_000], model, {}, source), options);
  expect(other.trace.start.loss).not.toBe(first.trace.rounds.at(-1)?.loss);
});

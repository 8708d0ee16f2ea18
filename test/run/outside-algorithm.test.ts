/** A run whose clients train by an algorithm of the caller's own: the core keeps every bound, whatever it does. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { OutsideAlgorithm, OutsideRound } from "../../client/algorithms/outside-algorithm.ts";
import type { RunResult } from "../../run/run-result.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { readScenario } from "../../run/scenario/read-scenario.ts";
import { sealScenario } from "../../run/scenario/seal-scenario.ts";
import { simulate } from "../../run/simulate.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { scratch } from "../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const PURCHASES = "scenarios/purchases.yaml";
const CLIP_NORM = 0.25;
const CLIENTS = 6;
const set = {
  ...{ "data.source.rows": 120, "data.source.testRows": 20 },
  ...{ "clients.count": CLIENTS, "clients.minCohort": 4, "privacy.population": CLIENTS },
  ...{ "privacy.unit": "client", "privacy.trust": "central", "privacy.epsilon": 4 },
  ...{ "training.rounds": 2, "training.learningRate": 0.1, "training.clipNorm": CLIP_NORM },
};

/** FedAvg's one epoch over all rows at once, as a stranger would write it. */
const step: OutsideAlgorithm = {
  name: "step",
  update: async ({ parameters, examples, learningRate, random, gradientSum }) => {
    const order = Int32Array.from(random.permutation(examples.count));
    const sum = await gradientSum(parameters, order);
    const share = learningRate / order.length;
    const trained = parameters.map((x, i) => x - share * (sum[i] ?? 0));
    return Float64Array.from(parameters, (x, i) => x - (trained[i] ?? 0));
  },
};
const toy = (update: OutsideAlgorithm["update"]): OutsideAlgorithm => ({ name: "toy", update });
const zeros = ({ parameters }: OutsideRound) => new Float32Array(parameters.length);

it("gives the bytes of the core's algorithm, and says in plan and claims whose it was", async () => {
  const own = await simulate(PURCHASES, { set, algorithm: step });
  const core = await simulate(PURCHASES, { set: { ...set, "training.algorithm": "fedAvg" } });
  expect(own.model.parameters).toEqual(core.model.parameters);
  expect(own.rounds).toEqual(core.rounds);
  expect(own.ledger.slice(1).map(({ entry }) => entry)).toEqual(
    core.ledger.slice(1).map(({ entry }) => entry),
  );
  const { training, ...rest } = own.plan;
  expect({ ...rest, training: { ...training, algorithm: "fedAvg" } }).toEqual(core.plan);
  expect(training.algorithm).toBe("outside/step");
  const theirs = "algorithm outside/step is the caller's own";
  for (const { text } of own.guarantees) expect(text).toContain(theirs);
  for (const { text } of core.guarantees) expect(text).not.toContain("outside");
});

/** One round, in which one client of the six returns what it likes. */
async function withOne(update: OutsideAlgorithm["update"]): Promise<RunResult> {
  let calls = 0;
  const algorithm = toy((round) => (calls++ === 2 ? update(round) : zeros(round)));
  return simulate(PURCHASES, { set: { ...set, "training.rounds": 1 }, algorithm });
}

it("moves the released sum by the clip norm at most, whatever one client returns", async () => {
  const { model, plan } = await withOne(zeros);
  const fill = (x: number) => (round: OutsideRound) => zeros(round).fill(x);
  const movedBy = async (update: OutsideAlgorithm["update"]) => {
    const other = await withOne(update);
    const apart = Math.hypot(
      ...other.model.parameters.map((x, i) => x - (model.parameters[i] ?? 0)),
    );
    return { moved: apart * plan.privacy.expectedUnits, diverged: other.diverged };
  };
  for (const x of [1e30, -1]) {
    const { moved, diverged } = await movedBy(fill(x));
    // The noise is the same in both runs; rounded to the lattice, the update is a little shorter, and never longer.
    expect(moved).toBeGreaterThan(0.99 * CLIP_NORM);
    expect(moved).toBeLessThan(1.001 * CLIP_NORM);
    expect(diverged).toEqual({});
  }
  const { moved, diverged } = await movedBy(fill(Number.NaN));
  expect([moved, diverged]).toEqual([0, { c3: [0] }]);
});

it("ends a run on public rows where it fails, with its own error, and where it returns no update", async () => {
  const why = new Error("not today");
  const fails = toy(() => Promise.reject(why));
  await expect(simulate(PURCHASES, { set, algorithm: fails })).rejects.toBe(why);
  const short = simulate(PURCHASES, { set, algorithm: toy(() => new Float32Array(3)) });
  await expect(short).rejects.toThrow(ScenarioError);
  await expect(short).rejects.toThrow("algorithm.update (toy): got 3 entries");
});

it("is refused beside unit record, under no name, in processes of their own, and where nobody brings it", async () => {
  const records = { ...set, "privacy.unit": "record", "privacy.population": 120 };
  const refusals = [
    [
      () => simulate(PURCHASES, { set: records, algorithm: step }),
      "dpSgd with privacy.unit record",
    ],
    [() => simulate(PURCHASES, { set, algorithm: { ...step, name: "A step" } }), "another name"],
    [() => runScenario(PURCHASES, { set, ...{ algorithm: step } }), "Call simulate instead."],
    [
      () => simulate(PURCHASES, { set: { ...set, "training.algorithm": "outside/step" } }),
      "gives it to simulate",
    ],
  ] as const;
  for (const [call, what] of refusals) {
    const refused = call();
    await expect(refused).rejects.toThrow(ScenarioError);
    await expect(refused).rejects.toThrow(what);
  }
});

const ROWS = `amount,paid\n${Array.from({ length: 60 }, (_, i) => `${i},${i % 2 ? "yes" : "no"}`).join("\n")}\n`;
const PRIVATE = {
  format: 1,
  name: "private",
  data: {
    source: { file: "rows.csv", testRows: 10 },
    columns: {
      amount: { role: "sensitive", type: "integer", bounds: [0, 100] },
      paid: { role: "target" },
    },
    target: { name: "pays", column: "paid", positive: "yes" },
  },
  features: { amount: { formula: "amount", bounds: [0, 100] } },
  training: { rounds: 1 },
  privacy: { unit: "client", epsilon: 2, delta: 1e-3, population: 5 },
  clients: { count: 5 },
};

it("tells nobody that it failed on private rows, and leaves a folder that says whose it was", async () => {
  writeFileSync(join(folder.path, "rows.csv"), ROWS);
  const out = join(folder.path, "run");
  let calls = 0;
  const fails = toy(() => {
    calls += 1;
    throw new Error("row 7 says yes");
  });
  const options = { folder: folder.path, out, algorithm: fails };
  const { ending, diverged } = await simulate(PRIVATE, options);
  expect([calls, ending.reason, diverged]).toEqual([5, "done", {}]);
  expect(existsSync(join(out, "report.html"))).toBe(true);
  const manifest = JSON.parse(readFileSync(join(out, "manifest.json"), "utf8"));
  expect(manifest.command.set).toContainEqual({
    path: "training.algorithm",
    value: "outside/toy",
  });
  const resolved = join(out, "scenario.resolved.yaml");
  const sealed = readScenario(resolved, { set: [] }).then((again) => sealScenario(again, resolved));
  await expect(sealed).rejects.toThrow("gives it to simulate");
});

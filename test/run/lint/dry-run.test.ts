/** A dry run is the run itself without noise: against real runs, and against sums in plain loops. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { prepare } from "../../../client/prepare/prepare.ts";
import { DRY_RUN_LIMITS, dryRun } from "../../../run/lint/dry-run.ts";
import { dataAssignment } from "../../../run/scenario/data-assignment.ts";
import { sealScenario } from "../../../run/scenario/seal-scenario.ts";
import { parametersHash } from "../../../shared/model/model.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import type { Scenario } from "../../../shared/scenario/schema.ts";
import { SCENARIOS } from "../../support/contracts.ts";
import { runJson, scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const fileOf = (name: string) => join(SCENARIOS, `${name}.yaml`);

function scenarioWith(name: string, pairs: readonly string[]): Scenario {
  const set = pairs.map((pair) => {
    const at = pair.indexOf("=");
    return { path: pair.slice(0, at), value: pair.slice(at + 1) };
  });
  return parseScenario(readFileSync(fileOf(name), "utf8"), `${name}.yaml`, set);
}

async function dry(name: string, pairs: readonly string[], limits = DRY_RUN_LIMITS) {
  const scenario = scenarioWith(name, pairs);
  const { sealed, engine } = await sealScenario(scenario, fileOf(name));
  return dryRun(scenario, fileOf(name), sealed, engine, limits);
}

const FEW_ROUNDS = ["training.rounds=3", "training.learningRate=0.7"];
const SAMPLED = [...FEW_ROUNDS, "training.sampling.kind=poisson", "training.sampling.rate=0.4"];
const FEW_CLIENTS = [
  "clients.count=30",
  "clients.minCohort=20",
  "privacy.population=30",
  "privacy.delta=1e-4",
  "data.source.rows=300",
  "training.rounds=3",
  "training.adaptiveClipping.bitNoise=4",
];

it("ends in the model bytes of a run under trust none", async () => {
  const same = async (label: string, name: string, pairs: readonly string[], hosts = 1) => {
    const set = [...pairs, "privacy.trust=none"].flatMap((pair) => ["--set", pair]);
    const out = ["--out", join(folder.path, label), "--hosts", `${hosts}`];
    const run = runJson(fileOf(name), [...set, ...out]);
    const found = await dry(name, [...pairs, "privacy.trust=central"]);
    expect(found.rounds).toHaveLength(3);
    expect(parametersHash(found.state.parameters), label).toBe((await run).modelHash);
  };
  const few = (...more: readonly string[]) => [...FEW_CLIENTS, ...more];
  const scaffold = few("training.algorithm=scaffold", "training.batchSize=4");
  const prox = few("training.algorithm=fedProx", "training.proximal=0.5");
  await Promise.all([
    same("records", "purchases", SAMPLED),
    same("fedAvg", "purchases-clients", FEW_CLIENTS),
    same("fedSgd", "purchases-clients", few("training.algorithm=fedSgd", "training.localEpochs=1")),
    same("fedProx", "purchases-clients", [...prox, "training.serverOptimizer=yogi"]),
    // Its clients' controls live in two hosts, the dry run's in one table.
    same("scaffold", "purchases-clients", scaffold, 2),
  ]);
}, 60_000);

const LOGISTIC = { kind: "logistic", activation: "tanh", loss: "crossEntropy" } as const;

/** Gradients of a logistic model at zero: (1/2 − label)·[inputs, 1], one for each row. */
async function gradients(scenario: Scenario, name: string): Promise<Map<string, number[][]>> {
  const { sealed } = await sealScenario(scenario, fileOf(name));
  const names = Array.from({ length: scenario.clients.count }, (_, i) => `any${i}`);
  const assignment = dataAssignment(scenario, fileOf(name), names, names, false);
  const { clients } = await prepare(sealed.plan.contract, assignment);
  return new Map(
    [...clients].map(([client, { examples }]) => [
      client,
      Array.from(examples.labels, (label, row) => {
        const inputs = examples.inputs.slice(row * examples.width, (row + 1) * examples.width);
        return [...inputs, 1].map((x) => (0.5 - label) * x);
      }),
    ]),
  );
}

const length = (vector: readonly number[]) => Math.hypot(...vector);
const clip = (vector: readonly number[], most: number) =>
  vector.map((x) => x * Math.min(1, most / length(vector)));
const sum = (vectors: readonly (readonly number[])[]) =>
  (vectors[0] ?? []).map((_, i) => vectors.reduce((total, vector) => total + (vector[i] ?? 0), 0));
const middle = (values: readonly number[]) => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(at)] ?? 0) + (sorted[Math.ceil(at)] ?? 0)) / 2;
};

describe("a first round", () => {
  it("of records has the norms that plain loops find", async () => {
    const scenario = { ...scenarioWith("purchases", ["training.clipNorm=0.85"]), model: LOGISTIC };
    const { sealed, engine } = await sealScenario(scenario, fileOf("purchases"));
    const found = await dryRun(scenario, fileOf("purchases"), sealed, engine);
    const rows = [...(await gradients(scenario, "purchases")).values()].flat();
    const norms = rows.map(length);
    const share = norms.filter((norm) => norm > 0.85).length / rows.length;
    expect(share).toBeGreaterThan(0.05);
    expect(share).toBeLessThan(0.95);
    expect(found.rounds[0]?.clippedShare).toBe(share);
    expect(found.rounds[0]?.medianNorm).toBeCloseTo(middle(norms), 6);
    const update = sum(rows.map((row) => clip(row, 0.85))).map((x) => x / 1000);
    expect(found.rounds[0]?.updateNorm).toBeCloseTo(length(update), 5);
    expect(found).toMatchObject({ clients: 10, rows: 1000 });
  });

  it("of clients too, and the next clip norm follows their bits", async () => {
    const pairs = [...FEW_CLIENTS, "training.localEpochs=1", "training.sampling.rate=1"];
    const scenario = { ...scenarioWith("purchases-clients", pairs), model: LOGISTIC };
    const file = fileOf("purchases-clients");
    const { sealed, engine } = await sealScenario(scenario, file);
    const { rounds } = await dryRun(scenario, file, sealed, engine);
    // One step over all own rows: the update is the learning rate times their mean gradient.
    const updates = [...(await gradients(scenario, "purchases-clients")).values()].map((rows) =>
      rows.length === 0 ? [0] : sum(rows).map((x) => (0.5 * x) / rows.length),
    );
    const norms = updates.map(length);
    const share = norms.filter((norm) => norm > 0.5).length / 30;
    expect(rounds[0]).toMatchObject({ clipNorm: 0.5, clippedShare: share });
    expect(rounds[0]?.medianNorm).toBeCloseTo(middle(norms), 6);
    const widest = updates.filter(({ length }) => length > 1);
    const update = sum(widest.map((one) => clip(one, 0.5))).map((x) => x / 30);
    expect(rounds[0]?.updateNorm).toBeCloseTo(length(update), 4);
    expect(rounds[1]?.clipNorm).toBeCloseTo(0.5 * Math.exp(-0.2 * (1 - share - 0.5)), 9);
  });
});

describe("limits", () => {
  it("takes fewer clients, whose mean is their own", async () => {
    const scenario = { ...scenarioWith("purchases", []), model: LOGISTIC };
    const file = fileOf("purchases");
    const { sealed, engine } = await sealScenario(scenario, file);
    const limits = { ...DRY_RUN_LIMITS, rows: 400, rounds: 2 };
    const some = await dryRun(scenario, file, sealed, engine, limits);
    const clients = [...(await gradients(scenario, "purchases")).values()];
    const rows = clients.slice(0, some.clients).flat();
    expect(some.rounds).toHaveLength(2);
    expect(some.rows).toBe(rows.length);
    expect(rows.length).toBeLessThanOrEqual(400);
    expect(rows.length + (clients[some.clients]?.length ?? 0)).toBeGreaterThan(400);
    const update = sum(rows.map((row) => clip(row, 2))).map((x) => x / rows.length);
    expect(some.rounds[0]?.updateNorm).toBeCloseTo(length(update), 5);
  });

  it("takes one client and one round at least", async () => {
    const least = await dry("purchases", [], { rounds: 20, rows: 1, work: 1 });
    expect(least).toMatchObject({ clients: 1 });
    expect(least.rounds).toHaveLength(1);
  });

  it("takes as many rounds as the work allows: rows × parameters each", async () => {
    const limits = { ...DRY_RUN_LIMITS, work: 3.5 * 1000 * 177 };
    expect((await dry("purchases", [], limits)).rounds).toHaveLength(3);
  });
});

it("will not look at private rows", async () => {
  const scenario = scenarioWith("online-retail", ["data.source.public=false"]);
  const { sealed, engine } = await sealScenario(scenario, fileOf("online-retail"));
  await expect(dryRun(scenario, fileOf("online-retail"), sealed, engine)).rejects.toThrow(
    "private rows",
  );
});

it("measures a plan whose colluders are stated, though nothing is noised in it", async () => {
  const limits = { ...DRY_RUN_LIMITS, rounds: 1 };
  const stated = await dry("purchases", ["privacy.colluders=1"], limits);
  expect(stated.rounds).toHaveLength(1);
});

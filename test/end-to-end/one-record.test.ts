/**
 * What the noise is calibrated to: one record, put out of the population, moves the sum of all
 * clients' updates by at most the plan's sensitivity, in exact integers. Every record is tried,
 * through the client's whole round as a run walks it.
 */
import { beforeAll, expect, it } from "vitest";
import type { ClientRows } from "../../client/features/client-rows.ts";
import { prepare } from "../../client/prepare/prepare.ts";
import { clientRound } from "../../client/round/client-round.ts";
import { addUpdate, newSum } from "../../server/step/gather.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import { fusedEngine } from "../../shared/engine/fused/engine.ts";
import { seededRoot } from "../../shared/noise/random.ts";
import { makePlan } from "../../shared/plan/plan.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { assignmentFor, contractFor } from "../support/contracts.ts";
import { denseModel } from "../support/nets.ts";
import { DP_SGD, planWith } from "../support/plans.ts";
import { realRun } from "../support/real-run.ts";
import { smallScenario } from "../support/small-scenario.ts";

interface Table {
  readonly engine: Engine;
  readonly plan: PrivacyPlan;
  readonly clients: readonly ClientRows[];
}

/** The integer sum of all clients' updates in one round. */
async function sumOf(
  { engine, plan, clients }: Table,
  parameters: Float32Array,
): Promise<Int32Array> {
  const sum = newSum(parameters.length);
  for (const [i, rows] of clients.entries()) {
    const { clipNorm } = plan;
    const name = `c${i}`;
    const order = {
      client: name,
      round: 0,
      attempt: 0,
      task: "train",
      clipNorm,
      parameters,
    } as const;
    const both = { privacy: plan, training: DP_SGD };
    addUpdate(sum, (await clientRound(order, rows, engine, both, seededRoot(1))).update);
  }
  return sum;
}

/** Squared L2 distance, exact in integers, that each record's absence moves the sum. */
async function moves(table: Table, parameters: Float32Array): Promise<number[]> {
  const whole = await sumOf(table, parameters);
  const squares: number[] = [];
  for (const [owner, rows] of table.clients.entries())
    for (let gone = 0; gone < rows.examples.count; gone++) {
      const present = new Uint8Array(rows.examples.count).fill(1).fill(0, gone, gone + 1);
      const clients = table.clients.with(owner, { ...rows, present });
      const without = await sumOf({ ...table, clients }, parameters);
      squares.push(
        whole.reduce((square, steps, i) => square + (steps - (without[i] ?? Number.NaN)) ** 2, 0),
      );
    }
  return squares;
}

const POPULATION = 180;
/** So small that every record is clipped, whatever the model. */
const CLIP_NORM = 1e-4;
let table: Table;
let trained: Float32Array = new Float32Array();
beforeAll(async () => {
  const scenario = smallScenario({
    "data.source.rows": `${POPULATION}`,
    "privacy.population": `${POPULATION}`,
    "training.clipNorm": `${CLIP_NORM}`,
    "training.rounds": "30",
    "training.learningRate": "500",
    "clients.count": "4",
  });
  const contract = await contractFor(scenario);
  const { plan, model } = makePlan(scenario, contract, "fused");
  const { clients } = await prepare(contract, assignmentFor(scenario));
  table = { engine: fusedEngine(model), plan: plan.privacy, clients: [...clients.values()] };
  const { models } = await realRun(scenario);
  trained = models.at(-1) ?? trained;
}, 60_000);

it.each(["a zero", "a trained"])("moves by at most the sensitivity at %s model", async (which) => {
  const parameters = which === "a zero" ? trained.map(() => 0) : trained;
  const { engine, plan, clients } = table;
  for (const { examples } of clients) {
    const norms = engine.gradientNorms(parameters, examples);
    expect(Math.min(...norms)).toBeGreaterThan(CLIP_NORM);
  }
  if (which === "a trained") expect(Math.hypot(...parameters)).toBeGreaterThan(0.5);
  const all = await moves(table, parameters);
  expect(all).toHaveLength(POPULATION);
  expect(Math.max(...all)).toBeLessThanOrEqual(plan.sensitivity ** 2);
  // Every record gives all that it may: the bound is not met by giving nothing.
  expect(Math.min(...all)).toBeGreaterThan((0.985 * plan.sensitivity) ** 2);
});

// Alike inputs make every gradient one number in all coordinates, so that all of them come to a
// rounding tie at once. Label 0 is clipped; label 1 gives a little less than nothing, by the bias,
// which is searched for sums just above a tie: the record then takes its part with it, rounded up.
// At 55 parameters that part is a hair above a whole number of steps, so that rounding adds all it
// can; at 155, whole steps in all coordinates come to just over the sensitivity.
it.each([55, 155])(
  "moves by at most the sensitivity where all %i coordinates tie",
  async (parameters) => {
    const width = parameters - 1;
    const records = [64, 40, 16];
    const plan = planWith({
      trust: "none",
      targetEpsilon: null,
      parameters,
      population: records.reduce((a, b) => a + b),
      clipNorm: 1,
    });
    const model = denseModel({ kind: "logistic", activation: "tanh" }, width);
    const clients = records.map((count, phase) => alikeRows(count, width, phase));
    const tied: Table = { engine: fusedEngine(model), plan, clients };
    const all: number[] = [];
    for (const bias of tieBiases(tied, parameters))
      all.push(Math.max(...(await moves(tied, new Float32Array(parameters).fill(bias, width)))));
    const worst = Math.max(...all);
    expect(worst).toBeLessThanOrEqual(plan.sensitivity ** 2);
    // The ties were met: a clipped record's own part of a coordinate, rounded up in each of them.
    const part = (plan.scale * plan.clipNorm) / Math.sqrt(parameters);
    expect(worst).toBeGreaterThanOrEqual(Math.ceil(part) ** 2 * parameters);
  },
);

/** Inputs of 1; one record in three has label 0. */
function alikeRows(count: number, width: number, phase: number): ClientRows {
  const inputs = new Float32Array(count * width).fill(1);
  const labels = Float32Array.from({ length: count }, (_, i) => Number((i + phase) % 3 > 0));
  return { examples: { count, width, inputs, labels } };
}

/** For each client the biases, of four thousand, that bring its sum closest to a tie from above. */
function tieBiases({ engine, plan, clients }: Table, parameters: number): number[] {
  const biases = Array.from({ length: 4_000 }, (_, i) => 4.5 + i / 8_000);
  const last = parameters - 1;
  return clients.flatMap(({ examples }) => {
    const tried = biases.map((bias) => {
      const model = new Float32Array(parameters).fill(bias, last);
      const sum = engine.clippedSum(model, examples, plan.clipNorm);
      const shifted = (sum[last] ?? Number.NaN) * plan.scale + 0.5;
      return { bias, pastTie: shifted - Math.floor(shifted) };
    });
    const closest = tried.sort((a, b) => a.pastTie - b.pastTie).slice(0, 3);
    return closest.map(({ bias }) => bias);
  });
}

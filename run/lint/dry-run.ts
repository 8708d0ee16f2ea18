/**
 * A run's first rounds in this process and without noise: what its clip norm and its noise would
 * meet. By the clients' own code and the coordinator's own step. For rows that are public only: all
 * that it tells is a function of them.
 */

import { rawUpdate } from "../../client/algorithms/client-update.ts";
import { type ClientRows, presentSlots } from "../../client/features/client-rows.ts";
import { type NarrowFeature, narrowFeatures } from "../../client/features/range-use.ts";
import { prepare } from "../../client/prepare/prepare.ts";
import { type ClientRound, clientRound, localRound } from "../../client/round/client-round.ts";
import type { MemoryFiles } from "../../client/source/memory-files.ts";
import { sampleCohort } from "../../server/attempts/sample.ts";
import { initialState, stepModel } from "../../server/rounds/server-round.ts";
import { addUpdate, newSum } from "../../server/step/gather.ts";
import { broadcastOf, type ModelState } from "../../server/step/release.ts";
import { boundExamples } from "../../shared/bounds/bound-rows.ts";
import { learnedFeatures } from "../../shared/bounds/learned-features.ts";
import { publicBounds } from "../../shared/bounds/public-bounds.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import { decode } from "../../shared/noise/lattice.ts";
import { type RandomRoot, seededRoot, stream } from "../../shared/noise/random.ts";
import { entriesBefore, rotateBack } from "../../shared/noise/rotation.ts";
import { makePlan, type Plan, type SealedPlan } from "../../shared/plan/plan.ts";
import { scaleAt } from "../../shared/privacy/plan.ts";
import { updateLength } from "../../shared/privacy/tasks.ts";
import { isPublicData, type Scenario } from "../../shared/scenario/schema.ts";
import { clientNames, dataAssignment } from "../scenario/data-assignment.ts";

export interface DryRound {
  /** From 0. */
  readonly round: number;
  /** In force in it. */
  readonly clipNorm: number;
  /** L2 norm of the mean update. */
  readonly updateNorm: number;
  /** Share of the units longer than the clip norm, each as a whole; null where there were none. */
  readonly clippedShare: number | null;
  /** Of the units before clipping; null where there were none, or where it is not finite. */
  readonly medianNorm: number | null;
}

export interface DryRun {
  readonly rounds: readonly DryRound[];
  /** The first clients, and their rows: all, or as many as the limits allow. */
  readonly clients: number;
  readonly rows: number;
  /** Features that use less than a tenth of their declared range, by these rows. */
  readonly narrow: readonly NarrowFeature[];
  /** After the last of `rounds`. */
  readonly state: ModelState;
}

/** How much work a dry run may be. */
export interface DryRunLimits {
  readonly rounds: number;
  readonly rows: number;
  /** Rows × local epochs × parameters, over all rounds. */
  readonly work: number;
}

/** What a dry run begins with. */
interface DryRunStart {
  /** The model's weights; absent: drawn from the scenario's seed. */
  readonly initial?: Float32Array | null;
  /** Rows that are in this process, in the place of files of their names. */
  readonly memory?: MemoryFiles | undefined;
}

/** Some seconds at the fused engine's pace. */
export const DRY_RUN_LIMITS: DryRunLimits = { rounds: 20, rows: 5_000, work: 5e8 };

/** More people than these take longer to generate than a lint may: 20,000 take some three seconds. */
export const MOST_GENERATED_ROWS = 20_000;

/**
 * Rounds as `trust: none` runs them, attempt 0 of each, every client there, coins from the scenario's
 * seed. Fewer clients than there are stand for all: the divisor shrinks as their units do.
 * Steps go along the sum, whatever the aggregation: norms are what is looked for.
 *
 * @throws ScenarioError where a client would refuse the data
 * @throws TypeError for private data
 */
export async function dryRun(
  scenario: Scenario,
  file: string,
  { plan: { contract, model } }: SealedPlan,
  engine: Engine,
  limits: DryRunLimits = DRY_RUN_LIMITS,
  { initial = null, memory }: DryRunStart = {},
): Promise<DryRun> {
  if (!isPublicData(scenario)) throw new TypeError("a dry run on private rows");
  const privacy = { ...scenario.privacy, trust: "none", colluders: undefined } as const;
  // Steps along a client's own noise are none where there is no noise.
  const training = { ...scenario.training, localSteps: 1 };
  const sealed = makePlan({ ...scenario, privacy, training }, contract, engine.kind, model);
  const names = clientNames(scenario.clients.count);
  const assignment = dataAssignment(scenario, file, names, names, true);
  const { clients, stages } = await prepare(contract, assignment, {
    most: limits.rows,
    reports: false,
    memory,
  });
  const taken = boundRows(firstClients([...clients], limits.rows), contract);
  const rows = rowsOf(taken);
  // What all clients are left with was counted before anything was engineered.
  const ofRows = stages.find(({ name }) => name === "engineer")?.rowsOut ?? rows;
  const share = sealed.plan.privacy.unit === "record" ? rows / ofRows : taken.length / names.length;
  const { unit, rounds, expectedUnits, population } = sealed.plan.privacy;
  const parameters = entriesBefore(sealed.plan.privacy);
  const some = {
    expectedUnits: expectedUnits * share,
    population: unit === "client" ? population * share : population,
  };
  const plan = { ...sealed.plan, privacy: { ...sealed.plan.privacy, ...some } };
  const affordable = limits.work / (rows * plan.training.localEpochs * parameters);
  const count = Math.max(1, Math.min(rounds, limits.rounds, Math.floor(affordable)));
  const root = seededRoot(scenario.seed);
  const measured: DryRound[] = [];
  const controls = new Map<string, Float32Array>();
  let state = initialState(sealed, scenario.seed, initial);
  for (let round = 0; round < count; round++) {
    const { told, next } = await dryRound(round, state, taken, controls, engine, plan, root);
    measured.push(told);
    state = next;
  }
  const narrow = narrowFeatures(
    contract,
    taken.map(([, client]) => client),
  );
  return { rounds: measured, clients: taken.length, rows, narrow, state };
}

type Client = readonly [name: string, rows: ClientRows];

/** By quantiles of these very rows, which are public, in the place of bounds that a run learns by noised ones. */
function boundRows(clients: readonly Client[], contract: Contract): readonly Client[] {
  const features = learnedFeatures(contract);
  if (features.length === 0) return clients;
  const ranges = features.map(({ feature, input }) => {
    const values = clients.flatMap(([, rows]) =>
      [...presentSlots(rows)].map(
        (slot) => rows.examples.inputs[slot * rows.examples.width + input] ?? 0,
      ),
    );
    return publicBounds(values, feature);
  });
  return clients.map(([name, { examples, present }]) => [
    name,
    { examples: boundExamples(examples, features, ranges, present), present },
  ]);
}

/** At least one, and no more than hold `most` rows together. */
function firstClients(clients: readonly Client[], most: number): readonly Client[] {
  let rows = 0;
  const over = clients.findIndex((client) => {
    rows += rowsOf([client]);
    return rows > most;
  });
  return over === -1 ? clients : clients.slice(0, Math.max(1, over));
}

/** Rows in the population. */
function rowsOf(clients: readonly Client[]): number {
  return clients.reduce((sum, [, { examples, present }]) => {
    return sum + (present ? present.reduce((ones, one) => ones + one, 0) : examples.count);
  }, 0);
}

/** @param controls each client's own, under SCAFFOLD: moved on in place */
async function dryRound(
  round: number,
  state: ModelState,
  clients: readonly Client[],
  controls: Map<string, Float32Array>,
  engine: Engine,
  plan: Pick<Plan, "privacy" | "training">,
  root: RandomRoot,
): Promise<{ readonly told: DryRound; readonly next: ModelState }> {
  const { privacy } = plan;
  const { clipNorm } = state;
  const parameters = broadcastOf(state);
  const sum = newSum(updateLength(privacy));
  const norms: number[] = [];
  for (const clientIndex of sampleCohort(privacy, stream(root, "cohort", round, 0))) {
    const [client, rows] = clients[clientIndex] ?? [];
    if (client === undefined || rows === undefined) continue;
    const control = controls.get(client);
    const asked = { client, round, attempt: 0, task: "train" } as const;
    const todo = { ...asked, clipNorm, parameters, control };
    const answer = await clientRound(todo, rows, engine, plan, root);
    addUpdate(sum, answer.update);
    if (answer.control) controls.set(client, answer.control);
    for (const norm of await unitNorms(todo, rows, engine, plan, root)) norms.push(norm);
  }
  const steps = rotateBack(sum.subarray(0, privacy.parameters), privacy);
  const moved = decode(steps, scaleAt(privacy, clipNorm));
  const clipped = norms.filter((norm) => !(norm <= clipNorm)).length;
  return {
    told: {
      round,
      clipNorm,
      updateNorm: normOf(moved) / privacy.expectedUnits,
      clippedShare: norms.length > 0 ? clipped / norms.length : null,
      medianNorm: median(norms),
    },
    next: stepModel(plan, state, round, sum).next,
  };
}

/** Before clipping: of each of the client's records, drawn or not; or of its whole update. */
async function unitNorms(
  todo: ClientRound,
  rows: ClientRows,
  engine: Engine,
  plan: Pick<Plan, "privacy" | "training">,
  root: RandomRoot,
): Promise<Iterable<number>> {
  if (plan.training.algorithm === "dpSgd")
    return engine
      .gradientNorms(todo.parameters, rows.examples)
      .filter((_, slot) => rows.present?.[slot] !== 0);
  return [normOf(await rawUpdate(localRound(todo, rows, engine, plan, root)))];
}

function normOf(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
}

function median(values: readonly number[]): number | null {
  const sorted = Float64Array.from(values).sort();
  const middle =
    (sorted[(sorted.length - 1) >> 1] ?? Number.NaN) + (sorted[sorted.length >> 1] ?? 0);
  return Number.isFinite(middle) ? middle / 2 : null;
}

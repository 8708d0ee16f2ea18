/**
 * A run's first rounds in this process and without noise: what its clip norm and its noise would
 * meet. By the clients' own code and the coordinator's own step. For rows that are public only: all
 * that it tells is a function of them.
 */
import { clientRound } from "../client/client-round.ts";
import { localUpdate } from "../client/fed-avg.ts";
import { type PreparedClient, prepare } from "../client/prepare.ts";
import { addUpdate, newSum } from "../server/gather.ts";
import type { ModelState } from "../server/release.ts";
import { sampleCohort } from "../server/sample.ts";
import { initialState, stepModel } from "../server/server-round.ts";
import type { Engine } from "../shared/engine/engine.ts";
import { decode } from "../shared/lattice.ts";
import { makePlan, type Plan, type SealedPlan } from "../shared/plan.ts";
import { scaleAt } from "../shared/privacy-plan.ts";
import { updateLength } from "../shared/privacy-tasks.ts";
import { type RandomRoot, seededRoot, stream } from "../shared/random.ts";
import { isPublicData, type Scenario } from "../shared/scenario/scenario-schema.ts";
import { clientNames, dataAssignment } from "./seal-scenario.ts";

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

/** Some seconds at the fused engine's pace. */
export const DRY_RUN_LIMITS: DryRunLimits = { rounds: 20, rows: 5_000, work: 5e8 };

/** More people than these take longer to generate than a lint may: 20,000 take some three seconds. */
export const MOST_GENERATED_ROWS = 20_000;

/**
 * Rounds as `trust: none` runs them, attempt 0 of each, every client there, coins from the scenario's
 * seed. Fewer clients than there are stand for all: the divisor shrinks as their units do.
 *
 * @throws ScenarioError where a client would refuse the data
 * @throws TypeError for private data
 */
export async function dryRun(
  scenario: Scenario,
  file: string,
  { plan: { contract } }: SealedPlan,
  engine: Engine,
  limits: DryRunLimits = DRY_RUN_LIMITS,
): Promise<DryRun> {
  if (!isPublicData(scenario)) throw new TypeError("a dry run on private rows");
  const privacy = { ...scenario.privacy, trust: "none" } as const;
  const sealed = makePlan({ ...scenario, privacy }, contract, engine.kind);
  const names = clientNames(scenario.clients.count);
  const assignment = dataAssignment(scenario, file, names, names, true);
  const all = [...(await prepare(contract, assignment)).clients];
  const taken = firstClients(all, limits.rows);
  const rows = rowsOf(taken);
  const share =
    sealed.plan.privacy.unit === "record" ? rows / rowsOf(all) : taken.length / all.length;
  const { parameters, rounds, expectedUnits } = sealed.plan.privacy;
  const plan = {
    ...sealed.plan,
    privacy: { ...sealed.plan.privacy, expectedUnits: expectedUnits * share },
  };
  const affordable = limits.work / (rows * plan.training.localEpochs * parameters);
  const count = Math.max(1, Math.min(rounds, limits.rounds, Math.floor(affordable)));
  const root = seededRoot(scenario.seed);
  const measured: DryRound[] = [];
  let state = initialState(sealed, scenario.seed);
  for (let round = 0; round < count; round++) {
    const { told, next } = dryRound(round, state, taken, engine, plan, root);
    measured.push(told);
    state = next;
  }
  return { rounds: measured, clients: taken.length, rows, state };
}

type Client = readonly [name: string, rows: PreparedClient];

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

function dryRound(
  round: number,
  state: ModelState,
  clients: readonly Client[],
  engine: Engine,
  plan: Pick<Plan, "privacy" | "training">,
  root: RandomRoot,
): { readonly told: DryRound; readonly next: ModelState } {
  const { privacy } = plan;
  const { clipNorm, parameters } = state;
  const sum = newSum(updateLength(privacy));
  const norms: number[] = [];
  for (const vclient of sampleCohort(privacy, stream(root, "cohort", round, 0))) {
    const [client, rows] = clients[vclient] ?? [];
    if (client === undefined || rows === undefined) continue;
    const todo = { client, round, attempt: 0, task: "train", clipNorm, parameters } as const;
    addUpdate(sum, clientRound(todo, rows, engine, plan, root));
    for (const norm of unitNorms(client, round, parameters, rows, engine, plan, root))
      norms.push(norm);
  }
  const moved = decode(sum.subarray(0, privacy.parameters), scaleAt(privacy, clipNorm));
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
function unitNorms(
  client: string,
  round: number,
  parameters: Float32Array,
  rows: PreparedClient,
  engine: Engine,
  { training }: Pick<Plan, "training">,
  root: RandomRoot,
): Iterable<number> {
  if (training.algorithm === "dpSgd")
    return engine
      .gradientNorms(parameters, rows.examples)
      .filter((_, slot) => rows.present?.[slot] !== 0);
  const learningRate = training.learningRates[round] ?? 0;
  const shuffle = stream(root, "shuffle", round, 0, client);
  return [normOf(localUpdate(parameters, rows, engine, training, learningRate, shuffle))];
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

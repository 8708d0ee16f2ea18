/** One client's round, its stages in order: train → privatize; or count. */
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import { type RandomRoot, stream } from "../../shared/noise/random.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import { scaleAt } from "../../shared/privacy/plan.ts";
import { clientUpdate, isMoved, roundedUpdate } from "../algorithms/client-update.ts";
import type { LocalRound } from "../algorithms/local-round.ts";
import { noisySteps } from "../algorithms/noisy-steps.ts";
import type { OutsideAlgorithm } from "../algorithms/outside-algorithm.ts";
import { nextControl } from "../algorithms/scaffold.ts";
import type { ClientRows } from "../features/client-rows.ts";
import { countRows } from "../training/count.ts";
import { noised, privatize } from "../training/privatize.ts";

export interface ClientRound {
  readonly client: string;
  readonly round: number;
  readonly attempt: number;
  readonly task: Exclude<Task, "bounds">;
  /** In force in this round. */
  readonly clipNorm: number;
  /** As broadcast: the model, under SCAFFOLD the coordinator's control after it. */
  readonly parameters: Float32Array;
  /** SCAFFOLD: the client's own control, float32[model's parameters]; absent: zeros. */
  readonly control?: Float32Array | undefined;
  /** Local epochs that a client which is made to straggle gets done; absent: all. */
  readonly epochs?: number | undefined;
  /** That the plan names, where it is none of ours. */
  readonly outside?: OutsideAlgorithm | undefined;
}

export interface ClientAnswer {
  /** What the client sends: int32[updateLength], lattice steps; or its counts. */
  readonly update: Int32Array;
  /** SCAFFOLD: its control once the attempt is released. Never leaves the client. */
  readonly control: Float32Array | null;
  /** False where training diverged, and zeros are sent. Never leaves a client with private rows. */
  readonly finite: boolean;
}

type ClientPlan = Pick<Plan, "privacy" | "training">;

/** Long rounds let the event loop turn. */
export async function clientRound(
  todo: ClientRound,
  rows: ClientRows,
  engine: Engine,
  plan: ClientPlan,
  root: RandomRoot,
): Promise<ClientAnswer> {
  const { client, round, attempt, task, clipNorm, parameters } = todo;
  const key = [round, attempt, client] as const;
  if (task !== "train") {
    const own = stream(root, "countNoise", ...key);
    const update = await countRows(task, parameters, rows, engine, plan.privacy, own);
    return { update, control: null, finite: true };
  }
  if (plan.training.algorithm === "dpSgd") {
    // The first step's streams are those of a round that has no other.
    const streamsOf = (step: number) => {
      const further = step === 0 ? [] : [step];
      return {
        coins: stream(root, "sample", ...key, ...further),
        noise: stream(root, "noise", ...key, ...further),
      };
    };
    const rate = plan.training.learningRates[round] ?? 0;
    const update = await noisySteps(
      parameters,
      rows,
      engine,
      plan.privacy,
      rate,
      clipNorm,
      streamsOf,
    );
    return { update, control: null, finite: true };
  }
  const local = localRound(todo, rows, engine, plan, root);
  const noise = stream(root, "noise", ...key);
  const { clipping, sensitivity, rotatedFrom } = plan.privacy;
  if (rotatedFrom === undefined && isMoved(plan.training.algorithm)) {
    const lattice = { scale: scaleAt(plan.privacy, clipNorm), sensitivity };
    const { steps, bits, finite } = await roundedUpdate(local, clipping, clipNorm, lattice);
    return { update: noised(steps, bits, plan.privacy, noise), control: null, finite };
  }
  const contribution = await clientUpdate(local, clipping, clipNorm);
  const update = privatize(contribution, plan.privacy, clipNorm, noise);
  const stateful = plan.training.algorithm === "scaffold";
  const next = stateful ? nextControl(local, contribution.sum) : null;
  return { update, control: next, finite: contribution.finite };
}

/** What a client's algorithm has at hand in that round. */
export function localRound(
  { client, round, attempt, parameters, control, epochs, outside }: ClientRound,
  rows: ClientRows,
  engine: Engine,
  { training }: ClientPlan,
  root: RandomRoot,
): LocalRound {
  return {
    parameters,
    rows,
    engine,
    training,
    learningRate: training.learningRates[round] ?? 0,
    epochs: epochs ?? training.localEpochs,
    control: control ?? null,
    shuffle: stream(root, "shuffle", round, attempt, client),
    round,
    outside,
  };
}

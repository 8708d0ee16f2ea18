/** What rounds of a seeded run release if nothing is masked: every client's update, added up as it is. */

import type { ClientRows } from "../../client/features/client-rows.ts";
import { clientRound } from "../../client/round/client-round.ts";
import { initialState, stepModel } from "../../server/rounds/server-round.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import { seededRoot } from "../../shared/noise/random.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";

export interface ReferenceRound {
  readonly round: number;
  readonly attempt: number;
  /** Clients whose update is in the sum. */
  readonly counted: readonly string[];
}

export interface Reference {
  /** After each round: float32[parameters]. */
  readonly models: readonly Float32Array[];
  /** Of each round, by client, noise included: int32[parameters]. */
  readonly updates: readonly ReadonlyMap<string, Int32Array>[];
}

export async function referenceRounds(
  { plan, model, ...rest }: SealedPlan,
  engine: Engine,
  clients: ReadonlyMap<string, ClientRows>,
  seed: number,
  rounds: readonly ReferenceRound[],
): Promise<Reference> {
  let state = initialState({ plan, model, ...rest }, seed);
  const models: Float32Array[] = [];
  const updates: Map<string, Int32Array>[] = [];
  for (const { round, attempt, counted } of rounds) {
    const own = new Map<string, Int32Array>();
    const sum = new Int32Array(plan.privacy.parameters);
    for (const [client, rows] of clients) {
      const { parameters } = state;
      const { clipNorm } = plan.privacy;
      const todo = { client, round, attempt, task: "train", clipNorm, parameters } as const;
      const { update } = await clientRound(todo, rows, engine, plan, seededRoot(seed));
      own.set(client, update);
      if (counted.includes(client))
        for (const [i, x] of update.entries()) sum[i] = (sum[i] ?? 0) + x;
    }
    updates.push(own);
    state = stepModel(plan, state, round, sum).next;
    models.push(state.parameters);
  }
  return { models, updates };
}

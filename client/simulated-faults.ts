/**
 * Clients that fail, by seeded coins: for simulations on generated and public rows, to see what a
 * run makes of them. Which ones fail in an attempt depends on nothing but seed, attempt and name.
 */
import { z } from "zod";
import { ScenarioError } from "../shared/errors.ts";
import { seededRoot, stream } from "../shared/random.ts";
import type { ScenarioSource } from "../shared/scenario/data-schema.ts";
import { isPublicSource, RANGES } from "../shared/scenario/scenario-schema.ts";
import type { Order } from "./link/order-queue.ts";

export const simulatedFaultsSchema = z.strictObject({
  /** Chance that a client is lost to an attempt that it is in. */
  dropOut: z.number().min(0).lt(1),
  /** That share of an attempt's clients finishes no more than so many local epochs. */
  stragglers: z
    .strictObject({ share: z.number().gt(0).max(1), localEpochs: RANGES.localEpochs })
    .nullable(),
});
export type SimulatedFaults = z.infer<typeof simulatedFaultsSchema>;

/** What happens to one client in one attempt. */
export interface Fate {
  readonly dropsOut: boolean;
  /** Local epochs that it gets done; undefined: all. */
  readonly epochs: number | undefined;
}

export function fateOf(
  { dropOut, stragglers }: SimulatedFaults,
  seed: number,
  { round, attempt, client }: { round: number; attempt: number; client: string },
): Fate {
  const root = seededRoot(seed);
  const coin = (purpose: "dropOut" | "straggle", chance: number) =>
    chance > 0 && stream(root, purpose, round, attempt, client).bernoulli(chance);
  return {
    dropsOut: coin("dropOut", dropOut),
    epochs: coin("straggle", stragglers?.share ?? 0) ? stragglers?.localEpochs : undefined,
  };
}

/**
 * What becomes of each client in an attempt.
 *
 * @param simulated null: nothing fails on purpose
 * @throws ScenarioError for failures made on private rows
 */
export function fates(
  simulated: SimulatedFaults | null,
  { source, seed }: { readonly source: ScenarioSource; readonly seed: number },
): (order: Order, client: string) => Fate {
  if (simulated !== null && !isPublicSource(source))
    throw new ScenarioError({
      what: "clients.dropOut",
      where: "the assignment received",
      got: "clients that fail on purpose",
      expected: "none, since the data are private",
      fix: "Take no part: whoever fails is to do so by itself.",
    });
  return (order: Order, client: string) => {
    const lives = { dropsOut: false, epochs: undefined };
    // Counts are asked once; that they go amiss is no part of this.
    if (simulated === null || order.task !== "train") return lives;
    return fateOf(simulated, seed, { ...order, client });
  };
}

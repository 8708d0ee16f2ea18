/** A trace published for the reference task: what a reader may compare a run's own with. */
import type { Scenario } from "../scenario/schema.ts";

export interface PublishedTrace {
  /** By epoch. */
  readonly loss: readonly number[];
  readonly accuracy: readonly number[];
}

const PUBLISHED: PublishedTrace = {
  loss: [1.2, 0.9, 0.7, 0.6, 0.55],
  accuracy: [0.5, 0.65, 0.75, 0.8, 0.83],
};

/** null for another task, or another number of epochs. */
export function publishedTrace(
  { data }: Pick<Scenario, "data">,
  rounds: number,
): PublishedTrace | null {
  return data.source.generator === "purchases" && rounds === PUBLISHED.loss.length
    ? PUBLISHED
    : null;
}

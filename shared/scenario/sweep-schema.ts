/** What a scenario's `sweep:` block may say: keys, the values of each, how many seeds, how many points. */
import { z } from "zod";

/** Runs of one sweep. */
export const MOST_RUNS = 10_000;
const MOST_SEEDS = 1_000;
/** For a 95 % interval that is not much wider than the seeds' own spread. */
export const USUAL_SEEDS = 5;

export const sweepSchema = z.strictObject({
  /** Dotted key of the scenario → values; privacy.epsilon: none is the twin without noise. */
  over: z.record(z.string(), z.array(z.unknown()).min(1)).optional(),
  repeat: z.number().int().min(1).max(MOST_SEEDS).default(USUAL_SEEDS),
  /** So many settings of the grid, drawn at random; absent: all. */
  sample: z.number().int().min(1).max(MOST_RUNS).optional(),
});

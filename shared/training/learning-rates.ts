/** A learning rate for each round, from a number, a list or a schedule. */
import { z } from "zod";
import { ScenarioError } from "../errors.ts";

const rate = z.number().positive();
/** Rounds that climb to `start` in equal steps; the schedule begins after them. */
const warmup = z.number().int().min(0).max(1_000_000).default(0);
const shared = { start: rate, warmup };

export const scheduleSchema = z.discriminatedUnion("schedule", [
  z.strictObject({ schedule: z.literal("constant"), ...shared }),
  /** Times `factor` after each `every` rounds. */
  z.strictObject({
    schedule: z.literal("step"),
    ...shared,
    factor: rate,
    every: z.number().int().min(1).max(1_000_000),
  }),
  /** Times `factor` after each round. */
  z.strictObject({ schedule: z.literal("exponential"), ...shared, factor: rate }),
  /** Half a cosine wave, from `start` in the first round to `end` in the last (Loshchilov & Hutter 2017). */
  z.strictObject({ schedule: z.literal("cosine"), ...shared, end: rate }),
  z.strictObject({ schedule: z.literal("linear"), ...shared, end: rate }),
]);
export type Schedule = z.infer<typeof scheduleSchema>;

/**
 * One rate a round, each > 0.
 *
 * @param rate for all rounds; one for each; or a schedule
 * @throws ScenarioError for a schedule that leaves the numbers there are: 0, or beyond 1e308
 */
export function learningRates(
  rate: number | readonly number[] | Schedule,
  rounds: number,
): readonly number[] {
  if (typeof rate === "number") return new Array<number>(rounds).fill(rate);
  if (!("schedule" in rate)) return rate;
  return Array.from({ length: rounds }, (_, round) => {
    const due = rateAt(rate, round, rounds);
    if (due > 0 && due < Infinity) return due;
    throw new ScenarioError({
      what: "training.learningRate",
      where: `round ${round + 1}`,
      got: due,
      expected: "a finite rate > 0 in each round",
      fix: "Take a factor nearer to 1.",
    });
  });
}

function rateAt(schedule: Schedule, round: number, rounds: number): number {
  const { start, warmup } = schedule;
  if (round < warmup) return (start * (round + 1)) / (warmup + 1);
  const after = round - warmup;
  // 0 in the schedule's first round, 1 in its last; a single round is its first.
  const part = after / Math.max(1, rounds - 1 - warmup);
  switch (schedule.schedule) {
    case "constant":
      return start;
    case "step":
      return start * schedule.factor ** Math.floor(after / schedule.every);
    case "exponential":
      return start * schedule.factor ** after;
    case "cosine":
      return schedule.end + ((start - schedule.end) * (1 + Math.cos(Math.PI * part))) / 2;
    case "linear":
      return start + (schedule.end - start) * part;
  }
}

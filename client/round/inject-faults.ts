/** What a scripted fault does to one client's round, where it would happen: before it trains, and after. */

import type { Random } from "../../shared/noise/random.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { normOfSteps, updateBound } from "../../shared/privacy/update-bound.ts";
import type { FaultRule } from "../../shared/scenario/fault-schema.ts";
import type { ClientRows } from "../features/client-rows.ts";

const INT32_MAX = 2 ** 31 - 1;

/** What a client trains on, from, and for how long. */
export interface Training {
  readonly rows: ClientRows;
  /** As broadcast. */
  readonly parameters: Float32Array;
  /** Local epochs that it gets done; undefined: all. */
  readonly epochs?: number | undefined;
}

/**
 * The same as a failing client has it: labels y turned to classes − 1 − y (Fang, Cao, Jia & Gong 2020),
 * a number in [-1, 1] to its opposite, a model that is no number, fewer epochs. What is given stays as it is.
 */
export function misled(
  { rows, parameters, epochs }: Training,
  faults: readonly FaultRule[],
  classes: number,
): Training {
  const flips = faults.some((fault) => fault.kind === "poisoned" && fault.how === "labelFlip");
  const isLost = faults.some(({ kind }) => kind === "notFinite");
  const slowed = faults.flatMap((fault) => (fault.kind === "straggle" ? fault.localEpochs : []));
  const labels = rows.examples.labels.map((label) => classes - 1 - label);
  return {
    rows: flips ? { ...rows, examples: { ...rows.examples, labels } } : rows,
    parameters: isLost ? parameters.map(() => Number.NaN) : parameters,
    epochs: slowed.length > 0 ? Math.min(...slowed) : epochs,
  };
}

/**
 * What a failing client sends in the place of its update: int32[updateLength], fault after fault.
 * Beyond int32 an entry stays at the end; the bits of an adapting clip norm are left alone.
 */
export function tampered(
  update: Int32Array,
  faults: readonly FaultRule[],
  plan: PrivacyPlan,
  words: () => Random,
): Int32Array {
  const sent = Int32Array.from(update);
  const steps = sent.subarray(0, plan.parameters);
  for (const fault of faults) {
    if (fault.kind === "garbage") {
      const random = words();
      for (let i = 0; i < sent.length; i++) sent[i] = random.uint32() | 0;
    } else if (fault.kind === "overNorm") {
      multiply(steps, fault.factor);
    } else if (fault.kind === "poisoned") {
      const sign = fault.how === "signFlip" ? -1 : 1;
      // As far as it can go without being any longer than an honest one may be.
      const most = updateBound(plan) / normOfSteps(steps);
      multiply(steps, sign * Math.min(fault.factor, SHORTER * most));
    }
  }
  return sent;
}

/** For what float64 may add. */
const SHORTER = 1 - 2 ** -40;

/** In place, each entry towards zero. A length of 0 stays 0. */
function multiply(steps: Int32Array, factor: number): void {
  for (let i = 0; i < steps.length; i++) {
    const x = (steps[i] ?? 0) === 0 ? 0 : (steps[i] ?? 0) * factor;
    steps[i] = Math.max(-INT32_MAX, Math.min(INT32_MAX, Math.trunc(x)));
  }
}

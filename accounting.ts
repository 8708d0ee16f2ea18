/**
 * The library's accountant, `murmur-fl/accounting`: what mechanisms cost together, and the least noise that keeps a
 * budget. Its answers are those of `murmur account`, and of every ledger.
 */
import type { CONVERSIONS } from "./shared/accounting/compose.ts";
import type { ACCOUNTANTS, ADJACENCIES } from "./shared/accounting/mechanisms/event.ts";
import type { Mechanism } from "./shared/accounting/question/mechanism-keys.ts";
import { answerOf, questionOf } from "./shared/accounting/question/question.ts";
import { argumentError, requireList, requireObject } from "./shared/call-arguments.ts";

export type { Mechanism };

export interface Rules {
  /** Absent: `pld`, the tightest for sampled noise. */
  readonly accountant?: (typeof ACCOUNTANTS)[number];
  /** Absent: `zeroOut`. */
  readonly adjacency?: (typeof ADJACENCIES)[number];
  /** Of Rényi curves, under `rdp` alone. Absent: `improved`. */
  readonly conversion?: (typeof CONVERSIONS)[number];
}

/** One that leaves out what is sought. */
type WithGap = { readonly [key: string]: unknown; readonly mechanism: Mechanism["mechanism"] };

const WHERE = "murmur-fl/accounting";

/**
 * ε of all events together at δ, composed first and converted once, rounded up. Infinity: none holds.
 *
 * @throws ScenarioError naming the first key at fault; BudgetError where no theorem covers an event
 */
export function epsilon(
  events: readonly Mechanism[],
  at: Rules & { readonly delta: number },
): number {
  return asked("epsilon", events, at);
}

/** δ of all events together at ε, in [0, 1], rounded up; throws likewise. */
export function delta(
  events: readonly Mechanism[],
  at: Rules & { readonly epsilon: number },
): number {
  return asked("delta", events, at);
}

export interface Budget extends Rules {
  readonly epsilon: number;
  readonly delta: number;
}

/**
 * The least `noiseMultiplier` (noise ÷ sensitivity) of the one event that leaves it out, so that all of them
 * together keep the budget: what `epsilon` gives of it is at most that. Throws as `epsilon`; BudgetError also
 * where no noise suffices.
 */
export function leastNoise(events: readonly (Mechanism | WithGap)[], budget: Budget): number {
  return asked("noiseMultiplier", events, budget, { solve: "noiseMultiplier" });
}

/** The most `steps` of the one event that leaves them out, likewise. */
export function mostSteps(events: readonly (Mechanism | WithGap)[], budget: Budget): number {
  return asked("steps", events, budget, { solve: "steps" });
}

/** The largest rate of Poisson sampling of the one event that leaves it out, likewise. */
export function largestRate(events: readonly (Mechanism | WithGap)[], budget: Budget): number {
  return asked("samplingRate", events, budget, { solve: "samplingRate" });
}

function asked(
  sought: keyof ReturnType<typeof answerOf>,
  events: unknown,
  options: object,
  solve: object = {},
): number {
  requireList(events, "events", WHERE, "a list of mechanisms");
  requireObject(options, "options", WHERE, "an object with epsilon or delta");
  const question = { accountant: "pld", ...options, ...solve, events };
  const answer = answerOf(questionOf(question, WHERE))[sought];
  if (answer === undefined)
    throw argumentError(WHERE, "options", "another question", `what ${sought} is asked at`);
  return answer;
}

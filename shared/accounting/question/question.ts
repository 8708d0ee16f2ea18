/** A plain object → a question about events, every key of it checked, and its answer. */
import { z } from "zod";
import { type EventsAt, largestRate, leastNoise, mostSteps, type Target } from "../calibrate.ts";
import {
  CONVERSIONS,
  type Repeated,
  type Rules,
  type SpentDelta,
  type SpentEpsilon,
  spendDelta,
  spendEpsilon,
} from "../compose.ts";
import { ACCOUNTANTS, ADJACENCIES } from "../mechanisms/event.ts";
import { eventOf, filledIn, leavesOut, SOUGHT, type Sought } from "./mechanism-keys.ts";
import { checked, refusal } from "./question-fault.ts";

const MOST_EVENTS = 1_000;
/** Beyond it nothing is promised any more. */
const MOST_EPSILON = 1e6;

export type Question =
  | {
      readonly ask: "epsilon";
      readonly rules: Rules;
      readonly events: Events;
      readonly delta: number;
    }
  | {
      readonly ask: "delta";
      readonly rules: Rules;
      readonly events: Events;
      readonly epsilon: number;
    }
  | { readonly ask: Sought; readonly target: Target; readonly eventsAt: EventsAt };

type Events = readonly Repeated[];

const questionSchema = z.strictObject({
  accountant: z.enum(ACCOUNTANTS),
  conversion: z.enum(CONVERSIONS).optional(),
  adjacency: z.enum(ADJACENCIES).default("zeroOut"),
  epsilon: z.number().min(0).max(MOST_EPSILON).optional(),
  delta: z.number().gt(0).lt(1).optional(),
  solve: z.enum(SOUGHT).optional(),
  events: z.array(z.unknown()).min(1).max(MOST_EVENTS).optional(),
});
const QUESTION_KEYS = Object.keys(questionSchema.shape);

/**
 * The question that an object asks.
 *
 * @param where for messages
 * @throws ScenarioError naming what is wrong with it
 */
export function questionOf(raw: Readonly<Record<string, unknown>>, where: string): Question {
  const entries = Object.entries(raw);
  const asked = Object.fromEntries(entries.filter(([key]) => QUESTION_KEYS.includes(key)));
  const rest = Object.fromEntries(entries.filter(([key]) => !QUESTION_KEYS.includes(key)));
  const question = checked(questionSchema, asked, QUESTION_KEYS, where);
  const { accountant, conversion, adjacency, epsilon, delta, solve, events } = question;
  if (conversion && accountant !== "rdp")
    throw refusal("conversion", where, `one for ${accountant}`, "none but for rdp");
  const [stray] = Object.keys(rest);
  if (events && stray !== undefined)
    throw refusal(
      "unknownKey",
      where,
      stray,
      "a mechanism's keys inside events, where there are any",
    );
  const list = events ?? [rest];
  const place = (i: number) => (events ? `${where}, events.${i}` : where);
  const read = (all: readonly unknown[]) => all.map((one, i) => eventOf(one, adjacency, place(i)));
  const rules = { accountant, conversion };
  if (solve) {
    if (epsilon === undefined || delta === undefined || epsilon === 0)
      throw refusal("solve", where, solve, "both an epsilon > 0 and a delta with it");
    const gap = gapIn(list, solve, place);
    const eventsAt = (x: number) => read(list.with(gap, filledIn(list[gap], solve, x)));
    return { ask: solve, target: { ...rules, epsilon, delta }, eventsAt };
  }
  if (delta !== undefined && epsilon === undefined)
    return { ask: "epsilon", rules, events: read(list), delta };
  if (epsilon !== undefined && delta === undefined)
    return { ask: "delta", rules, events: read(list), epsilon };
  const got = delta === undefined ? "neither" : "both";
  throw refusal("delta, epsilon", where, got, "one of the two, or both and what to solve for");
}

/** Which event leaves out what is sought. */
function gapIn(
  events: readonly unknown[],
  sought: Sought,
  place: (index: number) => string,
): number {
  const gaps = events.flatMap((one, i) => (leavesOut(one, sought, place(i)) ? [i] : []));
  const [gap, ...others] = gaps;
  if (gap !== undefined && others.length === 0) return gap;
  const got = `${gaps.length} events that leave it out`;
  throw refusal(`solve ${sought}`, place(0), got, "exactly one that takes it and leaves it out");
}

const SOLVERS = { noiseMultiplier: leastNoise, steps: mostSteps, samplingRate: largestRate };

/** What is sought, where something is, and the ε that it comes to; else ε or δ. */
export type Answer = Partial<Record<Sought, number>> & Partial<SpentEpsilon & SpentDelta>;

/**
 * @returns an ε may be Infinity: none holds at that δ
 * @throws BudgetError where no theorem of the accountant covers an event, or nothing keeps the target
 */
export function answerOf(question: Question): Answer {
  switch (question.ask) {
    case "epsilon":
      return spendEpsilon(question.rules, question.events, question.delta);
    case "delta":
      return spendDelta(question.rules, question.events, question.epsilon);
    default: {
      const { ask, target, eventsAt } = question;
      const value = SOLVERS[ask](target, eventsAt);
      return { [ask]: value, ...spendEpsilon(target, eventsAt(value), target.delta) };
    }
  }
}

/**
 * The best accuracy that anybody could reach on generated purchases: Bayes' rule under the very
 * process that draws them, given all purchase times before the cut-off, age and area. Amounts tell
 * nothing more about the label, and of the times only the count and the last one matter.
 */
import type { Random } from "../../shared/noise/random.ts";
import {
  drawHabits,
  drawPurchaseDays,
  expectedLogRate,
  HISTORY_DAYS,
  LAPSE_CHANCE,
  RATE,
  unexplainedSd,
  WINDOW_DAYS,
} from "./purchases.ts";

/** As bench/bayes.ts measured it on 200,000 people. */
export const PURCHASES_BAYES_ACCURACY = 0.8949;
/** Its standard error. */
export const PURCHASES_BAYES_ERROR = 0.0007;

export interface BayesAccuracy {
  /** Share of people whose label was the likelier one. */
  readonly accuracy: number;
  readonly standardError: number;
  /** Mean of the likelier label's probability: the same number, if the rule below is right. */
  readonly expected: number;
  /** Share of people with label 1. */
  readonly baseRate: number;
}

export function bayesAccuracy(people: number, random: Random): BayesAccuracy {
  let [right, expected, positive] = [0, 0, 0];
  for (let i = 0; i < people; i++) {
    const habits = drawHabits(random);
    const days = drawPurchaseDays(habits, random);
    const history = days.filter((day) => day < HISTORY_DAYS);
    const label = days.length > history.length;
    const logRate = expectedLogRate(habits.age, habits.area);
    const probability = labelProbability(history.length, history.at(-1) ?? 0, logRate);
    right += Number(probability >= 0.5 === label);
    expected += Math.max(probability, 1 - probability);
    positive += Number(label);
  }
  const accuracy = right / people;
  const standardError = Math.sqrt((accuracy * (1 - accuracy)) / people);
  return { accuracy, standardError, expected: expected / people, baseRate: positive / people };
}

/** The rate is integrated over this many standard deviations to each side, in steps of `step`. */
const GRID = { reach: 6, step: 0.02 } as const;

/**
 * P(a purchase in the window | purchases in the history, the last of them on day `last`).
 *
 * For a rate r a day, up to factors that cancel: still a customer, r^n e^(-360 r); lapsed at a
 * uniform moment after the last purchase, r^n (e^(-r last) - e^(-360 r)) / (360 r).
 */
export function labelProbability(purchases: number, last: number, logRate: number): number {
  let [bought, all] = [0, 0];
  // Factor e^(most) is taken out of every weight, lest r^n overflow.
  const most = largestLogLikelihood(purchases, last);
  for (let z = -GRID.reach; z <= GRID.reach; z += GRID.step) {
    const rate = Math.min(Math.exp(logRate + unexplainedSd() * z), RATE.most) / WINDOW_DAYS;
    const weight = (log: number) => Math.exp(log - (z * z) / 2 - most);
    const common = purchases * Math.log(rate);
    const silent = weight(common - HISTORY_DAYS * rate);
    const customer = (1 - LAPSE_CHANCE) * silent;
    const since = weight(common - last * rate);
    const lapsed = (LAPSE_CHANCE * (since - silent)) / (HISTORY_DAYS * rate);
    bought += customer * -Math.expm1(-WINDOW_DAYS * rate);
    all += customer + lapsed;
  }
  return bought / all;
}

/** Of n log r - last · r, over the rates there are. */
function largestLogLikelihood(purchases: number, last: number): number {
  const fastest = RATE.most / WINDOW_DAYS;
  const rate = last > 0 ? Math.min(purchases / last, fastest) : fastest;
  return purchases === 0 ? 0 : purchases * Math.log(rate) - last * rate;
}

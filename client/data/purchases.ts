/**
 * Generated customers of a shop: name, email, age, location, and what they bought in 390 days. Each
 * is drawn from a stream of their own, so that asking for more people changes nobody. The constants
 * were chosen so that a model can be 85 % right and no better than 89.5 % (purchases-bayes.ts).
 */
import { type Random, seededRoot, stream } from "../../shared/noise/random.ts";
import { FAMILY_NAMES, GIVEN_NAMES } from "./names.ts";

/** Days of history before the label's window, and days of the window. */
export const HISTORY_DAYS = 360;
export const WINDOW_DAYS = 30;
/** Midnight UTC between the two: the cut-off of scenarios/purchases.yaml. */
export const CUT_OFF_MS = Date.UTC(2024, 5, 30);

/** Each area with its chance, its cities (each as likely) and its part in the log rate. */
const AREAS = [
  { cities: ["Paris", "Lyon", "Marseille"], chance: 0.5, effect: 0.6 },
  { cities: ["Annecy", "Colmar", "Vannes"], chance: 0.3, effect: -0.3 },
  { cities: ["Conques", "Gordes", "Riquewihr"], chance: 0.2, effect: -1.05 },
] as const;

/** Purchases in 30 days: log-normal with this median and spread, a little of it told by age and area. */
export const RATE = {
  logMedian: Math.log(3),
  logSd: 2,
  explainedSd: 0.35,
  perAge: -0.5,
  perArea: 0.86,
  most: 60,
} as const;
const AGE = { mean: 42, sd: 15, least: 18, most: 79 } as const;
/** Chance that a customer has stopped at a uniform moment of the history, and buys nothing after. */
export const LAPSE_CHANCE = 0.35;
/** What one purchase costs: log-normal over people and over a person's purchases. */
const AMOUNT = { logMedian: Math.log(40), personSd: 0.5, purchaseSd: 0.5, most: 500 } as const;
const MAIL_DOMAINS = ["example.com", "example.org", "example.net"] as const;

export const PURCHASES_COLUMNS = ["name", "age", "location", "purchaseHistory", "email"] as const;

export interface Customer {
  readonly name: string;
  readonly email: string;
  readonly age: number;
  readonly location: string;
  /** Milliseconds since 1970 UTC, ascending, whole seconds: float64[purchases]. */
  readonly times: Float64Array;
  /** In cents of a unit, as a shop writes them: float64[purchases]; NaN where nobody asked for it. */
  readonly amounts: Float64Array;
}

/** Whose amounts are asked for, of one customer's purchases: from the one to before the other. */
export type Wanted = (times: Float64Array, customer: number) => readonly [from: number, to: number];

/** What decides when somebody buys. */
export interface Habits {
  readonly age: number;
  /** Index into AREAS. */
  readonly area: number;
  readonly location: string;
  /** Purchases a day while a customer. */
  readonly rate: number;
  /** Day of the history from which on nothing is bought; Infinity: still a customer. */
  readonly lapseDay: number;
}

/**
 * People 0 … count - 1 of a seed; `heldOut` are others, from streams of their own.
 *
 * @param wanted which amounts are worked out, which changes no other number; all unless given
 */
export function* generatePurchases(
  seed: number,
  count: number,
  purpose: "person" | "heldOut",
  wanted: Wanted = ({ length }) => [0, length],
): Generator<Customer> {
  const root = seededRoot(seed);
  for (let i = 0; i < count; i++) yield drawCustomer(stream(root, purpose, i), i, wanted);
}

/** Loops: a callback of a typed array would allocate each of its numbers, half of a customer's time. */
function drawCustomer(random: Random, customer: number, wanted: Wanted): Customer {
  const { name, email } = drawName(random);
  const habits = drawHabits(random);
  const { age, location } = habits;
  const days = drawPurchaseDays(habits, random);
  const times = new Float64Array(days.length);
  for (let i = 0; i < days.length; i++) times[i] = wholeSecond(days[i] ?? Number.NaN);
  const usual = AMOUNT.logMedian + AMOUNT.personSd * random.normal();
  const amounts = new Float64Array(days.length).fill(Number.NaN);
  const [from, to] = wanted(times, customer);
  random.skipNormals(from);
  for (let i = from; i < to; i++) amounts[i] = drawAmount(usual, random);
  return { name, email, age, location, times, amounts };
}

export function drawHabits(random: Random): Habits {
  const years = AGE.mean + AGE.sd * random.normal();
  const age = Math.floor(Math.min(Math.max(years, AGE.least), AGE.most));
  const area = drawArea(random);
  const { cities } = AREAS[area] ?? AREAS[0];
  const location = cities[random.below(cities.length)] ?? cities[0];
  const logRate = expectedLogRate(age, area) + unexplainedSd() * random.normal();
  const rate = Math.min(Math.exp(logRate), RATE.most) / WINDOW_DAYS;
  const lapsed = random.bernoulli(LAPSE_CHANCE);
  const lapseDay = lapsed ? random.uniform() * HISTORY_DAYS : Infinity;
  return { age, area, location, rate, lapseDay };
}

/** Mean of the log of purchases in 30 days, given age and area. */
export function expectedLogRate(age: number, area: number): number {
  const { effect } = AREAS[area] ?? AREAS[0];
  const told = (RATE.perAge * (age - AGE.mean)) / AGE.sd + RATE.perArea * effect;
  return RATE.logMedian + RATE.explainedSd * told;
}

/** What age and area leave open of the log rate's standard deviation. */
export function unexplainedSd(): number {
  return Math.sqrt(RATE.logSd ** 2 - RATE.explainedSd ** 2);
}

/** A Poisson process over history and window: days since its start, ascending. */
export function drawPurchaseDays({ rate, lapseDay }: Habits, random: Random): number[] {
  const end = Math.min(lapseDay, HISTORY_DAYS + WINDOW_DAYS);
  const days: number[] = [];
  for (let day = gap(rate, random); day < end; day += gap(rate, random)) days.push(day);
  return days;
}

function gap(rate: number, random: Random): number {
  return -Math.log(1 - random.uniform()) / rate;
}

function drawArea(random: Random): number {
  const chosen = random.uniform();
  let below = 0;
  for (const [area, { chance }] of AREAS.entries()) {
    below += chance;
    if (chosen < below) return area;
  }
  return AREAS.length - 1;
}

function drawAmount(usual: number, random: Random): number {
  const amount = Math.exp(usual + AMOUNT.purchaseSd * random.normal());
  return Math.round(Math.min(amount, AMOUNT.most) * 100) / 100;
}

function drawName(random: Random): { name: string; email: string } {
  const given = GIVEN_NAMES[random.below(GIVEN_NAMES.length)] ?? "";
  const family = FAMILY_NAMES[random.below(FAMILY_NAMES.length)] ?? "";
  const domain = MAIL_DOMAINS[random.below(MAIL_DOMAINS.length)] ?? "";
  const local = `${given}.${family}`.toLowerCase().replace(/[^a-z.]/g, "");
  return { name: `${given} ${family}`, email: `${local}${random.below(100)}@${domain}` };
}

function wholeSecond(day: number): number {
  return CUT_OFF_MS + Math.floor((day - HISTORY_DAYS) * 86_400) * 1_000;
}

/** What a sweep found, in sentences: what is enough ε, what choosing among its runs costs. */
import type { Composition } from "../../compare/composition.ts";
import type { Curve } from "../../compare/curve.ts";
import { settingText } from "../../compare/setting-text.ts";
import { ADVERSARIES } from "../../shared/accounting/mechanisms/event.ts";
import { HOLDS_AGAINST } from "../../shared/claims/claim.ts";
import { SAME_CLIENTS } from "../../shared/claims/past-text.ts";
import { deltaAtMostText, epsilonText } from "../../shared/epsilon-text.ts";
import { NO_DATA_LEDGER, soFarParts } from "../../shared/events/so-far-text.ts";
import type { SoFarFile } from "../../shared/events/trace.ts";
import type { DrawnHeldOut } from "../scenario/sweep-plan.ts";

/** What all runs of a sweep over private rows cost the people in them. */
export interface PrivatePrice {
  readonly composition: Composition;
  /** null: each seed holds out the same. */
  readonly heldOut: DrawnHeldOut | null;
  /** What each file of theirs has lost to all runs on it, those before too; null: no ledger was kept; absent: it is elsewhere. */
  readonly soFar?: readonly SoFarFile[] | null;
}

/** What a sweep found, a sentence each: the ε that is enough, what choosing among its runs costs. */
export function findings(curves: readonly Curve[], price: PrivatePrice | null): string[] {
  return [...costSentences(curves), compositionText(price).join(" "), ...soFarText(price)];
}

/** @param price null: no private row was read */
export function priceSentences(price: PrivatePrice | null): string[] {
  return [...compositionText(price), ...soFarText(price)];
}

/** By curve; and which cannot tell for want of a twin that was not asked for, not drawn, or failed. */
export function costSentences(curves: readonly Curve[]): string[] {
  const alone = curves.filter(({ points, twin: baseline }) => points.length > 0 && !baseline);
  const names = alone.map(({ setting }) => settingText(setting));
  const of = alone.length === curves.length ? "" : ` beside ${names.join("; ")}`;
  const lacking = `no run without noise${of} (privacy.epsilon=none): what noise costs there is not told`;
  return [...curves.flatMap(enoughLines), ...(alone.length > 0 ? [lacking] : [])];
}

function enoughLines({ setting, enough }: Curve): string[] {
  if (!enough) return [];
  const text = settingText(setting);
  const { epsilon, interval, seeds } = enough;
  const told = (value: number) => (value === Infinity ? "beyond those tried" : epsilonText(value));
  const from = epsilon === Infinity ? "at no ε tried" : `from ε ${epsilonText(epsilon)} on`;
  const range = interval
    ? `95 %: ${told(interval[0])} to ${told(interval[1])}, bootstrap over ${seeds} seeds`
    : `${seeds} ${seeds === 1 ? "seed" : "seeds"}: too few for an interval`;
  return [`within 1 point of no noise${text === "" ? "" : `, ${text}`}: ${from} (${range})`];
}

function compositionText(price: PrivatePrice | null): string[] {
  return price
    ? sweepText(price)
    : ["public data: choosing among these runs costs nobody's privacy"];
}

function soFarText(price: PrivatePrice | null): string[] {
  return price?.soFar === null ? [NO_DATA_LEDGER] : soFarParts(price?.soFar ?? []);
}

function sweepText({ composition, heldOut }: PrivatePrice): string[] {
  const { runs, by } = composition;
  if (runs === 0) return ["no run was charged on these rows"];
  if (by === "units differ")
    return [
      `all ${runs} runs together: no bound, for they protect different units or neighbours`,
      ...heldOutText(heldOut),
    ];
  const whose = heldOut ? "together, of people whom no seed holds out" : "on these rows together";
  return [
    `all ${runs} runs ${whose}: ${togetherText(composition)};`,
    ...(composition.unit === "client" ? [`${SAME_CLIENTS};`] : []),
    ...heldOutText(heldOut),
    "whoever chooses among them by their accuracy answers for that sum, not for the chosen run's ε;",
    "no private-selection bound: the number of runs was not drawn at random",
  ];
}

function togetherText({ epsilon, delta, by }: Composition): string {
  if (ADVERSARIES.every((adversary) => epsilon[adversary] === null))
    return "ε ∞, no bound against anybody";
  const spent = ADVERSARIES.map(
    (adversary) => `${epsilonText(epsilon[adversary])} against ${HOLDS_AGAINST[adversary]}`,
  );
  const added = by === "addition" ? "; claims added up, run by run" : "";
  return `ε ${spent.join(", ")}, at δ ${deltaAtMostText(delta)}${added}`;
}

/** Of those whom a seed holds out, the coordinator has the rows themselves, ready for training. */
function heldOutText(heldOut: DrawnHeldOut | null): string[] {
  if (!heldOut) return [];
  const { seeds, people } = heldOut;
  return [
    `each of ${seeds} seeds holds out others and shows them to the coordinator: up to ${people} people are in no ε; data.source.testFile names public ones, the same for all seeds;`,
  ];
}

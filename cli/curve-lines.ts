/** Curves of a sweep in words: the picture, what is enough ε, what choosing among the runs costs. */
import type { Composition } from "../compare/composition.ts";
import type { Curve } from "../compare/curve.ts";
import { settingText } from "../compare/setting-text.ts";
import { terminalCurve } from "../compare/terminal-curve.ts";
import { ADVERSARIES } from "../shared/accounting/event.ts";
import { HOLDS_AGAINST } from "../shared/claim.ts";
import { deltaAtMostText, deltaText, epsilonText } from "../shared/epsilon-text.ts";

/** Empty where nothing has finished. */
export function curveLines(curves: readonly Curve[]): string[] {
  const deltas = new Set(
    curves.flatMap(({ points }) => points.map(({ delta }) => deltaText(delta))),
  );
  if (curves.length === 0) return [];
  const at = deltas.size > 0 ? `, at δ ${[...deltas].join(", ")}` : "";
  return [
    "",
    `Held-out accuracy, %, against ε spent: to whoever gets the model${at} (seeds)`,
    ...terminalCurve(curves, process.env.NO_COLOR !== undefined),
    ...costLines(curves).map(indented),
  ];
}

/** What a sweep found, a sentence each: the ε that is enough, what choosing among its runs costs. */
export function findings(curves: readonly Curve[], composition: Composition | null): string[] {
  return [...costLines(curves), compositionText(composition).join(" ")];
}

const indented = (line: string) => `    ${line}`;

/** By curve; and which cannot tell for want of a twin that was not asked for, not drawn, or failed. */
function costLines(curves: readonly Curve[]): string[] {
  const alone = curves.filter(({ points, twin }) => points.length > 0 && !twin);
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

/** @param composition null: no private row was read */
export function compositionLines(composition: Composition | null): string[] {
  return compositionText(composition).map(indented);
}

function compositionText(composition: Composition | null): string[] {
  if (!composition) return ["public data: choosing among these runs costs nobody's privacy"];
  const { runs, epsilon, delta, by } = composition;
  if (runs === 0) return ["no run was charged on these rows"];
  if (by === "units differ")
    return [`all ${runs} runs together: no bound, for they protect different units or neighbours`];
  const spent = ADVERSARIES.map(
    (adversary) => `${epsilonText(epsilon[adversary])} against ${HOLDS_AGAINST[adversary]}`,
  );
  const added = by === "addition" ? "; claims added up, for accountants differ" : "";
  return [
    `all ${runs} runs on these rows together: ε ${spent.join(", ")}, at δ ${deltaAtMostText(delta)}${added};`,
    "whoever chooses among them by their accuracy answers for that sum, not for the chosen run's ε;",
    "no private-selection bound: the number of runs was not drawn at random",
  ];
}

/** What must stand below a curve: what its ε are of, and over which seeds, rows and rounds its means are. */
import { assumptionOf, countedText, HOLDS_AGAINST } from "../shared/claims/claim.ts";
import { deltaAtMostText } from "../shared/epsilon-text.ts";
import { rawReason } from "../shared/privacy/group-privacy.ts";
import type { PrivacyPlan } from "../shared/privacy/plan.ts";
import type { Curve } from "./curve.ts";

/** A curve, or one setting, by its name, and the plan of one of its runs that were noised. */
export interface PlannedCurve {
  readonly name: string;
  readonly plan: PrivacyPlan;
  /** At which its ε hold. */
  readonly deltas: readonly number[];
  /** Whom its ε are about, as `unitParts` says. */
  readonly unit?: readonly string[];
}

/**
 * A line each.
 *
 * @param rows held out, of each run
 * @param rounds of each setting's plan: `training: auto` has others at another ε
 */
export function curveCaption(
  planned: readonly PlannedCurve[],
  curves: readonly Curve[],
  rows: readonly number[],
  rounds: readonly number[],
): string[] {
  const plans = planned.map(({ plan }) => plan);
  return [
    ...epsilonCaption(planned),
    `${range(rows)} held-out rows; ${range(plans.map((plan) => plan.clients))} clients, ${range(rounds)} rounds`,
    seedsText(curves),
  ];
}

/** What an ε is nothing without: a line each, once where it is the same of all, else by name. */
export function epsilonCaption(planned: readonly PlannedCurve[]): string[] {
  const [trust, ...others] = new Set(planned.map(({ plan }) => plan.trust));
  // Where trusts differ, their names or what is around them tell which is whose.
  const head = others.length === 0 ? `trust ${trust}, ` : "";
  return [
    ...byName(planned, ({ plan, deltas }) => `${deltasText(deltas)}, ${countedText(plan)}`),
    ...byName(planned, ({ unit = [] }) => unit.join("; ")),
    ...byName(planned, ({ plan }) => `${head}provided that ${restsOn(plan)}`),
    ...byName(planned, ({ plan }) => rawText(plan)),
    ...byName(planned, ({ plan }) =>
      plan.noise === "seeded"
        ? "ε if the noise were secure: it was seeded, so that the runs repeat"
        : "",
    ),
  ];
}

/** Those that say nothing are not named. */
function byName(planned: readonly PlannedCurve[], of: (planned: PlannedCurve) => string): string[] {
  const names = new Map<string, string[]>();
  for (const one of planned) {
    const text = of(one);
    names.set(text, [...(names.get(text) ?? []), one.name]);
  }
  const [only, ...others] = names.keys();
  if (only !== undefined && others.length === 0) return only === "" ? [] : [only];
  return [...names]
    .filter(([text]) => text !== "")
    .map(([text, own]) => `${own.join(", ")}: ${text}`);
}

function deltasText(deltas: readonly number[]): string {
  const most = deltaAtMostText(Math.max(...deltas));
  return new Set(deltas).size > 1 ? `δ at most ${most}` : `δ ${most}`;
}

/** On what it rests against whoever gets the model; and against a coordinator, where that is another matter. */
function restsOn(plan: PrivacyPlan): string {
  const rests = assumptionOf(plan, "modelRecipients");
  const sees = assumptionOf(plan, "coordinator");
  const open = sees === rests ? "" : `; against ${HOLDS_AGAINST.coordinator} ε ∞, ${sees}`;
  return `${rests}, and that no row decides whether an update is in time${open}`;
}

/** Where the raw table has an ε of its own, it is the one that is told. */
function rawText({ rawFactor, unit }: PrivacyPlan): string {
  if (rawFactor === 1) return "";
  const reason = rawReason(rawFactor, unit);
  return rawFactor === null
    ? `no ε holds against the raw table: ${reason}`
    : `ε and δ are against the raw table: ${reason}`;
}

/** How many stand behind a mean, and what is drawn of their spread. A point whose run failed has fewer. */
function seedsText(curves: readonly Curve[]): string {
  const points = curves.flatMap(({ points: own, twin: baseline }) =>
    baseline ? [...own, baseline] : own,
  );
  const drawn = points.map(({ bySeed }) => [...bySeed.keys()].sort((a, b) => a - b).join(" "));
  const counts = points.map(({ bySeed }) => bySeed.size);
  const same = new Set(drawn).size === 1 ? ", the same at every point" : "";
  if (Math.max(...counts) === 1) return `one seed${same}: no interval`;
  const without = counts.includes(1) ? ", none where there is one seed" : "";
  return `means over ${range(counts)} seeds${same}; bars: 95 % interval (Student's t)${without}`;
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

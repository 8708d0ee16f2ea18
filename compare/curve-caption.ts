/** What must stand below a curve: what its ε are of, and over which seeds, rows and rounds its means are. */
import { claimParts } from "../shared/claim.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import type { Curve } from "./curve.ts";

/** A curve by its name, and the plan of one of its runs that spent ε. */
export interface PlannedCurve {
  readonly name: string;
  readonly plan: PrivacyPlan;
}

/** A line each. @param rows held out, of each run */
export function curveCaption(
  planned: readonly PlannedCurve[],
  curves: readonly Curve[],
  rows: readonly number[],
): string[] {
  const plans = planned.map(({ plan }) => plan);
  return [
    ...countedLines(planned),
    `${range(rows)} held-out rows; ${range(plans.map((plan) => plan.clients))} clients, ${range(plans.map((plan) => plan.rounds))} rounds`,
    `${seedsText(curves)}; bars: 95 % interval (Student's t)`,
    ...(plans.some(({ noise }) => noise === "seeded")
      ? ["ε if the noise were secure: it was seeded, so that the runs repeat"]
      : []),
  ];
}

/** Once where ε is of the same in all curves; trusts have accountants of their own. */
function countedLines(planned: readonly PlannedCurve[]): string[] {
  const names = new Map<string, string[]>();
  for (const { name, plan } of planned) {
    const [counted = ""] = claimParts(plan);
    names.set(counted, [...(names.get(counted) ?? []), name]);
  }
  const lines = [...names];
  if (lines.length === 1) return lines.map(([counted]) => counted);
  return lines.map(([counted, own]) => `${own.join(", ")}: ${counted}`);
}

/** A point whose run failed has fewer. */
function seedsText(curves: readonly Curve[]): string {
  const points = curves.flatMap(({ points: own, twin }) => (twin ? [...own, twin] : own));
  const drawn = points.map(({ bySeed }) => [...bySeed.keys()].sort((a, b) => a - b).join(" "));
  const seeds = range(points.map(({ bySeed }) => bySeed.size));
  const same = new Set(drawn).size === 1 ? ", the same at every point" : "";
  return `means over ${seeds} ${seeds === "1" ? "seed" : "seeds"}${same}`;
}

function range(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return low === high ? String(low) : `${low} to ${high}`;
}

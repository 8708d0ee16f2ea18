/** IO: what stands below a sweep's curves, read in the plans of its runs. */
import { type Curve, curveSetting, isBaseline } from "../../compare/curve.ts";
import { curveCaption } from "../../compare/curve-caption.ts";
import { shortSettingText } from "../../compare/setting-text.ts";
import type { DoneResult } from "../../compare/sweep-result.ts";
import { canonicalJson } from "../../shared/canonical.ts";
import { unitParts } from "../../shared/claims/unit-text.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import { resolvedHeldOut } from "../folder/resolved-scenario.ts";
import { runPlan } from "../folder/run-files.ts";

/**
 * A line each; none where no noised run has finished.
 *
 * @param results of which the curves are made, each `run` a path that can be read
 */
export function captionOf(curves: readonly Curve[], results: readonly DoneResult[]): string[] {
  // A run of each setting says what all of them were planned with.
  const plans = new Map<string, Plan>();
  for (const { setting, run } of results) {
    const key = canonicalJson(setting);
    if (!plans.has(key)) plans.set(key, runPlan(run).plan);
  }
  const noised = results.filter((result) => !isBaseline(result));
  const planned = curves.flatMap(({ setting, points }) => {
    const key = canonicalJson(setting);
    const run = noised.find((one) => canonicalJson(curveSetting(one.setting)) === key);
    const whole = run && plans.get(canonicalJson(run.setting));
    if (!whole) return [];
    const unit = unitParts(whole, resolvedHeldOut(run.run));
    const deltas = points.map(({ delta }) => delta);
    return [{ name: shortSettingText(setting), plan: whole.privacy, deltas, unit }];
  });
  if (planned.length === 0) return [];
  const rows = results.map((result) => result.rows);
  const rounds = [...plans.values()].map(({ privacy }) => privacy.rounds);
  return curveCaption(planned, curves, rows, rounds);
}

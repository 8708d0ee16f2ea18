/** IO: what stands below a sweep's curves, read in the plans of its runs. */
import { type Curve, curveSetting, isTwin } from "../../compare/curve.ts";
import { curveCaption } from "../../compare/curve-caption.ts";
import { shortSettingText } from "../../compare/setting-text.ts";
import type { DoneResult } from "../../compare/sweep-result.ts";
import { canonicalJson } from "../../shared/canonical.ts";
import { unitParts } from "../../shared/claims/unit-text.ts";
import { resolvedHeldOut } from "../folder/resolved-scenario.ts";
import { runPlan } from "../folder/run-files.ts";

/**
 * A line each; none where no noised run has finished.
 *
 * @param results of which the curves are made, each `run` a path that can be read
 */
export function captionOf(curves: readonly Curve[], results: readonly DoneResult[]): string[] {
  const noised = results.filter((result) => !isTwin(result));
  const planned = curves.flatMap(({ setting, points }) => {
    const key = canonicalJson(setting);
    const run = noised.find((one) => canonicalJson(curveSetting(one.setting)) === key);
    if (!run) return [];
    const { plan: whole } = runPlan(run.run);
    const unit = unitParts(whole, resolvedHeldOut(run.run));
    const deltas = points.map(({ delta }) => delta);
    return [{ name: shortSettingText(setting), plan: whole.privacy, deltas, unit }];
  });
  if (planned.length === 0) return [];
  const rows = results.map((result) => result.rows);
  // A run of each setting says how many rounds all of them have.
  const settings = new Map(results.map(({ setting, run }) => [canonicalJson(setting), run]));
  const rounds = [...settings.values()].map((run) => runPlan(run).plan.privacy.rounds);
  return curveCaption(planned, curves, rows, rounds);
}

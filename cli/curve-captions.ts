/** IO: what stands below a sweep's curves, read in the plans of its runs. */
import { type Curve, curveSetting, isTwin } from "../compare/curve.ts";
import { curveCaption } from "../compare/curve-caption.ts";
import { shortSettingText } from "../compare/setting-text.ts";
import type { DoneResult } from "../compare/sweep-result.ts";
import { canonicalJson } from "../shared/canonical.ts";
import { runPlan } from "./run-files.ts";

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
    const { privacy: plan } = runPlan(run.run).plan;
    const deltas = points.map(({ delta }) => delta);
    return [{ name: shortSettingText(setting), plan, deltas }];
  });
  if (planned.length === 0) return [];
  const rows = results.map((result) => result.rows);
  return curveCaption(planned, curves, rows);
}

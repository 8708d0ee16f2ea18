/** What the keys of a scenario's features must hold together. */
import type { Rule } from "./rule.ts";
import type { Scenario } from "./schema.ts";

type ScenarioFeature = Scenario["features"][string];
/** undefined: the rule holds; else the key, what was there, what ought to be, and the mend. */
type FeatureRule = (
  feature: ScenarioFeature,
) => readonly [key: string, got: unknown, expected: string, fix: string] | undefined;

const RULES: readonly FeatureRule[] = [
  ({ formula, image }) => {
    if ((formula === undefined) !== (image === undefined)) return undefined;
    const got = formula === undefined ? "neither" : "formula and image";
    return ["formula", got, "a formula, or image: a column of images", "Name exactly one."];
  },
  ({ image, bounds, scale }) => {
    const stray = bounds !== undefined ? "bounds" : scale === "log" ? "scale" : undefined;
    if (image === undefined || stray === undefined) return undefined;
    return [stray, stray, "none beside image, which mean and stddev bring to scale", "Remove it."];
  },
  ({ image, scatter, mean, stddev }) => {
    const given = { scatter, mean, stddev };
    const stray = Object.entries(given).find(([, value]) => value !== undefined)?.[0];
    if (image !== undefined || stray === undefined) return undefined;
    return [stray, stray, "none beside a formula", "Remove it, or name an image."];
  },
  ({ scatter, mean, stddev }) => {
    if (scatter !== undefined && (mean ?? stddev) !== undefined)
      return ["mean", "mean or stddev", "none beside scatter, which has its own", "Remove it."];
    if ((mean === undefined) === (stddev === undefined)) return undefined;
    return [
      "mean",
      "one of mean and stddev",
      "both, public constants of pixels / 255",
      "Set both.",
    ];
  },
  ({ scatter }) => {
    if (scatter?.channels === undefined || scatter.groups === undefined) return undefined;
    const expected = "channels, a file of constants, or groups of channels";
    return ["scatter", "channels and groups", expected, "Remove one."];
  },
];

export const FEATURE_RULES: readonly Rule[] = RULES.map((rule) => ({ features }) => {
  for (const [name, feature] of Object.entries(features)) {
    const [key, got, expected, fix] = rule(feature) ?? [];
    if (key !== undefined && expected !== undefined && fix !== undefined)
      return [`features.${name}.${key}`, got, expected, fix];
  }
  return undefined;
});

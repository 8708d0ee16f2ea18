/** Whether a recoding's own parts fit together, whoever wrote it. */
import { canonicalJson } from "../canonical.ts";
import { ScenarioError } from "../errors.ts";
import { bandLabels } from "./formula/band-labels.ts";
import { LARGEST_NUMBER } from "./formula/formula.ts";
import {
  type Bands,
  type Categories,
  imageBytes,
  MAX_IMAGE_BYTES,
  MISSING,
  OTHER,
  type Recoding,
} from "./recoding.ts";
import type { Check } from "./text-rules/rule.ts";
import { textRule } from "./text-rules/rules.ts";

/** @throws ScenarioError naming the first fault, at `where` */
export function checkRecoding(recoding: Recoding, where: string): void {
  const check = demander(where);
  switch (recoding.kind) {
    case "bands":
      checkNumeric(recoding, check);
      checkBands(recoding, check);
      break;
    case "number": {
      checkNumeric(recoding, check);
      const { rule, width } = recoding.grid ?? { rule: "round", width: 1 };
      check(isStep(width), rule, width, STEP);
      break;
    }
    case "categories":
      checkCategories(recoding, check);
      break;
    case "date":
      ascending(recoding.boundsMs, "bounds", check);
      break;
    case "image": {
      const { shape } = recoding;
      const fits = imageBytes(shape) <= MAX_IMAGE_BYTES;
      check(fits, "shape", shape, `at most ${MAX_IMAGE_BYTES} bytes an image`);
      break;
    }
    default:
      textRule(recoding.kind).check(recoding, check);
  }
}

/** @param where of the column: "purchases.yaml, data.columns.zip" */
export function demander(where: string): Check {
  return (holds, what, got, expected) => {
    if (holds) return;
    const place = `${where}.${what}`;
    throw new ScenarioError({ what, where: place, got, expected, fix: "Mend the scenario." });
  };
}

/** What `onGrid` divides by: no number may be infinitely many steps. */
export function isStep(width: number): boolean {
  return Number.isFinite(LARGEST_NUMBER / width);
}

export const STEP = `a step of which ${LARGEST_NUMBER} is finitely many`;

function ascending(ends: readonly [number, number] | null, what: string, check: Check): void {
  check(ends === null || ends[0] < ends[1], what, ends, "[a, b] with a < b");
}

function checkNumeric(recoding: Extract<Recoding, { bornBeforeMs: unknown }>, check: Check): void {
  const { bounds, clip, missing, bornBeforeMs } = recoding;
  ascending(bounds, "bounds", check);
  ascending(clip, "clip", check);
  // No cell is larger, and formulas rely on it.
  const [low, high] = bounds ?? [-LARGEST_NUMBER, LARGEST_NUMBER];
  const inside = missing === null || (missing >= low && missing <= high);
  check(inside, "missing", missing, "a number within the bounds");
  const whole = missing === null || !recoding.integer || Number.isInteger(missing);
  check(whole, "missing", missing, "a whole number, as the column's are");
  const born = bornBeforeMs === null || recoding.integer;
  check(born, "type", "fractions", "whole years, of birth dates");
}

function checkBands({ edges, labels, bounds, clip, closed, missing }: Bands, check: Check): void {
  const rising = edges.every((edge, i) => i === 0 || edge > (edges[i - 1] ?? Infinity));
  check(rising, "bands", edges, "edges, each above the one before");
  const [low, high] = clip ?? bounds ?? [-Infinity, Infinity];
  const inside = edges.every((edge, i) => edge <= high && (edge > low || (closed && i === 0)));
  check(inside, "bands", edges, "edges inside the bounds");
  const held = missing === null || !closed || missing >= (edges[0] ?? Infinity);
  check(held, "missing", missing, "a number in one of the bands");
  const fits = canonicalJson(labels) === canonicalJson(bandLabels(edges, closed));
  check(fits, "labels", "other labels", "those that follow from the bands");
}

function checkCategories(recoding: Categories, check: Check): void {
  const { labels, leaves, above, level, height } = recoding;
  const closed = canonicalJson(labels.slice(-2)) === canonicalJson([OTHER, MISSING]);
  check(closed, "labels", "another end", `${OTHER} and ${MISSING} last`);
  check(new Set(labels).size === labels.length, "labels", "one twice", "distinct labels");
  const inside = leaves.every(([, value]) => value < labels.length);
  check(inside, "leaves", "a value beyond the labels", "the index of a label");
  const distinct = new Set(leaves.map(([leaf]) => leaf)).size === leaves.length;
  check(distinct, "leaves", "a leaf twice", "each leaf once");
  check(level <= height, "level", level, `at most the height, ${height}`);
  const told = above.length === 0 || above.length === labels.length - 2;
  check(told, "above", above.length, "what lies above each value, or nothing");
}

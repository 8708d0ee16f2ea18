import { expect, it } from "vitest";
import { heldOutTables } from "../../report/held-out-part.ts";

const bin = (count: number, confidence: number | null, accuracy: number | null) => ({
  count,
  confidence,
  accuracy,
});
const EMPTY = bin(0, null, null);

function page(classes: readonly string[]): string {
  const confusion = classes.map(() => classes.map(() => 3));
  const bins = [...Array.from({ length: 7 }, () => EMPTY), bin(9, 0.75, 0.6667), EMPTY, EMPTY];
  const calibration = { bins, expectedError: 0.0833, brier: 0.25 };
  return heldOutTables({
    heldOut: { classes, confusion, auc: 0.875, calibration },
    fairness: null,
  }).join("");
}

it("names the likelihoods of each bin that holds rows, and leaves out the empty ones", () => {
  const html = page(["no", "yes"]);
  expect(html).toContain("0.7 to 0.8");
  expect(html.match(/\d\.\d to \d\.\d/g)).toHaveLength(1);
});

it("says what an AUC of more than two classes is a mean of, and nothing of two", () => {
  expect(page(["no", "yes"])).toContain("AUC 0.8750.");
  expect(page(["a", "b", "c"])).toContain("AUC 0.8750, the mean over the classes");
});

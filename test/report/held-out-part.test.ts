import { expect, it } from "vitest";
import { heldOutPart } from "../../report/held-out-part.ts";

const bin = (count: number, confidence: number | null, accuracy: number | null) => ({
  count,
  confidence,
  accuracy,
});
const EMPTY = bin(0, null, null);

async function page(classes: readonly string[]): Promise<string> {
  const confusion = classes.map(() => classes.map(() => 3));
  const bins = [...Array.from({ length: 7 }, () => EMPTY), bin(9, 0.75, 0.6667), EMPTY, EMPTY];
  const calibration = { bins, expectedError: 0.0833, brier: 0.25 };
  const heldOut = { classes, confusion, auc: 0.875, calibration };
  return (await heldOutPart({ heldOut, fairness: null })).join("");
}

it("names the likelihoods of each bin that holds rows, and leaves out the empty ones", async () => {
  const html = await page(["no", "yes"]);
  expect(html).toContain("0.7 to 0.8");
  expect(html.match(/\d\.\d to \d\.\d/g)).toHaveLength(1);
});

it("says what an AUC of more than two classes is a mean of, and nothing of two", async () => {
  expect(await page(["no", "yes"])).toContain("AUC 0.8750.");
  expect(await page(["a", "b", "c"])).toContain("AUC 0.8750, the mean over the classes");
});

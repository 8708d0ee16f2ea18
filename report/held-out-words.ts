/** What a run reached on its held-out rows, in a sentence, a tile and its warnings, by the kind of the target. */
import { heldOutBaseline, heldOutWarnings } from "../shared/events/held-out-baseline.ts";
import { numbersWarnings, tellsNumbers, unitsText } from "../shared/events/held-out-numbers.ts";
import type { HeldOutClasses, HeldOutNumbers, HeldOutTrace } from "../shared/events/trace.ts";
import { countText, percentText } from "./report-text.ts";

interface HeldOutWords {
  readonly reached: string;
  readonly warnings: readonly string[];
  /** Of the tile: what it shows, and what that is to be held against. */
  readonly name: string;
  readonly value: string;
  readonly beside: string;
}

/** @param loss of the model that is handed out; null: not known */
export function heldOutWords(heldOut: HeldOutTrace, loss: number | null): HeldOutWords {
  return tellsNumbers(heldOut) ? numberWords(heldOut) : classWords(heldOut, loss);
}

function classWords(heldOut: HeldOutClasses, loss: number | null): HeldOutWords {
  const { rows: count, right, accuracy: share, majority } = heldOutBaseline(heldOut);
  const accuracy = percentText(share);
  const rows = countText(count, "row");
  return {
    reached: `It is right on ${accuracy} of ${rows} that nobody trained on.`,
    warnings: heldOutWarnings(heldOut, loss),
    name: "Held-out accuracy",
    value: accuracy,
    beside: `${right} of ${rows}; the most frequent class alone ${percentText(majority)}`,
  };
}

function numberWords(heldOut: HeldOutNumbers): HeldOutWords {
  const { rows, rmse, r2, baseline } = heldOut;
  const share = r2 === null ? "none" : r2.toFixed(3);
  return {
    reached: `On ${countText(rows, "row")} that nobody trained on its root mean square error is ${unitsText(rmse)}, and that of their mean alone ${unitsText(baseline.rmse)}: R² ${share}.`,
    warnings: numbersWarnings(heldOut),
    name: "Held-out R²",
    value: share,
    beside: `RMSE ${unitsText(rmse)} on ${countText(rows, "row")}; of their mean alone ${unitsText(baseline.rmse)}`,
  };
}

/** The classes that clients' rows are counted by; of a number there are none, and rows are counted alone. */
export function countedLabels(heldOut: HeldOutTrace): readonly string[] {
  return tellsNumbers(heldOut) ? ["rows"] : heldOut.classes;
}

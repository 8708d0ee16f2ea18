/** The part of a run's report on the held-out rows, and on how evenly clients are served. */

import { tellsNumbers } from "../shared/events/held-out-numbers.ts";
import type { FairnessTrace, HeldOutClasses, Trace } from "../shared/events/trace.ts";
import { heading, paragraph, table } from "../shared/page/html-page.ts";
import { numbersPart } from "./numbers-part.ts";

/** Beyond them a table has more cells than anybody reads. */
const MOST_CLASSES = 30;
const MOST_CLIENTS = 100;

/** By the kind of the target, and how evenly clients are served. */
export async function heldOutPart({
  heldOut,
  fairness,
}: Pick<Trace, "heldOut" | "fairness">): Promise<string[]> {
  const parts = tellsNumbers(heldOut) ? await numbersPart(heldOut) : classTables(heldOut);
  return [...parts, ...(fairness === null ? [] : fairnessTable(fairness))];
}

/** Which class was taken for which, and how well chances are meant. */
function classTables({ classes, confusion, auc, calibration }: HeldOutClasses): string[] {
  const bins = calibration?.bins ?? [];
  const reached = bins.flatMap(({ count, confidence, accuracy }, i) => {
    const range = `${(i / bins.length).toFixed(1)} to ${((i + 1) / bins.length).toFixed(1)}`;
    return count === 0 ? [] : [[range, String(count), shareText(confidence), shareText(accuracy)]];
  });
  const rest = classes.length > 2 ? ", the mean over the classes, each against the rest" : "";
  return [
    paragraph(`AUC ${auc === null ? "none" : auc.toFixed(4)}${rest}.`),
    classes.length > MOST_CLASSES
      ? paragraph(`Which of the ${classes.length} classes is taken for which: see trace.json.`)
      : table(
          ["is \\ taken for", ...classes],
          confusion.map((row, i) => [classes[i] ?? "", ...row.map(String)]),
        ),
    ...(calibration === null
      ? []
      : [
          paragraph(
            `Calibration error ${shareText(calibration.expectedError)}, Brier score ${shareText(calibration.brier)}. By the likelihood that the model gave to what it called:`,
          ),
          table(["likelihood", "rows", "its mean", "accuracy"], reached),
        ]),
  ];
}

function fairnessTable({ clients, ...shares }: FairnessTrace): string[] {
  const { mean, worstDecile, bestDecile, source } = shares;
  const from =
    source === "charged"
      ? "from counts that each client noised, charged"
      : "simulation only, not private";
  const rows = clients
    .slice(0, MOST_CLIENTS)
    .map(({ client, accuracy }) => [client, shareText(accuracy)]);
  return [
    heading(3, "Accuracy by client"),
    paragraph(
      `Mean ${shareText(mean)}, worst tenth ${shareText(worstDecile)}, best tenth ${shareText(bestDecile)}: ${from}.`,
    ),
    table(["client", "accuracy on its own rows"], rows),
    ...(clients.length > MOST_CLIENTS
      ? [paragraph(`The first ${MOST_CLIENTS}; all of them: see trace.json.`)]
      : []),
  ];
}

function shareText(value: number | null): string {
  return value === null ? "" : value.toFixed(4);
}

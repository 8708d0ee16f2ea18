/** The part of a run's report on the held-out rows, and on how evenly clients are served. */
import { heading, paragraph, table } from "../shared/html-page.ts";
import type { Trace } from "../shared/trace.ts";

/** Which class was taken for which, how well chances are meant, and how evenly clients are served. */
export function heldOutTables({ heldOut, fairness }: Trace): string[] {
  const { classes, confusion, auc, calibration } = heldOut;
  const share = (value: number | null) => (value === null ? "" : value.toFixed(4));
  const bins = (calibration?.bins ?? []).map(({ count, confidence, accuracy }) => [
    String(count),
    share(confidence),
    share(accuracy),
  ]);
  return [
    heading(2, "Held-out rows"),
    paragraph(`AUC ${auc === null ? "none" : auc.toFixed(4)}, one class against the rest.`),
    table(
      ["is \\ taken for", ...classes],
      confusion.map((row, i) => [classes[i] ?? "", ...row.map(String)]),
    ),
    ...(calibration === null
      ? []
      : [
          paragraph(
            `Calibration error ${share(calibration.expectedError)}, Brier score ${share(calibration.brier)}.`,
          ),
          table(["rows", "mean confidence", "accuracy"], bins),
        ]),
    ...(fairness === null
      ? []
      : [
          heading(2, "Accuracy by client"),
          paragraph(
            `Mean ${share(fairness.mean)}, worst tenth ${share(fairness.worstDecile)}, best tenth ${share(fairness.bestDecile)}: ${fairness.source === "charged" ? "from counts that each client noised, charged" : "simulation only, not private"}.`,
          ),
          table(
            ["client", "accuracy on its own rows"],
            fairness.clients.map(({ client, accuracy }) => [client, share(accuracy)]),
          ),
        ]),
  ];
}

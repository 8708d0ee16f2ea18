/** What a run's report says of the held-out rows, by the kind of the target, and of how evenly clients are served. */
import { heldOutBaseline, heldOutWarnings } from "../shared/events/held-out-baseline.ts";
import { numbersWarnings, tellsNumbers, unitsText } from "../shared/events/held-out-numbers.ts";
import type {
  FairnessTrace,
  HeldOutClasses,
  HeldOutNumbers,
  HeldOutTrace,
  Trace,
} from "../shared/events/trace.ts";
import { heading, paragraph, table } from "../shared/page/html-page.ts";
import { svgFigure } from "./figures/draw-figure.ts";
import { predictedFigure, residualsFigure } from "./figures/numbers-figure.ts";
import { figure } from "./html-parts.ts";
import { countText, percentText } from "./report-text.ts";

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

/** The figures beside the mean's, what was given for which, and what is left. */
async function numbersPart(heldOut: HeldOutNumbers): Promise<string[]> {
  const { rmse, mae, r2, baseline } = heldOut;
  const figures = [await predictedPart(heldOut), await residualsPart(heldOut)];
  return [
    table(
      ["of", "RMSE", "mean absolute error", "R²"],
      [
        ["the model", unitsText(rmse), unitsText(mae), r2?.toFixed(4) ?? "none"],
        [
          `always their mean, ${unitsText(baseline.mean)}`,
          ...[unitsText(baseline.rmse), unitsText(baseline.mae), "0"],
        ],
      ],
    ),
    `<div class="figures">${figures.join("\n")}</div>`,
  ];
}

async function predictedPart(heldOut: HeldOutNumbers): Promise<string> {
  const { bounds, predicted } = heldOut;
  const [low, high] = bounds;
  const edge = (bin: number) => unitsText(low + (bin * (high - low)) / predicted.length);
  const near = predicted.reduce(
    (sum, row, i) => sum + row.slice(Math.max(0, i - 1), i + 2).reduce((a, b) => a + b, 0),
    0,
  );
  return figure({
    title: "Predicted against true",
    told: `Of ${countText(heldOut.rows, "row")} the model gives ${near} a number within a tenth of the declared width or nearer.`,
    svg: await svgFigure(predictedFigure(heldOut, "page"), "page"),
    head: ["true from", "predicted from", "rows"],
    rows: predicted.flatMap((row, i) =>
      row.flatMap((rows, j) => (rows === 0 ? [] : [[edge(i), edge(j), String(rows)]])),
    ),
  });
}

async function residualsPart(heldOut: HeldOutNumbers): Promise<string> {
  const { reach, counts } = heldOut.residuals;
  const edge = (bin: number) => unitsText((2 * reach * bin) / counts.length - reach);
  return figure({
    title: "What is left: true − predicted",
    told: `The residuals' root mean square is ${unitsText(heldOut.rmse)}; the outer bars hold all beyond ${unitsText(reach)}.`,
    svg: await svgFigure(residualsFigure(heldOut, "page"), "page"),
    head: ["from", "to", "rows"],
    rows: counts.map((rows, i) => [edge(i), edge(i + 1), String(rows)]),
  });
}

interface HeldOutWords {
  readonly reached: string;
  readonly warnings: readonly string[];
  /** Of the tile: what it shows, and what that is to be held against. */
  readonly name: string;
  readonly value: string;
  readonly beside: string;
}

/** @param loss of the model that is handed out; null: unknown */
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

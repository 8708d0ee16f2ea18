/** What the last model does on held-out rows and to its clients, as lines for a reader. */
import { tellsNumbers, unitsText } from "../../shared/events/held-out-numbers.ts";
import type {
  FairnessTrace,
  HeldOutClasses,
  HeldOutNumbers,
  HeldOutTrace,
} from "../../shared/events/trace.ts";
import { columns } from "./print-trace.ts";

/** A matrix of more classes is for the report; here their commonest confusions. */
const MOST_CLASSES = 4;
const MOST_CONFUSIONS = 3;

const percent = (share: number) => (100 * share).toFixed(1);

/** Ranking, calibration, and which class was taken for which; of numbers, how far off they are given. */
export function heldOutLines(heldOut: HeldOutTrace): string[] {
  return tellsNumbers(heldOut) ? numberLines(heldOut) : classLines(heldOut);
}

function numberLines({ mae, baseline, residuals }: HeldOutNumbers): string[] {
  return [
    `    mean absolute error ${unitsText(mae)}, of the mean alone ${unitsText(baseline.mae)}`,
    `    true − predicted ${unitsText(-residuals.reach)} ${bars(residuals.counts)} ${unitsText(residuals.reach)}`,
  ];
}

function bars(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  return counts.map((count) => BARS[Math.ceil((count / most) * (BARS.length - 1))]).join("");
}

const BARS = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

function classLines({ classes, confusion, auc, calibration }: HeldOutClasses): string[] {
  const figures = [
    ...(auc === null ? [] : [`AUC ${auc.toFixed(4)}`]),
    ...(calibration === null
      ? []
      : [
          `calibration error ${percent(calibration.expectedError)} points`,
          `Brier score ${calibration.brier.toFixed(4)}`,
        ]),
  ];
  const told = classes.length <= MOST_CLASSES ? matrix(classes, confusion) : [];
  return [
    ...(figures.length > 0 ? [`    ${figures.join(", ")}`] : []),
    ...told.map((line) => `    ${line}`),
    ...(told.length > 0 ? [] : [`    ${commonest(classes, confusion)}`]),
  ];
}

function matrix(classes: readonly string[], confusion: HeldOutClasses["confusion"]): string[] {
  const head = ["is \\ taken for", ...classes];
  return columns([head, ...confusion.map((row, i) => [classes[i] ?? "", ...row.map(String)])]);
}

function commonest(classes: readonly string[], confusion: HeldOutClasses["confusion"]): string {
  const wrong = confusion
    .flatMap((row, i) => row.map((count, j) => ({ count, is: classes[i], taken: classes[j] })))
    .filter(({ count, is, taken }) => count > 0 && is !== taken)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_CONFUSIONS);
  if (wrong.length === 0) return "no class was taken for another";
  return `most often confused: ${wrong.map(({ count, is, taken }) => `${is} taken for ${taken} (${count})`).join(", ")}`;
}

/** How evenly it serves the clients. */
export function fairnessLines(fairness: FairnessTrace | null): string[] {
  if (fairness === null) return [];
  const { clients, mean, worstDecile, bestDecile, source } = fairness;
  const known = clients.filter(({ accuracy }) => accuracy !== null).length;
  const how =
    source === "charged"
      ? "from counts noised by each client, charged"
      : "simulation only, not private: counted outright";
  return [
    `    by client, each counting once: mean ${percent(mean)} %, worst tenth ${percent(worstDecile)} %, best tenth ${percent(bestDecile)} %, gap ${percent(bestDecile - worstDecile)} points`,
    `    (${known} clients with rows; ${how})`,
  ];
}

/** What is said of all runs on a file of private rows, beside what one of them cost. */
import { ADVERSARIES, type Adversary } from "../accounting/mechanisms/event.ts";
import { HOLDS_AGAINST } from "../claims/claim.ts";
import { SAME_CLIENTS } from "../claims/past-text.ts";
import { deltaAtMostText, epsilonText } from "../epsilon-text.ts";
import type { SoFarFile } from "./trace.ts";

/** Said wherever a run on private rows is, that keeps no ledger of their file. */
export const NO_DATA_LEDGER =
  "no ledger of the file was kept (--no-data-ledger): what other runs on these rows cost is not counted, here or by them";

/** Said to an owner that joins with a ledger elsewhere than beside its rows. @param file its name */
export function ledgerElsewhere(folder: string, file: string): string {
  return `the ledger is kept in ${folder}, not beside ${file} (--ledger): what runs cost that are charged there is not counted here, nor this run by them`;
}

/** More files than this are said by the one that has lost most. */
const MOST_FILES = 5;

/**
 * @param own epsilon of the raw rows by this run alone, by adversary; undefined: no run is meant
 * @returns one statement each
 */
export function soFarParts(
  files: readonly SoFarFile[],
  own?: (adversary: Adversary) => number | null,
): string[] {
  if (files.length === 0) return [];
  const shown = files.length > MOST_FILES ? files.toSorted(byLoss).slice(0, 1) : files;
  const more =
    files.length > shown.length ? [`the most of ${files.length} files, each with its ledger`] : [];
  return [
    ...shown.flatMap((file) => fileParts(file, own)),
    ...more,
    ...(shown.some(({ unit, runs }) => unit === "client" && runs > 1) ? [SAME_CLIENTS] : []),
    "if no plan was chosen by another's outcome; a copy of a file begins anew, and another file of the same people",
  ];
}

function fileParts(
  { file, runs, epsilon, delta, contents, limit }: SoFarFile,
  own: ((adversary: Adversary) => number | null) | undefined,
): string[] {
  const count = `${runs} ${runs === 1 ? "run" : "runs"}`;
  const against = ADVERSARIES.map((adversary) => {
    const so = `these rows so far ε ${epsilonText(epsilon[adversary])} in ${count}`;
    const this_ = own ? `this run ε ${epsilonText(own(adversary))}; ` : "";
    return `${file}, against ${HOLDS_AGAINST[adversary]}: ${this_}${so}`;
  });
  const changed =
    contents > 1
      ? [
          `${file} has held ${contents} different contents: all runs count for all its rows, since rows may be the same`,
        ]
      : [];
  return [...against, `at δ ${deltaAtMostText(delta)}`, ...changed, ...limitParts(file, limit)];
}

function limitParts(file: string, limit: SoFarFile["limit"]): string[] {
  if (limit === null) return [];
  const { epsilon, delta, used } = limit;
  return [
    `${file}: ε ${epsilonText(used)} of the ${epsilon} at δ ${deltaAtMostText(delta)} that its owner set beforehand, sampling not counted: a privacy filter (zCDP at rate 1), which holds however plans are chosen, each run by its own unit and adjacency`,
  ];
}

/** The one that has lost most first. */
function byLoss(a: SoFarFile, b: SoFarFile): number {
  const lossOf = ({ epsilon }: SoFarFile) => epsilon.modelRecipients ?? Infinity;
  return lossOf(b) - lossOf(a) || 0;
}

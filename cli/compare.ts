/** `murmur compare`: runs, and the sweeps whose parts they are, side by side. */
import { join } from "node:path";
import { type Composition, compositionOf } from "../compare/composition.ts";
import { type Curve, curvesOf } from "../compare/curve.ts";
import { compareSettings } from "../compare/setting-comparison.ts";
import { type DoneResult, doneResults } from "../compare/sweep-result.ts";
import { printable } from "../shared/errors.ts";
import { seededRoot, stream } from "../shared/random.ts";
import { comparisonLines } from "./compare-lines.ts";
import { comparedRun } from "./compared-run.ts";
import { compositionLines, curveLines } from "./curve-lines.ts";
import type { OutputOptions } from "./output.ts";
import { seedsAsObject } from "./seeds-as-object.ts";
import { readResults, readSweepFile, type SweepFile, sweepLedgers } from "./sweep-folder.ts";

/** One sweep, its shards joined. */
interface JoinedSweep extends Pick<SweepFile, "name" | "runs"> {
  readonly finished: number;
  readonly curves: readonly Curve[];
  /** null: no private row was read. */
  readonly composition: Composition | null;
}

interface SweepPart {
  readonly folder: string;
  readonly file: SweepFile;
  readonly results: readonly DoneResult[];
}

/** @throws ScenarioError for a folder that is neither */
export function compare(folders: readonly string[], options: OutputOptions): void {
  const parts = folders.flatMap(sweepPart);
  const inSweeps = parts.flatMap(({ folder, results }) =>
    results.map(({ run }) => join(folder, run)),
  );
  const alone = folders.filter((folder) => !parts.some((part) => part.folder === folder));
  const runs = [...alone, ...inSweeps].map(comparedRun);
  const sweeps = joined(parts);
  const comparison = runs.length > 0 ? compareSettings(runs) : null;
  if (options.json) {
    console.log(JSON.stringify({ ...comparison, sweeps }, seedsAsObject));
    return;
  }
  const told = sweeps.flatMap((sweep) => [
    `Sweep · ${sweep.name}: ${sweep.finished} of ${sweep.runs} runs`,
    ...curveLines(sweep.curves),
    ...compositionLines(sweep.composition),
    "",
  ]);
  const lines = comparison ? comparisonLines(comparison, options.quiet ?? false) : [];
  for (const line of [...told, ...lines]) console.log(printable(line));
}

function sweepPart(folder: string): SweepPart[] {
  const file = readSweepFile(folder);
  return file ? [{ folder, file, results: doneResults(readResults(folder)) }] : [];
}

function joined(parts: readonly SweepPart[]): JoinedSweep[] {
  const identities = [...new Set(parts.map(({ file }) => file.identity))];
  return identities.flatMap((identity) => {
    const own = parts.filter(({ file }) => file.identity === identity);
    const [first] = own;
    if (!first) return [];
    const results = doneResults(own.flatMap((part) => part.results));
    const { name, runs, spec, isPublic } = first.file;
    const root = seededRoot(spec.seed);
    const ledgers = isPublic ? [] : own.flatMap(({ folder }) => sweepLedgers(folder));
    return [
      {
        ...{ name, runs, finished: results.length },
        curves: curvesOf(results, (curve) => stream(root, "bootstrap", curve)),
        composition: ledgers.length > 0 ? compositionOf(ledgers) : null,
      },
    ];
  });
}

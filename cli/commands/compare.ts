/** `murmur compare`: runs, and the sweeps whose parts they are, side by side; a sweep's parts as one curve. */
import { join, relative, resolve } from "node:path";
import { compositionOf } from "../../compare/composition.ts";
import { type Curve, curvesOf } from "../../compare/curve.ts";
import { compareSettings } from "../../compare/setting-comparison.ts";
import { type DoneResult, doneResults } from "../../compare/sweep-result.ts";
import { comparedRun } from "../../run/folder/compared-run.ts";
import {
  chargedRuns,
  readResults,
  readSweepFile,
  type SweepFile,
} from "../../run/folder/sweep-folder.ts";
import { captionOf } from "../../run/sweep/curve-captions.ts";
import { findings, type PrivatePrice } from "../../run/sweep/findings.ts";
import { canonicalJson } from "../../shared/canonical.ts";
import { printable, ScenarioError } from "../../shared/errors.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { comparisonLines } from "../screen/compare-lines.ts";
import { compositionLines, curveLines } from "../screen/curve-lines.ts";
import { seedsAsObject } from "../screen/seeds-as-object.ts";
import type { OutputOptions } from "../terminal/output.ts";
import { writeInto } from "../terminal/write-into.ts";

export interface CompareOptions extends OutputOptions {
  /** Where the joined sweep's curve goes. */
  readonly out?: string;
}

/** One sweep, its shards joined. */
interface JoinedSweep extends Pick<SweepFile, "name" | "runs" | "murmur"> {
  /** Each `run` a path from the working directory. */
  readonly results: readonly DoneResult[];
  readonly curves: readonly Curve[];
  /** What their ε are of. */
  readonly caption: readonly string[];
  /** null: no private row was read. */
  readonly price: PrivatePrice | null;
}

interface SweepPart {
  readonly folder: string;
  readonly file: SweepFile;
  readonly results: readonly DoneResult[];
}

/** @throws ScenarioError for a folder that is neither, or an `out` for no sweep or several */
export async function compare(folders: readonly string[], options: CompareOptions): Promise<void> {
  const parts = folders.flatMap(sweepPart);
  const alone = folders.filter((folder) => !parts.some((part) => part.folder === folder));
  const inSweeps = parts.flatMap(({ results }) => results.map(({ run }) => run));
  const runs = [...alone, ...inSweeps].map(comparedRun);
  const sweeps = joined(parts);
  const comparison = runs.length > 0 ? compareSettings(runs) : null;
  const drawn = options.out === undefined ? null : await draw(sweeps, resolve(options.out));
  if (options.json) {
    const told = sweeps.map(({ results, price, ...sweep }) => {
      const { composition = null, heldOut = null } = price ?? {};
      return { ...sweep, composition, heldOut, finished: results.length };
    });
    console.log(
      JSON.stringify({ ...comparison, sweeps: told, out: drawn?.folder ?? null }, seedsAsObject),
    );
    return;
  }
  const lines = comparison ? comparisonLines(comparison, options.quiet ?? false) : [];
  for (const line of [...sweeps.flatMap(sweepLines), ...lines]) console.log(printable(line));
  if (drawn === null) return;
  if (drawn.unfit !== null && !options.quiet) console.log(drawn.unfit);
  console.log(relative(process.cwd(), drawn.folder));
}

function sweepLines({ name, runs, results, curves, caption, price }: JoinedSweep): string[] {
  return [
    `Sweep · ${name}: ${results.length} of ${runs} runs`,
    ...curveLines(curves, caption),
    ...compositionLines(price),
    "",
  ];
}

function sweepPart(folder: string): SweepPart[] {
  const file = readSweepFile(folder);
  if (!file) return [];
  const results = doneResults(readResults(folder));
  return [
    { folder, file, results: results.map((one) => ({ ...one, run: join(folder, one.run) })) },
  ];
}

function joined(parts: readonly SweepPart[]): JoinedSweep[] {
  // Parts over other rows are no parts of one curve, whatever their scenario says.
  const keyOf = ({ file: { identity, files } }: SweepPart) => canonicalJson({ identity, files });
  return [...new Set(parts.map(keyOf))].flatMap((key) => {
    const own = parts.filter((part) => keyOf(part) === key);
    const [first] = own;
    if (!first) return [];
    const results = doneResults(own.flatMap((part) => part.results));
    const { name, murmur, spec, isPublic } = first.file;
    // A part may have gone on to more seeds than another.
    const furthest = own.reduce((a, b) => (b.file.runs > a.file.runs ? b : a)).file;
    const { runs, heldOut } = furthest;
    const root = seededRoot(spec.seed);
    const charged = own.flatMap(({ folder }) => chargedRuns(folder));
    const curves = curvesOf(results, (curve) => stream(root, "bootstrap", curve));
    return [
      {
        ...{ name, murmur, runs, results, curves, caption: captionOf(curves, results) },
        price: isPublic ? null : { composition: compositionOf(charged), heldOut },
      },
    ];
  });
}

/** As murmur sweep leaves it of one that ran in one place. @returns the folder, and why no figure is in it */
async function draw(
  sweeps: readonly JoinedSweep[],
  out: string,
): Promise<{ readonly folder: string; readonly unfit: string | null }> {
  const [sweep, ...others] = sweeps;
  if (!sweep || others.length > 0)
    throw new ScenarioError({
      what: "compare.out",
      where: "--out",
      got: sweep ? `${sweeps.length} sweeps` : "no folder of murmur sweep",
      expected: "one sweep, all its parts",
      fix: "Name that sweep's folders alone.",
    });
  // Vega is for those who ask for a picture.
  const { writeCurves } = await import("../../run/sweep/curve-files.ts");
  const { curves, caption, price } = sweep;
  const found = findings(curves, price);
  const unfit = await writeCurves(sweep, curves, caption, found, (file, content) =>
    writeInto(join(out, file), content, "--out"),
  );
  return { folder: out, unfit };
}

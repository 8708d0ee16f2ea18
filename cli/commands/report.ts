/** `murmur report`: a finished run's page from its folder, and its figures as files. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { pngFigure, svgFigure } from "../../report/figures/draw-figure.ts";
import type { MeasuredRound } from "../../report/figures/norms-figure.ts";
import { reportPage } from "../../report/report-page.ts";
import { runFigures } from "../../report/run-figures.ts";
import type { RunReport } from "../../report/run-report.ts";
import { readReport } from "../../run/folder/read-report.ts";
import { runPlan } from "../../run/folder/run-files.ts";
import { noiseAndUpdate } from "../../run/lint/report.ts";
import { chooseEngine } from "../../shared/engine/choose-engine.ts";
import { withRecipe } from "../../shared/plan/auto-training.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { OutputOptions } from "../terminal/output.ts";
import { writeBeside } from "../terminal/write-into.ts";

export interface ReportOptions extends OutputOptions {
  readonly out?: string;
  readonly png?: string;
}

export async function report(run: string, options: ReportOptions): Promise<void> {
  const sealed = runPlan(run);
  const read = readReport(run, sealed);
  const made = { ...read, measured: await measuredRounds(read, sealed) };
  const page = resolve(options.out ?? join(run, "report.html"));
  writeBeside(run, page, await reportPage(made), "--out");
  const figures =
    options.png === undefined ? [] : await writeFigures(run, made, resolve(options.png));
  if (options.json) {
    console.log(JSON.stringify({ report: page, figures, measured: made.measured !== null }));
    return;
  }
  const told = (path: string) => relative(process.cwd(), path);
  if (!options.quiet) {
    for (const path of figures) console.log(told(path));
    if (made.measured === null)
      console.log("Norms and noise are not measured: the rows are private, or not here.");
  }
  console.log(told(page));
}

/** What a lint measures, of generated rows and of public ones that are still where they were. */
async function measuredRounds(
  { scenario, manifest }: RunReport,
  sealed: SealedPlan,
): Promise<readonly MeasuredRound[] | null> {
  const file = resolve(manifest.command.file);
  // What a model out of a file starts with is not in the run folder.
  if (scenario.model.kind === "file") return null;
  if (scenario.data.source.generator === undefined && !existsSync(file)) return null;
  const { contract, privacy, training } = sealed.plan;
  const engine = await chooseEngine(training.engine, sealed.model);
  const whole = withRecipe(scenario, contract, sealed.model.parameters, privacy.past);
  const start = { scenario: whole, sealed, engine, initial: null };
  const { measured } = await noiseAndUpdate(scenario, file, start);
  return "rounds" in measured ? measured.rounds : null;
}

/** Each as SVG and PNG, light and dark. @returns their paths */
async function writeFigures(run: string, made: RunReport, folder: string): Promise<string[]> {
  const paths: string[] = [];
  for (const theme of ["light", "dark"] as const) {
    for (const { name, spec } of runFigures(made, theme)) {
      const svg = await svgFigure(spec, theme);
      const path = join(folder, theme === "light" ? name : `${name}-dark`);
      writeBeside(run, `${path}.svg`, svg, "--png");
      writeBeside(run, `${path}.png`, await pngFigure(svg, theme), "--png");
      paths.push(`${path}.svg`, `${path}.png`);
    }
  }
  return paths;
}

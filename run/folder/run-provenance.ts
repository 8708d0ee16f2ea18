/** IO: what a finished run's weights bring along, worked out again from its plan, ledger and scenario. */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { newestResults } from "../../compare/sweep-result.ts";
import { joinedPasts, type ModelPast, UNKNOWN_PAST } from "../../shared/accounting/model-past.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { historyOf } from "../../shared/ledger/history-of.ts";
import { readLedger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import {
  PROVENANCE_FILE,
  type Provenance,
  provenanceOf,
  readProvenance,
  rowsKind,
} from "../../shared/plan/provenance.ts";
import { isPublicData } from "../../shared/scenario/schema.ts";
import { resolvedScenario } from "./resolved-scenario.ts";
import { runJson, runPlan } from "./run-files.ts";
import { chargedFolders, readResults, readSweepFile } from "./sweep-folder.ts";

/** What of a run its provenance follows from. */
export interface FinishedRun {
  /** Its folder. */
  readonly run: string;
  readonly sealed: SealedPlan;
  /** Of its ledger, whole and checked. */
  readonly lines: readonly LedgerLine[];
  readonly modelHash: string;
}

/** As it lies in the run folder; undefined in runs of before. @throws ScenarioError `provenance.…` */
export function keptProvenance({ run, modelHash }: FinishedRun): Provenance | undefined {
  const path = join(run, "model", PROVENANCE_FILE);
  if (!existsSync(path)) return undefined;
  return readProvenance(readFileSync(path, "utf8"), modelHash, path);
}

/** The same worked out anew; of what neither plan nor ledger says, `kept` is believed. */
export function dueProvenance(finished: FinishedRun, kept: Provenance | undefined): Provenance {
  const { run, sealed, lines, modelHash } = finished;
  const { privacy: plan, model } = sealed.plan;
  const fromFile = model.init.kind === "given" ? (kept?.past ?? UNKNOWN_PAST) : undefined;
  const rows = rowsOfRun(run);
  const start = plan.past ?? fromFile;
  return provenanceOf({ plan, lines, modelHash, rows, start, sweep: kept?.sweep });
}

/**
 * What a model brings along that leaves its run's folder: of a sweep's point on private rows all runs of
 * the sweep, for it was chosen in view of them.
 *
 * @throws ScenarioError `export.sweep` where they are not all here
 */
export function exportedProvenance(finished: FinishedRun, own: Provenance): Provenance {
  if (own.sweep !== "alone") return own;
  const others = sweepPasts(sweepOf(finished.run));
  const { sealed, lines, modelHash } = finished;
  const start = sealed.plan.privacy.past;
  const { privacy: plan } = sealed.plan;
  return provenanceOf({ plan, lines, modelHash, rows: own.rows, start, sweep: "whole", others });
}

/** True for a run that is one of a sweep's points, where the sweep put it. */
export function isInSweep(run: string): boolean {
  const runs = dirname(resolve(run));
  return basename(runs) === "runs" && existsSync(join(runs, "..", "sweep.json"));
}

function sweepOf(run: string): string {
  if (isInSweep(run)) return dirname(dirname(resolve(run)));
  throw refused(run, "a sweep's point away from its sweep", "the run where murmur sweep put it");
}

/** Of every run of a sweep that has charged, finished or not. */
function sweepPasts(sweep: string): ModelPast[] {
  const runs = readSweepFile(sweep)?.runs ?? 0;
  const done = newestResults(readResults(sweep)).length;
  if (done < runs)
    throw refused(
      sweep,
      `${done} of the sweep's ${runs} runs`,
      "all of them: each was seen by whoever chose",
    );
  return chargedFolders(sweep).map((folder) => {
    const { privacy } = runPlan(folder).plan;
    const own = historyOf(privacy, readLedger(join(folder, "ledger.jsonl")).lines);
    return joinedPasts(privacy.past ? [privacy.past] : [], [own]);
  });
}

function refused(where: string, got: string, expected: string): ScenarioError {
  const fix = "Finish the sweep first; of one in parts, put all runs and results into one folder.";
  return new ScenarioError({ what: "export.sweep", where, got, expected, fix });
}

const commandSchema = z.object({
  command: z.object({
    name: z.enum(["run", "serve"]),
    set: z.array(z.object({ path: z.string(), value: z.string() })),
  }),
});

/** Of clients that joined with rows of their own, they are private. */
function rowsOfRun(run: string): Provenance["rows"] {
  const { command } = runJson(run, "manifest.json", commandSchema);
  const scenario = resolvedScenario(run, { command });
  return rowsKind(scenario, command.name === "run" && isPublicData(scenario));
}

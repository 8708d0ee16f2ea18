/** IO: a finished run's model as a folder that TensorFlow.js opens, and whence it comes beside it. */
import { cpSync, existsSync, lstatSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { requireText } from "../shared/call-arguments.ts";
import type { Contract } from "../shared/contract/contract.ts";
import { linkIn, writeFresh } from "../shared/disk/no-links.ts";
import { BudgetError, reasonOf, ScenarioError } from "../shared/errors.ts";
import { parametersHash } from "../shared/model/model.ts";
import { PROVENANCE_FILE, type Provenance, provenanceText } from "../shared/plan/provenance.ts";
import { isRecord } from "../shared/record.ts";
import { isUnfinished, releasedParameters, runLedger, runPlan } from "./folder/run-files.ts";
import { dueProvenance, exportedProvenance, keptProvenance } from "./folder/run-provenance.ts";

const MODEL_FILE = "model.json";

export interface ExportedModel {
  /** Path of its model.json, absolute. */
  readonly model: string;
  readonly parameters: number;
  /** What a run that starts from it takes on: it stands beside the weights. */
  readonly provenance: Provenance;
}

/**
 * @param run folder of a finished run
 * @param out folder to make
 * @throws ScenarioError for a run that was cut off, or a place that is taken; BudgetError for a damaged run
 */
export function exportModel(run: string, out: string): ExportedModel {
  requireText(run, "the run", "exportModel");
  requireText(out, "out", "exportModel");
  if (isUnfinished(run)) throw unfinished(run);
  const sealed = runPlan(run);
  // Held against the ledger first: a damaged model must not leave under a fresh name.
  const parameters = releasedParameters(run, sealed);
  checkPlain(join(run, "model"));
  const provenance = provenanceOfRun(run, sealed, parametersHash(parameters));
  const folder = resolve(out);
  if (existsSync(folder)) throw notThere(out, "something that exists");
  try {
    cpSync(join(run, "model"), folder, { recursive: true });
    writeUnits(join(folder, MODEL_FILE), sealed.plan.contract.target);
    writeFresh(join(folder, PROVENANCE_FILE), provenanceText(provenance));
  } catch (cause) {
    throw notThere(out, reasonOf(cause));
  }
  return { model: join(folder, MODEL_FILE), parameters: parameters.length, provenance };
}

/**
 * Where the target is a number the model says it as learned, in [-1, 1]: what brings it to its own units stands in the
 * file's place for what a writer has to say, from which `LayersModel.getUserDefinedMetadata` has it.
 */
function writeUnits(file: string, target: Contract["target"]): void {
  if (target.kind !== "number") return;
  const json: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isRecord(json)) throw new TypeError(`${file} is no object`);
  const { name, bounds } = target;
  const units = { name, bounds, value: "low + (min(1, max(-1, output)) + 1) / 2 * (high - low)" };
  writeFresh(file, `${JSON.stringify({ ...json, userDefinedMetadata: { target: units } })}\n`);
}

/** A link would be copied as one, and what is written here would go where it leads. */
function checkPlain(folder: string): void {
  const isFolder = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory();
  const link = isFolder ? linkIn(folder, () => true) : folder;
  if (link === undefined) return;
  throw new ScenarioError({
    what: "run folder",
    where: link,
    got: "a link, or what is no file",
    expected: "plain files, as murmur run wrote them",
    fix: "Export another copy of the run folder.",
  });
}

function provenanceOfRun(run: string, sealed: ReturnType<typeof runPlan>, modelHash: string) {
  const lines = runLedger(run, sealed);
  if (lines.at(-1)?.entry.kind !== "close") throw unfinished(run);
  const finished = { run, sealed, lines, modelHash };
  const kept = keptProvenance(finished);
  const due = dueProvenance(finished, kept);
  if (kept && kept.hash !== due.hash)
    throw new BudgetError({
      what: "run.damaged",
      where: join(run, "model", PROVENANCE_FILE),
      got: "another provenance",
      expected: "what plan and ledger give",
      fix: "Trust nothing that this run claims.",
    });
  return exportedProvenance(finished, due);
}

function unfinished(where: string): ScenarioError {
  return new ScenarioError({
    what: "export",
    where,
    got: "a run that was cut off, and may still charge",
    expected: "a finished run",
    fix: "Go on with it (murmur resume), and export it then.",
  });
}

function notThere(out: string, got: string): ScenarioError {
  const [expected, fix] = ["a folder that can be made", "Name another."];
  return new ScenarioError({ what: "--out", where: out, got, expected, fix });
}

/** `murmur export`: a run's model as a folder that TensorFlow.js opens, and whence it comes beside it. */
import { cpSync, existsSync, lstatSync } from "node:fs";
import { join, resolve } from "node:path";
import { isUnfinished, releasedParameters, runLedger, runPlan } from "../run/run-files.ts";
import { dueProvenance, exportedProvenance, keptProvenance } from "../run/run-provenance.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { BudgetError, reasonOf, ScenarioError } from "../shared/errors.ts";
import { parametersHash } from "../shared/model/model.ts";
import { linkIn, writeFresh } from "../shared/no-links.ts";
import { PROVENANCE_FILE, type Provenance, provenanceText } from "../shared/provenance.ts";
import type { OutputOptions } from "./output.ts";

export function exportModel(run: string, options: OutputOptions & { readonly out: string }): void {
  if (isUnfinished(run)) throw unfinished(run);
  const sealed = runPlan(run);
  // Held against the ledger first: a damaged model must not leave under a fresh name.
  const parameters = releasedParameters(run, sealed);
  checkPlain(join(run, "model"));
  const provenance = provenanceOfRun(run, sealed, parametersHash(parameters));
  const folder = resolve(options.out);
  if (existsSync(folder)) throw notThere(options.out, "something that exists");
  try {
    cpSync(join(run, "model"), folder, { recursive: true });
    writeFresh(join(folder, PROVENANCE_FILE), provenanceText(provenance));
  } catch (cause) {
    throw notThere(options.out, reasonOf(cause));
  }
  if (options.json) {
    const { past, epsilon, delta, rows } = provenance;
    const runs = past.histories.length;
    const told = { model: join(folder, "model.json"), parameters: parameters.length };
    console.log(JSON.stringify({ ...told, provenance: { rows, runs, epsilon, delta } }));
    return;
  }
  if (!options.quiet) {
    console.log(`${parameters.length} parameters, TensorFlow.js layers format:`);
    console.log("    const model = await tf.loadLayersModel('file://…/model.json')   (tfjs-node)");
    for (const line of provenanceLines(provenance)) console.log(`    ${line}`);
  }
  console.log(join(folder, "model.json"));
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

/** What whoever starts from the model takes on. */
function provenanceLines({ past, epsilon, delta }: Provenance): string[] {
  const { histories, unknown } = past;
  const runs = histories.length === 1 ? "1 run" : `${histories.length} runs`;
  const spent = `ε ${epsilonText(epsilon.modelRecipients)} at δ ${delta}`;
  if (unknown)
    return [`${PROVENANCE_FILE}: some of its weights came from nobody knows which rows: no ε`];
  if (histories.length === 0) return [`${PROVENANCE_FILE}: no private row is in it`];
  return [
    `${PROVENANCE_FILE}: ${runs} on private rows, ${spent} against whoever gets it; a run that starts from it counts them in`,
  ];
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

/** IO: all that a finished run leaves in its folder, but for what grew there and the page made of it. */
import { cpus, totalmem } from "node:os";
import { basename, isAbsolute, relative } from "node:path";
import type { RunFolder } from "../../server/run-folder/run-folder.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import { modelJson, WEIGHTS_FILE, weightBytes } from "../../shared/model/saved/layers-format.ts";
import {
  PROVENANCE_FILE,
  provenanceOf,
  provenanceText,
  rowsKind,
} from "../../shared/plan/provenance.ts";
import { VERSION } from "../../shared/version.ts";
import type { RunContext } from "../execute/run-context.ts";
import type { RunOutcome } from "../execute/run-outcome.ts";
import { CLIENTS_FILE, clientsText } from "./clients-file.ts";
import { fileHashes, MANIFEST_FILE, manifestText, withContentHash } from "./manifest.ts";
import { isInSweep } from "./run-provenance.ts";

export function writeRun(
  run: RunContext,
  folder: RunFolder,
  { trace, parameters, modelHash, spent }: RunOutcome,
  { head, closed, lines }: Ledger,
): void {
  const { scenario, sealed, engine, runId, file, set } = run;
  const { notes, command } = run.deployment;
  folder.writeJson("model/model.json", modelJson(sealed.model));
  folder.write(`model/${WEIGHTS_FILE}`, weightBytes(parameters));
  folder.write(
    `model/${PROVENANCE_FILE}`,
    provenanceText(provenanceFor(run, folder, lines, modelHash)),
  );
  folder.writeJson("trace.json", trace);
  folder.write(CLIENTS_FILE, clientsText(run, trace, spent));
  const manifest = {
    format: 1,
    murmur: VERSION,
    node: process.version,
    engine: engine.kind,
    seed: scenario.seed,
    noise: sealed.plan.privacy.noise,
    notes,
    command: { name: command, file: toldPath(file), set },
    runId: Buffer.from(runId).toString("hex"),
    planHash: sealed.hash,
    modelHash,
    ledger: head,
    ending: closed,
    seconds: Object.fromEntries(run.watch.seconds),
    hardware: {
      cores: cpus().length,
      processor: cpus()[0]?.model ?? "unknown",
      memoryBytes: totalmem(),
    },
    files: fileHashes(folder.building),
  };
  folder.write(MANIFEST_FILE, manifestText(withContentHash(manifest)));
}

/** Of all that the run's weights come from, this run with it. */
function provenanceFor(
  { scenario, sealed, past: start, deployment }: RunContext,
  { path }: RunFolder,
  lines: readonly LedgerLine[],
  modelHash: string,
) {
  const { privacy: plan } = sealed.plan;
  const rows = rowsKind(scenario, deployment.tellsRows);
  // Of public rows a point costs nobody anything, whichever was chosen.
  const sweep = rows === "private" && isInSweep(path) ? ("alone" as const) : undefined;
  return provenanceOf({ plan, lines, modelHash, rows, start, sweep });
}

/** A scenario's path as it may be shown: below the working directory, or its name alone. */
function toldPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith("..") || isAbsolute(path) ? basename(path) : path;
}

/** IO: all that a finished run leaves in its folder, but for what grew there and the page made of it. */
import { cpus, totalmem } from "node:os";
import { basename, isAbsolute, relative } from "node:path";
import type { RunFolder } from "../../server/run-folder/run-folder.ts";
import { byAdversary } from "../../shared/accounting/mechanisms/event.ts";
import { rawClaim } from "../../shared/claims/claim.ts";
import type { Trace } from "../../shared/events/trace.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import { modelJson, WEIGHTS_FILE, weightBytes } from "../../shared/model/saved/layers-format.ts";
import { updateText } from "../../shared/plan/egress-text.ts";
import {
  PROVENANCE_FILE,
  provenanceOf,
  provenanceText,
  rowsKind,
} from "../../shared/plan/provenance.ts";
import { hidesCohort } from "../../shared/privacy/cohort-secrecy.ts";
import { VERSION } from "../../shared/version.ts";
import type { RunContext } from "../execute/run-context.ts";
import type { RunOutcome } from "../execute/run-outcome.ts";
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
  writeClients(run, folder, trace, spent);
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

/** What may be told of each client: privacy and egress. */
function writeClients(
  { sealed, registry, resumed }: RunContext,
  folder: RunFolder,
  trace: Trace,
  spent: Ledger["spent"],
): void {
  const secret = hidesCohort(sealed.plan.privacy);
  for (const { name, joined, lost, declined, connections, updates, bytes } of registry.clients) {
    folder.writeJson(`clients/${name}.json`, {
      client: name,
      joined,
      lost,
      connections,
      declined: secret ? null : declined,
      privacy: {
        trust: sealed.plan.privacy.trust,
        epsilon: spent,
        delta: sealed.plan.privacy.delta,
        rawTable: byAdversary((adversary) => rawClaim(trace.claims, adversary)),
      },
      egress: {
        what: `an update for each round that it is in: ${updateText(sealed.plan)}`,
        // Epsilon counts on nobody's knowing which rounds these were.
        updates: secret ? null : updates,
        bytes: secret ? null : bytes,
        // Counted by connection, and so anew; the manifest is the same for a run that never stopped.
        resumedAfter: resumed?.rounds.length ?? null,
        to: "the coordinator",
      },
    });
  }
}

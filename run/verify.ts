/** A run's folder held against its ledger: every ε recomputed from the ledger's lines and nothing else. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { seenByClients } from "../client/ledger/client-ledger.ts";
import { boundsSchema, soFarSchema } from "../report/trace-schema.ts";
import type { ByAdversary } from "../shared/accounting/mechanisms/event.ts";
import { requireObject, requireText } from "../shared/call-arguments.ts";
import { canonicalJson } from "../shared/canonical.ts";
import { claimsOf, claimText, type Guarantee } from "../shared/claims/claim.ts";
import { unitParts } from "../shared/claims/unit-text.ts";
import type { RoundTrace, SoFarFile } from "../shared/events/trace.ts";
import { checkAnchor } from "../shared/ledger/chain.ts";
import {
  type LedgerLine,
  openingOf,
  releasesOf,
  spentBy,
  standingLines,
} from "../shared/ledger/ledger-line.ts";
import { parametersHash } from "../shared/model/model.ts";
import type { SealedPlan } from "../shared/plan/plan.ts";
import { PROVENANCE_FILE } from "../shared/plan/provenance.ts";
import {
  boundManifestSchema,
  contentHash,
  fileHashes,
  isAsWritten,
  MANIFEST_FILE,
} from "./folder/manifest.ts";
import { resolvedHeldOut } from "./folder/resolved-scenario.ts";
import { readRounds } from "./folder/round-lines.ts";
import {
  isUnfinished,
  runFile,
  runJson,
  runLedger,
  runParameters,
  runPlan,
  unfinishedLedger,
} from "./folder/run-files.ts";
import { dueProvenance, type FinishedRun, keptProvenance } from "./folder/run-provenance.ts";
import { checkBounds, checkClipNorms, checkCounts, checkRounds, demand } from "./verify-rounds.ts";

/** What the files themselves say. */
interface Found {
  /** False: it was cut off, and holds no model yet. */
  readonly finished: boolean;
  readonly ledger: readonly LedgerLine[];
  readonly rounds: readonly RoundTrace[];
  readonly releases: number;
  /** Of a ledger line that was being written when the run was cut off: nothing rests on it. */
  readonly droppedBytes: number;
  readonly modelHash: string | null;
  /** What all runs on each of its files of private rows had cost when it ended. */
  readonly soFar: readonly SoFarFile[];
  /** What every report of it must say of how clients were reached, and what is not counted. */
  readonly notes: readonly string[];
}

/** A run whose files agree with its ledger. */
export interface Verification extends Found {
  /** The folder, as it was named. */
  readonly run: string;
  readonly ledgerLines: number;
  readonly charges: number;
  /** Spent on the anonymized rows by the ledger's lines, by adversary; null: no bound. */
  readonly epsilons: ByAdversary<number | null>;
  /** What the ledger bears, of the raw rows too. */
  readonly guarantees: readonly Guarantee[];
  /** What is claimed, one line, whoever it is against. */
  readonly claim: string;
}

/**
 * @param run its folder; `<run>.tmp` of one that was cut off
 * @param options.clientLedgers a folder of the clients' own ledgers: what they have seen of the run is in it too
 * @throws BudgetError naming what does not agree; ScenarioError for what is no run folder
 */
export function verify(
  run: string,
  options: { readonly clientLedgers?: string | undefined } = {},
): Verification {
  requireText(run, "the run", "verify");
  requireObject(options, "options", "verify");
  const plan = runPlan(run);
  const found = isUnfinished(run) ? verifyUnfinished(run, plan) : verifyFinished(run, plan);
  const { ledger } = found;
  if (options.clientLedgers) checkSeen(run, ledger, options.clientLedgers);
  return {
    run,
    ...found,
    ledgerLines: ledger.length,
    charges: ledger.filter(({ entry }) => entry.kind === "charge").length,
    epsilons: spentBy(ledger),
    guarantees: claimsOf(plan.plan.privacy, ledger),
    claim: claimText(plan.plan.privacy, unitParts(plan.plan, resolvedHeldOut(run))),
  };
}

const traceSchema = z.object({
  rounds: z.unknown(),
  claims: z.unknown(),
  soFar: soFarSchema.default([]),
  bounds: boundsSchema.optional(),
  statistics: z.array(z.object({ counts: z.array(z.number().int()) })),
});

const notesSchema = z.object({ notes: z.array(z.string()).default([]) });

function verifyFinished(run: string, plan: SealedPlan): Found {
  const lines = runLedger(run, plan);
  const modelHash = parametersHash(runParameters(run, plan));
  const released = releasesOf(standingLines(lines));
  // Without any release the model is the initial one, which the ledger does not know.
  const last = released.at(-1);
  if (last)
    demand(run, "model", modelHash, last.averagedHash ?? last.modelHash, "the last released");
  demand(run, "ledger.jsonl", lines.at(-1)?.entry.kind, "close", "the last line of a finished run");
  const rounds = readRounds(run, runFile(run, "rounds.jsonl").toString("utf8"));
  demand(run, "rounds.jsonl", rounds.length, released.length, "one line a release built upon");
  const { privacy } = plan.plan;
  checkRounds(run, privacy, lines, rounds);
  checkClipNorms(run, privacy, rounds);
  const trace = runJson(run, "trace.json", traceSchema);
  checkCounts(run, lines, rounds, trace.statistics);
  demand(
    run,
    "trace.json",
    canonicalJson(trace.rounds),
    canonicalJson(rounds),
    "the rounds of rounds.jsonl",
  );
  checkBounds(run, plan.plan, lines, trace.bounds);
  const claims = canonicalJson(claimsOf(privacy, lines));
  demand(
    run,
    "trace.json",
    canonicalJson(trace.claims),
    claims,
    "the claims that the ledger bears",
  );
  checkManifest(run, plan, lines, modelHash);
  checkProvenance({ run, sealed: plan, lines, modelHash });
  const releases = released.length;
  const { notes } = runJson(run, MANIFEST_FILE, notesSchema);
  const { soFar } = trace;
  return {
    finished: true,
    ledger: lines,
    rounds,
    releases,
    droppedBytes: 0,
    modelHash,
    soFar,
    notes,
  };
}

/**
 * What the manifest says of the ledger and the plan must be theirs; what neither says is bound by hashes:
 * files by their bytes, the manifest by its own.
 */
function checkManifest(
  run: string,
  sealed: SealedPlan,
  lines: readonly LedgerLine[],
  modelHash: string,
): void {
  const manifest = runJson(run, MANIFEST_FILE, boundManifestSchema);
  const { contentHash: stated, ...content } = manifest;
  const { privacy, training } = sealed.plan;
  const last = lines.at(-1);
  const ending = last?.entry.kind === "close" ? last.entry.reason : undefined;
  const due = [
    ["planHash", manifest.planHash, sealed.hash, "the plan's"],
    ["modelHash", manifest.modelHash, modelHash, "the saved model's"],
    ["ledger", manifest.ledger.seq, last?.seq, "the ledger's last line"],
    ["ending", manifest.ending, ending, "the ledger's"],
    ["noise", manifest.noise, privacy.noise, "the plan's"],
    ["engine", manifest.engine, training.engine, "the plan's"],
    ["contentHash", stated, contentHash(content), "the hash of all else in it"],
  ] as const;
  for (const [key, got, expected, meaning] of due)
    demand(run, `${MANIFEST_FILE}, ${key}`, got, expected, meaning);
  const text = runFile(run, MANIFEST_FILE).toString("utf8");
  demand(run, MANIFEST_FILE, isAsWritten(text), true, "the text as it was written");
  const files = fileHashes(run);
  for (const name of new Set([...Object.keys(manifest.files), ...Object.keys(files)]))
    demand(run, name, files[name], manifest.files[name], "the hash that manifest.json binds");
}

/** What the weights bring along must be what plan and ledger give. */
function checkProvenance(finished: FinishedRun): void {
  const kept = keptProvenance(finished);
  const due = dueProvenance(finished, kept);
  demand(finished.run, PROVENANCE, kept?.hash, due.hash, "what plan and ledger give");
}

const PROVENANCE = `model/${PROVENANCE_FILE}`;

/** A run that was cut off may have released what its other files do not yet tell. */
function verifyUnfinished(run: string, plan: SealedPlan): Found {
  const { lines, droppedBytes } = unfinishedLedger(run, plan);
  checkBounds(run, plan.plan, lines);
  const text = existsSync(join(run, "rounds.jsonl")) ? runFile(run, "rounds.jsonl") : "";
  const whole = text.toString("utf8").replace(/[^\n]*$/, "");
  const rounds = readRounds(run, whole);
  checkRounds(run, plan.plan.privacy, lines, rounds);
  checkClipNorms(run, plan.plan.privacy, rounds);
  const releases = releasesOf(lines).length;
  const none = { modelHash: null, soFar: [], notes: [] };
  return { finished: false, ledger: lines, rounds, releases, droppedBytes, ...none };
}

/** Nobody who rewrites a run's folder can rewrite what its clients have seen. */
function checkSeen(run: string, lines: readonly LedgerLine[], folder: string): void {
  for (const { client, anchor } of seenByClients(folder, openingOf(lines).runId))
    checkAnchor(lines, anchor, join(run, "ledger.jsonl"), `client ${client}`);
}

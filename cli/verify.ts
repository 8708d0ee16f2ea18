/** `murmur verify`: every ε of a run, recomputed from its ledger's lines and nothing else. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { seenByClients } from "../client/ledger/client-ledger.ts";
import { soFarSchema } from "../compare/report/trace-schema.ts";
import { spentText } from "../compare/setting-text.ts";
import {
  boundManifestSchema,
  contentHash,
  fileHashes,
  isAsWritten,
  MANIFEST_FILE,
} from "../run/manifest.ts";
import { resolvedHeldOut } from "../run/resolved-scenario.ts";
import { readRounds } from "../run/round-lines.ts";
import {
  isUnfinished,
  runFile,
  runJson,
  runLedger,
  runParameters,
  runPlan,
  unfinishedLedger,
} from "../run/run-files.ts";
import { dueProvenance, type FinishedRun, keptProvenance } from "../run/run-provenance.ts";
import { stepClipNorm } from "../server/adapt-clip.ts";
import { countsHash } from "../server/count-round.ts";
import { checkAnchor } from "../shared/accounting/chain.ts";
import { ADVERSARIES, type Adversary, type ByAdversary } from "../shared/accounting/event.ts";
import {
  type LedgerLine,
  openingOf,
  releasesOf,
  spentBy,
  standingLines,
} from "../shared/accounting/ledger-line.ts";
import { Spending } from "../shared/accounting/spending.ts";
import { canonicalJson } from "../shared/canonical.ts";
import { claimsOf, claimText, rawEpsilon } from "../shared/claim.ts";
import { BudgetError } from "../shared/errors.ts";
import { parametersHash } from "../shared/model/model.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import { PROVENANCE_FILE } from "../shared/provenance.ts";
import { rawSpent } from "../shared/raw-spending.ts";
import { soFarParts } from "../shared/so-far-text.ts";
import type { RoundTrace, SoFarFile } from "../shared/trace.ts";
import { unitParts } from "../shared/unit-text.ts";
import type { OutputOptions } from "./output.ts";

interface VerifyOptions extends OutputOptions {
  readonly clientLedgers?: string;
}

/** @throws BudgetError naming what does not agree */
export function verify(run: string, options: VerifyOptions): void {
  const plan = runPlan(run);
  const found = isUnfinished(run) ? verifyUnfinished(run, plan) : verifyFinished(run, plan);
  const { lines, rounds } = found;
  if (options.clientLedgers) checkSeen(run, lines, options.clientLedgers);
  const charges = lines.filter(({ entry }) => entry.kind === "charge").length;
  const epsilon = spentBy(lines).modelRecipients;
  const claims = claimsOf(plan.plan.privacy, lines);
  const own = (adversary: Adversary) => rawEpsilon(claims, adversary);
  const claim = claimText(plan.plan.privacy, unitParts(plan.plan, resolvedHeldOut(run)));
  const { finished, releases, modelHash, droppedBytes, soFar, notes } = found;
  if (options.json) {
    const counts = { ledgerLines: lines.length, charges, releases };
    const facts = {
      run,
      finished,
      ...counts,
      droppedBytes,
      epsilon,
      claim,
      modelHash,
      soFar,
      notes,
    };
    console.log(JSON.stringify(facts));
    return;
  }
  console.log(
    `${run}: verified${finished ? "" : ", as far as it came"}. ε ${spentText(own("modelRecipients"), epsilon)} against whoever gets the model (${claim})`,
  );
  if (options.quiet) return;
  console.log(
    `    ${lines.length} ledger lines, each bound to the one before; ${charges} charges, each the plan's; ${releases} releases`,
  );
  if (droppedBytes > 0)
    console.log(
      `    a last line of ${droppedBytes} bytes without its end: nothing rests on it, so it does not count`,
    );
  const model = finished ? "; the model is the last released" : "; it holds no model yet";
  console.log(`    the ε of each of ${rounds.length} rounds follows from the ledger${model}`);
  const together = soFarParts(soFar, own);
  if (together.length > 0)
    console.log("    as the ledgers of its files of private rows stood when it ended:");
  for (const line of [...together, ...notes]) console.log(`    ${line}`);
}

const toldSchema = z.object({
  rounds: z.unknown(),
  claims: z.unknown(),
  soFar: soFarSchema.default([]),
  statistics: z.array(z.object({ counts: z.array(z.number().int()) })),
});

const notesSchema = z.object({ notes: z.array(z.string()).default([]) });

interface Found {
  readonly finished: boolean;
  readonly lines: readonly LedgerLine[];
  readonly rounds: readonly RoundTrace[];
  readonly releases: number;
  /** Of a ledger line that was being written when the run was cut off. */
  readonly droppedBytes: number;
  readonly modelHash: string | null;
  /** What all runs on each of its files of private rows had cost when it ended. */
  readonly soFar: readonly SoFarFile[];
  /** What every report of it must say of how clients were reached, and what is not counted. */
  readonly notes: readonly string[];
}

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
  const told = runJson(run, "trace.json", toldSchema);
  checkCounts(run, lines, rounds, told.statistics);
  demand(
    run,
    "trace.json",
    canonicalJson(told.rounds),
    canonicalJson(rounds),
    "the rounds of rounds.jsonl",
  );
  const claims = canonicalJson(claimsOf(privacy, lines));
  demand(run, "trace.json", canonicalJson(told.claims), claims, "the claims that the ledger bears");
  checkManifest(run, plan, lines, modelHash);
  checkProvenance({ run, sealed: plan, lines, modelHash });
  const releases = released.length;
  const { notes } = runJson(run, MANIFEST_FILE, notesSchema);
  const { soFar } = told;
  return { finished: true, lines, rounds, releases, droppedBytes: 0, modelHash, soFar, notes };
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
  const text = existsSync(join(run, "rounds.jsonl")) ? runFile(run, "rounds.jsonl") : "";
  const whole = text.toString("utf8").replace(/[^\n]*$/, "");
  const rounds = readRounds(run, whole);
  checkRounds(run, plan.plan.privacy, lines, rounds);
  checkClipNorms(run, plan.plan.privacy, rounds);
  const releases = releasesOf(lines).length;
  const none = { modelHash: null, soFar: [], notes: [] };
  return { finished: false, lines, rounds, releases, droppedBytes, ...none };
}

/** Nobody who rewrites a run's folder can rewrite what its clients have seen. */
function checkSeen(run: string, lines: readonly LedgerLine[], folder: string): void {
  for (const { client, anchor } of seenByClients(folder, openingOf(lines).runId))
    checkAnchor(lines, anchor, join(run, "ledger.jsonl"), `client ${client}`);
}

/** What the ledger says of a round that was released. */
interface Released {
  /** Of its line. */
  readonly seq: number;
  readonly modelHash: string;
  readonly averagedHash?: string | undefined;
  readonly bits?: number | undefined;
  readonly spent: ByAdversary<number | null>;
  /** Against the raw table, where that is not the same. */
  readonly raw?: () => ByAdversary<number | null>;
}

/**
 * Each round's printed ε must be what the ledger's lines up to its release give; what the run was taken
 * back behind counts for ε, and for nothing else.
 */
function checkRounds(
  run: string,
  plan: PrivacyPlan,
  lines: readonly LedgerLine[],
  rounds: readonly RoundTrace[],
): void {
  const due = new Map<number, Released>();
  const spentOf = ({ spent, charged }: Spending) => ({
    spent,
    ...(plan.rawFactor !== 1 && { raw: () => rawSpent(plan, charged) }),
  });
  const spending = new Spending(openingOf(lines));
  for (const { seq, entry } of lines) {
    if (entry.kind === "charge") {
      spending.charge(entry.events);
      // An evaluation by the clients is charged after its round's release, and told with the round.
      const released = entry.task === "evaluation" ? due.get(entry.round) : undefined;
      if (released) due.set(entry.round, { ...released, ...spentOf(spending) });
    }
    if (entry.kind === "resumed")
      for (const [round, { seq }] of due) if (seq > entry.from) due.delete(round);
    if (entry.kind === "release") due.set(entry.round, { ...entry, seq, ...spentOf(spending) });
  }
  for (const round of rounds) {
    const where = `rounds.jsonl, round ${round.round}`;
    const ledger = due.get(round.round);
    demand(run, where, ledger !== undefined, true, "a release in the ledger");
    demand(
      run,
      where,
      round.modelHash,
      ledger?.modelHash,
      "the model hash of the ledger's release",
    );
    const averaged = [round.averagedHash, ledger?.averagedHash] as const;
    demand(run, `${where}, averagedHash`, ...averaged, "the ledger's");
    demand(run, `${where}, bits`, round.clipping?.bits, ledger?.bits, "the ledger's");
    for (const adversary of ADVERSARIES) {
      const [got, expected] = [round.epsilon[adversary], ledger?.spent[adversary]];
      demand(run, `${where}, ε against ${adversary}`, got, expected, "what the ledger gives");
      const raw = [round.rawEpsilon?.[adversary], ledger?.raw?.()[adversary]] as const;
      demand(run, `${where}, ε of the raw table`, ...raw, "what the ledger gives");
    }
  }
}

/** Counts are told exactly where the ledger released some, and are those whose hash it holds. */
function checkCounts(
  run: string,
  lines: readonly LedgerLine[],
  rounds: readonly RoundTrace[],
  statistics: readonly { readonly counts: readonly number[] }[],
): void {
  const told = new Map<string, string>();
  if (statistics.length > 0)
    told.set("statistics of round 0", hashOf(statistics.flatMap(({ counts }) => counts)));
  for (const { round, federated } of rounds)
    if (federated)
      told.set(`evaluation of round ${round}`, hashOf([federated.right, federated.wrong]));
  for (const { entry } of standingLines(lines)) {
    if (entry.kind !== "counts") continue;
    const name = `${entry.task} of round ${entry.round}`;
    demand(run, name, told.get(name), entry.countsHash, "the ledger's");
    told.delete(name);
  }
  const [stray] = told.keys();
  demand(run, stray ?? "counts", stray, undefined, "none, for the ledger released none");
}

function hashOf(counts: readonly number[]): string {
  return countsHash(Int32Array.from(counts));
}

/** Each round's clip norm must follow from the released bits of the one before. */
function checkClipNorms(run: string, plan: PrivacyPlan, rounds: readonly RoundTrace[]): void {
  let due = plan.clipNorm;
  for (const { round, clipping } of rounds) {
    const where = `rounds.jsonl, round ${round}, clipNorm`;
    demand(run, where, clipping !== undefined, plan.adaptiveClipping !== null, "as the plan says");
    if (clipping === undefined) continue;
    demand(run, where, clipping.clipNorm, due, "what the bits before it give");
    due = stepClipNorm(plan, due, clipping.bits)?.next ?? due;
    demand(run, where, clipping.next, due, "what its bits give");
  }
}

function demand(run: string, what: string, got: unknown, due: unknown, meaning: string): void {
  if (got === due) return;
  throw new BudgetError({
    what: `verify: ${what}`,
    where: run,
    got,
    expected: `${due}, ${meaning}`,
    fix: "Trust nothing that this run claims.",
  });
}

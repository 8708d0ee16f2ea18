/** IO: where a run begins: before its first round, or where one that was cut off goes on. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import {
  type Checkpoint,
  checkOfLedger,
  loadCheckpoint,
} from "../../server/run-folder/checkpoint.ts";
import type { RunFolder } from "../../server/run-folder/run-folder.ts";
import { sha256 } from "../../shared/canonical.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import { wholeBytes } from "../../shared/ledger/chain.ts";
import { ANCHOR_FILE, Ledger, readLedger } from "../../shared/ledger/ledger.ts";
import {
  type LedgerLine,
  lastRelease,
  openingOf,
  releasesOf,
  standingLines,
} from "../../shared/ledger/ledger-line.ts";
import { parametersHash } from "../../shared/model/model.ts";
import { ledgerOpening, type SealedPlan } from "../../shared/plan/plan.ts";
import { tellsRounds } from "../../shared/privacy/cohort-secrecy.ts";
import type { ResumePoint } from "../execute/run-context.ts";
import { readRounds } from "./round-lines.ts";

const LEDGER = "ledger.jsonl";
const ROUNDS = "rounds.jsonl";

/**
 * Reads only, but for drafts and a ledger without one whole line, which were never begun.
 *
 * @param clientsStay they outlive the coordinator's process
 * @returns undefined where nothing was begun
 * @throws ScenarioError `checkpoint.…`, BudgetError `ledger.…`
 */
export function findResumePoint(
  folder: RunFolder,
  sealed: SealedPlan,
  clientsStay: boolean,
): ResumePoint | undefined {
  if (!folder.has("plan.json")) return undefined;
  const hash = sha256(folder.read("plan.json"));
  if (hash !== sealed.hash)
    throw refusal("plan", "plan.json", `plan ${hash}`, `plan ${sealed.hash}, sealed again now`);
  const path = join(folder.building, LEDGER);
  if (!folder.has(LEDGER)) return undefined;
  if (wholeBytes(readFileSync(path)) === 0 && !folder.has(ANCHOR_FILE)) {
    rmSync(path);
    return undefined;
  }
  const { lines } = readLedger(path);
  const runId = Buffer.from(openingOf(lines).runId, "hex");
  const checkpoint = loadCheckpoint(folder.building, sealed);
  if (!checkpoint) return { runId, checkpoint, rounds: [] };
  checkOfLedger(checkpoint, lines, folder.building);
  checkForward(checkpoint, lines, sealed.plan, clientsStay, folder.building);
  const standing = standingLines(lines.slice(0, checkpoint.ledger.seq + 1));
  const released = lastRelease(standing)?.modelHash;
  if (released !== undefined && released !== parametersHash(checkpoint.state.parameters))
    throw refusal("model", folder.building, "another model", "the one that the ledger released");
  return { runId, checkpoint, rounds: roundsOf(folder, checkpoint, standing) };
}

/**
 * The ledger, opened or begun, and rounds.jsonl cut back to what the checkpoint has: in this order, so
 * that no round that is told lacks its release.
 */
export function openRun(
  folder: RunFolder,
  sealed: SealedPlan,
  runId: Uint8Array,
  resumed: ResumePoint | undefined,
): Ledger {
  const { privacy } = sealed.plan;
  const isTimed = privacy.noise === "secure" && tellsRounds(privacy);
  const clock = isTimed ? () => new Date().toISOString() : undefined;
  const told = (resumed?.rounds ?? []).map((round) => `${JSON.stringify(round)}\n`);
  folder.write(ROUNDS, told.join(""));
  const path = folder.file(LEDGER);
  if (resumed) {
    const from = resumed.checkpoint?.ledger.seq ?? lastBounds(readLedger(path).lines);
    return Ledger.resume(path, from, clock);
  }
  return new Ledger(path, ledgerOpening(sealed, Buffer.from(runId).toString("hex")), clock);
}

/** The line of the bounds' last release, on which what follows rests: without a checkpoint all else is in the plan. */
function lastBounds(lines: readonly LedgerLine[]): number {
  return standingLines(lines).findLast(({ entry }) => entry.kind === "bounds")?.seq ?? 0;
}

/**
 * A checkpoint older than the last, which is damaged, has rounds done again. Seeded clients give the same
 * bytes again; those that have gone on under secure noise, or with a control of their own, cannot.
 *
 * @throws ScenarioError `checkpoint.behind`, before a client is asked and an attempt charged in vain
 */
function checkForward(
  { round }: Checkpoint,
  lines: readonly LedgerLine[],
  { privacy, training }: SealedPlan["plan"],
  clientsStay: boolean,
  where: string,
): void {
  const furthest = lines.reduce(
    (most, { entry }) => (entry.kind === "charge" ? Math.max(most, entry.round) : most),
    -1,
  );
  const mayRepeat =
    training.algorithm !== "scaffold" && !(clientsStay && privacy.noise === "secure");
  if (mayRepeat || furthest <= round) return;
  const got = `no whole one later than before round ${round + 1}`;
  throw refusal("behind", where, got, `one of round ${furthest + 1}, where its clients are`);
}

/** They are for show, and nothing rests on them: but what is shown must be the ledger's. */
function roundsOf(
  folder: RunFolder,
  { round: count }: Checkpoint,
  standing: readonly LedgerLine[],
): RoundTrace[] {
  const text = folder.has(ROUNDS) ? folder.read(ROUNDS).toString("utf8") : "";
  const rounds = readRounds(folder.building, text.replace(/[^\n]*$/, "")).slice(0, count);
  const released = releasesOf(standing).map(({ modelHash }) => modelHash);
  const where = join(folder.building, ROUNDS);
  rounds.forEach(({ round, modelHash }, i) => {
    if (round === i && modelHash === released[i]) return;
    throw refusal("rounds", where, `another round in line ${i + 1}`, "what the ledger released");
  });
  if (rounds.length === count) return rounds;
  throw refusal("rounds", where, `${rounds.length} rounds`, `the checkpoint's ${count}`);
}

const FIXES: ReadonlyMap<string, string> = new Map([
  [
    "plan",
    "Undo what has changed since (the program, hierarchies, model file), or start the run anew.",
  ],
  [
    "behind",
    "Put a whole copy of the newest checkpoint in its place, or start the run anew: its clients only go forward.",
  ],
]);

function refusal(what: string, where: string, got: string, expected: string): ScenarioError {
  const fix =
    FIXES.get(what) ?? "Go on with another copy of the run folder, or start the run anew.";
  return new ScenarioError({ what: `checkpoint.${what}`, where, got, expected, fix });
}

/** IO: a finished run's folder, read back and checked as far as each command needs it. */

import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import { BudgetError, ProtocolError, reasonOf, ScenarioError } from "../../shared/errors.ts";
import { anchorSchema, checkAnchor } from "../../shared/ledger/chain.ts";
import { readAnchor } from "../../shared/ledger/chain-file.ts";
import { ANCHOR_FILE, readLedger } from "../../shared/ledger/ledger.ts";
import {
  type LedgerLine,
  lastRelease,
  openingOf,
  readLines,
} from "../../shared/ledger/ledger-line.ts";
import { checkSequence } from "../../shared/ledger/ledger-sequence.ts";
import { parametersHash } from "../../shared/model/model.ts";
import { parametersFromLayers, WEIGHTS_FILE } from "../../shared/model/saved/layers-format.ts";
import { ledgerOpening, openPlan, type SealedPlan } from "../../shared/plan/plan.ts";
import { attemptEvents } from "../../shared/privacy/events.ts";
import { plannedTasks, taskTerms } from "../../shared/privacy/tasks.ts";

/** Text of one file of a run. @throws ScenarioError if it is not there */
export function runFile(run: string, name: string): Buffer {
  try {
    return readFileSync(join(run, name));
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "run folder",
        where: run,
        got: lackOf(run, name, cause),
        expected: `a finished run with ${name}`,
        fix: "Name the folder that murmur run printed last.",
      },
      { cause },
    );
  }
}

function lackOf(run: string, name: string, cause: unknown): string {
  const there = statSync(run, { throwIfNoEntry: false });
  if (there === undefined)
    return existsSync(`${run}.tmp`) ? `nothing but ${run}.tmp, which was cut off` : "nothing there";
  if (!there.isDirectory()) return "a file";
  return existsSync(join(run, name)) ? reasonOf(cause) : `a folder without ${name}`;
}

/** True for the folder of a run that was cut off: nothing in it but what was written on the way. */
export function isUnfinished(run: string): boolean {
  return resolve(run).endsWith(".tmp");
}

/**
 * A finished run's ledger, held against plan, manifest and anchors: chain, order, that each line
 * charges what the plan says, and that none is missing at the end.
 *
 * @throws BudgetError naming the first line that is not as it must be
 */
export function runLedger(run: string, sealed: SealedPlan): LedgerLine[] {
  const path = join(run, "ledger.jsonl");
  const lines = readLines(runFile(run, "ledger.jsonl").toString("utf8"), path);
  const { runId, ledger } = runJson(run, "manifest.json", manifestSchema);
  checkLines(path, lines, sealed, runId);
  checkAnchor(lines, ledger, path, "manifest.json");
  const anchor = readAnchor(join(run, ANCHOR_FILE));
  if (!anchor) throw damaged(join(run, ANCHOR_FILE), "nothing", "place and hash of the last line");
  checkAnchor(lines, anchor, path, ANCHOR_FILE);
  return lines;
}

/**
 * The ledger of a run that was cut off: nobody but it knows the run's id, and its last line may
 * lack its end, if nothing knows it.
 */
export function unfinishedLedger(run: string, sealed: SealedPlan) {
  const path = join(run, "ledger.jsonl");
  // For its refusal, should there be none.
  runFile(run, "ledger.jsonl");
  const read = readLedger(path);
  checkLines(path, read.lines, sealed, openingOf(read.lines).runId);
  return read;
}

function checkLines(
  path: string,
  lines: readonly LedgerLine[],
  sealed: SealedPlan,
  runId: string,
): void {
  checkSequence(lines, path);
  const opening = canonicalJson(ledgerOpening(sealed, runId));
  const { privacy } = sealed.plan;
  const eventsOf = (task: Task = "train") => canonicalJson(attemptEvents(taskTerms(privacy, task)));
  const left = new Map(plannedTasks(privacy).map(({ task, count }) => [task, count]));
  lines.forEach(({ entry }, i) => {
    const where = `${path}, line ${i + 1}`;
    if (entry.kind === "open" && canonicalJson(entry) !== opening)
      throw damaged(where, "an opening of another plan or run", AS_PLANNED);
    if (entry.kind === "charge" && canonicalJson(entry.events) !== eventsOf(entry.task))
      throw damaged(where, "a charge of something else", AS_PLANNED);
    if (entry.kind !== "charge") return;
    const task = entry.task ?? "train";
    left.set(task, (left.get(task) ?? 0) - 1);
    if (entry.round >= privacy.rounds || (left.get(task) ?? 0) < 0)
      throw damaged(where, `one more attempt to ${task}`, "no more than the plan pays for");
  });
}

const AS_PLANNED = "what plan.json and manifest.json say";
const manifestSchema = z.object({
  format: z.literal(1),
  runId: z.string(),
  /** Where the ledger ended. */
  ledger: anchorSchema,
});

function damaged(where: string, got: unknown, expected: string): BudgetError {
  const fix = "Trust nothing that this run claims.";
  return new BudgetError({ what: "run.damaged", where, got, expected, fix });
}

/** A file's JSON as `schema` takes it. @throws BudgetError for anything else */
export function runJson<T>(
  run: string,
  name: string,
  schema: z.ZodType<T>,
  text = runFile(run, name).toString("utf8"),
): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw damaged(join(run, name), "something else", "what murmur run wrote");
  }
}

/** The plan, checked anew like a client's. @throws BudgetError naming what is not as it must be */
export function runPlan(run: string): SealedPlan {
  const bytes = runFile(run, "plan.json");
  try {
    return openPlan(bytes, sha256(bytes));
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    const { what, got, expected } = cause.problem;
    throw damaged(`${join(run, "plan.json")}, ${what}`, got, expected);
  }
}

/** The saved model's flat parameters, float32. */
export function runParameters(run: string, { model }: SealedPlan): Float32Array {
  const json = runJson(run, "model/model.json", z.unknown());
  return parametersFromLayers(json, runFile(run, `model/${WEIGHTS_FILE}`), model, run);
}

/** The same, and they are what the ledger released last, if it released anything. */
export function releasedParameters(run: string, sealed: SealedPlan): Float32Array {
  const parameters = runParameters(run, sealed);
  const released = lastRelease(runLedger(run, sealed));
  const hash = parametersHash(parameters);
  if (released === undefined) return parameters;
  const due = released.averagedHash ?? released.modelHash;
  if (due !== hash) throw damaged(join(run, "model"), hash, `${due}, the model released last`);
  return parameters;
}

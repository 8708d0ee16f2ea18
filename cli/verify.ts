/** `murmur verify`: every ε of a run, recomputed from its ledger's lines and nothing else. */

import { ADVERSARIES } from "../shared/accounting/event.ts";
import { type LedgerLine, openingOf, spentBy } from "../shared/accounting/ledger-line.ts";
import { sha256 } from "../shared/canonical.ts";
import { BudgetError } from "../shared/errors.ts";
import { epsilonText, type RoundTrace } from "../shared/trace.ts";
import type { OutputOptions } from "./output.ts";
import { runFile, runLedger, runParameters, runPlan } from "./run-files.ts";

/** @throws BudgetError naming what does not agree */
export function verify(run: string, options: OutputOptions): void {
  const lines = runLedger(run);
  const opening = openingOf(lines);
  const plan = runPlan(run);
  demand(run, "plan.json", plan.hash, opening.planHash, "the plan that the ledger names");
  const charges = lines.filter(({ entry }) => entry.kind === "charge").length;
  const rounds = readRounds(run);
  for (const round of rounds) checkRound(run, lines, round);
  const parameters = runParameters(run, plan);
  const modelHash = sha256(new Uint8Array(parameters.buffer));
  const released = lines.flatMap(({ entry }) =>
    entry.kind === "release" ? [entry.modelHash] : [],
  );
  // Without any release the model is the initial one, which the ledger does not know.
  if (released.length > 0)
    demand(run, "model", modelHash, released.at(-1), "the model released last");
  const epsilon = spentBy(lines).modelRecipients;
  const result = {
    run,
    ledgerLines: lines.length,
    charges,
    releases: released.length,
    epsilon,
    modelHash,
  };
  if (options.json) {
    console.log(JSON.stringify(result));
    return;
  }
  console.log(`${run}: verified. ε ${epsilonText(epsilon)} against whoever gets the model`);
  if (options.quiet) return;
  console.log(
    `    ${lines.length} ledger lines, each bound to the one before; ${charges} charges, ${released.length} releases`,
  );
  console.log(
    `    the ε of each of ${rounds.length} rounds follows from the ledger; the model is the last released`,
  );
}

/** A round's printed ε must be what the ledger's lines up to its release give. */
function checkRound(run: string, lines: readonly LedgerLine[], round: RoundTrace): void {
  const at = lines.findIndex(
    ({ entry }) => entry.kind === "release" && entry.round === round.round,
  );
  const where = `rounds.jsonl, round ${round.round}`;
  demand(run, where, at >= 0, true, "a release in the ledger");
  const entry = lines[at]?.entry;
  const hash = entry?.kind === "release" ? entry.modelHash : undefined;
  demand(run, where, round.modelHash, hash, "the model hash of the ledger's release");
  const due = spentBy(lines.slice(0, at + 1));
  for (const adversary of ADVERSARIES) {
    const got = round.epsilon[adversary];
    demand(run, `${where}, ε against ${adversary}`, got, due[adversary], "what the ledger gives");
  }
}

function readRounds(run: string): RoundTrace[] {
  const text = runFile(run, "rounds.jsonl").toString("utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): RoundTrace => JSON.parse(line));
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

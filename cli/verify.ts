/** `murmur verify`: every ε of a run, recomputed from its ledger's lines and nothing else. */

import { z } from "zod";
import { stepClipNorm } from "../server/adapt-clip.ts";
import { ADVERSARIES } from "../shared/accounting/event.ts";
import { type LedgerLine, spentBy } from "../shared/accounting/ledger-line.ts";
import { claimsOf, claimText } from "../shared/claim.ts";
import { BudgetError } from "../shared/errors.ts";
import { parametersHash } from "../shared/model.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import { epsilonText, type RoundTrace } from "../shared/trace.ts";
import type { OutputOptions } from "./output.ts";
import { runFile, runJson, runLedger, runParameters, runPlan } from "./run-files.ts";

/** @throws BudgetError naming what does not agree */
export function verify(run: string, options: OutputOptions): void {
  const plan = runPlan(run);
  const lines = runLedger(run, plan);
  const parameters = runParameters(run, plan);
  const modelHash = parametersHash(parameters);
  const released = lines.flatMap(({ entry }) =>
    entry.kind === "release" ? [entry.modelHash] : [],
  );
  // Without any release the model is the initial one, which the ledger does not know.
  if (released.length > 0) demand(run, "model", modelHash, released.at(-1), "the last released");
  demand(run, "ledger.jsonl", lines.at(-1)?.entry.kind, "close", "the last line of a finished run");
  const rounds = readRounds(run);
  demand(run, "rounds.jsonl", rounds.length, released.length, "one line a release");
  for (const round of rounds) checkRound(run, lines, round);
  checkClipNorms(run, plan.plan.privacy, rounds);
  const traceSchema = z.object({ rounds: z.unknown(), claims: z.unknown() });
  const told = runJson(run, "trace.json", traceSchema);
  const text = JSON.stringify;
  demand(run, "trace.json", text(told.rounds), text(rounds), "the rounds of rounds.jsonl");
  const claims = claimsOf(plan.plan.privacy, lines);
  demand(run, "trace.json", text(told.claims), text(claims), "the claims that the ledger bears");
  const charges = lines.filter(({ entry }) => entry.kind === "charge").length;
  const epsilon = spentBy(lines).modelRecipients;
  const claim = claimText(plan.plan.privacy);
  const counts = { ledgerLines: lines.length, charges, releases: released.length };
  if (options.json) {
    console.log(JSON.stringify({ run, ...counts, epsilon, claim, modelHash }));
    return;
  }
  console.log(
    `${run}: verified. ε ${epsilonText(epsilon)} against whoever gets the model (${claim})`,
  );
  if (options.quiet) return;
  console.log(
    `    ${lines.length} ledger lines, each bound to the one before; ${charges} charges, each the plan's; ${released.length} releases`,
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

const epsilon = z.number().min(0).nullable();
const roundSchema: z.ZodType<RoundTrace> = z.strictObject({
  round: z.number(),
  attempts: z.number(),
  loss: z.number(),
  accuracy: z.number(),
  epsilon: z.strictObject({
    modelRecipients: epsilon,
    otherClients: epsilon,
    coordinator: epsilon,
  }),
  clipping: z
    .strictObject({ clipNorm: z.number(), next: z.number(), bits: z.number().int() })
    .optional(),
  modelHash: z.string(),
});

function readRounds(run: string): RoundTrace[] {
  const lines = runFile(run, "rounds.jsonl").toString("utf8").split("\n");
  return lines
    .filter((line) => line !== "")
    .map((line) => runJson(run, "rounds.jsonl", roundSchema, line));
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

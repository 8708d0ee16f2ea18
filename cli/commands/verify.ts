/** `murmur verify`: every ε of a run, recomputed from its ledger's lines and nothing else. */
import { spentText } from "../../compare/setting-text.ts";
import { type Verification, verify as verifyRun } from "../../run/verify.ts";
import type { Adversary } from "../../shared/accounting/mechanisms/event.ts";
import { rawEpsilon } from "../../shared/claims/claim.ts";
import { soFarParts } from "../../shared/events/so-far-text.ts";
import type { OutputOptions } from "../terminal/output.ts";

interface VerifyOptions extends OutputOptions {
  readonly clientLedgers?: string;
}

/** @throws BudgetError naming what does not agree */
export function verify(run: string, options: VerifyOptions): void {
  const verified = verifyRun(run, options);
  if (options.json) console.log(JSON.stringify(factsOf(verified)));
  else for (const line of linesOf(verified, options.quiet ?? false)) console.log(line);
}

function factsOf({ run, finished, ledgerLines, charges, releases, ...rest }: Verification) {
  const { droppedBytes, epsilons, claim, modelHash, soFar, notes } = rest;
  const counts = { ledgerLines, charges, releases };
  const epsilon = epsilons.modelRecipients;
  return { run, finished, ...counts, droppedBytes, epsilon, claim, modelHash, soFar, notes };
}

function linesOf(verified: Verification, quiet: boolean): string[] {
  const { run, finished, epsilons, guarantees, claim, soFar, notes } = verified;
  const own = (adversary: Adversary) => rawEpsilon(guarantees, adversary);
  const spent = spentText(own("modelRecipients"), epsilons.modelRecipients);
  const head = `${run}: verified${finished ? "" : ", as far as it came"}. ε ${spent} against whoever gets the model (${claim})`;
  if (quiet) return [head];
  const together = soFarParts(soFar, own);
  const since = "as the ledgers of its files of private rows stood when it ended:";
  return [
    head,
    ...[
      ...countLines(verified),
      ...(together.length > 0 ? [since] : []),
      ...together,
      ...notes,
    ].map((line) => `    ${line}`),
  ];
}

function countLines({ ledgerLines, charges, releases, ...rest }: Verification): string[] {
  const { droppedBytes, finished, rounds } = rest;
  const model = finished ? "; the model is the last released" : "; it holds no model yet";
  return [
    `${ledgerLines} ledger lines, each bound to the one before; ${charges} charges, each the plan's; ${releases} releases`,
    ...(droppedBytes > 0
      ? [
          `a last line of ${droppedBytes} bytes without its end: nothing rests on it, so it does not count`,
        ]
      : []),
    `the ε of each of ${rounds.length} rounds follows from the ledger${model}`,
  ];
}

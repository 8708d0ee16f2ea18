/** IO: an owner's agreement to a plan: by a person at a terminal, or by what a script was given. */
import { createInterface } from "node:readline/promises";
import { ScenarioError } from "../../shared/errors.ts";

export interface Agreement {
  /** The hash of the plan that its owner has read, 64 hex digits. */
  readonly accept: string | undefined;
  /** The owner has said what the rows may lose over all runs. */
  readonly limited: boolean;
  /** The rows are made up or public: there is nobody to ask for. */
  readonly simulation: boolean;
  /** Somebody is there to read and to answer. */
  readonly terminal: boolean;
}

/** @throws ScenarioError `plan.acceptance` where a script says nothing of this plan */
export function requireAgreement(hash: string, agreement: Agreement): void {
  const { accept, limited, simulation, terminal } = agreement;
  if (accept === hash || limited || simulation || terminal) return;
  throw new ScenarioError({
    what: "plan.acceptance",
    where: "--accept",
    got: "nothing, and no terminal to ask at",
    expected: `--accept ${hash}, from an owner who has read what it agrees to, or --limits FILE`,
    fix: "Run the same command again with one of them; so far nothing of the rows was read or sent.",
  });
}

/** @throws ScenarioError `plan.declined` for any answer but yes */
export async function askOwner(signal: AbortSignal): Promise<void> {
  const terminal = createInterface({
    ...{ input: process.stdin, output: process.stdout },
    // Lines as the terminal gives them: Ctrl-C stays a signal.
    terminal: false,
  });
  try {
    const answer = await terminal.question(QUESTION, { signal });
    if (/^(y|yes)$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new ScenarioError({
    what: "plan.declined",
    where: "your answer",
    got: "no",
    expected: "y, to take part",
    fix: "Nothing of the rows was sent. The same command asks again.",
  });
}

const QUESTION = "Take part with these rows in this plan? [y/N] ";

/** IO: an owner's agreement to a plan: by a person at a terminal, or by what a script was given. */
import { createInterface } from "node:readline";
import { ScenarioError } from "../../shared/errors.ts";
import type { Terminal } from "./choose.ts";

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

/** @throws ScenarioError `plan.declined` for any answer but yes, and for none: the end of input, as Ctrl-D makes it */
export async function askOwner(
  signal: AbortSignal,
  { input, output }: Terminal = { input: process.stdin, output: process.stdout },
): Promise<void> {
  signal.throwIfAborted();
  // Lines as the terminal gives them: Ctrl-C stays a signal.
  const lines = createInterface({ input, output, terminal: false });
  let stop: (() => void) | undefined;
  try {
    const answer = await new Promise<string | undefined>((resolve, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop, { once: true });
      // `question` would miss a last line that nothing ends.
      lines.once("line", resolve);
      lines.once("close", () => resolve(undefined));
      output.write(QUESTION);
    });
    if (/^(y|yes)$/i.test((answer ?? "").trim())) return;
    throw declined(answer === undefined ? "the end of input" : "no");
  } finally {
    if (stop) signal.removeEventListener("abort", stop);
    lines.close();
  }
}

function declined(got: string): ScenarioError {
  return new ScenarioError({
    what: "plan.declined",
    where: "your answer",
    got,
    expected: "y, to take part",
    fix: "Nothing of the rows was sent. The same command asks again.",
  });
}

const QUESTION = "Take part with these rows in this plan? [y/N] ";

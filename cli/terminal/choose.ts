/** IO: a question to the person at a terminal, with the answers that there are. */
import { createInterface } from "node:readline";
import { printable } from "../../shared/errors.ts";

/** Where somebody reads and answers: standard input and error, or a test's. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Beyond the result's own stream, which may be a file. */
export function ownTerminal(): Terminal {
  return { input: process.stdin, output: process.stderr };
}

export function isTerminal({ input, output }: Terminal): boolean {
  return Boolean(input.isTTY && output.isTTY);
}

/**
 * Asks once. The answer is a choice's number or any text, which stands for itself; undefined: there was none, by an
 * empty line or the end of input.
 */
export async function choose(
  question: string,
  choices: readonly string[],
  { input, output }: Terminal,
): Promise<string | undefined> {
  for (const [i, choice] of choices.entries())
    output.write(`${String(i + 1).padStart(6)}  ${printable(choice)}\n`);
  // Lines as the terminal gives them: Ctrl-C stays a signal.
  const lines = createInterface({ input, output, terminal: false });
  const answer = await new Promise<string>((resolve) => {
    lines.once("close", () => resolve(""));
    lines.question(`${question} `, resolve);
  });
  lines.close();
  const text = answer.trim();
  if (choices.includes(text)) return text;
  return choices[Number(text) - 1] ?? (text === "" ? undefined : text);
}

/** `murmur account`: questions as JSON lines from stdin → an answer each, in order, one at a time. */
import { once } from "node:events";
import { type Answer, answerOf, questionOf } from "../../shared/accounting/question/question.ts";
import { refusal } from "../../shared/accounting/question/question-fault.ts";
import { isRefusal } from "../../shared/errors.ts";
import { isRecord } from "../../shared/record.ts";
import { linesOf, MAX_LINE_BYTES } from "../terminal/lines.ts";

/** Exit 1 if any line was bad; the others are answered all the same. */
export async function account(): Promise<void> {
  let line = 0;
  for await (const text of linesOf(process.stdin)) {
    line += 1;
    if (text?.trim() === "") continue;
    const answer = answerTo(text, line);
    if ("error" in answer) process.exitCode = 1;
    if (!process.stdout.write(`${JSON.stringify(answer)}\n`)) await once(process.stdout, "drain");
  }
}

function answerTo(text: string | null, line: number): object {
  const where = `line ${line}`;
  try {
    if (text === null) throw refusal("the line", where, "a longer one", `${MAX_LINE_BYTES} bytes`);
    return printed(answerOf(questionOf(parseJson(text.trim(), where), where)));
  } catch (error) {
    // A bug keeps its stack, and ends the run.
    if (!isRefusal(error)) throw error;
    return { line, error: error.message };
  }
}

function parseJson(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    const raw: unknown = JSON.parse(text);
    if (isRecord(raw)) return raw;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw refusal("the line", where, "text that is no JSON", "one JSON object");
  }
  throw refusal("the line", where, "a value that is no object", "one JSON object");
}

/** JSON has no infinity: null, and for epsilon a word beside it. */
function printed(answer: Answer): object {
  if (answer.epsilon !== Number.POSITIVE_INFINITY) return answer;
  const { epsilon: _, order: __, ...rest } = answer;
  return { ...rest, epsilon: null, note: "infinite: no epsilon holds at this delta" };
}

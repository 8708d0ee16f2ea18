/** `murmur account`: questions as JSON lines from stdin → an answer each, in order, one at a time. */
import { once } from "node:events";
import { largestRate, leastNoise, mostSteps } from "../shared/accounting/calibrate.ts";
import { type SpentEpsilon, spendDelta, spendEpsilon } from "../shared/accounting/compose.ts";
import { isRefusal } from "../shared/errors.ts";
import { refusal } from "./account-fault.ts";
import { parseQuestion, type Question } from "./account-line.ts";
import { linesOf, MAX_LINE_BYTES } from "./lines.ts";

const SOLVERS = { noiseMultiplier: leastNoise, steps: mostSteps, samplingRate: largestRate };

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
    return solved(parseQuestion(text.trim(), where));
  } catch (error) {
    // A bug keeps its stack, and ends the run.
    if (!isRefusal(error)) throw error;
    return { line, error: error.message };
  }
}

function solved(question: Question): object {
  switch (question.ask) {
    case "epsilon":
      return epsilonAnswer(spendEpsilon(question.rules, question.events, question.delta));
    case "delta":
      return spendDelta(question.rules, question.events, question.epsilon);
    default: {
      const { ask, target, eventsAt } = question;
      const value = SOLVERS[ask](target, eventsAt);
      const spent = spendEpsilon(target, eventsAt(value), target.delta);
      return { [ask]: value, ...epsilonAnswer(spent) };
    }
  }
}

/** JSON has no infinity: null, and for epsilon a word beside it. */
function epsilonAnswer(spent: SpentEpsilon): object {
  if (Number.isFinite(spent.epsilon)) return spent;
  return { epsilon: null, note: "infinite: no epsilon holds at this delta" };
}

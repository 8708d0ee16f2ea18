/** An owner's answer: yes by a word, no by any other, by none, and by the end of the process. */
import { PassThrough } from "node:stream";
import { expect, it } from "vitest";
import { askOwner } from "../../../cli/terminal/consent.ts";

/** A terminal at which somebody types; null: who ends the input without a line. */
function typing(answer: string | null) {
  const [input, output] = [new PassThrough(), new PassThrough()];
  input.end(answer ?? "");
  return { input, output };
}

const never = new AbortController().signal;

it.each(["y\n", "yes\n", " YES \r\n", "y"])("takes %j for a yes", async (answer) => {
  const terminal = typing(answer);
  await expect(askOwner(never, terminal)).resolves.toBeUndefined();
  expect(String(terminal.output.read())).toBe("Take part with these rows in this plan? [y/N] ");
});

it.each(["\n", "n\n", "yesterday\n", "no\n"])("takes %j for a no", async (answer) => {
  const asked = askOwner(never, typing(answer));
  await expect(asked).rejects.toThrow("plan.declined (your answer): got no, expected y");
});

it("refuses at the end of input, where nobody can answer any more", async () => {
  const asked = askOwner(never, typing(null));
  await expect(asked).rejects.toThrow("plan.declined (your answer): got the end of input");
});

it("stops asking where the run is ended, before or amid the question", async () => {
  const open = () => ({ input: new PassThrough(), output: new PassThrough() });
  const ended = new Error("ended");
  await expect(askOwner(AbortSignal.abort(ended), open())).rejects.toBe(ended);
  const stop = new AbortController();
  const asked = askOwner(stop.signal, open());
  stop.abort(ended);
  await expect(asked).rejects.toBe(ended);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { linesOf, MAX_LINE_BYTES } from "../../../cli/terminal/lines.ts";

async function linesFrom(chunks: readonly Buffer[]): Promise<(string | null)[]> {
  async function* stream() {
    yield* chunks;
  }
  const lines = [];
  for await (const line of linesOf(stream())) lines.push(line);
  return lines;
}

it("gives the same lines however the bytes are cut, characters of several bytes too", async () => {
  const text = fc.array(fc.constantFrom("ε", "a", "\n", "🜂", "{}"), { maxLength: 40 });
  const cuts = fc.array(fc.nat(160), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(text, cuts, async (parts, places) => {
      const whole = parts.join("");
      const bytes = Buffer.from(whole);
      const ends = [0, ...places.toSorted((a, b) => a - b), bytes.length];
      const chunks = ends.slice(1).map((end, i) => bytes.subarray(ends[i], end));
      const due = whole.split("\n");
      if (due.at(-1) === "") due.pop();
      expect(await linesFrom(chunks)).toEqual(due);
    }),
  );
});

it("gives null for a line that is too long, and the next one whole", async () => {
  const long = Buffer.alloc(MAX_LINE_BYTES + 1, "x");
  const most = long.subarray(1);
  const lines = await linesFrom([long, long, Buffer.from("\nshort\n"), most, Buffer.from("\nend")]);
  expect(lines).toEqual([null, "short", most.toString(), "end"]);
});

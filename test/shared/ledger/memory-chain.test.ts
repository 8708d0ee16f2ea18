import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { z } from "zod";
import { type ChainFormat, lineText, readChain } from "../../../shared/ledger/chain.ts";
import { MemoryChain } from "../../../shared/ledger/memory-chain.ts";

const schema = z.strictObject({ kind: z.enum(["open", "more"]), n: z.number() });
type Entry = z.infer<typeof schema>;
const sha = (text: string) => createHash("sha256").update(text).digest("hex");
const format: ChainFormat<Entry> = { schema, genesis: ({ n }) => sha(`about ${n}`) };
const opened = () => new MemoryChain<Entry>(format, { kind: "open", n: 7 });

it("begins with its opening, whose place and hash are its tip", () => {
  const chain = opened();
  // Written out: the hash before, then the canonical line without its own.
  const hash = sha(
    `${sha("about 7")}{"kind":"open","n":7,"prev":"${sha("about 7")}","seq":0,"v":1}`,
  );
  expect(chain.lines.map(({ entry }) => entry)).toEqual([{ kind: "open", n: 7 }]);
  expect(chain.head).toEqual({ seq: 0, hash });
});

it("has the lines that a file of it would have, in order, each with its time", () => {
  const chain = opened();
  chain.append({ kind: "more", n: 1 });
  chain.append({ kind: "more", n: 2 }, "2026-12-03T07:00:00.000Z");
  const text = chain.lines.map((line) => `${lineText(line)}\n`).join("");
  expect(readChain(format, text, "x")).toEqual(chain.lines);
  expect(chain.lines.map(({ seq, entry, time }) => [seq, entry.n, time])).toEqual([
    [0, 7, undefined],
    [1, 1, undefined],
    [2, 2, "2026-12-03T07:00:00.000Z"],
  ]);
  expect(chain.head).toEqual({ seq: 2, hash: chain.lines[2]?.hash });
});

it("taken back to a line, keeps it and goes on after it", () => {
  const [chain, straight] = [opened(), opened()];
  for (const n of [1, 2, 3]) chain.append({ kind: "more", n });
  chain.rewind(1);
  expect(chain.head).toEqual({ seq: 1, hash: chain.lines[1]?.hash });
  chain.append({ kind: "more", n: 9 });
  for (const n of [1, 9]) straight.append({ kind: "more", n });
  expect(chain.lines).toEqual(straight.lines);
});

/**
 * A hash chain of canonical JSON lines, whatever they say: each holds the hash of the one before,
 * and the first what the chain is about, so that no line can be changed, moved or taken out unseen.
 * A tail that was cut off shows only to whoever kept the place and hash of a later line: an anchor.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "../canonical.ts";
import { BudgetError } from "../errors.ts";

/** An entry and its place in its chain. */
export interface ChainLine<Entry> {
  readonly v: 1;
  readonly seq: number;
  readonly prev: string;
  readonly entry: Entry;
  /** Informative; absent where two runs must write the same bytes. */
  readonly time?: string | undefined;
  readonly hash: string;
}

/** What may stand in a chain, and what the chain is about. */
/** A chain that grows, on the disk or in memory. */
export interface Chain<Entry> {
  readonly lines: readonly ChainLine<Entry>[];
  /** Place and hash of the last line. */
  readonly head: Anchor;
  append(entry: Entry, time?: string, durable?: boolean): void;
  /** Notes the last line outside the chain. @param durable false: for nobody's protection */
  anchor(durable: boolean): void;
  /** Takes it back to line `seq`, for whoever repeats what came after it. */
  rewind(seq: number): void;
  /** Lets go of it: nothing is appended any more. Again, it does nothing. */
  close(): void;
}

export interface ChainFormat<Entry> {
  /** Of objects without v, seq, prev, time and hash, which are the line's own. */
  readonly schema: z.ZodType<Entry>;
  /** The hash that stands before the first line: it binds the chain to what that line opens. */
  readonly genesis: (first: Entry) => string;
}

/** Place and hash of a line that somebody has seen. */
export const anchorSchema = z.strictObject({
  seq: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type Anchor = Readonly<z.infer<typeof anchorSchema>>;

interface Opening {
  readonly kind: string;
}

/** The entry as the line after `head`; without a head as the first. */
export function lineAfter<Entry extends object>(
  { genesis }: ChainFormat<Entry>,
  head: Anchor | undefined,
  entry: Entry,
  time?: string,
): ChainLine<Entry> {
  const [seq, prev] = head ? [head.seq + 1, head.hash] : [0, genesis(entry)];
  const body = canonicalJson({ v: 1, seq, prev, time, ...entry });
  const hash = createHash("sha256").update(prev).update(body).digest("hex");
  return { v: 1, seq, prev, entry, time, hash };
}

/** A line as it stands in its file, without its end. */
export function lineText<Entry extends object>({ entry, ...place }: ChainLine<Entry>): string {
  return canonicalJson({ ...place, ...entry });
}

/**
 * The lines of a chain's text.
 *
 * @param after the line that stands before that text; absent: it is the whole chain
 * @throws BudgetError `ledger.…` naming the first line that does not follow from the one before
 */
export function readChain<Entry extends Opening>(
  format: ChainFormat<Entry>,
  text: string,
  where: string,
  after?: ChainLine<Entry>,
): ChainLine<Entry>[] {
  const lines: ChainLine<Entry>[] = [];
  const before = after ? after.seq + 1 : 0;
  const texts = text.split("\n");
  const at = (line: number) => `${where}, line ${before + line + 1}`;
  if (texts.pop() !== "") throw chainFault("torn", at(texts.length), "no end of it", "whole lines");
  for (const one of texts)
    lines.push(followingLine(format, lines.at(-1) ?? after, one, at(lines.length)));
  if (before + lines.length === 0)
    throw chainFault("empty", at(lines.length), "no line", "an open line");
  return lines;
}

/** The line that a text is, if it follows from the one before. */
function followingLine<Entry extends Opening>(
  format: ChainFormat<Entry>,
  before: ChainLine<Entry> | undefined,
  text: string,
  where: string,
): ChainLine<Entry> {
  const damaged = (what: string, got: string, expected: string): never => {
    throw chainFault(what, where, got, expected);
  };
  const parsed = parseLine(format, text);
  if (!parsed) return damaged("line", "text that is no ledger line", "a ledger line");
  const { seq, prev, entry, time, hash } = parsed;
  if ((entry.kind === "open") !== (before === undefined))
    damaged("order", `kind ${entry.kind}`, "open first, and once");
  const expected = lineAfter(format, before, entry, time);
  if (seq !== expected.seq) damaged("seq", `seq ${seq}`, `seq ${expected.seq}`);
  if (prev !== expected.prev) damaged("chain", `prev ${short(prev)}`, `${short(expected.prev)}`);
  if (hash !== expected.hash || lineText(expected) !== text)
    damaged("hash", `hash ${short(hash)}`, `${short(expected.hash)}`);
  return expected;
}

/** Length in bytes of the lines that have their end; what follows was never whole on the disk. */
export function wholeBytes(bytes: Uint8Array): number {
  return bytes.lastIndexOf(0x0a) + 1;
}

/**
 * Holds lines against what somebody saw of them.
 *
 * @throws BudgetError `ledger.rollback` naming the line that is missing, or is another one
 */
export function checkAnchor(
  lines: readonly Anchor[],
  { seq, hash }: Anchor,
  where: string,
  witness: string,
): void {
  const found = lines[seq];
  if (found?.hash === hash) return;
  const got = found ? `another line, hash ${short(found.hash)}` : "no such line";
  const expected = `lines up to ${seq + 1}, of hash ${short(hash)}, which ${witness} has seen`;
  // Of a tail that was cut off, the first line that is missing.
  const at = Math.min(seq, lines.length) + 1;
  throw chainFault("rollback", `${where}, line ${at}`, got, expected);
}

/** Enough of a hash to tell it by. */
function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}

function chainFault(what: string, where: string, got: string, expected: string): BudgetError {
  const fix = "Trust nothing that rests on it after the line before.";
  return new BudgetError({ what: `ledger.${what}`, where, got, expected, fix });
}

const placeSchema = z.object({
  v: z.literal(1),
  ...anchorSchema.shape,
  prev: anchorSchema.shape.hash,
  time: z.string().max(40).optional(),
});

function parseLine<Entry>(
  { schema }: ChainFormat<Entry>,
  text: string,
): ChainLine<Entry> | undefined {
  try {
    const raw: unknown = JSON.parse(text);
    const place = placeSchema.parse(raw);
    const { v: _v, seq: _s, prev: _p, time: _t, hash: _h, ...rest } = z.looseObject({}).parse(raw);
    return { ...place, entry: schema.parse(rest) };
  } catch {
    return undefined;
  }
}

/**
 * IO: a hash chain on disk. It is only ever appended to, and a line that others rest on is on the
 * disk when the call returns. Beside it lies an anchor, by which a tail that was cut off shows.
 */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { APPENDING, writeFresh } from "../disk/no-links.ts";
import { syncFolder } from "../disk/sync-folder.ts";
import { BudgetError, reasonOf } from "../errors.ts";
import { armed, killpoint } from "../failpoint.ts";
import {
  type Anchor,
  anchorSchema,
  type Chain,
  type ChainFormat,
  type ChainLine,
  checkAnchor,
  lineAfter,
  lineText,
  readChain,
  wholeBytes,
} from "./chain.ts";

export interface ChainPlace {
  readonly path: string;
  readonly anchorPath: string;
}

export class ChainFile<Entry extends { readonly kind: string }> implements Chain<Entry> {
  /** Of a torn last line, dropped when the file was opened again. */
  readonly droppedBytes: number;
  readonly #place: ChainPlace;
  readonly #format: ChainFormat<Entry>;
  /** −1 once it is closed. */
  #file: number;
  readonly #lines: ChainLine<Entry>[];
  /** Written before, and to be written again by whoever was taken back: see `rewind`. */
  #ahead: ChainLine<Entry>[] = [];

  private constructor(
    place: ChainPlace,
    format: ChainFormat<Entry>,
    file: number,
    lines: ChainLine<Entry>[],
    droppedBytes: number,
  ) {
    this.#place = place;
    this.#format = format;
    this.#file = file;
    this.#lines = lines;
    this.droppedBytes = droppedBytes;
  }

  /** Begins a chain in a file that must not exist. @throws BudgetError `ledger.write` */
  static create<Entry extends { readonly kind: string }>(
    place: ChainPlace,
    format: ChainFormat<Entry>,
    first: Entry,
    time?: string,
  ): ChainFile<Entry> {
    const file = openSync(place.path, "ax", 0o600);
    const chain = new ChainFile(place, format, file, [], 0);
    chain.append(first, time);
    // The file's name is on the disk only once its folder is.
    syncFolder(dirname(place.path));
    return chain;
  }

  /**
   * Goes on with a chain. Its last line, if it has no end, was never whole on the disk, so nothing
   * rests on it: it is cut off, unless the anchor knows it.
   *
   * @throws BudgetError `ledger.…` for anything else that is not as it was written
   */
  static reopen<Entry extends { readonly kind: string }>(
    place: ChainPlace,
    format: ChainFormat<Entry>,
  ): ChainFile<Entry> {
    const { lines, droppedBytes, wholeBytes } = readMended(place, format);
    const file = openSync(place.path, APPENDING);
    if (droppedBytes > 0) {
      ftruncateSync(file, wholeBytes);
      fsyncSync(file);
    }
    return new ChainFile(place, format, file, lines, droppedBytes);
  }

  get lines(): readonly ChainLine<Entry>[] {
    return this.#lines;
  }

  /** Place and hash of the last line. */
  get head(): Anchor {
    const { seq, hash } = this.#lines.at(-1) ?? { seq: 0, hash: "" };
    return { seq, hash };
  }

  /**
   * Takes it back to line `seq`, for whoever repeats what came after it. The file stays as it is: what
   * is appended must be what stands there already, line by line.
   */
  rewind(seq: number): void {
    this.#ahead = this.#lines.splice(seq + 1).concat(this.#ahead);
  }

  /**
   * @param durable false for a line that nothing rests on: it comes to the disk with the next
   * @throws BudgetError `ledger.write`; `ledger.replay` for another line than the one ahead
   */
  append(entry: Entry, time?: string, durable = true): void {
    const line = lineAfter(this.#format, this.#lines.at(-1), entry, time);
    const ahead = this.#ahead.shift();
    if (ahead !== undefined) {
      if (ahead.hash !== line.hash) throw otherReplay(this.#place.path, ahead, entry.kind);
      this.#lines.push(line);
      return;
    }
    writeLine("ledger", this.#place.path, this.#file, line, durable);
    this.#lines.push(line);
  }

  /** Notes the last line outside the chain. @param durable false: for nobody's protection */
  anchor(durable: boolean): void {
    // It knows a later line already.
    if (this.#ahead.length > 0) return;
    writeAnchor(this.#place, this.head, durable);
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }
}

/**
 * One more line at the end of a chain's file.
 *
 * @param points what its failpoints begin with
 * @param durable true: it is on the disk when this returns
 * @returns its bytes
 * @throws BudgetError `ledger.write`
 */
export function writeLine<Entry extends { readonly kind: string }>(
  points: "ledger" | "shared",
  path: string,
  file: number,
  line: ChainLine<Entry>,
  durable: boolean,
): number {
  const bytes = Buffer.from(`${lineText(line)}\n`);
  const name = `${line.entry.kind}-${line.seq}`;
  writeToDisk(path, () => {
    killpoint(`${points}-before-write`, name);
    if (armed(`${points}-mid-write`, name)) writeSync(file, bytes, 0, bytes.length >> 1);
    killpoint(`${points}-mid-write`, name);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
    killpoint(`${points}-after-write`, name);
    if (durable) fdatasyncSync(file);
    killpoint(`${points}-after-sync`, name);
  });
  return bytes.length;
}

/** What a chain writes to the disk. @throws BudgetError `ledger.write` where that fails */
function writeToDisk(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    // A failed sync may have lost the pages that it was to write: trying again could succeed
    // without them.
    throw new BudgetError(
      {
        what: "ledger.write",
        where: path,
        got: reasonOf(cause),
        expected: "a line on the disk",
        fix: "Free the disk, then go on by murmur resume, or anew.",
      },
      { cause },
    );
  }
}

function otherReplay<Entry extends { readonly kind: string }>(
  path: string,
  { seq, entry }: ChainLine<Entry>,
  kind: string,
): BudgetError {
  return new BudgetError({
    what: "ledger.replay",
    where: `${path}, line ${seq + 1}`,
    got: `another line of kind ${kind}`,
    expected: `the line of kind ${entry.kind} that was written before the run was cut off`,
    fix: "Start the run anew: what is repeated from one seed must come out the same, and did not.",
  });
}

/**
 * Notes a chain's last line beside it: whole under its name, or not at all. No link is followed.
 *
 * @param durable false: for nobody's protection
 * @throws BudgetError `ledger.write`
 */
export function writeAnchor(
  { path, anchorPath }: ChainPlace,
  { seq, hash }: Anchor,
  durable: boolean,
): void {
  writeToDisk(path, () => {
    const fresh = `${anchorPath}.tmp`;
    writeFresh(fresh, `${JSON.stringify({ seq, hash })}\n`, { mode: 0o600, flush: durable });
    killpoint("anchor-before-rename", seq);
    renameSync(fresh, anchorPath);
    killpoint("anchor-after-rename", seq);
    if (durable) syncFolder(dirname(anchorPath));
  });
}

/** A chain's lines as they may be gone on with, held against its anchor; the file is left alone. */
export function readMended<Entry extends { readonly kind: string }>(
  { path, anchorPath }: ChainPlace,
  format: ChainFormat<Entry>,
): { lines: ChainLine<Entry>[]; droppedBytes: number; wholeBytes: number } {
  const bytes = readFileSync(path);
  const whole = wholeBytes(bytes);
  const lines = readChain(format, bytes.toString("utf8", 0, whole), path);
  const anchor = readAnchor(anchorPath);
  if (anchor) checkAnchor(lines, anchor, path, "its anchor");
  return { lines, droppedBytes: bytes.length - whole, wholeBytes: whole };
}

/**
 * Holds the lines of a chain that is anchored after each of them against its anchor; only one that died
 * within its first line may have none.
 *
 * @throws BudgetError `ledger.rollback`, `ledger.anchor`
 */
export function checkAnchored(
  lines: readonly ChainLine<unknown>[],
  { path, anchorPath }: ChainPlace,
): void {
  const anchor = readAnchor(anchorPath);
  if (anchor) checkAnchor(lines, anchor, path, "its anchor");
  else if (lines.length > 1) throw noAnchor(anchorPath, "no such file");
}

/** undefined where none was written yet. @throws BudgetError `ledger.anchor` for what is none */
export function readAnchor(path: string): Anchor | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return anchorSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw noAnchor(path, "something else", cause);
  }
}

function noAnchor(where: string, got: string, cause?: unknown): BudgetError {
  const [what, expected] = ["ledger.anchor", "place and hash of a line"];
  const fix = "Trust nothing that rests on the ledger beside it.";
  return new BudgetError({ what, where, got, expected, fix }, { cause });
}

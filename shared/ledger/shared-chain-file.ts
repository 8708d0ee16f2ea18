/**
 * IO: a hash chain on disk to which several processes append, a line at a time: each holds the chain's lock
 * while it reads what others have written, decides, and writes. So all of them count.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { ADDING } from "../disk/no-links.ts";
import { type Held, takeLock } from "../disk/process-lock.ts";
import { syncFolder } from "../disk/sync-folder.ts";
import { BudgetError, ScenarioError } from "../errors.ts";
import {
  type ChainFormat,
  type ChainLine,
  checkAnchor,
  lineAfter,
  readChain,
  wholeBytes,
} from "./chain.ts";
import {
  type ChainPlace,
  checkAnchored,
  readAnchor,
  writeAnchor,
  writeLine,
} from "./chain-file.ts";

/** Others hold the lock for one line each. */
const MOST_WAIT_MS = 30_000;
const WAIT_MS = 2;

interface Kind {
  readonly kind: string;
}

export interface SharedPlace extends ChainPlace {
  readonly lockPath: string;
}

export interface SharedFormat<Entry extends Kind> extends ChainFormat<Entry> {
  /** The first line, of a chain that begins. */
  readonly first: () => Entry;
  /** What says that a last line without its end was cut off. */
  readonly cutOff: (droppedBytes: number) => Entry;
  /** What is said while another process keeps the lock. */
  readonly held: Held;
}

export class SharedChainFile<Entry extends Kind> {
  readonly #place: SharedPlace;
  readonly #format: SharedFormat<Entry>;
  readonly #file: number;
  readonly #lines: ChainLine<Entry>[] = [];
  /** Bytes of the lines that were read or written. */
  #size = 0;
  #isHeld = false;

  /**
   * Goes on with a chain, or begins it.
   *
   * @throws BudgetError `ledger.…` if it is damaged, or older than its anchor
   * @throws ScenarioError as `held` says, if another process keeps the lock
   */
  constructor(place: SharedPlace, format: SharedFormat<Entry>) {
    this.#place = place;
    this.#format = format;
    const unlock = lockInTime(place.lockPath, format.held);
    try {
      discardUnbegun(place);
      this.#file = openSync(place.path, ADDING, 0o600);
      this.#isHeld = true;
      this.#readOn();
      checkAnchored(this.#lines, place);
      if (this.#lines.length > 0) return;
      this.append(format.first());
      syncFolder(dirname(place.path));
    } finally {
      this.#isHeld = false;
      unlock();
    }
  }

  /** As this process has read and written them. */
  get lines(): readonly ChainLine<Entry>[] {
    return this.#lines;
  }

  /**
   * Holds the lock while it works; what others have appended is in `lines` then. Within it, it may be
   * called again.
   *
   * @throws BudgetError `ledger.…` if the file is no more what this process has seen
   */
  exclusively<T>(work: () => T): T {
    if (this.#isHeld) return work();
    const unlock = lockInTime(this.#place.lockPath, this.#format.held);
    this.#isHeld = true;
    try {
      this.#checkSame();
      this.#readOn();
      return work();
    } finally {
      this.#isHeld = false;
      unlock();
    }
  }

  /** On the disk when this returns, anchored beside. @throws BudgetError `ledger.write` */
  append(entry: Entry): void {
    this.exclusively(() => {
      const line = lineAfter(this.#format, this.#lines.at(-1), entry);
      this.#size += writeLine("shared", this.#place.path, this.#file, line, true);
      this.#lines.push(line);
      writeAnchor(this.#place, line, true);
    });
  }

  close(): void {
    closeSync(this.#file);
  }

  /** Another file under its name would be counted by nobody. */
  #checkSame(): void {
    const { path } = this.#place;
    const there = statSync(path, { throwIfNoEntry: false });
    if (there?.ino === fstatSync(this.#file).ino && there.size >= this.#size) return;
    throw new BudgetError({
      what: "ledger.rollback",
      where: path,
      got: there ? "another file, or a shorter one" : "no file",
      expected: "the ledger to which this process has written",
      fix: "Put its newest copy back, its anchor with it, and go on by murmur resume, or anew.",
    });
  }

  #readOn(): void {
    const { path } = this.#place;
    const length = fstatSync(this.#file).size - this.#size;
    if (length === 0) return;
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; )
      done += readSync(this.#file, bytes, done, length - done, this.#size + done);
    const whole = wholeBytes(bytes);
    const text = bytes.toString("utf8", 0, whole);
    this.#lines.push(...readChain(this.#format, text, path, this.#lines.at(-1)));
    this.#size += whole;
    if (whole === length) return;
    // Whoever wrote it died amid that line, unless it was cut off from a line that was whole.
    const anchor = readAnchor(this.#place.anchorPath);
    if (anchor) checkAnchor(this.#lines, anchor, path, "its anchor");
    ftruncateSync(this.#file, this.#size);
    fsyncSync(this.#file);
    this.append(this.#format.cutOff(length - whole));
  }
}

/** A file without one whole line was never begun, unless its anchor knows better. */
function discardUnbegun({ path, anchorPath }: SharedPlace): void {
  if (existsSync(path) && wholeBytes(readFileSync(path)) > 0) return;
  checkAnchored([], { path, anchorPath });
  rmSync(path, { force: true });
}

function lockInTime(path: string, held: Held): () => void {
  const last = Date.now() + MOST_WAIT_MS;
  for (;;) {
    try {
      return takeLock(path, held);
    } catch (error) {
      if (!(error instanceof ScenarioError) || Date.now() > last) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}

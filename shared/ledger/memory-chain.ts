/** A hash chain that no disk keeps: of a run over generated or public rows, which nobody goes on with. */
import { type Anchor, type Chain, type ChainFormat, type ChainLine, lineAfter } from "./chain.ts";

export class MemoryChain<Entry extends { readonly kind: string }> implements Chain<Entry> {
  readonly #format: ChainFormat<Entry>;
  readonly #lines: ChainLine<Entry>[] = [];

  constructor(format: ChainFormat<Entry>, first: Entry) {
    this.#format = format;
    this.append(first);
  }

  get lines(): readonly ChainLine<Entry>[] {
    return this.#lines;
  }

  get head(): Anchor {
    const { seq, hash } = this.#lines.at(-1) as ChainLine<Entry>;
    return { seq, hash };
  }

  append(entry: Entry, time?: string): void {
    this.#lines.push(lineAfter(this.#format, this.#lines.at(-1), entry, time));
  }

  rewind(seq: number): void {
    this.#lines.length = seq + 1;
  }

  anchor(): void {}
  close(): void {}
}

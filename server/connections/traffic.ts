/** What has left by all sockets of a run, by kind: those that are open and those that were. */
import type { Egress, Leaving } from "../../shared/wire/egress.ts";

export class Traffic {
  readonly #ended = new Map<string, Leaving>();
  #told: Egress = new Map();

  /** Of a socket that is gone. */
  add(egress: Egress): void {
    addTo(this.#ended, egress);
  }

  /**
   * What left since this was last asked.
   *
   * @param open of the sockets that are here
   */
  news(open: Iterable<Egress>): Egress {
    const total = new Map(this.#ended);
    for (const egress of open) addTo(total, egress);
    const news = new Map<string, Leaving>();
    for (const [kind, { messages, bytes }] of total) {
      const told = this.#told.get(kind);
      if (messages === told?.messages) continue;
      const { messages: before = 0, bytes: bytesBefore = 0 } = told ?? {};
      news.set(kind, { messages: messages - before, bytes: bytes - bytesBefore });
    }
    this.#told = total;
    return news;
  }
}

function addTo(sum: Map<string, Leaving>, egress: Egress): void {
  for (const [kind, { messages, bytes }] of egress) {
    const before = sum.get(kind) ?? { messages: 0, bytes: 0 };
    sum.set(kind, { messages: before.messages + messages, bytes: before.bytes + bytes });
  }
}

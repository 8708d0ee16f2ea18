/**
 * All that leaves by one socket: control messages at once, objects one after another, and no more
 * of them than the peer takes (`bufferedAmount`). Control messages go between an object's frames.
 */
import { ProtocolError } from "../errors.ts";
import type { EncodedObject } from "./codec.ts";
import { type Egress, EgressCount, frameKind } from "./egress.ts";
import type { Connection } from "./transport.ts";

/** Above this many bytes not yet taken, objects wait … */
const FULL_BYTES = 4 * 2 ** 20;
/** … until fewer than this are left. */
const DRAINED_BYTES = 2 ** 20;
/** Control messages do not wait; a peer that lets so much of them pile up is closed. */
const MOST_BYTES = 16 * 2 ** 20;
/** What a peer must take in `Timing.silenceMs` while there is data for it. */
const SLOWEST_BYTES = 65_536;

/** What became of an object. The promise of it never rejects. */
export type Delivery = "taken" | "refused" | "lost";

interface Awaited {
  readonly stream: number;
  readonly settle: (delivery: Delivery) => void;
}

export class Outbox {
  readonly #socket: Connection;
  readonly #fail: (error: unknown) => void;
  readonly #egress = new EgressCount();
  #ended = false;
  /** Objects announced or waiting whose `have` is not in, in order. */
  readonly #awaited: Awaited[] = [];
  #last: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  #handedBytes = 0;
  #windowStart = 0;
  #slowBeats = 0;

  /** @param fail told of what goes wrong while an object leaves */
  constructor(socket: Connection, fail: (error: unknown) => void) {
    this.#socket = socket;
    this.#fail = fail;
  }

  /** All that has been handed over. */
  get egress(): Egress {
    return this.#egress.kinds;
  }

  /**
   * Hands a message over at once. Refuses with `peer.slow` when too much is waiting already.
   *
   * @param kind that it is counted as
   */
  write(data: string | Buffer, kind: string): void {
    if (this.#ended) return;
    const waiting = this.#socket.bufferedAmount;
    if (waiting > MOST_BYTES) throw slow(`${waiting} bytes waiting`);
    const bytes = Buffer.byteLength(data);
    this.#handedBytes += bytes;
    this.#egress.add(kind, bytes);
    // An error here is the socket's end, which its owner hears of by `close`.
    this.#socket.send(data, () => this.#wake());
  }

  /** @param announce called when the object's turn has come, right before its first frame */
  object(object: EncodedObject, announce: () => void): Promise<Delivery> {
    if (this.#ended) return Promise.resolve("lost");
    const delivered = new Promise<Delivery>((settle) => {
      this.#awaited.push({ stream: object.header.stream, settle });
    });
    this.#last = this.#last.then(() => this.#hand(object, announce)).catch(this.#fail);
    return delivered;
  }

  /** On `have`; haves come in the order of the puts. */
  have(stream: number, ok: boolean, where: string): void {
    const first = this.#awaited.shift();
    if (first?.stream !== stream) {
      throw new ProtocolError({
        what: "stream.unknown",
        where,
        got: `a have of ${stream}`,
        expected: `one of ${first?.stream ?? "nothing"}, the oldest put`,
        fix: "Answer each object once, in the order of the puts.",
      });
    }
    first.settle(ok ? "taken" : "refused");
  }

  /** Once a heartbeat: refuses with `peer.slow` a peer that took next to nothing for `beats`. */
  beat(beats: number): void {
    const waiting = this.#socket.bufferedAmount;
    const taken = this.#handedBytes - waiting - this.#windowStart;
    if (waiting === 0 || taken >= SLOWEST_BYTES) {
      this.#windowStart += taken;
      this.#slowBeats = 0;
    } else if (++this.#slowBeats > beats) {
      throw slow(`${taken} bytes taken`);
    }
  }

  /** Nothing more leaves; whatever no `have` came for is lost. */
  end(): void {
    this.#ended = true;
    this.#wake();
    for (const { settle } of this.#awaited.splice(0)) settle("lost");
  }

  async #hand(object: EncodedObject, announce: () => void): Promise<void> {
    for (const [chunk, frame] of object.frames.entries()) {
      await this.#room();
      if (chunk === 0 && !this.#ended) announce();
      this.write(frame, frameKind(object.header.type, object.sha256 === undefined));
    }
  }

  async #room(): Promise<void> {
    if (this.#socket.bufferedAmount <= FULL_BYTES) return;
    while (!this.#ended && this.#socket.bufferedAmount >= DRAINED_BYTES) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function slow(got: string): ProtocolError {
  return new ProtocolError({
    what: "peer.slow",
    where: "socket",
    got,
    expected: `at least ${SLOWEST_BYTES} bytes taken in the time of silence`,
    fix: "Use a faster line, a smaller model, or fewer clients on this host.",
  });
}

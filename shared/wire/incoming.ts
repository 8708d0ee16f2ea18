/** One object on its way in: its `put`, then its frames in order, hashed as they arrive. */
import { createHash } from "node:crypto";
import { ProtocolError } from "../errors.ts";
import { DTYPE_BYTES, DTYPE_OF, type Frame, TYPE, type WireObject } from "./codec.ts";
import { type OutgoingCommon, type Put, wireProblem } from "./protocol.ts";

/** An object as it arrived, its hash right. */
export type Received = WireObject & { readonly put: Put };

/** What the owner says of an announced object before a byte of it is stored. */
export interface Verdict {
  /** More is `stream.size`, and the socket closes with 1009. */
  readonly limitBytes: number;
  /** False: let it come, hash it, drop it (an update that is late, a duplicate, refused). */
  readonly keep: boolean;
}

/** The end of an object: what to answer, and the object, if it was to be kept and its hash is right. */
export interface Arrived {
  readonly have: Extract<OutgoingCommon, { t: "have" }>;
  readonly object: Received | undefined;
}

/** The objects of one socket and direction: one at a time. */
export class Inbox {
  #incoming: IncomingObject | undefined;

  /** True from a `put` to the last frame of its object. */
  get isAmid(): boolean {
    return this.#incoming !== undefined;
  }

  /** On `put`. Refuses with `stream.order`, `.mismatch` or `.size`, or as `judge` does. */
  announce(put: Put, judge: (put: Put) => Verdict, where: string): void {
    if (this.#incoming !== undefined) throw fault("order", where, "a put", "the rest of the last");
    checkPut(put, where);
    const { limitBytes, keep } = judge(put);
    if (!(put.bytes <= limitBytes)) {
      throw fault("size", where, `${put.bytes} bytes`, `at most ${limitBytes}`);
    }
    this.#incoming = new IncomingObject(put, keep);
  }

  /** Refuses with `stream.unknown`, `.mismatch` or `.order`; `stream.hash` is told by `have`. */
  take({ header, payload }: Frame, where: string): Arrived | undefined {
    const incoming = this.#incoming;
    if (incoming?.put.stream !== header.stream) {
      throw fault("unknown", where, header.stream, "a stream that put has announced");
    }
    if (!incoming.take({ header, payload }, where)) return undefined;
    this.#incoming = undefined;
    const { stream } = incoming.put;
    if (incoming.isRight()) {
      return { have: { t: "have", stream, ok: true }, object: incoming.received() };
    }
    const problem = wireProblem(fault("hash", where, "another hash", "the SHA-256 in put"));
    return { have: { t: "have", stream, ok: false, problem }, object: undefined };
  }
}

/** What may be said of a `put` without knowing what is expected. */
function checkPut({ type, dtype, count, bytes }: Put, where: string): void {
  if (dtype !== DTYPE_OF[type]) {
    throw fault("mismatch", where, `dtype ${dtype}`, `dtype ${DTYPE_OF[type]} for its type`);
  }
  if (count * DTYPE_BYTES[dtype] !== bytes) {
    throw fault("mismatch", where, `${count} entries in ${bytes} bytes`, "the entries' size");
  }
}

class IncomingObject {
  readonly put: Put;
  /** Of its own, so that every typed array over it is aligned; none for an object not kept. */
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly #keep: boolean;
  readonly #hash = createHash("sha256");
  #chunks = 0;
  #chunk = 0;
  #offset = 0;

  /** @param keep false: the bytes are hashed and dropped */
  constructor(put: Put, keep: boolean) {
    this.put = put;
    this.#keep = keep;
  }

  /** True when the frame was the last. */
  take({ header, payload }: Frame, where: string): boolean {
    const { put } = this;
    const same =
      header.type === put.type &&
      header.dtype === put.dtype &&
      header.total === put.bytes &&
      header.vclient === put.vclient &&
      header.round === put.round &&
      header.attempt === put.attempt;
    if (!same) throw fault("mismatch", where, "another object's header", "what put announced");
    if (this.#chunk === 0) {
      this.#chunks = header.chunks;
      // Not before: whoever has announced much and sends nothing holds nothing.
      this.#bytes ??= this.#keep ? new Uint8Array(put.bytes) : undefined;
    }
    const next =
      header.chunk === this.#chunk &&
      header.chunks === this.#chunks &&
      header.offset === this.#offset &&
      // Only an empty object has an empty chunk; else a peer could send four billion of them.
      (payload.length > 0 || put.bytes === 0);
    if (!next) {
      const got = `chunk ${header.chunk} of ${header.chunks} at ${header.offset}`;
      const expected = `chunk ${this.#chunk} of ${this.#chunks} at ${this.#offset}, not empty`;
      throw fault("order", where, got, expected);
    }
    this.#hash.update(payload);
    this.#bytes?.set(payload, this.#offset);
    this.#offset += payload.length;
    this.#chunk += 1;
    return this.#chunk === this.#chunks;
  }

  /** After the last frame, once. */
  isRight(): boolean {
    return this.#hash.digest("base64url") === this.put.sha256;
  }

  /** The object, unless it was not to be kept. */
  received(): Received | undefined {
    if (this.#bytes === undefined) return undefined;
    const { put } = this;
    const { buffer } = this.#bytes;
    switch (put.type) {
      case TYPE.model:
        return { kind: "model", put, values: new Float32Array(buffer) };
      case TYPE.update:
        return { kind: "update", put, values: new Int32Array(buffer) };
      case TYPE.masked:
        return { kind: "masked", put, values: new Uint32Array(buffer) };
      case TYPE.blob:
        return { kind: "blob", put, values: this.#bytes };
    }
  }
}

function fault(code: string, where: string, got: unknown, expected: string): ProtocolError {
  const fix = "Announce each object by put, then send its frames in order, one object at a time.";
  return new ProtocolError({ what: `stream.${code}`, where, got, expected, fix });
}

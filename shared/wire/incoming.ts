/** One object on its way in: what announces it, then its frames in order, hashed as they arrive. */
import { createHash } from "node:crypto";
import { ProtocolError } from "../errors.ts";
import {
  DTYPE_BYTES,
  DTYPE_OF,
  type Frame,
  type FrameHeader,
  type ObjectHeader,
  TYPE,
  type WireObject,
} from "./codec.ts";
import { type OutgoingCommon, wireProblem } from "./protocol.ts";

/** An object as it arrived, its hash right; where its one frame announced it, the hash is ours. */
export type Received = WireObject & { readonly put: ObjectHeader & { readonly sha256: string } };

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

  /**
   * Before the first frame. Refuses with `stream.order`, `.mismatch` or `.size`, or as `judge` does.
   *
   * @param sha256 of all bytes, base64url; undefined where the frame itself announces them: its checksum
   *   covers them all, and whoever could change both could change a hash beside them too
   */
  announce(
    header: ObjectHeader,
    sha256: string | undefined,
    judge: () => Verdict,
    where: string,
  ): void {
    if (this.#incoming !== undefined)
      throw fault("order", where, "another object", "the rest of the last");
    checkHeader(header, where);
    const { limitBytes, keep } = judge();
    if (!(header.bytes <= limitBytes)) {
      throw fault("size", where, `${header.bytes} bytes`, `at most ${limitBytes}`);
    }
    this.#incoming = new IncomingObject(header, sha256, keep);
  }

  /** Refuses with `stream.unknown`, `.mismatch` or `.order`; `stream.hash` is told by `have`. */
  take({ header, payload }: Pick<Frame, "header" | "payload">, where: string): Arrived | undefined {
    const incoming = this.#incoming;
    if (incoming?.header.stream !== header.stream) {
      throw fault("unknown", where, header.stream, "a stream that is announced");
    }
    if (!incoming.take(header, payload, where)) return undefined;
    this.#incoming = undefined;
    const { stream } = header;
    const sha256 = incoming.digest();
    if (sha256 !== undefined)
      return { have: { t: "have", stream, ok: true }, object: incoming.received(sha256) };
    const problem = wireProblem(fault("hash", where, "another hash", "the SHA-256 announced"));
    return { have: { t: "have", stream, ok: false, problem }, object: undefined };
  }
}

/** What may be said of an object without knowing what is expected. */
function checkHeader({ type, dtype, count, bytes }: ObjectHeader, where: string): void {
  if (dtype !== DTYPE_OF[type]) {
    throw fault("mismatch", where, `dtype ${dtype}`, `dtype ${DTYPE_OF[type]} for its type`);
  }
  if (count * DTYPE_BYTES[dtype] !== bytes) {
    throw fault("mismatch", where, `${count} entries in ${bytes} bytes`, "the entries' size");
  }
}

/** What a frame that is alone says of its object. */
export function headerOf({ type, dtype, total, ...ids }: FrameHeader): ObjectHeader {
  const { vclient: clientIndex, round, attempt, stream } = ids;
  const count = total / DTYPE_BYTES[dtype];
  return { stream, type, dtype, vclient: clientIndex, round, attempt, count, bytes: total };
}

class IncomingObject {
  readonly header: ObjectHeader;
  readonly #sha256: string | undefined;
  /** Of its own, so that every typed array over it is aligned; none for an object not kept. */
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  readonly #keep: boolean;
  readonly #hash = createHash("sha256");
  #chunks = 0;
  #chunk = 0;
  #offset = 0;

  /** @param keep false: the bytes are hashed and dropped */
  constructor(header: ObjectHeader, sha256: string | undefined, keep: boolean) {
    this.header = header;
    this.#sha256 = sha256;
    this.#keep = keep;
  }

  /** True when the frame was the last. */
  take(header: FrameHeader, payload: Uint8Array, where: string): boolean {
    const put = this.header;
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

  /** After the last frame, once: the hash of all bytes; undefined where another was announced. */
  digest(): string | undefined {
    const sha256 = this.#hash.digest("base64url");
    return this.#sha256 === undefined || this.#sha256 === sha256 ? sha256 : undefined;
  }

  /** The object, unless it was not to be kept. */
  received(sha256: string): Received | undefined {
    if (this.#bytes === undefined) return undefined;
    const put = { ...this.header, sha256 };
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

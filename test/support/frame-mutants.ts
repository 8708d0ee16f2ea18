/**
 * Objects on their way to an `Inbox`, most of them spoilt in one place or two: their `put`, a frame's
 * bytes, the order of frames. Where a header is spoilt its checksum is mostly made right again, or
 * no check past the checksum would ever run.
 */
import { crc32 } from "node:zlib";
import type { Random } from "../../shared/noise/random.ts";
import {
  DTYPE_OF,
  encodeFrame,
  encodeObject,
  HEADER_BYTES,
  TYPE,
  type WireObject,
} from "../../shared/wire/codec.ts";
import type { Put } from "../../shared/wire/protocol.ts";

export interface SentObject {
  /** undefined where its one frame announces it. */
  readonly put: Put | undefined;
  readonly frames: readonly Buffer[];
}

/** Where a header's fields are, in bytes: the wire protocol, section 4. */
const FIELDS: readonly (readonly [at: number, size: 1 | 2 | 4 | 8])[] = [
  [0, 1],
  [3, 1],
  [4, 1],
  [5, 1],
  [6, 2],
  [8, 4],
  [12, 4],
  [16, 4],
  [20, 4],
  [24, 4],
  [28, 4],
  [32, 8],
  [40, 8],
  [48, 4],
  [52, 4],
];
const EDGES = [
  0n,
  1n,
  2n,
  3n,
  4n,
  5n,
  7n,
  255n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 64n - 1n,
];

export class FrameMutants {
  readonly #random: Random;
  readonly #objects: readonly SentObject[];

  constructor(random: Random) {
    this.#random = random;
    this.#objects = Array.from({ length: 64 }, (_, stream) => this.#object(stream));
  }

  /** One more object, as a peer might send it. */
  next(): SentObject {
    const { put, frames } = this.#pick(this.#objects);
    const spoilt = put && this.#one(4) ? this.#put(put) : put;
    const first = frames.map((frame) => (this.#one(2) ? this.#frame(frame) : frame));
    return { put: spoilt, frames: this.#one(4) ? this.#order(first) : first };
  }

  /** In small chunks, which the receiver must take as well as full ones. */
  #object(stream: number): SentObject {
    const entries = this.#below(40);
    const bytes = new Uint8Array(this.#random.bytes(8 * entries)).buffer;
    const { kind, values } = this.#pick<WireObject>([
      { kind: "model", values: new Float32Array(bytes) },
      { kind: "update", values: new Int32Array(bytes) },
      { kind: "masked", values: new Uint32Array(bytes) },
      { kind: "blob", values: new Uint8Array(bytes) },
    ]);
    const ids = { vclient: this.#below(5), round: this.#below(9), attempt: 1, stream };
    const { header, sha256 = "" } = encodeObject(
      { kind: "blob", values: new Uint8Array(bytes) },
      ids,
    );
    const type = TYPE[kind];
    const dtype = DTYPE_OF[type];
    const total = bytes.byteLength;
    const size = Math.max(8, 8 * Math.ceil(entries / (1 + this.#below(3))));
    const chunks = Math.max(1, Math.ceil(total / size));
    if ((kind === "update" || kind === "masked") && this.#one(2)) {
      const header = { ...ids, type, dtype, chunk: 0, chunks: 1, total, offset: 0 };
      const frame = encodeFrame(header, new Uint8Array(bytes), true);
      return { put: undefined, frames: [frame] };
    }
    const frames = Array.from({ length: chunks }, (_, chunk) => {
      const offset = chunk * size;
      const payload = new Uint8Array(bytes).subarray(offset, offset + size);
      return encodeFrame({ ...ids, type, dtype, chunk, chunks, total, offset }, payload);
    });
    return {
      put: { t: "put", seq: 0, ...header, type, dtype, count: values.length, sha256 },
      frames,
    };
  }

  #put(put: Put): Put {
    const at = this.#pick(["stream", "vclient", "round", "attempt", "count", "bytes"] as const);
    const value = Number(this.#pick(EDGES) % 2n ** 53n);
    if (this.#one(3)) return { ...put, sha256: Buffer.alloc(32, value).toString("base64url") };
    // Both, so that the size is judged and not the sum.
    if (this.#one(3))
      return { ...put, count: value, bytes: value * (put.bytes / (put.count || 1)) };
    return { ...put, [at]: value };
  }

  #frame(frame: Buffer): Buffer {
    switch (this.#below(7)) {
      case 0:
        return this.#random.bytes(this.#below(120));
      case 1:
        return frame.subarray(0, this.#below(frame.length));
      case 2:
        return this.#flipped(frame);
      case 3:
        return this.#spliced(frame);
      case 4:
        return sealed(this.#spliced(frame));
      case 5:
        return sealed(this.#edged(frame));
      default:
        return sealed(this.#edged(this.#edged(frame)), this.#one(8));
    }
  }

  #flipped(frame: Buffer): Buffer {
    const copy = Buffer.from(frame);
    for (let flips = 1 + this.#below(3); flips > 0; flips--) {
      const bit = this.#below(8 * copy.length);
      copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    }
    return copy;
  }

  /** The beginning of one and the end of another. */
  #spliced(frame: Buffer): Buffer {
    const other = this.#pick(this.#pick(this.#objects).frames);
    const head = frame.subarray(0, this.#below(frame.length));
    return Buffer.concat([head, other.subarray(this.#below(other.length))]);
  }

  #edged(frame: Buffer): Buffer {
    const copy = Buffer.from(frame);
    const [at, size] = this.#pick(FIELDS);
    const value = this.#pick(EDGES);
    if (size === 8) copy.writeBigUInt64LE(value, at);
    else copy.writeUIntLE(Number(value % 2n ** BigInt(8 * size)), at, size);
    return copy;
  }

  /** A frame lost, doubled, or changed with its neighbour. */
  #order(frames: readonly Buffer[]): Buffer[] {
    const at = this.#below(frames.length);
    const few = frames.slice(at, at + 1);
    const [before, after] = [frames.slice(0, at), frames.slice(at + 1)];
    const kind = this.#below(3);
    if (kind === 0) return [...before, ...after];
    return kind === 1 ? [...before, ...few, ...few, ...after] : [...after, ...few, ...before];
  }

  #below(n: number): number {
    return this.#random.uint32() % n;
  }

  #one(of: number): boolean {
    return this.#below(of) === 0;
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#below(from.length)];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }
}

/** With its checksum, and mostly its length, made right. */
function sealed(frame: Buffer, keepsLength = false): Buffer {
  if (frame.length < HEADER_BYTES) return frame;
  if (!keepsLength) frame.writeUInt32LE(frame.length - HEADER_BYTES, 48);
  const header = crc32(frame.subarray(0, HEADER_BYTES - 4));
  frame.writeUInt32LE(crc32(frame.subarray(HEADER_BYTES), header), 52);
  return frame;
}

/**
 * Binary frames of the wire protocol, version 1: a 56-byte little-endian header, then up to 256 KiB
 * of one object. CRC-32 finds accidents only; against people stands the SHA-256 in `put`. An update
 * that fits one frame is announced by that very frame: all that `put` says but the hash is in its header.
 */
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { ProtocolError } from "../errors.ts";

export const HEADER_BYTES = 56;
/** A multiple of every entry size, so that no entry is ever cut. */
export const PAYLOAD_BYTES = 262_144;
/** What `ws` is told as `maxPayload`: one frame is one message. */
export const FRAME_BYTES = HEADER_BYTES + PAYLOAD_BYTES;
/** As `vclient`: all clients on the socket. */
export const ALL_CLIENTS = 0xffffffff;

export const TYPE = { model: 1, update: 2, masked: 3, blob: 4 } as const;
export const DTYPE = { f32: 1, f64: 2, i32: 3, u32: 4, u8: 5 } as const;
export type ObjectType = (typeof TYPE)[keyof typeof TYPE];
export type Dtype = (typeof DTYPE)[keyof typeof DTYPE];
/** Bytes of one entry. */
export const DTYPE_BYTES = { 1: 4, 2: 8, 3: 4, 4: 4, 5: 1 } as const;

/** The one dtype in which each type is really sent; `put` is held to it. */
export const DTYPE_OF = {
  1: DTYPE.f32,
  2: DTYPE.i32, // lattice integers, under every trust
  3: DTYPE.u32,
  4: DTYPE.u8,
} as const;

/** What the frame layer lets pass. No plan expects an UPDATE of f32, so its `put` is refused. */
const FRAME_DTYPES: Readonly<Record<ObjectType, readonly Dtype[]>> = {
  1: [DTYPE.f32],
  2: [DTYPE.i32, DTYPE.f32],
  3: [DTYPE.u32],
  4: [DTYPE.u8],
};
const TYPES: readonly ObjectType[] = Object.values(TYPE);
const MAGIC = "MRM";
const VERSION = 0x31; // "1"
const LAST = 1;
/** The frame announces its object, all of which is in it. */
const ALONE = 2;
/** What may come alone: of other objects a message says beforehand what they are for. */
const LONE_TYPES: readonly ObjectType[] = [TYPE.update, TYPE.masked];

/** Whose object it is, of which attempt, and its number on this socket and direction. */
export interface ObjectIds {
  readonly vclient: number;
  readonly round: number;
  readonly attempt: number;
  readonly stream: number;
}

/** A frame's header, without what follows from the rest (flags, length, CRC). */
export interface FrameHeader extends ObjectIds {
  readonly type: ObjectType;
  readonly dtype: Dtype;
  /** From 0. */
  readonly chunk: number;
  readonly chunks: number;
  /** Bytes of the whole object. */
  readonly total: number;
  /** Of this payload in the object, in bytes. */
  readonly offset: number;
}

export interface Frame {
  readonly header: FrameHeader;
  readonly payload: Uint8Array;
  /** It announces its object, all of which is in it. */
  readonly alone: boolean;
}

/** One frame as one WebSocket message. A header that cannot be written is a bug: RangeError. */
export function encodeFrame(header: FrameHeader, payload: Uint8Array, alone = false): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.write(MAGIC, 0, "latin1");
  frame[3] = VERSION;
  frame[4] = header.type;
  frame[5] = header.dtype;
  const last = header.chunk === header.chunks - 1 ? LAST : 0;
  frame.writeUInt16LE(last | (alone ? ALONE : 0), 6);
  frame.writeUInt32LE(header.vclient, 8);
  frame.writeUInt32LE(header.round, 12);
  frame.writeUInt32LE(header.attempt, 16);
  frame.writeUInt32LE(header.stream, 20);
  frame.writeUInt32LE(header.chunk, 24);
  frame.writeUInt32LE(header.chunks, 28);
  frame.writeBigUInt64LE(BigInt(header.total), 32);
  frame.writeBigUInt64LE(BigInt(header.offset), 40);
  frame.writeUInt32LE(payload.length, 48);
  frame.set(payload, HEADER_BYTES);
  frame.writeUInt32LE(checksum(frame), 52);
  return frame;
}

/** A frame whose payload is a copy in a buffer of its own, aligned for any typed array. */
export function decodeFrame(message: Buffer, where = "frame"): Frame {
  const { payload, ...rest } = readFrame(message, where);
  return { ...rest, payload: new Uint8Array(payload) };
}

/** A frame whose payload is still a view into `message`, for whoever copies it anyway. */
export function readFrame(message: Buffer, where = "frame"): Frame {
  checkWhole(message, where);
  const type = TYPES.find((known) => known === message[4]);
  if (type === undefined) throw fault("type", where, message[4], "1 to 4");
  const flags = message.readUInt16LE(6);
  const alone = (flags & ALONE) !== 0;
  if ((flags & ~(LAST | ALONE)) !== 0 || (alone && !LONE_TYPES.includes(type)))
    throw fault("flags", where, flags, "no bit but bit 0, of updates bit 1");
  const dtype = FRAME_DTYPES[type].find((known) => known === message[5]);
  if (dtype === undefined) throw fault("dtype", where, message[5], `what type ${type} holds`);
  const chunk = message.readUInt32LE(24);
  const chunks = message.readUInt32LE(28);
  const last = chunk === chunks - 1;
  if (!(chunk < chunks) || last !== ((flags & LAST) !== 0) || (alone && chunks !== 1)) {
    throw fault("chunk", where, `${chunk} of ${chunks}, flags ${flags}`, "LAST on the last chunk");
  }
  const payload = message.subarray(HEADER_BYTES);
  const { total, offset } = readRange(message, { last, dtype, length: payload.length }, where);
  const clientIndex = message.readUInt32LE(8);
  const round = message.readUInt32LE(12);
  const attempt = message.readUInt32LE(16);
  const stream = message.readUInt32LE(20);
  const header = {
    type,
    dtype,
    vclient: clientIndex,
    round,
    attempt,
    stream,
    chunk,
    chunks,
    total,
    offset,
  };
  return { header, payload, alone };
}

/** The checks that need no meaning of the fields, in the protocol's order. */
function checkWhole(message: Buffer, where: string): void {
  if (!(message.length >= HEADER_BYTES)) {
    throw fault("truncated", where, `${message.length} bytes`, `≥ ${HEADER_BYTES}`);
  }
  if (message.toString("latin1", 0, 3) !== MAGIC) {
    throw fault("magic", where, message.toString("hex", 0, 3), "the bytes of MRM");
  }
  if (message[3] !== VERSION) throw fault("version", where, message[3], `${VERSION}`);
  const length = message.readUInt32LE(48);
  if (length !== message.length - HEADER_BYTES || length > PAYLOAD_BYTES) {
    throw fault("length", where, `${length} of ${message.length} bytes`, "the rest of the message");
  }
  if (message.readUInt32LE(52) !== checksum(message)) {
    throw fault("crc", where, "another checksum", "the CRC-32 of header and payload");
  }
}

function readRange(
  message: Buffer,
  { last, dtype, length }: { last: boolean; dtype: Dtype; length: number },
  where: string,
): { total: number; offset: number } {
  const total = message.readBigUInt64LE(32);
  const offset = message.readBigUInt64LE(40);
  const size = DTYPE_BYTES[dtype];
  if (offset % BigInt(size) !== 0n || length % size !== 0) {
    throw fault("align", where, `${length} bytes at ${offset}`, `multiples of ${size}`);
  }
  const end = offset + BigInt(length);
  if (total > BigInt(Number.MAX_SAFE_INTEGER) || end > total || (last && end !== total)) {
    throw fault("range", where, `end ${end} of ${total}`, "within the object, the last at its end");
  }
  return { total: Number(total), offset: Number(offset) };
}

function checksum(frame: Buffer): number {
  return crc32(frame.subarray(HEADER_BYTES), crc32(frame.subarray(0, HEADER_BYTES - 4)));
}

function fault(code: string, where: string, got: unknown, expected: string): ProtocolError {
  const fix = "Send frames as version 1 of the wire protocol lays them out.";
  return new ProtocolError({ what: `frame.${code}`, where, got, expected, fix });
}

/** One object as its owner has it: what it is decides what it is made of. */
export type WireObject =
  | { readonly kind: "model"; readonly values: Float32Array }
  | { readonly kind: "update"; readonly values: Int32Array }
  | { readonly kind: "masked"; readonly values: Uint32Array }
  | { readonly kind: "blob"; readonly values: Uint8Array };

/** What `put` announces beside a hash, and an object's only frame without one. */
export interface ObjectHeader extends ObjectIds {
  readonly type: ObjectType;
  readonly dtype: Dtype;
  /** Entries. */
  readonly count: number;
  readonly bytes: number;
}

/** An object ready to be sent, any number of times: a broadcast is encoded once. */
export interface EncodedObject {
  readonly header: ObjectHeader;
  /** At least one; that of an empty object is empty. */
  readonly frames: readonly Buffer[];
  /** Of all bytes, base64url, for its `put`; undefined where its only frame announces it. */
  readonly sha256: string | undefined;
}

/** Cuts an object into frames. Typed arrays travel as they lie in memory, which is little-endian. */
export function encodeObject(object: WireObject, ids: ObjectIds): EncodedObject {
  const { header, bytes } = described(object, ids);
  const { type, dtype, bytes: total } = header;
  const chunks = Math.max(1, Math.ceil(total / PAYLOAD_BYTES));
  const frames = Array.from({ length: chunks }, (_, chunk) => {
    const offset = chunk * PAYLOAD_BYTES;
    const payload = bytes.subarray(offset, offset + PAYLOAD_BYTES);
    return encodeFrame({ ...ids, type, dtype, chunk, chunks, total, offset }, payload);
  });
  const sha256 = createHash("sha256").update(bytes).digest("base64url");
  return { header, frames, sha256 };
}

/** The same of an update, which announces itself where it fits one frame. */
export function encodeUpdate(
  object: Extract<WireObject, { readonly kind: "update" | "masked" }>,
  ids: ObjectIds,
): EncodedObject {
  const { header, bytes } = described(object, ids);
  const { type, dtype, bytes: total } = header;
  if (!(total <= PAYLOAD_BYTES)) return encodeObject(object, ids);
  const frame = { ...ids, type, dtype, chunk: 0, chunks: 1, total, offset: 0 };
  return { header, frames: [encodeFrame(frame, bytes, true)], sha256: undefined };
}

function described({ kind, values }: WireObject, ids: ObjectIds) {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const { vclient: clientIndex, round, attempt, stream } = ids;
  const of = {
    stream,
    type: TYPE[kind],
    dtype: DTYPE_OF[TYPE[kind]],
    vclient: clientIndex,
    round,
    attempt,
  };
  return { header: { ...of, count: values.length, bytes: bytes.length }, bytes };
}

/**
 * Values as messages carry them: bytes as base64url, client names and client numbers as BLOBs (a
 * JSON array; u32 little-endian). Lists of any length travel so, which leaves one form to check.
 */
import { ProtocolError } from "../errors.ts";
import { LIMITS } from "./protocol.ts";

export function toWire(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64url");
}

export function fromWire(text: string): Buffer {
  return Buffer.from(text, "base64url");
}

/** True for a public key as it is written: 32 bytes, base64url. */
export function isWireKey(text: string): boolean {
  const bytes = fromWire(text);
  return bytes.length === 32 && toWire(bytes) === text;
}

/** @param hash 64 hex digits, as hashes are written everywhere but on the wire */
export function hashToWire(hash: string): string {
  return toWire(Buffer.from(hash, "hex"));
}

export function hashFromWire(text: string): string {
  return fromWire(text).toString("hex");
}

/** Names go into file names, and the most of them must fit one BLOB; hence this alphabet. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/;

/** True for a name that a client may have: 1 to 60 letters, digits, dots, dashes, underscores. */
export function isClientName(name: string): boolean {
  return NAME.test(name);
}

export function packNames(names: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(names));
}

/** The distinct names of a `ready`, in order; refuses with `client.names`, `.duplicate-name`. */
export function unpackNames(bytes: Uint8Array, where: string): string[] {
  const list = parsed(bytes);
  if (!Array.isArray(list)) throw fault("client.names", where, "no list", "a JSON array of names");
  const most = LIMITS.clientsPerSocket;
  if (!(list.length >= 1 && list.length <= most)) {
    throw fault("client.names", where, `${list.length} names`, `1 to ${most} on a socket`);
  }
  const names = new Set<string>();
  for (const name of list) {
    if (typeof name !== "string" || !isClientName(name)) {
      throw fault("client.names", where, name, "1 to 60 of A-Z, a-z, 0-9, dot, dash, underscore");
    }
    if (names.has(name)) throw fault("client.duplicate-name", where, name, "each name once");
    names.add(name);
  }
  return [...names];
}

export function packNumbers(numbers: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32LE(number, 4 * i);
  return bytes;
}

/** The distinct numbers of a cohort; refuses with `client.numbers`. */
export function unpackNumbers(bytes: Uint8Array, where: string): number[] {
  const most = LIMITS.clientsPerSocket;
  if (bytes.length % 4 !== 0 || !(bytes.length <= 4 * most)) {
    throw fault("client.numbers", where, `${bytes.length} bytes`, `at most ${most} times 4 bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers = Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
  if (new Set(numbers).size !== numbers.length) {
    throw fault("client.numbers", where, "a number twice", "each number once");
  }
  return numbers;
}

/** Of a masked cohort: distinct numbers, each with its place; refuses with `client.numbers`. */
export function unpackPlaces(bytes: Uint8Array, where: string): Map<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = Math.floor(bytes.length / 8);
  const pairs = Array.from({ length: count }, (_, i) => {
    return [view.getUint32(8 * i, true), view.getUint32(8 * i + 4, true)] as const;
  });
  const places = new Map(pairs);
  const distinct = places.size === count && new Set(places.values()).size === count;
  if (distinct && bytes.length === 8 * count && count <= LIMITS.clientsPerSocket) return places;
  throw fault("client.numbers", where, `${bytes.length} bytes`, "pairs of a number and a place");
}

/** Public keys of 32 bytes one after another; refuses with `client.keys`. */
export function unpackKeys(bytes: Uint8Array, where: string): Buffer[] {
  const count = bytes.length / 32;
  if (!(Number.isInteger(count) && count <= LIMITS.clientsPerSocket))
    throw fault("client.keys", where, `${bytes.length} bytes`, "keys of 32 bytes each");
  return Array.from({ length: count }, (_, i) => Buffer.from(bytes.subarray(32 * i, 32 * i + 32)));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    const list: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return list;
  } catch {
    return undefined;
  }
}

function fault(what: string, where: string, got: unknown, expected: string): ProtocolError {
  // A list's own entries may be objects; String() of those could run into a toString of theirs.
  const shownGot = typeof got === "string" ? got : "something else";
  const fix = "Give each client of a run a name of its own.";
  return new ProtocolError({ what, where, got: shownGot, expected, fix });
}

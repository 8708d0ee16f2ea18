/**
 * Masks: the AES-256-CTR keystream (NIST SP 800-38A) of a 32-byte seed from counter block 0, read as
 * little-endian words and added mod 2^32. They are most of what the protocol costs, so they go
 * straight into the vector, a piece at a time: no mask is ever held whole.
 */
import { type Cipher, createCipheriv } from "node:crypto";

/** What stays in a core's cache while it is added: larger or smaller pieces are slower (measured). */
const PIECE_BYTES = 65_536;
const PIECE_WORDS = PIECE_BYTES / 4;
/** What is encrypted to get the keystream; shared, for nobody writes to it. */
const ZEROS = Buffer.alloc(PIECE_BYTES);
const FIRST_BLOCK = Buffer.alloc(16);

/** Adds the masks of `plus` to `vector` in place, and takes those of `minus` from it. */
export function addMasks(
  vector: Int32Array | Uint32Array,
  plus: readonly Uint8Array[],
  minus: readonly Uint8Array[],
): void {
  const words = new Int32Array(vector.buffer, vector.byteOffset, vector.length);
  inFours(words, plus, addFour, addOne);
  inFours(words, minus, subtractFour, subtractOne);
}

type Four = (a: Int32Array, w: Int32Array, x: Int32Array, y: Int32Array, z: Int32Array) => void;
type One = (a: Int32Array, w: Int32Array) => void;

/** Four streams in one pass: the vector is read and written a quarter as often. */
function inFours(words: Int32Array, seeds: readonly Uint8Array[], four: Four, one: One): void {
  const whole = seeds.length - (seeds.length % 4);
  for (let first = 0; first < whole; first += 4) {
    const [w, x, y, z] = [0, 1, 2, 3].map((i) => keystream(seeds[first + i]!));
    for (const [piece, zeros] of piecesOf(words)) {
      four(piece, next(w!, zeros), next(x!, zeros), next(y!, zeros), next(z!, zeros));
    }
  }
  for (const seed of seeds.slice(whole)) {
    const stream = keystream(seed);
    for (const [piece, zeros] of piecesOf(words)) one(piece, next(stream, zeros));
  }
}

function* piecesOf(words: Int32Array): Generator<readonly [piece: Int32Array, zeros: Buffer]> {
  for (let at = 0; at < words.length; at += PIECE_WORDS) {
    const piece = words.subarray(at, at + PIECE_WORDS);
    yield [piece, ZEROS.subarray(0, 4 * piece.length)];
  }
}

function keystream(seed: Uint8Array): Cipher {
  return createCipheriv("aes-256-ctr", seed, FIRST_BLOCK);
}

function next(stream: Cipher, zeros: Buffer): Int32Array {
  const bytes = stream.update(zeros); // in a buffer of its own, hence aligned
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

// `| 0` keeps the sums in 32-bit registers; in floats they take a third longer.
function addFour(a: Int32Array, w: Int32Array, x: Int32Array, y: Int32Array, z: Int32Array): void {
  for (let i = 0; i < a.length; i++) {
    a[i] = (((a[i]! + w[i]!) | 0) + ((x[i]! + y[i]!) | 0) + z[i]!) | 0;
  }
}

function subtractFour(
  a: Int32Array,
  w: Int32Array,
  x: Int32Array,
  y: Int32Array,
  z: Int32Array,
): void {
  for (let i = 0; i < a.length; i++) {
    a[i] = (((a[i]! - w[i]!) | 0) - ((x[i]! + y[i]!) | 0) - z[i]!) | 0;
  }
}

function addOne(a: Int32Array, w: Int32Array): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i]! + w[i]!) | 0;
}

function subtractOne(a: Int32Array, w: Int32Array): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i]! - w[i]!) | 0;
}

/**
 * Masks: the AES-256-CTR keystream (NIST SP 800-38A) of a 32-byte seed from counter block 0, read as
 * little-endian words and added mod 2^32. They are most of what the protocol costs, so they go
 * straight into the vector, a piece at a time, by a kernel: no mask is ever held whole.
 */
import { type Cipher, createCipheriv } from "node:crypto";
import { type Kernel, kernelOver } from "../engine/simd/kernel.ts";

/** Of the vector at once, all masks one after the other: a larger or smaller piece is slower (measured). */
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
  const [added, taken] = [plus.map(keystream), minus.map(keystream)];
  const { kernel, sum, mask } = roomOf();
  for (let at = 0; at < vector.length; at += PIECE_WORDS) {
    const piece = vector.subarray(at, at + PIECE_WORDS);
    const { length } = piece;
    const zeros = ZEROS.subarray(0, 4 * length);
    sum.set(piece);
    for (const stream of added) {
      mask.set(stream.update(zeros));
      kernel.addWords(SUM, MASK, length);
    }
    for (const stream of taken) {
      mask.set(stream.update(zeros));
      kernel.subtractWords(SUM, MASK, length);
    }
    piece.set(sum.subarray(0, length));
  }
  // The last mask is whose it is, and what lay beside the vector's end is nobody's.
  sum.fill(0);
  mask.fill(0);
}

function keystream(seed: Uint8Array): Cipher {
  return createCipheriv("aes-256-ctr", seed, FIRST_BLOCK);
}

/** Addresses; nothing lies at 0. */
const SUM = 64;
const MASK = SUM + PIECE_BYTES;
const PAGES = 3;

interface Room {
  readonly kernel: Kernel;
  readonly sum: Uint32Array;
  readonly mask: Uint8Array;
}

let made: Room | undefined;

/** One for this thread: an addition goes through without anybody in between. */
function roomOf(): Room {
  if (made) return made;
  const { kernel, buffer } = kernelOver(PAGES);
  made = {
    kernel,
    sum: new Uint32Array(buffer, SUM, PIECE_WORDS),
    mask: new Uint8Array(buffer, MASK, PIECE_BYTES),
  };
  return made;
}

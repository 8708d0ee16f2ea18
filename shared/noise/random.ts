/**
 * The one generator: an AES-256-CTR keystream (NIST SP 800-38A) under a key that HKDF-SHA256
 * (RFC 5869) derives from a root and a label, one label a purpose.
 *
 * Seeded roots replay a simulation: whoever holds the seed can subtract the noise again. Secure
 * roots take a fresh operating-system key for every stream, so no seed exists that could leak.
 */
import { createCipheriv, createHmac, randomBytes } from "node:crypto";

/** What a stream is for. A label used for two purposes would repeat one's coins in the other. */
export type Purpose =
  | "person"
  | "heldOut"
  | "split"
  | "partition"
  | "init"
  | "sample"
  | "cohort"
  | "shuffle"
  | "noise"
  | "countNoise"
  | "centralNoise"
  | "simulate"
  | "dropOut"
  | "straggle"
  | "fault"
  | "garbage"
  | "unicity"
  | "sweep"
  | "bootstrap"
  | "rotation";

/** Whence streams come. */
export type RandomRoot =
  | { readonly kind: "seeded"; readonly seed: Buffer }
  | { readonly kind: "secure" };

/** The root of a scenario's seed: its 32-bit number, little-endian, in 32 bytes. */
export function seededRoot(seed: number): RandomRoot {
  return { kind: "seeded", seed: seedBytes(seed) };
}

/** A seed as keys are derived from it. */
export function seedBytes(seed: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(seed);
  return bytes;
}

/** The operating system's randomness. */
export const secureRoot: RandomRoot = { kind: "secure" };

/**
 * The stream of one purpose. `key` says which draw of that purpose (round, attempt, client …); no
 * run id is in it, so that one seed gives the same coins in any run, on any host, after any resume.
 */
export function stream(root: RandomRoot, purpose: Purpose, ...key: (number | string)[]): Random {
  if (root.kind === "secure") return new Random(randomBytes(32));
  return new Random(deriveKey(root.seed, [purpose, ...key].join("/")));
}

/**
 * HKDF-SHA256 (RFC 5869, empty salt, one block of output) of a 32-byte seed to the stream key of
 * `label`. By its two HMACs: node's `hkdfSync` takes five times as long, and generated data have a
 * stream for each person.
 */
export function deriveKey(seed: Buffer, label: string): Buffer {
  return createHmac("sha256", extractedOf(seed)).update(`murmur/drbg/${label}\u0001`).digest();
}

/** HKDF's salt where none is given: as many zeros as the hash has bytes. */
const EMPTY_SALT = Buffer.alloc(32);
const extracted = new WeakMap<Buffer, Buffer>();

/** HKDF's first step, which all streams of a root share. A seed's bytes are never written to. */
function extractedOf(seed: Buffer): Buffer {
  const known = extracted.get(seed);
  if (known) return known;
  const made = createHmac("sha256", EMPTY_SALT).update(seed).digest();
  extracted.set(seed, made);
  return made;
}

/** Most streams are read a little way; those that go on take whole blocks. */
const FIRST_BYTES = 512;
const BLOCK_BYTES = 4096;
/** At once, where somebody asks for so many. */
const MOST_BYTES = 65_536;
/** What is encrypted to get the keystream; shared, for nobody writes to it. */
const ZEROS = Buffer.alloc(MOST_BYTES);
const FIRST_ZEROS = ZEROS.subarray(0, FIRST_BYTES);
const BLOCK_ZEROS = ZEROS.subarray(0, BLOCK_BYTES);
/** Two uniform draws of two words each. */
const BYTES_PER_NORMAL = 16;
const NOTHING = new DataView(new ArrayBuffer(0));

/** @param high 27 bits @param low 26 bits */
function fraction(high: number, low: number): number {
  return (high * 67108864 + low) / 9007199254740992;
}

/** One keystream, read from its start and never rewound. */
export class Random {
  readonly #cipher;
  #block = Buffer.alloc(0);
  #view = NOTHING;
  #position = 0;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  }

  /** The next `count` keystream bytes, in a buffer of their own. */
  bytes(count: number): Buffer {
    // Straight from the cipher, nothing copied.
    if (this.#left === 0 && count >= BLOCK_BYTES && count <= MOST_BYTES)
      return this.#cipher.update(ZEROS.subarray(0, count));
    const out = Buffer.alloc(count);
    for (let done = 0; done < count; ) {
      if (this.#position === this.#block.length) this.#refill();
      const copied = this.#block.copy(out, done, this.#position);
      done += copied;
      this.#position += copied;
    }
    return out;
  }

  /** The next four bytes as an unsigned little-endian integer. */
  uint32(): number {
    if (this.#block.length - this.#position < 4) return this.bytes(4).readUInt32LE();
    const value = this.#block.readUInt32LE(this.#position);
    this.#position += 4;
    return value;
  }

  /** Uniform on [0, 1), a multiple of 2^-53: the high bits of two `uint32`. */
  uniform(): number {
    const at = this.#position;
    if (this.#block.length - at < 8) return fraction(this.uint32() >>> 5, this.uint32() >>> 6);
    this.#position += 8;
    // Shifted at once: as a number of its own, half of all would be allocated.
    return fraction(this.#view.getUint32(at, true) >>> 5, this.#view.getUint32(at + 4, true) >>> 6);
  }

  /** True with probability `rate`, to 2^-53. */
  bernoulli(rate: number): boolean {
    return this.uniform() < rate;
  }

  /**
   * Uniform integer in [0, n), without bias: the low bits of the fewest bytes that hold n - 1,
   * drawn again while they are not below n. n = 1 reads nothing.
   */
  below(n: number): number {
    const bits = n <= 1 ? 0 : Math.floor(Math.log2(n - 1)) + 1;
    if (bits === 0) return 0;
    if (bits > 32) throw new RangeError(`below(${n}): at most 2^32`);
    const bytes = Math.ceil(bits / 8);
    const span = 2 ** bits;
    for (;;) {
      const value = this.integer(bytes) % span;
      if (value < n) return value;
    }
  }

  /** A fresh permutation of 0 … n - 1 (Fisher and Yates). */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const last = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = last;
    }
    return order;
  }

  /**
   * One standard normal draw (Box and Muller 1958), for generated data, partitions and weights
   * only: what is released gets integer noise from rounded-gaussian.ts.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Passes over as much as `count` normal draws read. */
  skipNormals(count: number): void {
    let bytes = count * BYTES_PER_NORMAL;
    for (let left = this.#left; bytes > left; left = this.#left) {
      bytes -= left;
      this.#refill();
    }
    this.#position += bytes;
  }

  get #left(): number {
    return this.#block.length - this.#position;
  }

  /** The next one to four bytes, little-endian; from the block itself, which most draws lie in. */
  protected integer(bytes: number): number {
    const at = this.#position;
    if (this.#block.length - at < bytes) return this.bytes(bytes).readUIntLE(0, bytes);
    this.#position += bytes;
    return this.#block.readUIntLE(at, bytes);
  }

  #refill(): void {
    const block = this.#cipher.update(this.#block.length === 0 ? FIRST_ZEROS : BLOCK_ZEROS);
    this.#block = block;
    this.#view = new DataView(block.buffer, block.byteOffset, block.length);
    this.#position = 0;
  }
}

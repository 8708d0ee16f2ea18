// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * The fast Fourier transform of complex sequences whose length is a power of two: Cooley & Tukey
 * 1965, radix 2, decimation in time, in place.
 */

// u: half the distance from 1 to the next double.
const UNIT = 2 ** -53;
// A twiddle is off by 5 u at most: its angle by 3, its sine and cosine by 1 each.
const TWIDDLE_ERROR = 5 * UNIT;

/**
 * Relative error of a transform in the 2-norm, for each of its log2 n stages: eta of Higham 2002,
 * Accuracy and Stability of Numerical Algorithms, theorem 24.2 (mu + gamma_4 (sqrt 2 + mu)).
 */
export const FFT_ERROR = TWIDDLE_ERROR + 4.001 * UNIT * (Math.SQRT2 + TWIDDLE_ERROR);

/**
 * Replaces the sequence re + i im of length n by its spectrum: at k, the sum over all j of what is at
 * j times e^(-2 pi i j k / n). With re and im exchanged it goes back, to n times the sequence.
 */
export function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  if (!(n >= 1 && (n & (n - 1)) === 0 && im.length === n)) {
    throw new RangeError(`lengths ${n} and ${im.length}: expected one power of two`);
  }
  reverseBits(re, im);
  const table = twiddles(n);
  for (let half = 1; half < n; half <<= 1) {
    for (let start = 0; start < n; start += 2 * half) join(re, im, start, half, table);
  }
}

/**
 * Joins two transforms of length `half`, the first at `start`, into one. A function of its own, as it
 * is hot, and so compiled, long before a loop around it would be: 4 ms for the first 16,384, not 15.
 */
function join(
  re: Float64Array,
  im: Float64Array,
  start: number,
  half: number,
  { cos, sin }: Twiddles,
): void {
  for (let a = start, b = start + half, w = half; w < 2 * half; a++, b++, w++) {
    const turnedRe = re[b]! * cos[w]! + im[b]! * sin[w]!;
    const turnedIm = im[b]! * cos[w]! - re[b]! * sin[w]!;
    re[b] = re[a]! - turnedRe;
    im[b] = im[a]! - turnedIm;
    re[a]! += turnedRe;
    im[a]! += turnedIm;
  }
}

/** Moves what is at each index to the one with the same bits in reverse. */
function reverseBits(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, reversed = 0; i < n; i++) {
    // Adds 1 from the left.
    let bit = n >> 1;
    while (reversed & bit) {
      reversed ^= bit;
      bit >>= 1;
    }
    reversed |= bit;
    if (i < reversed) {
      exchange(re, i, reversed);
      exchange(im, i, reversed);
    }
  }
}

function exchange(numbers: Float64Array, i: number, j: number): void {
  const kept = numbers[i]!;
  numbers[i] = numbers[j]!;
  numbers[j] = kept;
}

/** cos and sin of pi j / half, at half + j for j < half, for every power of two `half`. */
interface Twiddles {
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

let known: Twiddles = { cos: new Float64Array(1), sin: new Float64Array(1) };

/** For length n at least: a longer table begins with the shorter ones, so the longest is kept. */
function twiddles(n: number): Twiddles {
  if (known.cos.length >= n) return known;
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)];
  const half = n >> 1;
  for (let j = 0; j < half; j++) {
    cos[half + j] = Math.cos((Math.PI * j) / half);
    sin[half + j] = Math.sin((Math.PI * j) / half);
  }
  // Those of half the length are every second one.
  for (let i = half - 1; i >= 1; i--) {
    cos[i] = cos[2 * i]!;
    sin[i] = sin[2 * i]!;
  }
  known = { cos, sin };
  return known;
}

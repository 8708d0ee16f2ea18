/**
 * Gaussian integers from a keystream, as shared/noise/gaussian-table.ts draws them, number for number: in groups of 32
 * draws, of one word of signs and two words a draw. A group in which some draw is too close to a threshold is left to it.
 */

/** A group's words, in bytes. */
const GROUP_BYTES: usize = 260;

/**
 * By the quantile's polynomials: i32[32 × groups].
 *
 * @param table their coefficients, six float64 each, 64 of them an octave, 20 octaves, the last one first
 * @param margin what y must keep from a whole number, to be decided
 * @returns how many groups, from the first, are decided and written
 */
export function quantileGaussians(
  words: usize, groups: i32, table: usize, scale: f64, margin: f64, out: usize,
): i32 {
  const least = f64x2.splat(margin), most = f64x2.splat(1 - margin), times = f64x2.splat(scale);
  // An index counts from the exponent of 2^12.
  const first = table - FIRST_INDEX * 48;
  for (let group = 0; group < groups; group++) {
    let signs = i32x4.splat(load<u32>(words));
    let good = i64x2.splat(-1);
    const end = words + GROUP_BYTES;
    for (let at = words + 4; at < end; at += 32) {
      const y0 = placeOf(v128.load(at), first, times), y1 = placeOf(v128.load(at, 16), first, times);
      const whole0 = f64x2.floor(y0), whole1 = f64x2.floor(y1);
      const inside0 = f64x2.sub(y0, whole0), inside1 = f64x2.sub(y1, whole1);
      good = v128.and(good, v128.and(f64x2.gt(inside0, least), f64x2.lt(inside0, most)));
      good = v128.and(good, v128.and(f64x2.gt(inside1, least), f64x2.lt(inside1, most)));
      const magnitude = i32x4.shuffle(integersOf(whole0), integersOf(whole1), 0, 2, 4, 6);
      const negative = i32x4.ne(v128.and(signs, i32x4(1, 2, 4, 8)), i32x4.splat(0));
      v128.store(out, i32x4.sub(v128.xor(magnitude, negative), negative));
      signs = i32x4.shr_u(signs, 4);
      out += 16;
    }
    if (!i64x2.all_true(good)) return group;
    words = end;
  }
  return groups;
}

/** (1023 + 12) · 64. */
const FIRST_INDEX: usize = 66240;

/**
 * scale · x + 1/2 of two draws, of (high, low) each; NaN where high is below 2^12: beyond the last octave nothing is decided.
 *
 * A word as float64 is exact: its exponent says which octave, its first six digits which part.
 */
// @ts-ignore: decorator
@inline
function placeOf(pair: v128, first: usize, times: v128): v128 {
  const high = v128.or(v128.and(pair, i64x2.splat(0xffffffff)), i64x2.splat(0x4330000000000000));
  const read = f64x2.sub(high, f64x2.splat(4503599627370496.0));
  const word = f64x2.max(read, f64x2.splat(4096));
  // high · 2^32 + low, rounded once.
  const low = v128.or(i64x2.shr_u(pair, 32), i64x2.splat(0x4330000000000000));
  const both = f64x2.add(
    f64x2.mul(read, f64x2.splat(4294967296.0)),
    f64x2.sub(low, f64x2.splat(4503599627370496.0)),
  );
  // 2^(octave − 57), from the exponent 31 − octave.
  const unit = i64x2.sub(i64x2.splat(2020 << 52), v128.and(word, i64x2.splat(0x7ff0000000000000)));
  const lead = f64x2.mul(
    f64x2.mul(v128.and(word, i64x2.splat(0x7fffc00000000000)), f64x2.splat(4294967296.0)), unit);
  const t = f64x2.sub(f64x2.mul(both, unit), f64x2.add(lead, f64x2.splat(0.5)));
  const index = i64x2.shr_u(word, 46);
  const p = first + <usize>i64x2.extract_lane(index, 0) * 48;
  const q = first + <usize>i64x2.extract_lane(index, 1) * 48;
  const p0 = v128.load(p), p2 = v128.load(p, 16), p4 = v128.load(p, 32);
  const q0 = v128.load(q), q2 = v128.load(q, 16), q4 = v128.load(q, 32);
  let x = f64x2.add(i64x2.shuffle(p4, q4, 0, 2), f64x2.mul(t, i64x2.shuffle(p4, q4, 1, 3)));
  x = f64x2.add(i64x2.shuffle(p2, q2, 1, 3), f64x2.mul(t, x));
  x = f64x2.add(i64x2.shuffle(p2, q2, 0, 2), f64x2.mul(t, x));
  x = f64x2.add(i64x2.shuffle(p0, q0, 1, 3), f64x2.mul(t, x));
  x = f64x2.add(i64x2.shuffle(p0, q0, 0, 2), f64x2.mul(t, x));
  const y = f64x2.add(f64x2.mul(times, x), f64x2.splat(0.5));
  return v128.or(y, f64x2.lt(read, f64x2.splat(4096)));
}

/** Whole numbers of [0, 2^31), each in the lower half of its lane. */
// @ts-ignore: decorator
@inline
function integersOf(whole: v128): v128 {
  return f64x2.add(whole, f64x2.splat(4503599627370496.0));
}

/**
 * By search in a whole table (leading-bits.ts).
 *
 * @param tails float64, falling, −1 the last
 * @param starts u16[4096]
 */
export function searchedGaussians(words: usize, groups: i32, tails: usize, starts: usize, out: usize): i32 {
  for (let group = 0; group < groups; group++) {
    let signs = load<u32>(words);
    let undecided: i32 = 0;
    const end = words + GROUP_BYTES;
    for (let at = words + 4; at < end; at += 8) {
      const high = load<u32>(at);
      const v = <f64>high * 1048576.0 + <f64>(load<u32>(at, 4) >>> 12);
      let a: u32 = load<u16>(starts + (<usize>(high >>> 20) << 1));
      while (v < load<f64>(tails + (<usize>a << 3))) a++;
      undecided |= <i32>(v == load<f64>(tails + (<usize>a << 3)));
      const sign = -<i32>(signs & 1);
      store<i32>(out, (<i32>a ^ sign) - sign);
      signs >>>= 1;
      out += 4;
    }
    if (undecided) return group;
    words = end;
  }
  return groups;
}

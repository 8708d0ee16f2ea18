/** Activation functions, their slopes, squares, and sums over plain floats, four at a time. */

/** Adds nothing of its own to a norm: squares of float32 are exact in float64. */
// @ts-ignore: decorator
@inline
function squares(x: v128): v128 {
  const low = f64x2.promote_low_f32x4(x);
  const high = f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 0, 1));
  return f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high));
}

/** Sum of the squares of n floats, in float64. */
export function squareSum(x: usize, n: i32): f64 {
  let s0 = f64x2.splat(0), s1 = s0;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    s0 = f64x2.add(s0, squares(v128.load(x)));
    s1 = f64x2.add(s1, squares(v128.load(x, 16)));
    x += 32;
  }
  s0 = f64x2.add(s0, s1);
  let sum = f64x2.extract_lane(s0, 0) + f64x2.extract_lane(s0, 1);
  for (; i < n; i++) {
    const one = <f64>load<f32>(x);
    sum += one * one;
    x += 4;
  }
  return sum;
}

/**
 * The same with the squares of eight places summed in float32, which moves the sum by at most
 * 4 · 2^-24 of itself; but squares that float32 cannot hold are lost (below 1e-37), or infinite.
 */
// @ts-ignore: decorator
@inline
function roughSquareSum(x: usize, n: i32): f64 {
  let sums = f64x2.splat(0);
  let i = 0;
  for (; i + 32 <= n; i += 32) {
    const left = f32x4.add(twoSquares(x), twoSquares(x + 32));
    const both = f32x4.add(left, f32x4.add(twoSquares(x + 64), twoSquares(x + 96)));
    const high = f64x2.promote_low_f32x4(i32x4.shuffle(both, both, 2, 3, 0, 1));
    sums = f64x2.add(sums, f64x2.add(f64x2.promote_low_f32x4(both), high));
    x += 128;
  }
  for (; i + 4 <= n; i += 4) {
    sums = f64x2.add(sums, squares(v128.load(x)));
    x += 16;
  }
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  for (; i < n; i++) {
    const one = <f64>load<f32>(x);
    sum += one * one;
    x += 4;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function twoSquares(x: usize): v128 {
  const x0 = v128.load(x), x1 = v128.load(x, 16);
  return f32x4.add(f32x4.mul(x0, x0), f32x4.mul(x1, x1));
}

/**
 * |d|² · (|a|² + 1) of each row, infinite where |a|² is not below `most`: float64[rows]. What the
 * rough sum loses of a, the 1 makes up for.
 */
export function denseSquares(
  a: usize, aStride: usize, k: i32, d: usize, dStride: usize, n: i32, rows: i32, most: f64, squares: usize,
): void {
  for (let i = 0; i < rows; i++) {
    const inputs = roughSquareSum(a, k);
    const d0 = <f64>load<f32>(d);
    const deltas = n == 1 ? d0 * d0 : squareSum(d, n);
    store<f64>(squares, inputs < most ? deltas * (inputs + 1) : Infinity);
    a += aStride; d += dStride; squares += 8;
  }
}

/**
 * Clip factors of some rows, as clip.ts has them: 0 where the whole gradient's squared norm is not
 * below `most`.
 *
 * @param squares of each layer's part: float64[layers × 64], a layer after the other
 * @param bounds float64[layers]
 * @param own 1: each layer to its own bound; 0: all to the first
 * @param factors as `squares`
 * @returns rows whose factor is 0
 */
export function clipRows(
  squares: usize, layers: i32, rows: i32, bounds: usize, own: i32, most: f64, factors: usize,
): i32 {
  let spoilt = 0;
  for (let i = 0; i < rows; i++) {
    let square: f64 = 0;
    for (let l = 0; l < layers; l++) square += load<f64>(squares + (<usize>l << 9));
    const finite = square < most;
    if (!finite) spoilt += 1;
    let factor = finite ? clipFactor(square, load<f64>(bounds)) : 0;
    for (let l = 0; l < layers; l++) {
      const at = <usize>l << 9;
      if (own && finite) factor = clipFactor(load<f64>(squares + at), load<f64>(bounds + (<usize>l << 3)));
      store<f64>(factors + at, factor);
    }
    squares += 8; factors += 8;
  }
  return spoilt;
}

// @ts-ignore: decorator
@inline
function clipFactor(square: f64, bound: f64): f64 {
  const factor = bound / sqrt<f64>(square);
  return factor < 1 ? factor : 1;
}

/** to += factor · from, n a multiple of four. */
export function addScaled(to: usize, from: usize, n: i32, factor: f32): void {
  const f = f32x4.splat(factor);
  for (const end = to + (<usize>n << 2); to < end; to += 16) {
    v128.store(to, f32x4.add(v128.load(to), f32x4.mul(f, v128.load(from))));
    from += 16;
  }
}

/** Adds n floats to as many float64 and puts zeros in their place; n a multiple of four. */
export function moveInto(total: usize, block: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (const end = block + (<usize>n << 2); block < end; block += 16) {
    const x = v128.load(block);
    const high = i32x4.shuffle(x, x, 2, 3, 0, 1);
    v128.store(total, f64x2.add(v128.load(total), f64x2.promote_low_f32x4(x)));
    v128.store(total, f64x2.add(v128.load(total, 16), f64x2.promote_low_f32x4(high)), 16);
    v128.store(block, zero);
    total += 32;
  }
}

/** w −= share · total, in float64, rounded once; n a multiple of four. */
export function descend(w: usize, total: usize, n: i32, share: f64): void {
  const s = f64x2.splat(share);
  for (const end = w + (<usize>n << 2); w < end; w += 16) {
    const x = v128.load(w);
    const high = f64x2.promote_low_f32x4(i32x4.shuffle(x, x, 2, 3, 0, 1));
    const low = f64x2.sub(f64x2.promote_low_f32x4(x), f64x2.mul(s, v128.load(total)));
    const rest = f64x2.sub(high, f64x2.mul(s, v128.load(total, 16)));
    v128.store(w, i64x2.shuffle(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(rest), 0, 2));
    total += 32;
  }
}

/**
 * e^r − 1 for |r| ≤ ln(2)/2, by its Taylor polynomial of degree 7: what is left off is below a
 * quarter of float32's last place of r.
 */
// @ts-ignore: decorator
@inline
function expm1Near0(r: v128): v128 {
  let p = f32x4.add(f32x4.mul(r, f32x4.splat(1.0 / 5040)), f32x4.splat(1.0 / 720));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(1.0 / 120));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(1.0 / 24));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(1.0 / 6));
  p = f32x4.add(f32x4.mul(r, p), f32x4.splat(0.5));
  return f32x4.add(r, f32x4.mul(f32x4.mul(r, r), p));
}

/**
 * x / ln 2 to the nearest whole n, plus 1.5 · 2^23, so that n stands in the lowest bits; |x| < 2^21.
 */
// @ts-ignore: decorator
@inline
function shiftedCount(x: v128): v128 {
  return f32x4.add(f32x4.mul(x, f32x4.splat(1.4426950408889634)), f32x4.splat(12_582_912));
}

/** r in x = n·ln 2 + r; ln 2 in two parts, the first of few bits, so that n times it is exact. */
// @ts-ignore: decorator
@inline
function remainder(x: v128, shifted: v128): v128 {
  const n = f32x4.sub(shifted, f32x4.splat(12_582_912));
  const r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375)));
  return f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444005469057e-4)));
}

/** 2^n, −126 ≤ n ≤ 127: the exponent's bits are the lowest nine of n + 127, shifted up. */
// @ts-ignore: decorator
@inline
function powerOf2(shifted: v128): v128 {
  return i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23);
}

/** With E = e^2|x| − 1 it is ± E / (E + 2): nothing cancels near 0. NaN stays NaN. */
// @ts-ignore: decorator
@inline
function tanhOf(x: v128): v128 {
  // From 9.5 on it is 1 to the last place.
  const twice = f32x4.mul(f32x4.pmin(f32x4.abs(x), f32x4.splat(9.5)), f32x4.splat(2));
  const shifted = shiftedCount(twice);
  const power = powerOf2(shifted);
  const grown = f32x4.mul(power, expm1Near0(remainder(twice, shifted)));
  const e = f32x4.add(grown, f32x4.sub(power, f32x4.splat(1)));
  const y = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  return v128.or(y, v128.and(x, i32x4.splat(0x80000000)));
}

/** From e^−|x|, which no exponent makes overflow. NaN stays NaN. */
// @ts-ignore: decorator
@inline
function sigmoidOf(x: v128): v128 {
  const one = f32x4.splat(1);
  const below = f32x4.neg(f32x4.pmin(f32x4.abs(x), f32x4.splat(87)));
  const shifted = shiftedCount(below);
  const power = powerOf2(shifted);
  const e = f32x4.add(power, f32x4.mul(power, expm1Near0(remainder(below, shifted))));
  const y = f32x4.div(one, f32x4.add(one, e));
  return v128.bitselect(f32x4.mul(e, y), y, f32x4.lt(x, f32x4.splat(0)));
}

/** Over n floats, up to a multiple of four. */
export function tanhAll(x: usize, n: i32): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16) v128.store(x, tanhOf(v128.load(x)));
}

export function sigmoidAll(x: usize, n: i32): void {
  for (const end = x + (<usize>n << 2); x < end; x += 16) v128.store(x, sigmoidOf(v128.load(x)));
}

export function reluAll(x: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (const end = x + (<usize>n << 2); x < end; x += 16) {
    v128.store(x, f32x4.pmax(v128.load(x), zero)); // NaN stays NaN
  }
}

/** d *= 1 − a², the slope of tanh where it gave a. */
export function tanhSlopes(a: usize, d: usize, n: i32): void {
  const one = f32x4.splat(1);
  for (const end = a + (<usize>n << 2); a < end; a += 16) {
    const y = v128.load(a);
    v128.store(d, f32x4.mul(v128.load(d), f32x4.sub(one, f32x4.mul(y, y))));
    d += 16;
  }
}

export function sigmoidSlopes(a: usize, d: usize, n: i32): void {
  const one = f32x4.splat(1);
  for (const end = a + (<usize>n << 2); a < end; a += 16) {
    const y = v128.load(a);
    v128.store(d, f32x4.mul(v128.load(d), f32x4.mul(y, f32x4.sub(one, y))));
    d += 16;
  }
}

export function reluSlopes(a: usize, d: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (const end = a + (<usize>n << 2); a < end; a += 16) {
    v128.store(d, v128.and(v128.load(d), f32x4.gt(v128.load(a), zero)));
    d += 16;
  }
}

/** to += from, modulo 2^32, over n words, up to a multiple of four. */
export function addWords(to: usize, from: usize, n: i32): void {
  for (const end = to + (<usize>n << 2); to < end; to += 16) {
    v128.store(to, i32x4.add(v128.load(to), v128.load(from)));
    from += 16;
  }
}

/** to −= from. */
export function subtractWords(to: usize, from: usize, n: i32): void {
  for (const end = to + (<usize>n << 2); to < end; to += 16) {
    v128.store(to, i32x4.sub(v128.load(to), v128.load(from)));
    from += 16;
  }
}

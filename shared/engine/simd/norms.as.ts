/**
 * Passes of a group normalization over one image, two channels at a time in float64. Whatever is
 * given or written by channel is float64, of an even number of channels; with an odd number the last
 * pair holds a number of no meaning.
 */

// @ts-ignore: decorator
@inline
function pairAt(x: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(x));
}

/** Both of a pair as float32, or the first where there is no other. */
// @ts-ignore: decorator
@inline
function storePair(to: usize, x: v128, both: bool): void {
  const pair = f32x4.demote_f64x2_zero(x);
  if (both) v128.store64_lane(to, pair, 0);
  else store<f32>(to, f32x4.extract_lane(pair, 0));
}

/** sums = Σ x over the positions, by channel. */
export function channelSums(x: usize, positions: i32, channels: i32, sums: usize): void {
  const step = <usize>channels << 2;
  for (let c = 0; c < channels; c += 2) {
    let sum = f64x2.splat(0);
    let at = x + (<usize>c << 2);
    for (let p = 0; p < positions; p++) {
      sum = f64x2.add(sum, pairAt(at));
      at += step;
    }
    v128.store(sums, sum);
    sums += 16;
  }
}

/** sums = Σ (x − mean)². */
export function channelSquares(x: usize, positions: i32, channels: i32, means: usize, sums: usize): void {
  const step = <usize>channels << 2;
  for (let c = 0; c < channels; c += 2) {
    const mean = v128.load(means);
    let sum = f64x2.splat(0);
    let at = x + (<usize>c << 2);
    for (let p = 0; p < positions; p++) {
      const centred = f64x2.sub(pairAt(at), mean);
      sum = f64x2.add(sum, f64x2.mul(centred, centred));
      at += step;
    }
    v128.store(sums, sum);
    means += 16; sums += 16;
  }
}

/** y = (x − mean) · scale · gamma + beta. */
export function normalize(
  x: usize, positions: i32, channels: i32, means: usize, scales: usize, gamma: usize, beta: usize, y: usize,
): void {
  const step = <usize>channels << 2;
  for (let c = 0; c < channels; c += 2) {
    const mean = v128.load(means), shift = v128.load(beta);
    const factor = f64x2.mul(v128.load(scales), v128.load(gamma));
    const both = c + 1 < channels;
    let at = <usize>c << 2;
    for (let p = 0; p < positions; p++) {
      const centred = f64x2.sub(pairAt(x + at), mean);
      storePair(y + at, f64x2.add(f64x2.mul(centred, factor), shift), both);
      at += step;
    }
    means += 16; scales += 16; gamma += 16; beta += 16;
  }
}

/** The derivatives by gamma, Σ d · (x − mean) · scale, and by beta, Σ d. */
export function channelProducts(
  x: usize, d: usize, positions: i32, channels: i32, means: usize, scales: usize, byGamma: usize, byBeta: usize,
): void {
  const step = <usize>channels << 2;
  for (let c = 0; c < channels; c += 2) {
    const mean = v128.load(means);
    let sum = f64x2.splat(0), product = sum;
    let at = <usize>c << 2;
    for (let p = 0; p < positions; p++) {
      const delta = pairAt(d + at);
      sum = f64x2.add(sum, delta);
      product = f64x2.add(product, f64x2.mul(delta, f64x2.sub(pairAt(x + at), mean)));
      at += step;
    }
    v128.store(byGamma, f64x2.mul(product, v128.load(scales)));
    v128.store(byBeta, sum);
    means += 16; scales += 16; byGamma += 16; byBeta += 16;
  }
}

/** below = (d · gamma − sum − (x − mean) · scale · product) · scale. */
export function normalizeBack(
  x: usize, d: usize, positions: i32, channels: i32, means: usize, scales: usize, gamma: usize,
  sums: usize, products: usize, below: usize,
): void {
  const step = <usize>channels << 2;
  for (let c = 0; c < channels; c += 2) {
    const mean = v128.load(means), scale = v128.load(scales), factor = v128.load(gamma);
    const sum = v128.load(sums), product = f64x2.mul(v128.load(products), scale);
    const both = c + 1 < channels;
    let at = <usize>c << 2;
    for (let p = 0; p < positions; p++) {
      const centred = f64x2.sub(pairAt(x + at), mean);
      const own = f64x2.sub(f64x2.mul(pairAt(d + at), factor), sum);
      storePair(below + at, f64x2.mul(f64x2.sub(own, f64x2.mul(centred, product)), scale), both);
      at += step;
    }
    means += 16; scales += 16; gamma += 16; sums += 16; products += 16;
  }
}

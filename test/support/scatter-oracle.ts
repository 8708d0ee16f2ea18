/**
 * Scattering coefficients straight from their definition, in the plane of pixels: circular convolutions
 * with wavelets written out point by point. No Fourier transform, and no code of client/scatter.
 */

export const GRID = 32;
const PIXELS = GRID * GRID;

interface Kernel {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Gabor wave of the grid's periods, its constant part removed. */
export function morlet(scale: number, direction: number): Kernel {
  const [sigma, xi] = [0.8 * 2 ** scale, (0.75 * Math.PI) / 2 ** scale];
  const theta = ((3 - direction) * Math.PI) / 8;
  const wave = gabor(sigma, theta, xi);
  const bell = gabor(sigma, theta, 0);
  const whole = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const [re, im] = [whole(wave.re) / whole(bell.re), whole(wave.im) / whole(bell.re)];
  return {
    re: wave.re.map((value, i) => value - re * (bell.re[i] ?? 0)),
    im: wave.im.map((value, i) => value - im * (bell.re[i] ?? 0)),
  };
}

/** exp(-u' R diag(1, s²) R' u / 2σ²) e^(iξ u·(cos θ, sin θ)) s / 2πσ², s = 1/2, summed over shifts of two periods. */
function gabor(sigma: number, theta: number, xi: number): Kernel {
  const kernel = { re: new Float64Array(PIXELS), im: new Float64Array(PIXELS) };
  const [c, s] = [Math.cos(theta), Math.sin(theta)];
  const [a, b, d] = [c * c + s * s * 0.25, c * s * (1 - 0.25), s * s + c * c * 0.25];
  for (let i = 0; i < PIXELS; i++) {
    for (let shift = 0; shift < 25; shift++) {
      const u = Math.floor(i / GRID) + (Math.floor(shift / 5) - 2) * GRID;
      const v = (i % GRID) + ((shift % 5) - 2) * GRID;
      const bell = Math.exp(-(a * u * u + 2 * b * u * v + d * v * v) / (2 * sigma * sigma));
      const height = (0.5 * bell) / (2 * Math.PI * sigma * sigma);
      kernel.re[i] = (kernel.re[i] ?? 0) + height * Math.cos(xi * (u * c + v * s));
      kernel.im[i] = (kernel.im[i] ?? 0) + height * Math.sin(xi * (u * c + v * s));
    }
  }
  return kernel;
}

/** |image ∗ kernel| on the whole grid. */
function modulus(image: Float64Array, { re, im }: Kernel): Float64Array {
  return image.map((_, at) => {
    let [sumRe, sumIm] = [0, 0];
    for (let from = 0; from < PIXELS; from++) {
      const pixel = image[from] ?? 0;
      const row = ((at >> 5) - (from >> 5) + GRID) % GRID;
      const column = ((at % GRID) - (from % GRID) + GRID) % GRID;
      sumRe += pixel * (re[row * GRID + column] ?? 0);
      sumIm += pixel * (im[row * GRID + column] ?? 0);
    }
    return Math.hypot(sumRe, sumIm);
  });
}

/** At cell (a, b), in a plane of every `step`-th pixel: the Gaussian's sum, each pixel for step² of them. */
function smoothed(image: Float64Array, step: number, a: number, b: number): number {
  const weight = (pixel: number, cell: number) => {
    let sum = 0;
    for (let period = -2; period <= 2; period++)
      sum += Math.exp(-((pixel - 4 * (cell + 1) + period * GRID) ** 2) / (2 * 1.6 * 1.6));
    return sum / (Math.sqrt(2 * Math.PI) * 1.6);
  };
  let sum = 0;
  for (let row = 0; row < GRID; row += step)
    for (let column = 0; column < GRID; column += step)
      sum += step * step * weight(row, a) * weight(column, b) * (image[row * GRID + column] ?? 0);
  return sum;
}

/** Of some channels at one cell: order 0, 1 by scale and direction, 2 by both directions. */
export function coefficient(
  image: Float64Array,
  channel: number,
  [a, b]: readonly [number, number],
): number {
  if (channel === 0) return smoothed(image, 1, a, b);
  if (channel <= 8) return smoothed(modulus(image, morlet(0, channel - 1)), 1, a, b);
  if (channel <= 16) return smoothed(modulus(image, morlet(1, channel - 9)), 2, a, b);
  const [first, second] = [Math.floor((channel - 17) / 8), (channel - 17) % 8];
  return smoothed(modulus(modulus(image, morlet(0, first)), morlet(1, second)), 2, a, b);
}

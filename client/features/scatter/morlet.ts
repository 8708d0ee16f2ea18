/**
 * The filters of a scattering transform on a square grid (Bruna & Mallat 2013, arXiv:1203.1513; the
 * Morlet wavelets of Andreux et al. 2020, "Kymatio", arXiv:1812.11214): each is made in space,
 * periodic in the grid, and used by its Fourier transform.
 */
import { SCATTER_DIRECTIONS } from "../../../shared/contract/scatter-shape.ts";

/** Copies of a filter, to each side, that are added up to make it periodic. */
const PERIODS = 2;
/** An exponent so large that what is left of an envelope, e^-50, is nothing beside a rounding. */
const FAR = 50;
/** Standard deviation of the finest wavelet's envelope, and of the low-pass over a step, in pixels. */
const SIGMA = 0.8;
/** How much longer than wide an envelope is: twice. */
const SLANT = 0.5;
/** Of the finest wavelet, in radians a pixel; a scale further down it is half of that. */
const FREQUENCY = (3 * Math.PI) / 4;

/** Values of a function of the grid, row by row. */
interface Filter {
  /** float64[size × size] */
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/**
 * The Fourier transform of the wavelet of one scale and direction, whose imaginary part is 0 but for
 * rounding: float64[size × size], row by row, frequencies from 0.
 *
 * @param size of the grid
 * @param scale 0: the finest; each one more is twice as wide
 * @param direction 0 to 7
 */
export function morletSpectrum(size: number, scale: number, direction: number): Float64Array {
  const theta = ((3 - direction) * Math.PI) / SCATTER_DIRECTIONS;
  const sigma = SIGMA * 2 ** scale;
  const wave = gabor(size, sigma, theta, FREQUENCY / 2 ** scale);
  const envelope = gabor(size, sigma, theta, 0);
  // Less so much of the envelope that the sum is 0: a wavelet does not see a constant image.
  const total = sum(envelope.re);
  const [re, im] = [sum(wave.re) / total, sum(wave.im) / total];
  return spectrum(size, {
    re: wave.re.map((value, i) => value - re * (envelope.re[i] ?? 0)),
    im: wave.im.map((value, i) => value - im * (envelope.re[i] ?? 0)),
  });
}

/**
 * A Gaussian of sum 1 about 0 along one side of the grid: float64[size]. With itself down the other
 * side it is the low-pass of the transform, of two scales.
 */
export function lowPass(size: number): Float64Array {
  const sigma = SIGMA * 2;
  return Float64Array.from({ length: size }, (_, i) => {
    let total = 0;
    for (let period = -PERIODS; period <= PERIODS; period++)
      total += Math.exp(-((i + period * size) ** 2) / (2 * sigma * sigma));
    return total / (Math.sqrt(2 * Math.PI) * sigma);
  });
}

/** A plane wave under a Gaussian that is wider across the wave's direction than along it. */
function gabor(size: number, sigma: number, theta: number, frequency: number): Filter {
  const [re, im] = [new Float64Array(size * size), new Float64Array(size * size)];
  const [cos, sin] = [Math.cos(theta), Math.sin(theta)];
  const scale = SLANT / (2 * Math.PI * sigma * sigma);
  const periods = Array.from({ length: 2 * PERIODS + 1 }, (_, i) => (i - PERIODS) * size);
  for (let at = 0; at < re.length; at++) {
    const [row, column] = [Math.floor(at / size), at % size];
    for (const down of periods) {
      for (const right of periods) {
        const [y, x] = [row + down, column + right];
        const along = y * cos + x * sin;
        const across = SLANT * (x * cos - y * sin);
        const away = (along * along + across * across) / (2 * sigma * sigma);
        if (away > FAR) continue;
        const height = scale * Math.exp(-away);
        re[at] = (re[at] ?? 0) + height * Math.cos(frequency * along);
        im[at] = (im[at] ?? 0) + height * Math.sin(frequency * along);
      }
    }
  }
  return { re, im };
}

/** The real part of the discrete Fourier transform, straight from its definition: done once. */
function spectrum(size: number, filter: Filter): Float64Array {
  const down = alongRows(size, filter);
  return alongRows(size, down).re;
}

/** Each row transformed, and written as a column: twice, and all is. */
function alongRows(size: number, { re, im }: Filter): Filter {
  const angles = Array.from({ length: size }, (_, i) => (-2 * Math.PI * i) / size);
  const [cosines, sines] = [angles.map(Math.cos), angles.map(Math.sin)];
  const turned: Filter = {
    re: new Float64Array(size * size),
    im: new Float64Array(size * size),
  };
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < size; k++) {
      let [sumRe, sumIm] = [0, 0];
      for (let column = 0; column < size; column++) {
        const turn = (k * column) % size;
        const [cos, sin] = [cosines[turn] ?? 0, sines[turn] ?? 0];
        const [a, b] = [re[row * size + column] ?? 0, im[row * size + column] ?? 0];
        sumRe += a * cos - b * sin;
        sumIm += a * sin + b * cos;
      }
      turned.re[k * size + row] = sumRe;
      turned.im[k * size + row] = sumIm;
    }
  }
  return turned;
}

function sum(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * Scattering coefficients of an image: two scales, eight directions, orders 0 to 2 (Bruna & Mallat
 * 2013, arXiv:1203.1513; as Kymatio builds it, Andreux et al. 2020, arXiv:1812.11214). Wavelets, their
 * moduli, wavelets again, and a low-pass: nothing is learned, so that it costs no privacy.
 */
import {
  SCATTER_CELLS as CELLS,
  SCATTER_CHANNELS as CHANNELS,
  SCATTER_DIRECTIONS as DIRECTIONS,
  SCATTER_GRID as GRID,
} from "../../../shared/contract/scatter-shape.ts";
import { LowPass } from "./low-pass.ts";
import { morletSpectrum } from "./morlet.ts";
import { SquareFourier } from "./square-fourier.ts";

const PIXELS = GRID * GRID;
/** Of the grid of every second pixel, on which all but the finest wavelets are looked at. */
const HALF = GRID / 2;
const HALF_PIXELS = HALF * HALF;
/** Of one image. */
const COEFFICIENTS = CELLS * CELLS * CHANNELS;

/** Where the channels of each order begin. */
const FINE = 1;
const COARSE = FINE + DIRECTIONS;
const SECOND = COARSE + DIRECTIONS;

interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Holds filters and working memory; one serves any number of images, one after another. */
export class Scattering {
  readonly #whole = new SquareFourier(GRID);
  readonly #half = new SquareFourier(HALF);
  readonly #lowPass = new LowPass(GRID, 1);
  readonly #halfLowPass = new LowPass(GRID, 2);
  readonly #places = placesOf(this.#whole);
  /** By direction, as their frequencies stand; the coarse ones folded. */
  readonly #fine = filters(0, this.#places.natural);
  readonly #coarse = filters(1, this.#places.folded);
  readonly #image = complex(PIXELS);
  readonly #work = complex(PIXELS);
  readonly #small = complex(HALF_PIXELS);
  readonly #folded = [complex(PIXELS), complex(PIXELS)] as const;
  readonly #moduli = Array.from({ length: DIRECTIONS }, () => new Float64Array(PIXELS));
  readonly #modulus = new Float64Array(HALF_PIXELS);
  readonly #out = new Float64Array(COEFFICIENTS);

  /**
   * @param image float64[32 × 32], padded, between 0 and 1
   * @returns float64[7 × 7 × 81], channels last; the next call overwrites it
   */
  coefficients(image: Float64Array): Float64Array {
    const [first, second] = this.#folded;
    const { re, im } = this.#image;
    this.#lowPass.into(image, this.#out, 0, CHANNELS);
    re.set(image);
    im.fill(0);
    this.#whole.forward(re, im);
    fold(this.#image, first, this.#places.foldedOf);
    for (let t = 0; t < DIRECTIONS; t++) {
      this.#coarseModulus(first, this.#coarse[t]!, COARSE + t);
      this.#fineModulus(t);
    }
    // Moduli are real: two of them are transformed as one complex image.
    for (let t = 0; t < DIRECTIONS; t += 2) {
      this.#work.re.set(this.#moduli[t]!);
      this.#work.im.set(this.#moduli[t + 1]!);
      this.#whole.forward(this.#work.re, this.#work.im);
      takeApart(this.#work, first, second, this.#places);
      for (let t2 = 0; t2 < DIRECTIONS; t2++) {
        const filter = this.#coarse[t2]!;
        this.#coarseModulus(first, filter, SECOND + DIRECTIONS * t + t2);
        this.#coarseModulus(second, filter, SECOND + DIRECTIONS * (t + 1) + t2);
      }
    }
    return this.#out;
  }

  #fineModulus(t: number): void {
    const { re, im } = this.#work;
    times(this.#image, this.#fine[t]!, this.#work);
    this.#whole.inverse(re, im);
    const modulus = this.#moduli[t]!;
    moduli(re, im, modulus);
    this.#lowPass.into(modulus, this.#out, FINE + t, CHANNELS);
  }

  #coarseModulus(spectrum: Complex, filter: Float64Array, channel: number): void {
    const { re, im } = this.#small;
    timesFolded(spectrum, filter, this.#small);
    this.#half.inverse(re, im);
    moduli(re, im, this.#modulus);
    this.#halfLowPass.into(this.#modulus, this.#out, channel, CHANNELS);
  }
}

/** Where each frequency of the grid, row by row, stands once transformed. */
interface Places {
  readonly natural: Uint16Array;
  /** Behind each other the four that are one frequency of the half grid, in its order. */
  readonly folded: Uint16Array;
  /** Of each place: where its frequency stands when folded, and its negative as it is. */
  readonly foldedOf: Uint16Array;
  readonly negativeOf: Uint16Array;
}

function placesOf(fourier: SquareFourier): Places {
  const line = Array.from({ length: GRID }, (_, k) => fourier.placeOf(k));
  const natural = new Uint16Array(PIXELS);
  const folded = new Uint16Array(PIXELS);
  const foldedOf = new Uint16Array(PIXELS);
  const negativeOf = new Uint16Array(PIXELS);
  for (let i = 0; i < PIXELS; i++) {
    const [y, x] = [Math.floor(i / GRID), i % GRID];
    const [down, right] = [line[y]!, line[x]!];
    natural[i] = down * GRID + right;
    // The last digit of a place is the first of its frequency: what half the grid cannot tell.
    folded[i] = 4 * ((down >> 1) * HALF + (right >> 1)) + 2 * (down & 1) + (right & 1);
    foldedOf[natural[i]!] = folded[i]!;
    negativeOf[natural[i]!] = line[(GRID - y) % GRID]! * GRID + line[(GRID - x) % GRID]!;
  }
  return { natural, folded, foldedOf, negativeOf };
}

/** An inverse transform gives so many times the image, of half the grid a quarter for each fourth kept. */
function filters(scale: number, places: Uint16Array): readonly Float64Array[] {
  return Array.from({ length: DIRECTIONS }, (_, direction) => {
    const filter = new Float64Array(PIXELS);
    morletSpectrum(GRID, scale, direction).forEach((value, i) => {
      filter[places[i]!] = value / PIXELS;
    });
    return filter;
  });
}

function complex(length: number): Complex {
  return { re: new Float64Array(length), im: new Float64Array(length) };
}

function fold({ re, im }: Complex, to: Complex, foldedOf: Uint16Array): void {
  for (let i = 0; i < PIXELS; i++) {
    const at = foldedOf[i]!;
    to.re[at] = re[i]!;
    to.im[at] = im[i]!;
  }
}

/** The spectrum of a + ib, a and b real, → that of a and that of b, folded. */
function takeApart({ re, im }: Complex, a: Complex, b: Complex, places: Places): void {
  const { foldedOf, negativeOf } = places;
  const [aRe, aIm, bRe, bIm] = [a.re, a.im, b.re, b.im];
  for (let i = 0; i < PIXELS; i++) {
    const other = negativeOf[i]!;
    const at = foldedOf[i]!;
    aRe[at] = 0.5 * (re[i]! + re[other]!);
    aIm[at] = 0.5 * (im[i]! - im[other]!);
    bRe[at] = 0.5 * (im[i]! + im[other]!);
    bIm[at] = 0.5 * (re[other]! - re[i]!);
  }
}

function times({ re, im }: Complex, filter: Float64Array, to: Complex): void {
  const [toRe, toIm] = [to.re, to.im];
  for (let i = 0; i < PIXELS; i++) {
    const factor = filter[i]!;
    toRe[i] = re[i]! * factor;
    toIm[i] = im[i]! * factor;
  }
}

/** The same, and of the product every second pixel: frequencies that are one there are added. */
function timesFolded({ re, im }: Complex, filter: Float64Array, to: Complex): void {
  const [toRe, toIm] = [to.re, to.im];
  for (let i = 0, at = 0; i < HALF_PIXELS; i++, at += 4) {
    const a = filter[at]!;
    const b = filter[at + 1]!;
    const c = filter[at + 2]!;
    const d = filter[at + 3]!;
    toRe[i] = re[at]! * a + re[at + 1]! * b + re[at + 2]! * c + re[at + 3]! * d;
    toIm[i] = im[at]! * a + im[at + 1]! * b + im[at + 2]! * c + im[at + 3]! * d;
  }
}

function moduli(re: Float64Array, im: Float64Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) {
    const a = re[i]!;
    const b = im[i]!;
    to[i] = Math.sqrt(a * a + b * b);
  }
}

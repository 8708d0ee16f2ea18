// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
/**
 * Fourier transforms of square complex images in place, radix 4 and a last stage of radix 2 (Cooley &
 * Tukey 1965). Forward by decimation in frequency, back by decimation in time: between the two,
 * frequencies stand in the order of their digits reversed (`placeOf`), and nothing is ever sorted.
 */

/** A radix-4 stage: transforms of `length` become four of a quarter of it. */
interface Stage {
  readonly length: number;
  /** Of W^j, W^2j and W^3j, W = e^(-2 pi i / length): three in a row for each j of a quarter. */
  readonly cos: Float64Array;
  readonly sin: Float64Array;
}

export class SquareFourier {
  readonly size: number;
  readonly #stages: readonly Stage[];
  /** True where a stage of radix 2 is left: sizes 2, 8, 32 … */
  readonly #odd: boolean;

  /** @param size a power of two */
  constructor(size: number) {
    this.size = size;
    const stages: Stage[] = [];
    let length = size;
    for (; length >= 4; length /= 4) stages.push(stageOf(length));
    this.#stages = stages;
    this.#odd = length === 2;
  }

  /** Where a frequency stands along either side. */
  placeOf(frequency: number): number {
    let [left, place, length] = [frequency, 0, this.size];
    for (; length >= 4; length /= 4) {
      place += (left % 4) * (length / 4);
      left = Math.floor(left / 4);
    }
    return place + left;
  }

  /** float64[size × size] each, row by row → its spectrum, by `placeOf` along both sides. */
  forward(re: Float64Array, im: Float64Array): void {
    this.#forwardAlong(re, im, this.size, 1);
    this.#forwardAlong(re, im, 1, this.size);
  }

  /** The other way round; gives size² times the image. */
  inverse(re: Float64Array, im: Float64Array): void {
    this.#inverseAlong(re, im, this.size, 1);
    this.#inverseAlong(re, im, 1, this.size);
  }

  /** Transforms along `stride`, one beside the other along `beside`. */
  #forwardAlong(re: Float64Array, im: Float64Array, stride: number, beside: number): void {
    const { size } = this;
    for (const { length, cos, sin } of this.#stages) {
      const quarter = length / 4;
      for (let block = 0; block < size; block += length) {
        split(re, im, block * stride, quarter * stride, beside, size);
        for (let j = 1; j < quarter; j++)
          splitTurned(re, im, (block + j) * stride, quarter * stride, beside, size, cos, sin, j);
      }
    }
    if (this.#odd) pairs(re, im, stride, beside, size);
  }

  #inverseAlong(re: Float64Array, im: Float64Array, stride: number, beside: number): void {
    const { size } = this;
    if (this.#odd) pairs(re, im, stride, beside, size);
    for (let s = this.#stages.length - 1; s >= 0; s--) {
      const { length, cos, sin } = this.#stages[s]!;
      const quarter = length / 4;
      for (let block = 0; block < size; block += length) {
        // Back is forward with real and imaginary parts exchanged.
        split(im, re, block * stride, quarter * stride, beside, size);
        for (let j = 1; j < quarter; j++)
          joinTurned(re, im, (block + j) * stride, quarter * stride, beside, size, cos, sin, j);
      }
    }
  }
}

function stageOf(length: number): Stage {
  const angles = Array.from({ length: (3 * length) / 4 }, (_, i) => {
    const [j, power] = [Math.floor(i / 3), 1 + (i % 3)];
    return (-2 * Math.PI * j * power) / length;
  });
  return {
    length,
    cos: Float64Array.from(angles, Math.cos),
    sin: Float64Array.from(angles, Math.sin),
  };
}

/** Radix 2: neighbours to their sum and difference. */
function pairs(
  re: Float64Array,
  im: Float64Array,
  stride: number,
  beside: number,
  size: number,
): void {
  for (let pair = 0; pair < size; pair += 2) {
    for (let i = 0, a = pair * stride; i < size; i++, a += beside) {
      const b = a + stride;
      const aRe = re[a]!;
      const aIm = im[a]!;
      const bRe = re[b]!;
      const bIm = im[b]!;
      re[a] = aRe + bRe;
      im[a] = aIm + bIm;
      re[b] = aRe - bRe;
      im[b] = aIm - bIm;
    }
  }
}

/** Radix 4 forward, at j = 0: no turn. `apart`: from one of the four to the next. */
function split(
  re: Float64Array,
  im: Float64Array,
  at: number,
  apart: number,
  beside: number,
  size: number,
): void {
  for (let i = 0, a = at; i < size; i++, a += beside) {
    const b = a + apart;
    const c = b + apart;
    const d = c + apart;
    const evenRe = re[a]! + re[c]!;
    const evenIm = im[a]! + im[c]!;
    const oddRe = re[b]! + re[d]!;
    const oddIm = im[b]! + im[d]!;
    const acRe = re[a]! - re[c]!;
    const acIm = im[a]! - im[c]!;
    const bdRe = re[b]! - re[d]!;
    const bdIm = im[b]! - im[d]!;
    re[a] = evenRe + oddRe;
    im[a] = evenIm + oddIm;
    re[b] = acRe + bdIm;
    im[b] = acIm - bdRe;
    re[c] = evenRe - oddRe;
    im[c] = evenIm - oddIm;
    re[d] = acRe - bdIm;
    im[d] = acIm + bdRe;
  }
}

/** The same, each result then turned by its power of W^j. */
function splitTurned(
  re: Float64Array,
  im: Float64Array,
  at: number,
  apart: number,
  beside: number,
  size: number,
  cos: Float64Array,
  sin: Float64Array,
  j: number,
): void {
  const [cos1, cos2, cos3] = [cos[3 * j]!, cos[3 * j + 1]!, cos[3 * j + 2]!];
  const [sin1, sin2, sin3] = [sin[3 * j]!, sin[3 * j + 1]!, sin[3 * j + 2]!];
  for (let i = 0, a = at; i < size; i++, a += beside) {
    const b = a + apart;
    const c = b + apart;
    const d = c + apart;
    const evenRe = re[a]! + re[c]!;
    const evenIm = im[a]! + im[c]!;
    const oddRe = re[b]! + re[d]!;
    const oddIm = im[b]! + im[d]!;
    const acRe = re[a]! - re[c]!;
    const acIm = im[a]! - im[c]!;
    const bdRe = re[b]! - re[d]!;
    const bdIm = im[b]! - im[d]!;
    re[a] = evenRe + oddRe;
    im[a] = evenIm + oddIm;
    const oneRe = acRe + bdIm;
    const oneIm = acIm - bdRe;
    re[b] = oneRe * cos1 - oneIm * sin1;
    im[b] = oneRe * sin1 + oneIm * cos1;
    const twoRe = evenRe - oddRe;
    const twoIm = evenIm - oddIm;
    re[c] = twoRe * cos2 - twoIm * sin2;
    im[c] = twoRe * sin2 + twoIm * cos2;
    const threeRe = acRe - bdIm;
    const threeIm = acIm + bdRe;
    re[d] = threeRe * cos3 - threeIm * sin3;
    im[d] = threeRe * sin3 + threeIm * cos3;
  }
}

/** Radix 4 back: what goes in is first turned back. */
function joinTurned(
  re: Float64Array,
  im: Float64Array,
  at: number,
  apart: number,
  beside: number,
  size: number,
  cos: Float64Array,
  sin: Float64Array,
  j: number,
): void {
  const [cos1, cos2, cos3] = [cos[3 * j]!, cos[3 * j + 1]!, cos[3 * j + 2]!];
  const [sin1, sin2, sin3] = [sin[3 * j]!, sin[3 * j + 1]!, sin[3 * j + 2]!];
  for (let i = 0, a = at; i < size; i++, a += beside) {
    const b = a + apart;
    const c = b + apart;
    const d = c + apart;
    const oneRe = re[b]! * cos1 + im[b]! * sin1;
    const oneIm = im[b]! * cos1 - re[b]! * sin1;
    const twoRe = re[c]! * cos2 + im[c]! * sin2;
    const twoIm = im[c]! * cos2 - re[c]! * sin2;
    const threeRe = re[d]! * cos3 + im[d]! * sin3;
    const threeIm = im[d]! * cos3 - re[d]! * sin3;
    const evenRe = re[a]! + twoRe;
    const evenIm = im[a]! + twoIm;
    const oddRe = oneRe + threeRe;
    const oddIm = oneIm + threeIm;
    const acRe = re[a]! - twoRe;
    const acIm = im[a]! - twoIm;
    const bdRe = oneRe - threeRe;
    const bdIm = oneIm - threeIm;
    re[a] = evenRe + oddRe;
    im[a] = evenIm + oddIm;
    re[b] = acRe - bdIm;
    im[b] = acIm + bdRe;
    re[c] = evenRe - oddRe;
    im[c] = evenIm - oddIm;
    re[d] = acRe + bdIm;
    im[d] = acIm - bdRe;
  }
}

import { describe, expect, it } from "vitest";
import { SquareFourier } from "../../../../client/features/scatter/square-fourier.ts";
import { seededRoot, stream } from "../../../../shared/noise/random.ts";

const random = stream(seededRoot(5), "partition");
const noise = (length: number) => Float64Array.from({ length }, () => random.uniform() - 0.5);

/** From the definition: sum over all pixels of image × e^(-2 pi i (y ky + x kx) / size). */
function definition(size: number, re: Float64Array, im: Float64Array, ky: number, kx: number) {
  let [sumRe, sumIm] = [0, 0];
  for (let i = 0; i < size * size; i++) {
    const angle = (-2 * Math.PI * (Math.floor(i / size) * ky + (i % size) * kx)) / size;
    const [a, b] = [re[i] ?? 0, im[i] ?? 0];
    sumRe += a * Math.cos(angle) - b * Math.sin(angle);
    sumIm += a * Math.sin(angle) + b * Math.cos(angle);
  }
  return [sumRe, sumIm] as const;
}

describe.each([1, 2, 4, 8, 16, 32])("of size %i", (size) => {
  const fourier = new SquareFourier(size);

  it("has each frequency where placeOf says, each place once", () => {
    const places = Array.from({ length: size }, (_, k) => fourier.placeOf(k));
    expect([...places].sort((a, b) => a - b)).toEqual([...places.keys()]);
    const [re, im] = [noise(size * size), noise(size * size)];
    const [outRe, outIm] = [re.slice(), im.slice()];
    fourier.forward(outRe, outIm);
    for (const [ky, kx] of [
      [0, 0],
      [1, 0],
      [size - 1, 1],
      [size >> 1, size - 1],
    ] as const) {
      const at = (places[ky % size] ?? 0) * size + (places[kx % size] ?? 0);
      const [dueRe, dueIm] = definition(size, re, im, ky, kx);
      expect(outRe[at]).toBeCloseTo(dueRe, 11);
      expect(outIm[at]).toBeCloseTo(dueIm, 11);
    }
  });

  it("comes back, times as many as there are pixels", () => {
    const [re, im] = [noise(size * size), noise(size * size)];
    const [outRe, outIm] = [re.slice(), im.slice()];
    fourier.forward(outRe, outIm);
    fourier.inverse(outRe, outIm);
    for (const i of re.keys()) {
      expect((outRe[i] ?? 0) / size ** 2).toBeCloseTo(re[i] ?? 0, 13);
      expect((outIm[i] ?? 0) / size ** 2).toBeCloseTo(im[i] ?? 0, 13);
    }
  });
});

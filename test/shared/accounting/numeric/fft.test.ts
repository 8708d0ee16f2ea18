import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FFT_ERROR, transform } from "../../../../shared/accounting/numeric/fft.ts";
import { seededRoot, stream } from "../../../../shared/noise/random.ts";

/** What is at frequency k, term by term as the definition has it. */
function frequency(re: Float64Array, im: Float64Array, k: number): [re: number, im: number] {
  let [sumRe, sumIm] = [0, 0];
  re.forEach((x, j) => {
    const y = im[j] ?? Number.NaN;
    // j k modulo n, so that the angle stays exact.
    const angle = (-2 * Math.PI * ((j * k) % re.length)) / re.length;
    sumRe += x * Math.cos(angle) - y * Math.sin(angle);
    sumIm += x * Math.sin(angle) + y * Math.cos(angle);
  });
  return [sumRe, sumIm];
}

function norm(...parts: readonly ArrayLike<number>[]): number {
  return Math.hypot(...parts.flatMap((part) => Array.from(part)));
}

function normals(n: number, purpose: string): Float64Array {
  const random = stream(seededRoot(11), "simulate", purpose);
  return Float64Array.from({ length: n }, () => random.normal());
}

describe.each([1, 2, 4, 8, 64, 512])("at length %d", (n) => {
  const [re, im] = [normals(n, "re"), normals(n, "im")];

  it("is the sum of its definition, within the bound", () => {
    const [gotRe, gotIm] = [re.slice(), im.slice()];
    transform(gotRe, gotIm);
    const off = Array.from(gotRe, (x, k) => {
      const [expectedRe, expectedIm] = frequency(re, im, k);
      return Math.hypot(x - expectedRe, (gotIm[k] ?? Number.NaN) - expectedIm);
    });
    // The sum's own error is the second term.
    const bound = FFT_ERROR * Math.log2(n) + 4e-16 * Math.sqrt(n);
    expect(norm(off)).toBeLessThanOrEqual(bound * norm(gotRe, gotIm));
  });

  it("goes back to n times the sequence with the parts exchanged", () => {
    const [gotRe, gotIm] = [re.slice(), im.slice()];
    transform(gotRe, gotIm);
    transform(gotIm, gotRe);
    const off = [
      gotRe.map((x, j) => x / n - (re[j] ?? 0)),
      gotIm.map((y, j) => y / n - (im[j] ?? 0)),
    ];
    expect(norm(...off)).toBeLessThanOrEqual(2 * FFT_ERROR * Math.log2(n) * norm(re, im));
  });
});

it("is the definition at some frequencies of a long sequence", () => {
  const n = 2 ** 15;
  const [re, im] = [normals(n, "long re"), normals(n, "long im")];
  const [gotRe, gotIm] = [re.slice(), im.slice()];
  transform(gotRe, gotIm);
  for (const k of [0, 1, 2, 4097, n / 2, n - 1]) {
    const [expectedRe, expectedIm] = frequency(re, im, k);
    expect(gotRe[k]).toBeCloseTo(expectedRe, 8);
    expect(gotIm[k]).toBeCloseTo(expectedIm, 8);
  }
});

it("turns a shift into e^(-2 pi i k / n) a place, whatever length came before", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 }), fc.nat(), (log, seed) => {
      const n = 2 ** log;
      const at = seed % n;
      const [re, im] = [new Float64Array(n), new Float64Array(n)];
      re[at] = 3;
      transform(re, im);
      for (const k of [0, n >> 1, n - 1]) {
        const angle = (-2 * Math.PI * ((at * k) % n)) / n;
        expect(re[k]).toBeCloseTo(3 * Math.cos(angle), 12);
        expect(im[k]).toBeCloseTo(3 * Math.sin(angle), 12);
      }
    }),
  );
});

it.each([
  [0, 0],
  [3, 3],
  [8, 4],
])("refuses lengths %d and %d", (re, im) => {
  expect(() => transform(new Float64Array(re), new Float64Array(im))).toThrow(RangeError);
});

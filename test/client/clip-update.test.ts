/** A client's whole update, clipped and rounded: against golden vectors, and never past the bound. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clipUpdate } from "../../client/clip-update.ts";
import { ProtocolError } from "../../shared/errors.ts";
import { clientLattice, decode, roundToLattice, roundUpdate } from "../../shared/lattice.ts";
import { buildModel, layerRanges } from "../../shared/model.ts";
import { apart, norm } from "../support/slow-network.ts";
import { vectorFile } from "../support/vector-file.ts";

const golden = z.object({
  vectors: z.array(
    z.object({
      name: z.string(),
      C: z.number(),
      delta_z: z.number(),
      x_f64be: z.array(z.string()),
      scale_f64be: z.string().optional(),
      clipped: z.boolean().optional(),
      q: z.array(z.number()).optional(),
      normSq: z.number().optional(),
      decoded: z.array(z.number()).optional(),
      error: z.string().optional(),
    }),
  ),
});
const { vectors } = golden.parse(vectorFile("quantisation.json"));
const float = (hex: string) => Buffer.from(hex, "hex").readDoubleBE();
const logistic = (parameters: number) =>
  buildModel({ kind: "logistic", activation: "tanh" }, parameters - 1);

describe.each(vectors)("golden update $name", (vector) => {
  const x = Float64Array.from(vector.x_f64be, float);
  const { clipped, within } = clipUpdate(x, "flat", vector.C, logistic(x.length));

  it("is clipped and rounded to the same integers", () => {
    if (vector.error) {
      // What is not finite is zeros by the time it is rounded; the rounding itself refuses it.
      expect(clipped).toEqual(new Float64Array(x.length));
      expect(within).toBe(false);
      expect(() => roundToLattice(x, 1)).toThrow(ProtocolError);
      return;
    }
    const lattice = clientLattice(x.length, vector.C);
    expect(lattice).toEqual({
      scale: float(vector.scale_f64be ?? ""),
      sensitivity: vector.delta_z,
    });
    expect(within).toBe(!vector.clipped);
    const q = roundUpdate(clipped, lattice);
    expect([...q]).toEqual(vector.q);
    expect(q.reduce((sum, step) => sum + step ** 2, 0)).toBe(vector.normSq);
    if (vector.decoded) expect([...decode(q, lattice.scale)]).toEqual(vector.decoded);
  });
});

it("sums to the golden integers, and decodes to their mean", () => {
  const { sum } = z
    .object({
      sum: z.object({
        C: z.number(),
        x: z.array(z.array(z.number())),
        q: z.array(z.array(z.number())),
        sum: z.array(z.number()),
        mean_decoded: z.array(z.number()),
        mean_tolerance: z.number(),
      }),
    })
    .parse(vectorFile("quantisation.json"));
  const lattice = clientLattice(5, sum.C);
  const rounded = sum.x.map((x) => {
    const { clipped } = clipUpdate(Float64Array.from(x), "flat", sum.C, logistic(5));
    return [...roundUpdate(clipped, lattice)];
  });
  expect(rounded).toEqual(sum.q);
  const total = Int32Array.from(sum.sum);
  expect(rounded.reduce((a, b) => a.map((q, i) => q + (b[i] ?? 0)))).toEqual([...total]);
  const mean = decode(total, lattice.scale).map((value) => value / sum.x.length);
  mean.forEach((value, i) => {
    expect(Math.abs(value - (sum.mean_decoded[i] ?? 0))).toBeLessThanOrEqual(sum.mean_tolerance);
  });
});

describe("no update", () => {
  const entry = fc.oneof(
    fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
    fc.constantFrom(0, 1e300, -1e300, 5e-324, 1e38, 1),
  );
  const net = buildModel({ kind: "mlp", hidden: [3], activation: "tanh" }, 2);
  const update = fc
    .array(entry, { minLength: net.parameters, maxLength: net.parameters })
    .map((x) => Float64Array.from(x));
  const bound = fc.double({ noNaN: true, min: 1e-6, max: 1e6 });

  it("is longer on the lattice than its sensitivity, flat or by layer", () => {
    fc.assert(
      fc.property(update, bound, fc.constantFrom("flat", "perLayer"), (x, clipNorm, clipping) => {
        const { clipped } = clipUpdate(x, clipping, clipNorm, net);
        const lattice = clientLattice(net.parameters, clipNorm);
        const steps = roundUpdate(clipped, lattice);
        const square = steps.reduce((sum, q) => sum + BigInt(q) ** 2n, 0n);
        expect(square <= BigInt(lattice.sensitivity) ** 2n).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("is clipped to more than clipNorm / √L in any of L layers, where layers are clipped apart", () => {
    fc.assert(
      fc.property(update, bound, (x, clipNorm) => {
        const { clipped } = clipUpdate(x, "perLayer", clipNorm, net);
        for (const [start, end] of layerRanges(net)) {
          const [before, after] = [x.slice(start, end), clipped.slice(start, end)];
          const most = clipNorm / Math.SQRT2;
          expect(norm(after)).toBeLessThanOrEqual(most * (1 + 1e-12));
          if (norm(before) <= most * (1 - 1e-12)) expect(after).toEqual(before);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("within the bound is changed, and a longer one keeps its direction", () => {
    const x = Float64Array.from({ length: net.parameters }, (_, i) => Math.sin(i + 1));
    expect(clipUpdate(x, "flat", 100, net)).toEqual({ clipped: x, within: true });
    const { clipped, within } = clipUpdate(x, "flat", 0.01, net);
    expect(within).toBe(false);
    expect(norm(clipped)).toBeCloseTo(0.01, 12);
    const due = x.map((value) => (0.01 * value) / norm(x));
    expect(apart(clipped, due)).toBeLessThan(1e-15);
  });
});

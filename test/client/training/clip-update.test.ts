/** A client's whole update, clipped and rounded: against golden vectors, and never past the bound. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clipUpdate } from "../../../client/training/clip-update.ts";
import { layerRanges } from "../../../shared/model/model.ts";
import { roundUpdate } from "../../../shared/noise/lattice.ts";
import { clientLattice } from "../../../shared/privacy/lattice-terms.ts";
import { denseModel } from "../../support/nets.ts";
import { apart, norm } from "../../support/slow-network.ts";
import { vectorFile } from "../../support/vector-file.ts";

const golden = z.object({
  vectors: z.array(
    z.object({
      name: z.string(),
      C: z.number(),
      /** Big-endian doubles. */
      x: z.array(z.string()),
      s: z.number().optional(),
      q: z.array(z.number()).optional(),
      error: z.string().optional(),
    }),
  ),
  sum: z.object({
    C: z.number(),
    x: z.array(z.array(z.number())),
    q: z.array(z.array(z.number())),
  }),
});
const { vectors, sum } = golden.parse(vectorFile("quantisation.json"));
const logistic = (parameters: number) =>
  denseModel({ kind: "logistic", activation: "tanh" }, parameters - 1);

describe("golden updates", () => {
  it.each(vectors)("$name: clipped and rounded to the same integers", ({ C, x, s, q, error }) => {
    const update = Float64Array.from(x, (hex) => Buffer.from(hex, "hex").readDoubleBE());
    const { clipped, within } = clipUpdate(update, "flat", C, logistic(x.length));
    if (error) {
      // What is not finite is zeros by the time it is rounded; the rounding itself refuses it.
      expect(clipped).toEqual(new Float64Array(x.length));
      expect(within).toBe(false);
      return;
    }
    const lattice = clientLattice(x.length, C);
    expect(lattice).toEqual({ scale: s, sensitivity: 4096 });
    expect(within).toBe(clipped === update);
    expect([...roundUpdate(clipped, lattice)]).toEqual(q);
  });

  it("sum to the golden integers", () => {
    const lattice = clientLattice(5, sum.C);
    const rounded = sum.x.map((x) => {
      const { clipped } = clipUpdate(Float64Array.from(x), "flat", sum.C, logistic(5));
      return [...roundUpdate(clipped, lattice)];
    });
    expect(rounded).toEqual(sum.q);
  });
});

describe("no update", () => {
  const entry = fc.oneof(
    fc.double({ noNaN: true, min: -1e3, max: 1e3 }),
    fc.constantFrom(0, 1e300, -1e300, 5e-324, 1e38, 1),
  );
  const net = denseModel({ kind: "mlp", hidden: [3], activation: "tanh" }, 2);
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
    expect(clipUpdate(x, "flat", 100, net)).toEqual({
      clipped: x,
      within: true,
      finite: true,
    });
    const { clipped, within } = clipUpdate(x, "flat", 0.01, net);
    expect(within).toBe(false);
    expect(norm(clipped)).toBeCloseTo(0.01, 12);
    const due = x.map((value) => (0.01 * value) / norm(x));
    expect(apart(clipped, due)).toBeLessThan(1e-15);
  });
});

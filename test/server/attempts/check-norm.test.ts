import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { privatize } from "../../../client/training/privatize.ts";
import { Attempt } from "../../../server/attempts/attempt.ts";
import { boundsOf, isWithin } from "../../../server/attempts/check-norm.ts";
import { secureRoot, stream } from "../../../shared/noise/random.ts";
import { normOfSteps, updateBound } from "../../../shared/privacy/update-bound.ts";
import { planWith } from "../../support/plans.ts";
import { refusalOf } from "../../support/refusal.ts";

const PARAMETERS = 11;
const client = planWith({ unit: "client", population: 5, delta: 1e-3 });
const record = planWith();
const noise = () => stream(secureRoot, "noise");

/** Of exactly that L2 norm, in a direction of its own. */
function ofNorm(direction: readonly number[], norm: number): Float64Array {
  const length = Math.hypot(...direction);
  return Float64Array.from(direction, (x) => (x / length) * norm);
}
const direction = fc
  .array(fc.integer({ min: -1_000, max: 1_000 }), {
    minLength: PARAMETERS,
    maxLength: PARAMETERS,
  })
  .filter((entries) => entries.some((entry) => entry !== 0));

describe("an honest client's update", () => {
  it("is within the bound at its whole clip norm, where clients are the unit", () => {
    const bounds = boundsOf(client);
    fc.assert(
      fc.property(direction, (entries) => {
        const sum = ofNorm(entries, client.clipNorm);
        const update = privatize({ sum, bits: 1 }, client, client.clipNorm, noise());
        expect(bounds && isWithin(update, bounds)).toBe(true);
      }),
    );
  });

  it("is within it with all records of the population, each at its clip norm", () => {
    const bounds = boundsOf(record);
    fc.assert(
      fc.property(direction, (entries) => {
        const sum = ofNorm(entries, record.population * record.clipNorm);
        const update = privatize({ sum, bits: 0 }, record, record.clipNorm, noise());
        expect(bounds && isWithin(update, bounds)).toBe(true);
      }),
    );
  });

  it("is within what its own noise allows under local, which nobody checks", () => {
    const local = planWith({ trust: "local" });
    expect(boundsOf(local)).toBeUndefined();
    const sum = ofNorm([1, ...new Array<number>(PARAMETERS - 1).fill(0)], 400 * local.clipNorm);
    for (let i = 0; i < 200; i++) {
      const update = privatize({ sum, bits: 0 }, local, local.clipNorm, noise());
      expect(normOfSteps(update)).toBeLessThanOrEqual(updateBound(local));
    }
  });
});

describe("an update that is too long", () => {
  const offered = (update: Int32Array, plan = client) => {
    const attempt = new Attempt(3, 1, [0, 1], update.length, { bounds: boundsOf(plan) });
    const ids = { vclient: 1, round: 3, attempt: 1 };
    const arrived = { kind: "update", ...ids, update, sha256: "a" } as const;
    return { what: refusalOf(() => attempt.offer(arrived)), attempt };
  };
  const one = (first: number, length = PARAMETERS) =>
    Int32Array.of(first, ...new Array<number>(length - 1).fill(0));

  it("is refused from one step more on, and leaves the sum alone", () => {
    const bound = client.sensitivity;
    expect(offered(one(bound)).what).toBeUndefined();
    const { what, attempt } = offered(one(bound + 1));
    expect(what).toBe("update.norm");
    expect(attempt.sum).toEqual(new Int32Array(PARAMETERS));
    expect(attempt.became(1)).toEqual({ kind: "refused", what: "update.norm" });
    expect(attempt.became(0)).toEqual({ kind: "late" });
  });

  it("has the whole population's length to go where records are the unit", () => {
    const bound = record.population * record.sensitivity;
    expect(offered(one(bound), record).what).toBeUndefined();
    expect(offered(one(-bound - 1), record).what).toBe("update.norm");
  });

  it("is refused for its bits too, where the clip norm adapts", () => {
    const adaptiveClipping = {
      quantile: 0.5,
      learningRate: 0.2,
      bounds: [0.1, 1],
      bitNoise: 4,
    } as const;
    const adaptive = planWith({ unit: "client", population: 5, delta: 1e-3, adaptiveClipping });
    const update = (bits: number) => Int32Array.of(...one(5), bits);
    expect(offered(update(-1), adaptive).what).toBeUndefined();
    expect(offered(update(2), adaptive).what).toBe("update.norm");
  });
});

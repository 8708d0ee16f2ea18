import { describe, expect, it } from "vitest";
import { chargeOf } from "../../../shared/accounting/charge.ts";
import { selectionOdds } from "../../../shared/accounting/mechanisms/exponential-mechanism.ts";
import { ORDERS } from "../../../shared/accounting/mechanisms/rdp.ts";
import { privateChoice } from "../../../shared/noise/private-choice.ts";
import { Random } from "../../../shared/noise/random.ts";
import { permuteAndFlipOdds } from "../../support/distributions.ts";
import { goldenMechanisms, ofKind } from "../../support/mechanism-vectors.ts";
import { chiSquareBounds, pearson } from "../../support/statistics.ts";

const random = (byte: number) => new Random(Buffer.alloc(32, byte));
const DRAWS = 20_000;

function choices(utilities: readonly number[], sensitivity: number, epsilon: number): number[] {
  const source = random(1);
  return Array.from({ length: DRAWS }, () =>
    privateChoice(utilities, sensitivity, epsilon, source),
  );
}

/** Pearson's statistic against odds, and the bound that a right sampler breaks once in 2 million. */
function against(drawn: number[], odds: readonly number[]) {
  const { statistic, dof } = pearson(drawn, (i) => odds[i] ?? 0, odds.length);
  return { statistic, high: chiSquareBounds(dof, 5)[1] };
}

describe("golden exponential_mechanism", () => {
  it.each(ofKind(goldenMechanisms.mechanisms, "exponential_mechanism"))(
    "$id: $inputs",
    ({ inputs: { utilities, sensitivity, epsilon }, expected }) => {
      // Utilities and sensitivity in twentieths are whole numbers in all vectors.
      const whole = utilities.map((utility) => Math.round(20 * utility));
      const drawn = choices(whole, Math.round(20 * sensitivity), epsilon);
      const { statistic, high } = against(drawn, expected.probabilities);
      expect(statistic).toBeLessThan(high);
      if (new Set(utilities).size === 1) return;
      for (const factor of [0.5, 2]) {
        const wrong = against(drawn, selectionOdds(utilities, sensitivity, factor * epsilon));
        expect(wrong.statistic).toBeGreaterThan(wrong.high);
      }
    },
  );
});

describe("golden report_noisy_max_exponential_noise", () => {
  it.each(ofKind(goldenMechanisms.mechanisms, "report_noisy_max_exponential_noise"))(
    "is not what is drawn: $id",
    ({ inputs, expected }) => {
      const drawn = choices(inputs.utilities, inputs.sensitivity, inputs.epsilon);
      const { statistic, high } = against(drawn, expected.probabilities);
      expect(statistic).toBeGreaterThan(high);
    },
  );
});

describe("what `exponential` charges", () => {
  const EPSILON = 1;
  const charge = chargeOf({
    mechanism: "exponential",
    epsilonPerStep: EPSILON,
    adjacency: "zeroOut",
  });
  const divergence = (p: readonly number[], q: readonly number[], order: number) =>
    Math.log(p.reduce((sum, x, i) => sum + x ** order * (q[i] ?? 0) ** (1 - order), 0)) /
    (order - 1);
  const tables = [
    [
      [0, 0],
      [1, -1],
    ],
    [
      [0, 3, 5],
      [1, 2, 6],
    ],
  ] as const;

  it("covers the exponential mechanism, at every order and purely", () => {
    const curve = charge.curve();
    for (const [one, other] of tables) {
      const [p, q] = [selectionOdds(one, 1, EPSILON), selectionOdds(other, 1, EPSILON)];
      ORDERS.forEach((order, i) => {
        // The powers would overflow.
        if (order > 64) return;
        for (const way of [divergence(p, q, order), divergence(q, p, order)]) {
          expect(way).toBeLessThanOrEqual((curve[i] ?? 0) + 1e-12);
        }
      });
      p.forEach((x, i) => {
        expect(Math.abs(Math.log(x / (q[i] ?? 0)))).toBeLessThanOrEqual(charge.pure ?? 0);
      });
    }
  });

  it("does not cover permute-and-flip, which is why that is not drawn", () => {
    const [one, other] = tables[0];
    const [p, q] = [permuteAndFlipOdds(one, 2), permuteAndFlipOdds(other, 2)];
    expect(q[1]).toBeCloseTo(Math.exp(-1) / 2, 12);
    const at = ORDERS.findIndex((order) => order <= 2);
    expect(divergence(p, q, ORDERS[at] ?? Number.NaN)).toBeGreaterThan(
      1.5 * (charge.curve()[at] ?? Infinity),
    );
  });
});

it("sees differences only, and is exact where floats are not", () => {
  const large = Number.MAX_SAFE_INTEGER;
  for (let byte = 2; byte < 30; byte++) {
    const choice = privateChoice([3, 1, 0], 1, 1, random(byte));
    expect(privateChoice([large, large - 2, large - 3], 1, 1, random(byte))).toBe(choice);
    expect(privateChoice([-large, large, -large], 1, 1, random(byte))).toBe(1);
  }
});

it("has no choice among one", () => {
  expect(privateChoice([-5], 1, 1, random(2))).toBe(0);
});

it.each([
  [[], 1, 1],
  [[0.5], 1, 1],
  [[Number.NaN, 1], 1, 1],
  [[1, 2 ** 53], 1, 1],
  [[1], 0, 1],
  [[1], 0.5, 1],
  [[1], Number.NaN, 1],
  [[1], 1, 0],
  [[1], 1, Infinity],
  [[1], 1, Number.NaN],
])("refuses utilities %j with sensitivity %d at epsilon %d", (utilities, sensitivity, epsilon) => {
  expect(() => privateChoice(utilities, sensitivity, epsilon, random(3))).toThrow(RangeError);
});

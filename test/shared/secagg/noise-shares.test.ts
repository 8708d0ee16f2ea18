import { describe, expect, it } from "vitest";
import { leastNoise } from "../../../shared/accounting/calibrate.ts";
import { chargeOf } from "../../../shared/accounting/charge.ts";
import { spentEpsilon } from "../../../shared/accounting/compose.ts";
import { fillDiscreteGaussian } from "../../../shared/noise/discrete-gaussian.ts";
import { Random } from "../../../shared/noise/random.ts";
import { clientLattice, leastSensitivity } from "../../../shared/privacy/lattice-terms.ts";
import {
  checkNoWrap,
  noiseFactor,
  noiseShares,
  noiseSharesEvent,
  roundNoiseFactor,
  shareStddev,
} from "../../../shared/secagg/noise-shares.ts";
import { chiSquareBounds, moments } from "../../support/statistics.ts";

describe("shares of noise", () => {
  it("count honest survivors only", () => {
    expect(noiseShares({ minCohort: 8, colluders: 1 })).toBe(7);
    expect(() => noiseShares({ minCohort: 8, colluders: 8 })).toThrow("privacy.colluders");
    expect(() => noiseShares({ minCohort: 8, colluders: Number.NaN })).toThrow("privacy.colluders");
  });

  it("are rounded up, and never so small that their sum is no Gaussian", () => {
    expect(shareStddev(1, 4096, 7)).toBe(1549); // 4096 / sqrt 7 = 1548.14
    expect(shareStddev(1.5, 4096, 16)).toBe(1536);
    expect(shareStddev(0.001, 4096, 100)).toBe(4);
  });

  it("add up to the plan's noise among the fewest honest survivors, and to more among all", () => {
    const [multiplier, sensitivity, shares, clients] = [0.5, 1000, 25, 64];
    const sigma = shareStddev(multiplier, sensitivity, shares);
    const draws = 20_000;
    const sumOf = (adding: number) => {
      const sum = new Float64Array(draws);
      const own = new Int32Array(draws);
      for (let client = 0; client < adding; client++) {
        fillDiscreteGaussian(own, sigma, new Random(Buffer.alloc(32, client)));
        for (let i = 0; i < draws; i++) sum[i] = (sum[i] ?? 0) + (own[i] ?? 0);
      }
      return moments(sum, 0).variance;
    };
    // A right variance leaves these bounds once in two million seeds.
    const [low, high] = chiSquareBounds(draws, 5).map((bound) => bound / draws);
    const planned = (multiplier * sensitivity) ** 2;
    const fewest = sumOf(shares) / planned;
    expect(fewest).toBeGreaterThan(low ?? 0);
    expect(fewest).toBeLessThan(high ?? 0);
    const factor = noiseFactor(clients, shares);
    expect(factor).toBe(1.6);
    const all = sumOf(clients) / planned / factor ** 2;
    expect(all).toBeGreaterThan(low ?? 0);
    expect(all).toBeLessThan(high ?? 0);
    // Of a round in which some were lost it is the survivors' noise.
    const plan = { clients, noiseShares: shares };
    expect(roundNoiseFactor(plan, undefined)).toBe(factor);
    const survivors = sumOf(clients - 3) / planned / (roundNoiseFactor(plan, 3) ?? 0) ** 2;
    expect(survivors).toBeGreaterThan(low ?? 0);
    expect(survivors).toBeLessThan(high ?? 0);
    expect(roundNoiseFactor({ clients }, 3)).toBeNull();
  });
});

describe("what an attempt is charged", () => {
  const sum = { units: 1000, clients: 10, parameters: 113, sensitivity: 4096, noiseStddev: 1549 };

  it("is rho of Kairouz, Liu & Steinke's bound for the honest shares", () => {
    // Section 7 of the notes, written out: tau is nothing at this sigma.
    const rho = sum.sensitivity ** 2 / (2 * 7 * sum.noiseStddev ** 2);
    const charged = chargeOf(noiseSharesEvent(sum, 7, "zeroOut")).rho ?? 0;
    expect(charged / rho).toBeGreaterThanOrEqual(1);
    expect(charged / rho).toBeLessThan(1 + 1e-9);
  });

  it("is at least what one discrete Gaussian of the shares' total would cost", () => {
    const small = { ...sum, parameters: 1_000_000, noiseStddev: 4, sensitivity: 40 };
    const charged = chargeOf(noiseSharesEvent(small, 25, "zeroOut")).rho ?? 0;
    expect(charged).toBeGreaterThanOrEqual(40 ** 2 / (2 * 25 * 16));
    expect(charged).toBeLessThan((40 ** 2 / (2 * 25 * 16)) * (1 + 1e-9));
  });

  it("quadruples where another unit takes the place", () => {
    const rho = (adjacency: "zeroOut" | "replaceOne") =>
      chargeOf(noiseSharesEvent(sum, 7, adjacency)).rho ?? 0;
    expect(rho("replaceOne") / rho("zeroOut")).toBeCloseTo(4, 9);
  });

  it("meets an epsilon that the noise was calibrated for", () => {
    const shares = 7;
    const events = (noiseMultiplier: number) => {
      const noiseStddev = shareStddev(noiseMultiplier, sum.sensitivity, shares);
      const event = noiseSharesEvent({ ...sum, noiseStddev }, shares, "zeroOut");
      return [{ event, count: 5 }];
    };
    const target = { accountant: "zcdp", epsilon: 1, delta: 1e-5 } as const;
    const noise = leastNoise(target, events);
    const epsilon = spentEpsilon("zcdp", events(noise), 1e-5);
    expect(epsilon).toBeLessThanOrEqual(1);
    expect(epsilon).toBeGreaterThan(0.99);
  });
});

describe("checkNoWrap", () => {
  const { sensitivity } = clientLattice(1_000_000, 1);
  const sum = { clients: 100, parameters: 1_000_000, sensitivity, noiseStddev: 4 };

  it("allows what the notes allow, and no unit more", () => {
    expect(sensitivity).toBe(50_000);
    expect(() => checkNoWrap({ ...sum, units: 42_949 })).not.toThrow();
    expect(() => checkNoWrap({ ...sum, units: 42_950 })).toThrow("secagg.range");
  });

  it("counts each client's noise", () => {
    // 9.2 · sqrt 100 · sigma is beyond what is left.
    expect(() => checkNoWrap({ ...sum, units: 100, noiseStddev: 2.3e7 })).not.toThrow();
    expect(() => checkNoWrap({ ...sum, units: 100, noiseStddev: 2.4e7 })).toThrow("secagg.range");
  });
});

it("leastSensitivity is finer for more than 1,000 clients, as far as the sum allows", () => {
  expect(leastSensitivity(1_000, 1_000)).toBe(0);
  expect(leastSensitivity(1_001, 1_001)).toBe(2 ** 20);
  expect(leastSensitivity(32_000, 32_000)).toBe(33_554);
});

import { describe, expect, it } from "vitest";
import type { Charges } from "../../../shared/accounting/charged-history.ts";
import { spentEpsilon } from "../../../shared/accounting/compose.ts";
import {
  type CompositionRules,
  composedEpsilon,
  composeHistories,
  countsRowsAlone,
} from "../../../shared/accounting/compose-histories.ts";
import { byAdversary, type PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { gaussianDelta, gaussianEpsilon } from "../../../shared/accounting/mechanisms/gaussian.ts";

const DELTA = 1e-5;
const RULES: CompositionRules = { unit: "record", adjacency: "zeroOut", delta: DELTA };

type Gaussian = Extract<PrivacyEvent, { mechanism: "gaussian" }>;
type Change = Partial<Omit<Charges, "events">> & Partial<Pick<Gaussian, "sampling" | "adjacency">>;

/** `count` noised sums at that multiplier, full batch unless `change` says another. */
function charges(noiseMultiplier: number, count: number, change: Change = {}): Charges {
  const { sampling = { kind: "full" }, adjacency = "zeroOut", ...rest } = change;
  const event = { mechanism: "gaussian", noiseMultiplier, sampling, adjacency } as const;
  const events = byAdversary(() => [{ event, count }]);
  return { unit: "record", accountant: "gdp", rowFactor: 1, distance: 0, events, ...rest };
}

/** The closed form: mu of all steps is the root of the summed squares of sensitivity ÷ noise. */
function ofMu(...ratios: readonly (readonly [ratio: number, count: number])[]): number {
  const mu = Math.sqrt(ratios.reduce((sum, [ratio, count]) => sum + count * ratio ** 2, 0));
  return gaussianEpsilon(mu, DELTA);
}

function recipients(parts: readonly Charges[], rules: Partial<CompositionRules> = {}) {
  return composedEpsilon(parts, "modelRecipients", { ...RULES, ...rules }) ?? Infinity;
}

describe("several runs composed", () => {
  it("is the closed form of all their full batches together", () => {
    expect(recipients([charges(7, 10), charges(11, 40)])).toBeCloseTo(
      ofMu([1 / 7, 10], [1 / 11, 40]),
      9,
    );
  });

  it("prices every run under the adjacency asked about, whichever it ran under", () => {
    const parts = [charges(7, 10, { adjacency: "replaceOne" }), charges(11, 40)];
    expect(recipients(parts)).toBeCloseTo(ofMu([1 / 7, 10], [1 / 11, 40]), 9);
    const replaced = recipients(parts, { adjacency: "replaceOne" });
    expect(replaced).toBeCloseTo(ofMu([2 / 7, 10], [2 / 11, 40]), 9);
  });

  it("takes a record of a run by clients as a client replaced, and no client of a run by records", () => {
    const parts = [charges(7, 10, { unit: "client" }), charges(11, 40)];
    expect(recipients(parts)).toBeCloseTo(ofMu([2 / 7, 10], [1 / 11, 40]), 9);
    expect(recipients(parts, { unit: "client" })).toBe(Infinity);
    const [byClients = charges(1, 1)] = parts;
    expect(recipients([byClients], { unit: "client" })).toBeCloseTo(ofMu([1 / 7, 10]), 9);
  });

  it("bounds nothing of a person by runs of single rows, each of which a person may have any number of", () => {
    const [rows, persons] = [charges(7, 10), charges(11, 40, { rowsPerPerson: 3 })];
    expect(recipients([rows, persons])).toBeLessThan(Infinity);
    expect(recipients([rows, persons], { perPerson: true })).toBe(Infinity);
    expect(recipients([persons], { perPerson: true })).toBeCloseTo(ofMu([1 / 11, 40]), 9);
    expect([rows, persons].map(countsRowsAlone)).toEqual([true, false]);
    expect(countsRowsAlone(charges(7, 10, { unit: "client" }))).toBe(false);
  });

  it("counts the rows that a unit moves run by run", () => {
    const parts = [charges(7, 10, { rowFactor: 3 }), charges(11, 40)];
    expect(recipients(parts)).toBeCloseTo(ofMu([3 / 7, 10], [1 / 11, 40]), 9);
    expect(recipients([charges(7, 10, { rowFactor: null }), charges(11, 40)])).toBe(Infinity);
  });

  it("bounds nothing against those who saw something as it is, and them alone", () => {
    const noised = charges(7, 10);
    const none = [{ event: { mechanism: "none" }, count: 1 } as const];
    const central = { ...noised, events: { ...noised.events, coordinator: none } };
    const epsilon = composeHistories([central, charges(11, 40)], RULES);
    expect(epsilon.coordinator).toBeNull();
    expect(epsilon.modelRecipients).toBeCloseTo(ofMu([1 / 7, 10], [1 / 11, 40]), 9);
    const bare = { ...noised, events: byAdversary(() => none) };
    expect(composeHistories([bare, noised], RULES)).toEqual(byAdversary(() => null));
  });

  it("takes what the noise tables lack off delta at the composed epsilon", () => {
    const distance = 4e-8;
    const epsilon = recipients([charges(7, 10, { distance }), charges(11, 40, { distance })]);
    const mu = Math.sqrt(10 / 49 + 40 / 121);
    const delta = gaussianDelta(mu, epsilon) + 2 * distance * (1 + Math.exp(epsilon));
    expect(delta).toBeLessThanOrEqual(DELTA);
    expect(delta).toBeGreaterThan(DELTA * (1 - 1e-4));
    expect(recipients([charges(7, 10, { distance: DELTA / 2 })])).toBe(Infinity);
  });

  it("charges nothing for runs that charged nothing", () => {
    const idle = { ...charges(7, 10), events: byAdversary(() => []), rowFactor: null };
    expect(recipients([idle])).toBe(0);
    expect(recipients([idle, charges(7, 10)])).toBeCloseTo(ofMu([1 / 7, 10]), 9);
  });

  it("goes by RDP where no accountant of theirs has all, or adds epsilons if that is less", () => {
    const shares = {
      mechanism: "distributedDiscreteGaussian",
      clients: 3,
      sigma: 400,
      dimension: 11,
      l2Sensitivity: 50,
      sampling: { kind: "full" },
      adjacency: "zeroOut",
    } as const;
    const masked: Charges = {
      ...charges(1, 1),
      accountant: "zcdp",
      events: byAdversary(() => [{ event: shares, count: 5 }]),
    };
    const sampled = charges(2, 20, { accountant: "pld", sampling: { kind: "poisson", rate: 0.1 } });
    const together = recipients([masked, sampled], { accountant: "pld" });
    const [ofShares, ofSample] = [masked, sampled].map(({ events }) => events.modelRecipients);
    const all = [...(ofShares ?? []), ...(ofSample ?? [])];
    const byCurve = spentEpsilon("rdp", all, DELTA);
    const added =
      spentEpsilon("zcdp", ofShares ?? [], DELTA / 2) +
      spentEpsilon("pld", ofSample ?? [], DELTA / 2);
    expect(together).toBeCloseTo(Math.min(byCurve, added), 9);
    // Composed can be no less than the dearer one alone.
    expect(together).toBeGreaterThan(spentEpsilon("zcdp", ofShares ?? [], DELTA));
  });
});

it("lets through what is no lack of a theorem: such a mistake is not the price of another accountant", () => {
  const broken = charges(-7, 10);
  for (const accountant of ["gdp", "rdp", "pld"] as const)
    expect(() => recipients([broken, charges(11, 40)], { accountant })).toThrow(RangeError);
  for (const delta of [0, 1, Number.NaN])
    expect(() => recipients([charges(7, 10)], { delta })).toThrow(RangeError);
});

describe("Poisson sampling under replaceOne", () => {
  const rate = 0.02;
  const noise = 1.5;
  const sampled = (count: number) =>
    charges(noise, count, { accountant: "pld", sampling: { kind: "poisson", rate } });
  const replaced = (count: number) => recipients([sampled(count)], { adjacency: "replaceOne" });

  it("is never below the truth: one step against the integral over both mixtures", () => {
    const epsilon = replaced(1);
    expect(exactDelta(epsilon, rate, noise)).toBeLessThanOrEqual(DELTA);
    // And not so far above that it says nothing: a third of it would be false.
    expect(exactDelta(epsilon / 3, rate, noise)).toBeGreaterThan(DELTA);
  });

  it("pays for two steps of zeroOut, or for the whole batch where that is less", () => {
    const single = recipients([sampled(500)]);
    const both = replaced(500);
    expect(both).toBeGreaterThan(2 * single);
    expect(both).toBeLessThan(ofMu([2 / noise, 500]));
    // Two steps: (2 ε, δ' (1 + e^ε)), solved for δ' by trying all.
    const tried = Array.from({ length: 200 }, (_, i) => DELTA / 2 / 1.05 ** i);
    const least = Math.min(
      ...tried.map((delta) => {
        const epsilon = recipients([sampled(500)], { delta });
        return delta * (1 + Math.exp(epsilon)) <= DELTA ? 2 * epsilon : Infinity;
      }),
    );
    expect(both).toBeLessThan(least * 1.01);
    expect(both).toBeGreaterThan(least * 0.99);
  });

  it("pays for the whole batch where nearly all are drawn", () => {
    const many = { accountant: "pld", sampling: { kind: "poisson", rate: 0.98 } } as const;
    const both = recipients([charges(noise, 5, many)], { adjacency: "replaceOne" });
    expect(both).toBeCloseTo(ofMu([2 / noise, 5]), 3);
  });

  it("does so with a run beside it that draws nobody", () => {
    const beside = charges(1_000, 1, { accountant: "pld" });
    const both = recipients([sampled(500), beside], { adjacency: "replaceOne" });
    expect(both).toBeGreaterThan(replaced(500) * (1 - 1e-6));
    expect(both).toBeLessThan(1.05 * replaced(500));
  });

  it("counts in the same way for the record of a run that drew clients", () => {
    const byClients = { ...sampled(500), unit: "client" as const };
    expect(recipients([byClients])).toBeCloseTo(replaced(500), 9);
  });
});

/** ∫ max(0, P - e^ε Q), P = (1-q) N(0, z²) + q N(1, z²), Q the same with -1: the exact delta of a step. */
function exactDelta(epsilon: number, rate: number, z: number): number {
  const density = (x: number, mean: number) =>
    Math.exp(-((x - mean) ** 2) / (2 * z ** 2)) / (z * Math.sqrt(2 * Math.PI));
  const step = z / 400;
  let sum = 0;
  for (let x = -12 * z; x < 12 * z; x += step) {
    const common = (1 - rate) * density(x, 0);
    const [p, q] = [common + rate * density(x, 1), common + rate * density(x, -1)];
    sum += Math.max(0, p - Math.exp(epsilon) * q) * step;
  }
  return sum;
}

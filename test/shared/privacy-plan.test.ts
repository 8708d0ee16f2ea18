import { describe, expect, it } from "vitest";
import { ScenarioError } from "../../shared/errors.ts";
import { planPrivacy, privacyEvent } from "../../shared/privacy-plan.ts";
import { planWith, termsWith } from "../support/plans.ts";
import { exactGaussianEpsilon } from "../support/statistics.ts";

it("is frozen, and keeps its terms", () => {
  const plan = planWith();
  expect(plan).toSatisfy(Object.isFrozen);
  expect(plan).toMatchObject(termsWith());
});

it("charges the noise that is drawn: whole lattice steps, never below the calibrated", () => {
  const plan = planWith();
  expect(plan.noiseStddev).toSatisfy(Number.isInteger);
  expect(plan.noiseMultiplier).toBe(plan.noiseStddev / plan.sensitivity);
  const exact = exactGaussianEpsilon(Math.sqrt(plan.rounds) / plan.noiseMultiplier, plan.delta);
  expect(plan.epsilon).toBeGreaterThanOrEqual(exact);
  expect(plan.epsilon).toBeLessThan(exact * (1 + 1e-6));
  expect(plan.epsilon).toBeLessThanOrEqual(1.5);
  expect(plan.epsilon).toBeGreaterThan(1.5 * (1 - 1e-3));
});

it("reserves spare attempts in the same budget", () => {
  const [plain, spare] = [planWith(), planWith({ spareAttempts: 7 })];
  expect(spare.epsilon).toBeLessThanOrEqual(1.5);
  // Twice the attempts under the exact Gaussian: √2 times the noise.
  expect(spare.noiseMultiplier / plain.noiseMultiplier).toBeCloseTo(Math.SQRT2, 3);
});

it("takes a stated noise as it is, rounded up to whole steps", () => {
  const plan = planWith({ targetEpsilon: null, statedNoise: 2.0001 });
  expect(plan.noiseMultiplier).toBeGreaterThanOrEqual(2.0001);
  expect(plan.noiseStddev - 1).toBeLessThan(2.0001 * plan.sensitivity);
});

it("divides by the expected units: rate × population, or all", () => {
  expect(planWith().expectedUnits).toBe(400);
  const sampling = { kind: "poisson", rate: 0.25 } as const;
  expect(planWith({ sampling, accountant: "rdp" }).expectedUnits).toBe(100);
});

it("has no noise, no bound and no budget without privacy", () => {
  const plan = planWith({ trust: "none", targetEpsilon: null });
  expect(plan).toMatchObject({ noiseStddev: 0, noiseMultiplier: 0, epsilon: null });
});

describe("tells each adversary what it sees", () => {
  const gaussian = (trust: "central" | "local" | "none") => {
    const plan = planWith({ trust, targetEpsilon: trust === "none" ? null : 1.5 });
    return (["modelRecipients", "otherClients", "coordinator"] as const).map(
      (adversary) => privacyEvent(plan, adversary).mechanism,
    );
  };
  it.each([
    ["central", ["gaussian", "gaussian", "none"]],
    ["local", ["gaussian", "gaussian", "gaussian"]],
    ["none", ["none", "none", "none"]],
  ] as const)("under %s", (trust, mechanisms) => {
    expect(gaussian(trust)).toEqual(mechanisms);
  });
});

it.each([
  [
    "the exact Gaussian for a sampled round",
    { sampling: { kind: "poisson", rate: 0.5 } },
    "privacy.accountant",
  ],
  ["a sum that could wrap", { population: 600_000, delta: 1e-7 }, "lattice.range"],
] as const)("refuses %s", (_, odd, what) => {
  const plan = () => planPrivacy(termsWith(odd));
  expect(plan).toThrow(ScenarioError);
  expect(plan).toThrow(what);
});

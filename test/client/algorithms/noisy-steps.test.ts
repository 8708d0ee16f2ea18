/** Several noised steps of a client's own: what is sent, what is charged, where it is refused. */
import { describe, expect, it } from "vitest";
import { dpSgd } from "../../../client/algorithms/dp-sgd.ts";
import { noisySteps } from "../../../client/algorithms/noisy-steps.ts";
import { costOf } from "../../../client/ledger/client-ledger-line.ts";
import { privatize } from "../../../client/training/privatize.ts";
import { spentEpsilon } from "../../../shared/accounting/compose.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { attemptEvents, releaseDistance } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { denseModel } from "../../support/nets.ts";
import { planWith } from "../../support/plans.ts";

const model = denseModel({ kind: "logistic", activation: "tanh" }, 2);
const engine = fusedEngine(model);
const rows = {
  examples: {
    count: 80,
    width: 2,
    inputs: Float32Array.from({ length: 160 }, (_, i) => Math.sin(i)),
    labels: Float32Array.from({ length: 80 }, (_, i) => Number(i % 3 > 0)),
  },
};
const LOCAL = { trust: "local", parameters: 3, targetEpsilon: null, statedNoise: 2 } as const;
const local = (terms: Partial<PrivacyTerms> = {}) => planWith({ ...LOCAL, ...terms });
const streamsOf = (step: number) => ({
  coins: stream(seededRoot(1), "sample", step),
  noise: stream(seededRoot(1), "noise", step),
});
const send = (plan: ReturnType<typeof local>, w = new Float32Array(3)) =>
  noisySteps(w, rows, engine, plan, 0.5, plan.clipNorm, streamsOf);

it("sends the sum of noised sums, each of the model that the noised ones before left behind", async () => {
  // Nothing is clipped, so that each sum depends on the model that it is of.
  const plan = local({ localSteps: 3, clipNorm: 3 });
  // 400 units over five clients are 80 a client.
  const step = 0.5 / (plan.scale * 80);
  let w: number[] = [0, 0, 0];
  const due = [0, 0, 0];
  const sums: number[] = [];
  for (let k = 0; k < 3; k++) {
    const at = Float32Array.from(w);
    const { coins, noise } = streamsOf(k);
    const clipped = await dpSgd(at, rows, engine, plan, plan.clipNorm, coins);
    const noised = privatize(clipped, plan, plan.clipNorm, noise);
    sums.push(clipped.sum[2] ?? Number.NaN);
    w = w.map((x, i) => Math.fround(x - step * (noised[i] ?? Number.NaN)));
    noised.forEach((x, i) => {
      due[i] = (due[i] ?? 0) + x;
    });
  }
  expect([...(await send(plan))]).toEqual(due);
  // The model did move between them: three times the first sum would have been another.
  expect(Math.abs((sums[1] ?? 0) - (sums[0] ?? 0))).toBeGreaterThan(0.5);
  expect(Math.abs((sums[2] ?? 0) - (sums[1] ?? 0))).toBeGreaterThan(0.5);
});

it("leaves the broadcast model as it was", async () => {
  const w = Float32Array.of(0.5, 0, -0.5);
  await send(local({ localSteps: 2 }), w);
  expect([...w]).toEqual([0.5, 0, -0.5]);
});

describe("is charged step by step", () => {
  const [one, four] = [local(), local({ localSteps: 4 })];

  it("in every event that a ledger's charge says", () => {
    const { coordinator, modelRecipients } = attemptEvents(four);
    expect(coordinator).toMatchObject({ mechanism: "gaussian", steps: 4 });
    expect(modelRecipients).toEqual(coordinator);
    expect(attemptEvents(one).coordinator).not.toHaveProperty("steps");
  });

  it.each([
    ["gdp", { kind: "full" }],
    ["rdp", { kind: "poisson", rate: 0.25 }],
    ["pld", { kind: "poisson", rate: 0.25 }],
    ["zcdp", { kind: "full" }],
  ] as const)("as so many attempts by %s", (accountant, sampling) => {
    const terms = { accountant, sampling };
    const [alone, together] = [local(terms), local({ ...terms, localSteps: 4 })];
    // The same noise, stated; the table's share of delta differs by 1e-30.
    expect(together.noiseStddev).toBe(alone.noiseStddev);
    const attempts = (plan: typeof alone, count: number) =>
      spentEpsilon(accountant, [{ event: attemptEvents(plan).coordinator, count }], 1e-5);
    expect(attempts(together, 7)).toBeCloseTo(attempts(alone, 28), 9);
    expect(together.epsilon).toBeCloseTo(attempts(alone, 28), 6);
    expect(together.epsilon ?? 0).toBeGreaterThan(1.5 * (alone.epsilon ?? Infinity));
  });

  it("with more noise where epsilon is the target", () => {
    const calibrated = { targetEpsilon: 1, statedNoise: null };
    const ratio =
      local({ ...calibrated, localSteps: 4 }).noiseStddev / local(calibrated).noiseStddev;
    // Four times the variance.
    expect(ratio).toBeCloseTo(2, 2);
  });

  it("in the client's own ledger, rho and the noise table's distance alike", () => {
    expect(costOf(four).rho).toBeCloseTo(4 * costOf(one).rho, 12);
    expect(costOf(four).rho).toBeGreaterThanOrEqual(4 * costOf(one).rho);
    expect(costOf(four).distance).toBe(4 * costOf(one).distance);
    expect(releaseDistance(four)).toBe(4 * releaseDistance(one));
  });

  it("in the range that the sum may fill", () => {
    const most = local({ population: 100_000, delta: 1e-7 });
    expect(most.sensitivity).toBeGreaterThan(4_000);
    const wide = { population: 100_000, delta: 1e-7, localSteps: 8 };
    expect(() => local(wide)).toThrow("lattice.range");
  });
});

describe("is refused where a client's sum has not its own whole noise", () => {
  it.each([
    [{ trust: "central" }],
    [{ trust: "none", targetEpsilon: null, statedNoise: null }],
    [{ trust: "local", unit: "client", population: 5, minCohort: 3 }],
  ] as const)("%j", (terms) => {
    expect(() => local({ localSteps: 2, ...terms })).toThrow(ScenarioError);
    expect(() => local({ localSteps: 2, ...terms })).toThrow("training.localSteps");
    expect(() => local(terms)).not.toThrow();
  });

  it("by the client too, whatever plan it is given", async () => {
    const forged = { ...local({ trust: "central" }), localSteps: 2 };
    await expect(send(forged)).rejects.toThrow(TypeError);
  });
});

/**
 * Peers whose noise is not where they say it is: dead code, one tensor only, one round only, no
 * noise at all. Every mode that a scenario can name is run with real processes.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { clientRound } from "../../client/round/client-round.ts";
import { fusedEngine } from "../../shared/engine/fused/engine.ts";
import { secureRoot } from "../../shared/noise/random.ts";
import type { Trust } from "../../shared/privacy/trust.ts";
import { scenarioSchema } from "../../shared/scenario/schema.ts";
import { denseModel } from "../support/nets.ts";
import { DP_SGD, planWith } from "../support/plans.ts";
import { type RealRun, realRun } from "../support/real-run.ts";
import { releasedSteps, trueSteps } from "../support/released-sums.ts";
import { smallScenario } from "../support/small-scenario.ts";
import { chiSquareBounds } from "../support/statistics.ts";

const CLIENTS = 3;
const TIMEOUT_MS = 180_000;
/** How many draws of the plan's noise a sum holds. A mode that the schema gains must be added. */
const NOISES: Record<Trust, number> = {
  central: 1,
  local: CLIENTS,
  distributed: CLIENTS,
  none: 0,
};
const MODES = scenarioSchema.shape.privacy.shape.trust.unwrap().options;
const NOISED = MODES.filter((trust) => NOISES[trust] > 0);
/** Two-sided at 1e-6, shared out over the 18 tensors of two rounds and three modes. */
const Z = 5.41;

const runs = new Map<Trust, RealRun>();
beforeAll(async () => {
  await Promise.all(
    MODES.map(async (trust) => {
      const noise = trust === "none" ? {} : { "privacy.noiseMultiplier": "3" };
      const wide = { "model.kind": "mlp", "model.hidden": "[512]", "training.rounds": "2" };
      runs.set(trust, await realRun(smallScenario({ "privacy.trust": trust, ...noise, ...wide })));
    }),
  );
}, TIMEOUT_MS);

function run(trust: Trust): RealRun {
  const found = runs.get(trust);
  if (!found) throw new Error(`no run under ${trust}`);
  return found;
}

/** Released minus true in one round, in lattice steps. */
function residuals({ sealed, models, clients }: RealRun, round: number): number[] {
  const [before = new Float32Array(), after = before] = models.slice(round);
  const { privacy } = sealed.plan;
  const due = trueSteps(sealed.model, before, clients.values(), privacy);
  return releasedSteps(before, after, privacy).map((steps, i) => steps - (due[i] ?? Number.NaN));
}

/** The flat model's parts: kernel and bias of each layer, but for the last bias, a single number. */
function tensors({ sealed }: RealRun): { name: string; from: number; to: number }[] {
  return sealed.model.layers.flatMap(({ name, inputs, outputs, offset }) => {
    const bias = offset + inputs * outputs;
    const kernel = { name: `${name}/kernel`, from: offset, to: bias };
    return outputs === 1
      ? [kernel]
      : [kernel, { name: `${name}/bias`, from: bias, to: bias + outputs }];
  });
}

describe.each(NOISED)(
  "defect 13: FedML's DP modes that do nothing, or do it once (%s)",
  (trust) => {
    it.each([0, 1])("has the plan's noise in every tensor of round %i", (round) => {
      const real = run(trust);
      const { noiseStddev } = real.sealed.plan.privacy;
      const noise = residuals(real, round);
      expect(tensors(real)).toHaveLength(3);
      for (const { name, from, to } of tensors(real)) {
        const part = noise.slice(from, to);
        const variance = NOISES[trust] * noiseStddev ** 2;
        const statistic = part.reduce((sum, x) => sum + x * x, 0) / variance;
        const [low, high] = chiSquareBounds(part.length, Z);
        expect(statistic, `${name}, round ${round}`).toBeGreaterThan(low);
        expect(statistic, `${name}, round ${round}`).toBeLessThan(high);
      }
    });

    it("releases other bytes than no privacy does, in nearly every coordinate", async () => {
      const [, noised = new Float32Array()] = run(trust).models;
      const [, plain = noised] = run("none").models;
      const same = noised.filter((w, i) => w === plain[i]).length;
      expect(same).toBeLessThan(0.01 * noised.length);
    });

    it("starts where no privacy does: the noise alone differs", () => {
      expect(run(trust).models[0]).toEqual(run("none").models[0]);
      expect(run(trust).sealed.plan.privacy.scale).toBe(run("none").sealed.plan.privacy.scale);
    });
  },
);

describe("defect 11: NVFlare's PercentilePrivacy, a filter without noise that is called DP", () => {
  it("names an epsilon in a mode if and only if that mode draws noise", () => {
    for (const trust of MODES) {
      const { sealed, rounds } = run(trust);
      const { epsilon, noiseStddev } = sealed.plan.privacy;
      const noised = NOISES[trust] > 0;
      expect(noiseStddev > 0, trust).toBe(noised);
      expect(epsilon !== null, trust).toBe(noised);
      expect(rounds.map((round) => round.epsilon.modelRecipients !== null)).toEqual([
        noised,
        noised,
      ]);
      // Against the coordinator only where it gets noised updates.
      const bounded = trust === "local" || trust === "distributed";
      expect(rounds.map((round) => round.epsilon.coordinator !== null)).toEqual([bounded, bounded]);
    }
  });

  it("sends the same update twice with other noise in nearly every coordinate", async () => {
    const parameters = new Float32Array(5_001);
    const engine = fusedEngine(denseModel({ kind: "logistic", activation: "tanh" }, 5_000));
    const plan = planWith({ trust: "local", parameters: parameters.length });
    const examples = {
      count: 3,
      width: 5_000,
      inputs: new Float32Array(15_000).fill(0.5),
      labels: Float32Array.of(0, 1, 1),
    };
    const { clipNorm } = plan;
    const order = {
      client: "c1",
      round: 0,
      attempt: 0,
      task: "train",
      clipNorm,
      parameters,
    } as const;
    const both = { privacy: plan, training: DP_SGD };
    const send = () => clientRound(order, { examples }, engine, both, secureRoot);
    const [first, second] = [(await send()).update, (await send()).update];
    const differences = Array.from(first, (steps, i) => steps - (second[i] ?? Number.NaN));
    expect(differences.filter((x) => x === 0).length).toBeLessThan(10);
    // The difference of two draws; secure noise has no seed: one false alarm in a million runs.
    const statistic = differences.reduce((sum, x) => sum + x * x, 0) / (2 * plan.noiseStddev ** 2);
    const [low, high] = chiSquareBounds(differences.length, 4.8917);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
  });
});

import { describe, expect, it } from "vitest";
import { clientRound } from "../../../client/round/client-round.ts";
import { misled, tampered } from "../../../client/round/inject-faults.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { Random, seededRoot } from "../../../shared/noise/random.ts";
import { normOfSteps, updateBound } from "../../../shared/privacy/update-bound.ts";
import type { FaultRule } from "../../../shared/scenario/fault-schema.ts";
import { DP_SGD, planWith } from "../../support/plans.ts";
import { randomCase } from "../../support/slow-network.ts";

const { model, parameters, examples } = randomCase(
  { kind: "mlp", hidden: [4], activation: "tanh" },
  3,
  60,
  21,
);
const rows = { examples };
const words = () => new Random(new Uint8Array(32).fill(5));
const always = { chance: 1 };
const signFlip = (factor: number): FaultRule => ({
  kind: "poisoned",
  how: "signFlip",
  factor,
  ...always,
});
const labelFlip = (factor: number): FaultRule => ({
  kind: "poisoned",
  how: "labelFlip",
  factor,
  ...always,
});

describe("misled", () => {
  it("turns label y into classes − 1 − y, on a copy", () => {
    const before = Float32Array.from(examples.labels);
    const { rows: seen } = misled({ rows, parameters }, [labelFlip(1)], 2);
    expect(seen.examples.labels).toEqual(before.map((label) => 1 - label));
    expect(examples.labels).toEqual(before);
    const three = { examples: { ...examples, labels: Float32Array.of(0, 1, 2) } };
    const { rows: turned } = misled({ rows: three, parameters }, [labelFlip(1)], 3);
    expect(turned.examples.labels).toEqual(Float32Array.of(2, 1, 0));
  });

  it("leaves all as it is under faults that come later", () => {
    const start = { rows, parameters };
    expect(misled(start, [signFlip(3), { kind: "garbage", ...always }], 2)).toEqual(start);
  });

  it("cuts a straggler's epochs, to the fewest of several lines", () => {
    const slow = (localEpochs: number): FaultRule => ({ kind: "straggle", localEpochs, ...always });
    expect(misled({ rows, parameters }, [slow(4), slow(2)], 2).epochs).toBe(2);
  });

  it.each(["dpSgd", "fedAvg", "fedSgd"] as const)(
    "row 36: makes what a %s client learns no number, in whose place its update has zeros",
    async (algorithm) => {
      const unit = algorithm === "dpSgd" ? "record" : "client";
      const own = unit === "client" ? { population: 5, delta: 1e-3 } : {};
      const privacy = planWith({ unit, ...own, parameters: model.parameters });
      const training = { ...DP_SGD, algorithm, localEpochs: 2 };
      const { rows: seen, ...start } = misled(
        { rows, parameters },
        [{ kind: "notFinite", ...always }],
        2,
      );
      const asked = { client: "c1", round: 0, attempt: 0, task: "train", clipNorm: 0.5 } as const;
      const plan = { privacy, training };
      const sent = async (from: Float32Array) => {
        const todo = { ...asked, parameters: from };
        return clientRound(todo, seen, fusedEngine(model), plan, seededRoot(1));
      };
      const answer = await sent(start.parameters);
      expect(answer.update).toEqual(new Int32Array(model.parameters));
      // Of records each is zero by itself; a client's whole update is told as diverged.
      expect(answer.finite).toBe(unit === "record");
      expect((await sent(parameters)).update.some((steps) => steps !== 0)).toBe(true);
    },
  );
});

describe("tampered", () => {
  const plan = planWith({ unit: "client", population: 5, delta: 1e-3 });
  const honest = Int32Array.of(30, -40, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  const sent = (...faults: FaultRule[]) => tampered(honest, faults, plan, words);

  it("row 37: multiplies as told, whatever the norm, and stays at int32's ends", () => {
    expect([...sent({ kind: "overNorm", factor: 1e6, ...always })].slice(0, 3)).toEqual([
      3e7, -4e7, 0,
    ]);
    const largest = 2 ** 31 - 1;
    expect([...sent({ kind: "overNorm", factor: 1e12, ...always })].slice(0, 3)).toEqual([
      largest,
      -largest,
      0,
    ]);
  });

  it("row 38: turns signs, and goes no further than an honest update may be long", () => {
    expect([...sent(signFlip(2))].slice(0, 2)).toEqual([-60, 80]);
    const far = sent(signFlip(1e9));
    const bound = updateBound(plan);
    expect(normOfSteps(far)).toBeLessThanOrEqual(bound);
    expect(normOfSteps(far)).toBeGreaterThan(0.999 * bound);
    // Along the same line, the other way.
    expect((far[0] ?? 0) / (far[1] ?? 1)).toBeCloseTo(-0.75, 2);
    expect(far[0]).toBeLessThan(0);
    expect([...sent(labelFlip(3))].slice(0, 2)).toEqual([90, -120]);
  });

  it("leaves an update of zeros, the bits of a clip norm, and what it was given alone", () => {
    const zeros = new Int32Array(11);
    expect(tampered(zeros, [signFlip(1e9)], plan, words)).toEqual(zeros);
    const withBit = Int32Array.of(...honest, 1);
    expect(tampered(withBit, [signFlip(2)], plan, words).at(-1)).toBe(1);
    expect(honest[0]).toBe(30);
  });

  it("puts random words in its place, half of them below 0", () => {
    const garbage = tampered(new Int32Array(4_000), [{ kind: "garbage", ...always }], plan, words);
    const below = garbage.filter((word) => word < 0).length;
    // Five standard deviations of 4,000 fair coins.
    expect(Math.abs(below - 2_000)).toBeLessThan(160);
    expect(new Set(garbage).size).toBeGreaterThan(3_990);
  });

  it("leaves everything alone under faults that come before or after", () => {
    const others: FaultRule[] = [
      { kind: "stale", ...always },
      { kind: "slow", seconds: 1, ...always },
      { kind: "notFinite", ...always },
    ];
    expect(sent(...others)).toEqual(honest);
  });
});

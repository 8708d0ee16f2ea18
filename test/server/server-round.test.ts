import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Attempt } from "../../server/attempt.ts";
import { type ModelState, serverRound } from "../../server/server-round.ts";
import { Ledger } from "../../shared/accounting/ledger.ts";
import type { SealedPlan } from "../../shared/plan.ts";
import { seededRoot } from "../../shared/random.ts";
import { openingFor, sealedWith } from "../support/plans.ts";
import { chiSquareBounds } from "../support/statistics.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "murmur-round-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A round whose clients send `updates`, in order, as seen with the ledger's file at that moment. */
function scene(sealed: SealedPlan, updates: readonly (readonly number[])[], parameters?: number) {
  const path = join(folder, "ledger.jsonl");
  const ledger = new Ledger(path, openingFor(sealed));
  const seen: { ledgerAtGather: string; outcome: string } = { ledgerAtGather: "", outcome: "" };
  const registry = {
    present: [0, 1, 2, 3, 4],
    gather: async (attempt: Attempt) => {
      seen.ledgerAtGather = readFileSync(path, "utf8");
      updates.forEach((values, vclient) => {
        const update = Int32Array.from(values);
        const { round } = attempt;
        attempt.offer({ vclient, round, attempt: attempt.attempt, update, sha256: `${vclient}` });
      });
    },
    closeAttempt: (_: Attempt, outcome: string) => {
      seen.outcome = outcome;
    },
  };
  const length = parameters ?? sealed.model.parameters;
  const state: ModelState = {
    parameters: new Float32Array(length),
    velocity: new Float64Array(length),
  };
  const tools = { sealed, registry, ledger, root: seededRoot(5) };
  return { tools, state, seen, ledger, path };
}

it("has the charge on the disk before any update can arrive, and the release after it", async () => {
  const { tools, state, seen, ledger } = scene(sealedWith(), Array(5).fill([1, 2]));
  await serverRound(tools, state, 0, 0);
  expect(seen.ledgerAtGather).toContain('"kind":"charge"');
  expect(seen.ledgerAtGather).not.toContain('"kind":"release"');
  expect(ledger.lines.map(({ entry }) => entry.kind)).toEqual(["open", "charge", "release"]);
});

it("divides by the expected units, whoever answered", async () => {
  const sealed = sealedWith({ trust: "none", targetEpsilon: null });
  const { scale } = sealed.plan.privacy;
  const steps = Math.round(scale);
  // Three of five clients answer; 400 units are expected.
  const { tools, state } = scene(sealed, [
    [steps, 0],
    [steps, 0],
    [steps, -steps],
  ]);
  const outcome = await serverRound(tools, state, 0, 0);
  if (outcome.kind !== "released") throw new Error(outcome.kind);
  const [a = 0, b = 0] = outcome.state.parameters;
  // Learning rate 1 in round 0: the step is the negative mean gradient.
  expect(a).toBeCloseTo((-3 * steps) / scale / 400, 9);
  expect(b).toBeCloseTo(steps / scale / 400, 9);
});

it("aborts below minCohort, stays charged, and releases nothing", async () => {
  const { tools, state, seen, ledger } = scene(sealedWith(), [
    [1, 2],
    [3, 4],
  ]);
  expect(await serverRound(tools, state, 0, 0)).toEqual({ kind: "aborted", survivors: 2 });
  expect(ledger.lines.map(({ entry }) => entry.kind)).toEqual(["open", "charge", "abort"]);
  expect(ledger.spent.modelRecipients).toBeGreaterThan(0);
  expect(seen.outcome).toBe("below-minimum");
});

it("does not even begin what the budget does not hold", async () => {
  const { tools, state, ledger } = scene(sealedWith({ rounds: 1 }), Array(5).fill([1, 2]));
  await serverRound(tools, state, 0, 0);
  const outcome = await serverRound(tools, state, 0, 1);
  expect(outcome).toEqual({ kind: "refused", reason: "budget" });
  expect(ledger.lines.filter(({ entry }) => entry.kind === "charge")).toHaveLength(1);
});

it("does not begin with fewer clients than minCohort, and charges nothing", async () => {
  const { tools, state, ledger } = scene(sealedWith(), []);
  const few = { ...tools, registry: { ...tools.registry, present: [0, 1] } };
  expect(await serverRound(few, state, 0, 0)).toEqual({ kind: "refused", reason: "cohort" });
  expect(ledger.lines).toHaveLength(1);
});

describe("noise of the coordinator", () => {
  const LENGTH = 20_000;
  /** The released step of an all-zero sum, in lattice steps. */
  async function released(trust: "central" | "local" | "none"): Promise<number[]> {
    const sealed = sealedWith({ trust, targetEpsilon: trust === "none" ? null : 1.5 });
    const zeros = Array(5).fill(Array(LENGTH).fill(0));
    const { tools, state } = scene(sealed, zeros, LENGTH);
    const outcome = await serverRound(tools, state, 0, 0);
    if (outcome.kind !== "released") throw new Error(outcome.kind);
    const { scale, expectedUnits } = sealed.plan.privacy;
    return Array.from(outcome.state.velocity, (g) => g * expectedUnits * scale);
  }

  it("has the plan's variance under central, added once", async () => {
    const { noiseStddev } = sealedWith().plan.privacy;
    const steps = await released("central");
    const statistic = steps.reduce((sum, x) => sum + (x / noiseStddev) ** 2, 0);
    // Five standard deviations: a false alarm once in 1.7 million seeds; half or twice the noise
    // lies more than fifty away.
    const [low, high] = chiSquareBounds(LENGTH, 5);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
  });

  it.each(["local", "none"] as const)("is nowhere under %s", async (trust) => {
    expect((await released(trust)).every((x) => x === 0)).toBe(true);
  });

  it("is drawn anew for each round and attempt, and again for the same one", async () => {
    const drawn = async (round: number, attempt: number) => {
      const { tools, state, path } = scene(sealedWith(), Array(5).fill([0, 0]), 2);
      const outcome = await serverRound(tools, state, round, attempt);
      rmSync(path);
      if (outcome.kind !== "released") throw new Error(outcome.kind);
      return [...outcome.state.velocity];
    };
    const first = await drawn(0, 0);
    expect(await drawn(0, 0)).toEqual(first);
    expect(await drawn(1, 0)).not.toEqual(first);
    expect(await drawn(0, 1)).not.toEqual(first);
  });
});

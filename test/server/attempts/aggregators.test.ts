/** What differs between plain, robust and masked attempts: who is enough, what is complete, what is opened. */
import { describe, expect, it } from "vitest";
import { aggregatorOf } from "../../../server/attempts/aggregators.ts";
import type { SealedPlan } from "../../../shared/plan/plan.ts";
import { sealedWith } from "../../support/plans.ts";

const RUN_ID = "05".repeat(16);
const seats = (clientIndices: readonly number[]) =>
  clientIndices.map((clientIndex) => ({
    vclient: clientIndex,
    key: Buffer.alloc(32, clientIndex + 1),
  }));
const ids = { round: 3, attempt: 1 };

/** An attempt of clients 0 to 4, answered in order by as many as there are updates. */
function answered(
  sealed: SealedPlan,
  updates: readonly (readonly number[])[],
  task: "train" | "evaluation" = "train",
  endsAt?: number,
) {
  const aggregator = aggregatorOf(sealed, task, RUN_ID);
  const aggregation = aggregator.begin(ids, seats([0, 1, 2, 3, 4]), endsAt);
  const { attempt } = aggregation;
  for (const [clientIndex, values] of updates.entries()) {
    const update = Int32Array.from(values);
    attempt.offer({
      kind: "update",
      ...ids,
      vclient: clientIndex,
      update,
      sha256: `${clientIndex}`,
    });
  }
  if (attempt.kind === "plain") attempt.close();
  return { ...aggregation, aggregator };
}

const EXACT = { trust: "none", targetEpsilon: null, minCohort: 4 } as const;
const plain = sealedWith(EXACT);
const median = {
  ...plain,
  plan: { ...plain.plan, training: { ...plain.plan.training, aggregation: { kind: "median" } } },
} as const;
const UPDATES = [
  [1, -7],
  [5, -7],
  [1_000, -7],
  [2, 3],
  [9, 3],
];

it("opens a plain sum as it is, without keeping what each client sent", () => {
  const { aggregator, attempt, open } = answered(plain, UPDATES);
  expect(aggregator).toMatchObject({ kind: "plain", charged: "first", leastClients: 4 });
  expect(open()).toEqual(Int32Array.of(1_017, -15));
  expect(attempt.answers.size).toBe(0);
});

it("opens a robust one by its middle, times the clients of the plan", () => {
  const { aggregator, open } = answered(median, UPDATES);
  expect(aggregator).toMatchObject({ kind: "robust", charged: "first", leastClients: 4 });
  // Medians 5 and -7 of five clients; of unit record all five take part.
  expect(open()).toEqual(Float64Array.of(25, -35));
});

it("adds counts up whatever the plan does with updates, and keeps each client's own", () => {
  const counts = { statistics: null, evaluation: { noiseMultiplier: 30, every: 1 } };
  const counted = {
    ...median,
    plan: { ...median.plan, privacy: sealedWith({ counts }).plan.privacy },
  };
  const { aggregator, attempt, open } = answered(counted, UPDATES, "evaluation");
  expect(aggregator.kind).toBe("plain");
  expect(open()).toEqual(Int32Array.of(1_017, -15));
  expect(attempt.answers.get(2)).toEqual(Int32Array.of(1_000, -7));
});

describe("a sum in the clear is complete", () => {
  it("once so many stand that minCohort do, and not with one more lost", () => {
    const { fault } = answered(plain, UPDATES.slice(1));
    expect(fault(1)).toBeNull();
    expect(fault(2)).toEqual({
      reason: "fewer than 4 clients stood",
      outcome: "below-minimum",
    });
  });

  it("by the clock only if it is whole", () => {
    expect(answered(plain, UPDATES, "train", 1).fault(0)).toBeNull();
    const late = answered(plain, UPDATES.slice(1), "train", 1);
    expect(late.fault(1)?.outcome).toBe("overrun");
    // A client that is gone is not late.
    const gone = answered(plain, [], "train", 1);
    gone.attempt.lose([0, 1, 2, 3, 4]);
    expect(gone.fault(1)).toBeNull();
  });
});

it("takes for a masked sum no fewer clients than can mask, charged amid its steps", () => {
  const masks = { trust: "distributed", accountant: "zcdp", colluders: 1, minCohort: 4 } as const;
  const sealed = sealedWith({ ...masks, noise: "secure" });
  const aggregator = aggregatorOf(sealed, "train", RUN_ID);
  expect(aggregator).toMatchObject({ kind: "masked", charged: "midway", leastClients: 4 });
  expect([3, 4, 5].map((clients) => aggregator.canSum(clients))).toEqual([false, true, true]);
  const { attempt, fault } = aggregator.begin(ids, seats([1, 2, 3, 4]), undefined);
  expect(attempt).toMatchObject({ kind: "masked", asked: [1, 2, 3, 4], terms: { clients: 4 } });
  expect(fault(5)).toBeNull();
});

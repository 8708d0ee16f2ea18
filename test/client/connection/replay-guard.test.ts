import { describe, expect, it } from "vitest";
import { ReplayGuard } from "../../../client/connection/replay-guard.ts";
import type { PastAttempts } from "../../../client/ledger/client-ledger.ts";
import { ProtocolError } from "../../../shared/errors.ts";
import { NO_COUNTS } from "../../../shared/privacy/counts.ts";

const TERMS = {
  rounds: 4,
  spareAttempts: 1,
  clipNorm: 0.5,
  counts: NO_COUNTS,
  trust: "central",
  adjacency: "zeroOut",
  noise: "secure",
} as const;
const train = (round: number, attempt: number, clipNorm = 0.5) =>
  ({ kind: "plain", round, attempt, task: "train", clipNorm }) as const;
const book = () => new ReplayGuard({ ...TERMS, adaptiveClipping: null });

it("takes the plan's rounds in order, and a spare attempt", () => {
  const orders = book();
  const asked = () => {
    for (const [round, attempt] of [
      [0, 0],
      [1, 0],
      [1, 1],
      [2, 0],
      [3, 0],
    ] as const)
      orders.take(train(round, attempt));
  };
  expect(asked).not.toThrow();
});

it("has no attempt as its current one before the first, and nothing to close", () => {
  const orders = book();
  expect(orders.isCurrent({ round: 0, attempt: 0 })).toBe(false);
  orders.close({ round: 0, attempt: 0 });
  expect(orders.take(train(0, 0))).toBe("new");
  expect(orders.take(train(0, 0))).toBe("again");
});

describe("refuses", () => {
  it.each([
    [
      "row 43: an earlier attempt",
      [
        [1, 1],
        [1, 0],
      ],
      "round.stale",
    ],
    [
      "row 43: an earlier round, whatever the attempt",
      [
        [2, 0],
        [1, 7],
      ],
      "round.stale",
    ],
    ["a round that the plan does not have", [[4, 0]], "round.beyond"],
    [
      "more attempts than the plan pays for",
      [
        [0, 0],
        [0, 1],
        [0, 2],
        [0, 3],
        [0, 4],
        [0, 5],
      ],
      "round.budget",
    ],
  ] as const)("%s", (_, asked, what) => {
    const all = () => {
      const orders = book();
      for (const [round, attempt] of asked) orders.take(train(round, attempt));
    };
    expect(all).toThrow(ProtocolError);
    expect(all).toThrow(what);
  });
});

describe("begun anew, with what its client's ledger holds of the run", () => {
  const charged = [0, 1, 2].map((round) => ({ round, attempt: 0, task: "train" }) as const);
  const beginning = (before: PastAttempts, terms: object = TERMS) =>
    new ReplayGuard({ ...TERMS, ...terms, adaptiveClipping: null }, before);

  it("pays for what is left of the plan, and no attempt more", () => {
    const orders = beginning({ charged, begun: [] });
    expect(orders.take(train(3, 0))).toBe("new");
    expect(orders.take(train(3, 1))).toBe("new");
    expect(() => orders.take(train(3, 2))).toThrow("round.budget");
  });

  it("hears the last one again, which counts once, and none before it", () => {
    const orders = beginning({ charged, begun: [] });
    orders.take(train(2, 0));
    // Whatever an answer says of it, it was charged.
    orders.giveBack(train(2, 0));
    orders.take(train(3, 0));
    orders.take(train(3, 1));
    expect(() => orders.take(train(3, 2))).toThrow("round.budget");
    expect(() => beginning({ charged, begun: [] }).take(train(1, 0))).toThrow("round.stale");
  });

  it("counts no masked attempt that had begun and was not charged: nothing of it can leave", () => {
    const orders = beginning(
      { charged: [], begun: [{ round: 0, attempt: 0 }] },
      { trust: "distributed" },
    );
    const masked = (round: number, attempt: number) =>
      ({ ...train(round, attempt), kind: "masked" }) as const;
    for (const [round, attempt] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [2, 0],
      [3, 0],
      [3, 1],
    ] as const)
      orders.take(masked(round, attempt));
    expect(() => orders.take(masked(3, 2))).toThrow("round.budget");
  });

  it("takes any under seeded noise, which has the same bytes each time", () => {
    expect(beginning({ charged, begun: [] }, { noise: "seeded" }).take(train(0, 0))).toBe("new");
  });
});

describe("the same attempt again", () => {
  it("is taken while it is open, and counts once", () => {
    const orders = book();
    for (const [round, attempt] of [
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 0],
      [3, 1],
    ] as const) {
      expect(orders.take(train(round, attempt))).toBe("new");
      expect(orders.take(train(round, attempt))).toBe("again");
    }
    expect(orders.isCurrent({ round: 3, attempt: 1 })).toBe(true);
  });

  it("row 43: is stale once it was closed; under seeded noise it has the same bytes, and may be asked", () => {
    const secure = book();
    secure.take(train(1, 1));
    secure.close({ round: 1, attempt: 0 });
    expect(secure.take(train(1, 1))).toBe("again");
    secure.close({ round: 1, attempt: 1 });
    expect(() => secure.take(train(1, 1))).toThrow("round.stale");

    const seeded = new ReplayGuard({ ...TERMS, noise: "seeded", adaptiveClipping: null });
    for (const attempt of [0, 1]) {
      seeded.take(train(1, attempt));
      seeded.close({ round: 1, attempt });
    }
    expect(seeded.take(train(1, 0))).toBe("again");
    expect(seeded.isCurrent({ round: 1, attempt: 0 })).toBe(true);
    expect(seeded.take(train(1, 1))).toBe("again");
    expect(seeded.take(train(2, 0))).toBe("new");
  });

  it("row 17: of a round before is taken under seeded noise, as it was, and never one that was not asked", () => {
    const seeded = new ReplayGuard({ ...TERMS, noise: "seeded", adaptiveClipping: null });
    for (const round of [0, 1, 2]) {
      seeded.take(train(round, 1));
      seeded.close({ round, attempt: 1 });
    }
    expect(seeded.take(train(0, 1))).toBe("again");
    expect(() => seeded.take(train(0, 0))).toThrow("round.stale");
    expect(() => seeded.take(train(1, 1, 0.4))).toThrow("round.changed");
    for (const round of [1, 2]) expect(seeded.take(train(round, 1))).toBe("again");
    expect(seeded.take(train(3, 1))).toBe("new");
    const secure = book();
    for (const round of [0, 1]) secure.take(train(round, 0));
    // With noise of its own it would be another release: open or not, the round is over.
    for (const attempt of [0, 1])
      expect(() => secure.take(train(0, attempt))).toThrow("round.stale");
  });

  it("row 42: asks for the same: another task or clip norm is another attempt in disguise", () => {
    const adaptive = { quantile: 0.5, learningRate: 0.2, bounds: [0.1, 8], bitNoise: 20 } as const;
    const orders = new ReplayGuard({ ...TERMS, adaptiveClipping: adaptive });
    orders.take(train(1, 0, 2));
    expect(() => orders.take(train(1, 0, 3))).toThrow("round.changed");
    expect(() => orders.take({ ...train(1, 0, 2), task: "evaluation" })).toThrow("round.changed");
  });
});

describe("of the clip norm of a round", () => {
  const adaptive = { quantile: 0.5, learningRate: 0.2, bounds: [0.1, 8], bitNoise: 20 } as const;

  it("row 42: takes the plan's alone where it stays", () => {
    expect(() => book().take(train(0, 0, 0.5000001))).toThrow("round.clipNorm");
    expect(() => book().take(train(2, 0, 0.4999999))).toThrow("round.clipNorm");
  });

  it("takes any within the plan's bounds where it adapts, but for the first round", () => {
    const orders = new ReplayGuard({ ...TERMS, adaptiveClipping: adaptive });
    expect(() => orders.take(train(0, 0, 1))).toThrow("round.clipNorm");
    orders.take(train(0, 0, 0.5));
    orders.take(train(1, 0, 8));
    expect(() => orders.take(train(2, 0, 8.001))).toThrow("round.clipNorm");
    expect(() => orders.take(train(2, 0, Number.NaN))).toThrow("round.clipNorm");
    expect(() => orders.take(train(2, 0, 0.0999))).toThrow("round.clipNorm");
  });
});

describe("of counts", () => {
  const counts = {
    statistics: { noiseMultiplier: 9, classes: 2, histograms: [] },
    evaluation: { noiseMultiplier: 9, every: 2 },
  };
  const counting = () => new ReplayGuard({ ...TERMS, adaptiveClipping: null, counts });
  const ask = (round: number, attempt: number, task: "statistics" | "evaluation") =>
    ({ kind: "plain", round, attempt, task, clipNorm: 0.5 }) as const;

  it("takes as many as the plan pays for, beside the rounds", () => {
    const orders = counting();
    orders.take(ask(0, 0, "statistics"));
    for (const round of [0, 1, 2, 3]) {
      orders.take(train(round, 1));
      if (round % 2 === 1) orders.take(ask(round, 2, "evaluation"));
    }
    expect(() => orders.take(ask(3, 3, "evaluation"))).toThrow("round.budget");
  });

  it("never takes a second count in the place of a round, nor any that is not in the plan", () => {
    const orders = counting();
    orders.take(ask(0, 0, "statistics"));
    expect(() => orders.take(ask(0, 1, "statistics"))).toThrow("round.budget");
    expect(() => book().take(ask(0, 0, "evaluation"))).toThrow("round.budget");
  });
});

describe("masks", () => {
  const masked = (round: number, attempt: number) =>
    ({ ...train(round, attempt), kind: "masked" }) as const;
  const masking = () => new ReplayGuard({ ...TERMS, trust: "distributed", adaptiveClipping: null });

  it("are demanded where only they hide an update, and taken nowhere else", () => {
    expect(() => masking().take(train(0, 0))).toThrow("round.masks");
    expect(masking().take(masked(0, 0))).toBe("new");
    expect(() => book().take(masked(0, 0))).toThrow("round.masks");
    const counts = { statistics: null, evaluation: { noiseMultiplier: 1, every: 1 } };
    const counting = new ReplayGuard({
      ...TERMS,
      trust: "distributed",
      adaptiveClipping: null,
      counts,
    });
    const evaluation = { ...train(0, 1), task: "evaluation" } as const;
    expect(counting.take(evaluation)).toBe("new");
  });

  it("cost an attempt only where something left under them", () => {
    const orders = masking();
    for (let attempt = 0; attempt < 9; attempt++) {
      orders.take(masked(0, attempt));
      orders.giveBack(masked(0, attempt));
    }
    for (let attempt = 9; attempt < 14; attempt++) orders.take(masked(0, attempt));
    expect(() => orders.take(masked(0, 14))).toThrow("round.budget");
  });

  it("cannot be left off when an attempt is asked for again", () => {
    const orders = masking();
    orders.take(masked(0, 0));
    expect(() => orders.take(train(0, 0))).toThrow("round.changed");
  });
});

import { describe, expect, it } from "vitest";
import { chargeOf } from "../../../shared/accounting/charge.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import { hidesCohort } from "../../../shared/privacy/cohort-secrecy.ts";
import { countTerms } from "../../../shared/privacy/counts.ts";
import { countedSampling, eventsAtClients, privacyEvent } from "../../../shared/privacy/events.ts";
import { planPrivacy, scaleAt } from "../../../shared/privacy/plan.ts";
import { updateLength } from "../../../shared/privacy/tasks.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { updateBound } from "../../../shared/privacy/update-bound.ts";
import { planWith, termsWith } from "../../support/plans.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

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

describe("a clip norm that adapts", () => {
  const adaptiveClipping = {
    quantile: 0.5,
    learningRate: 0.2,
    bounds: [0.1, 8],
    bitNoise: 19.6,
  } as const;
  const [plain, adaptive] = [planWith(), planWith({ adaptiveClipping })];

  it("costs what the plain one costs: bits and update share the noise multiplier", () => {
    expect(adaptive.bitNoiseStddev).toBe(40);
    const update = adaptive.noiseStddev / adaptive.sensitivity;
    // Update and bits as one vector, each per its own sensitivity.
    const joint = (update ** -2 + 40 ** -2) ** -0.5;
    expect(adaptive.noiseMultiplier).toBeCloseTo(joint, 9);
    expect(adaptive.noiseMultiplier).toBeLessThanOrEqual(joint);
    expect(update).toBeGreaterThan(plain.noiseMultiplier);
    expect(adaptive.noiseMultiplier / plain.noiseMultiplier).toBeCloseTo(1, 3);
    expect(adaptive.epsilon).toBeLessThanOrEqual(1.5);
    expect(adaptive.epsilon).toBeGreaterThan(1.499);
  });

  it("sends one entry more", () => {
    expect(updateLength(plain)).toBe(11);
    expect(updateLength(adaptive)).toBe(12);
  });

  it("has one lattice a clip norm, of the same sensitivity", () => {
    expect(scaleAt(adaptive, 0.5)).toBe(adaptive.scale);
    expect(scaleAt(adaptive, 2)).toBeCloseTo(adaptive.scale / 4, 9);
  });

  it.each([
    ["bits that alone cost it all", { bitNoise: 0.7 }, {}, "training.adaptiveClipping.bitNoise"],
    ["trust local", {}, { trust: "local" }, "adaptiveClipping"],
    ["layers apart", {}, { clipping: "perLayer" }, "adaptiveClipping"],
    ["a start outside the bounds", { bounds: [1, 8] }, {}, "training.adaptiveClipping"],
  ] as const)("refuses %s", (_, odd, terms, what) => {
    const plan = () =>
      planPrivacy(termsWith({ ...terms, adaptiveClipping: { ...adaptiveClipping, ...odd } }));
    expect(plan).toThrow(ScenarioError);
    expect(plan).toThrow(what);
  });
});

describe("where clients are the unit", () => {
  const terms = { unit: "client", clients: 400, minCohort: 300 } as const;
  const poisson = { kind: "poisson", rate: 0.25 } as const;

  it("takes half the rounding of a record off the scale: √d/2", () => {
    const plan = planWith({ ...terms, parameters: 101_770 });
    expect(plan.sensitivity).toBe(Math.ceil(50 * Math.sqrt(101_770)));
    expect(plan.scale * 0.5).toBeCloseTo(plan.sensitivity - Math.sqrt(101_770) / 2, 6);
  });

  it.each([
    ["central", poisson, "poisson"],
    ["local", poisson, "full"],
  ] as const)("counts on sampling only where the cohort is secret: %s", (trust, sampling, due) => {
    const plan = planWith({ ...terms, trust, sampling, accountant: "pld" });
    const event = privacyEvent(plan, "modelRecipients");
    if (event.mechanism !== "gaussian") throw new Error(event.mechanism);
    expect(event.sampling.kind).toBe(due);
    expect(hidesCohort(plan)).toBe(trust === "central");
    expect(plan.expectedUnits).toBe(100);
  });

  it("counts a fixed size as all under zeroOut, and by its theorem under replaceOne", () => {
    const sampling = { kind: "fixedSize", size: 20, population: 400 } as const;
    const stated = { ...terms, sampling, targetEpsilon: null, statedNoise: 3 } as const;
    const exact = planWith({ ...stated, accountant: "gdp" });
    expect(exact.epsilon).toBeCloseTo(
      exactGaussianEpsilon(Math.sqrt(7) / exact.noiseMultiplier, 1e-5),
      6,
    );
    expect(exact.expectedUnits).toBe(20);
    const replaced = planWith({ ...stated, adjacency: "replaceOne", accountant: "rdp" });
    expect(replaced.epsilon).toBeLessThan((exact.epsilon ?? 0) / 2);
  });

  it("tells a client that was not drawn that a fixed number of all others was", () => {
    const stated = { ...terms, adjacency: "replaceOne", accountant: "rdp" } as const;
    const loud = { targetEpsilon: null, statedNoise: 3 } as const;
    const sampledOf = (size: number) => {
      const sampling = { kind: "fixedSize", size, population: 400 } as const;
      const plan = planWith({ ...stated, ...loud, sampling });
      return (["modelRecipients", "otherClients"] as const).map((adversary) => {
        const event = privacyEvent(plan, adversary);
        return event.mechanism === "gaussian" ? event.sampling : event;
      });
    };
    expect(sampledOf(20)).toEqual([
      { kind: "fixedSize", size: 20, population: 400 },
      { kind: "fixedSize", size: 20, population: 399 },
    ]);
    // All but one drawn, and that one is the client itself.
    expect(sampledOf(399)[1]).toEqual({ kind: "full" });
    // Coins of their own tell it nothing.
    const coins = planWith({ ...terms, sampling: poisson, accountant: "pld", ...loud });
    expect(privacyEvent(coins, "otherClients")).toEqual(privacyEvent(coins, "modelRecipients"));
  });

  it.each([
    ["a population that is not the clients", { population: 401 }, "privacy.population"],
    [
      "a fixed size of another population",
      { sampling: { kind: "fixedSize", size: 20, population: 300 } },
      "training.sampling",
    ],
    [
      "more than there are",
      { sampling: { kind: "fixedSize", size: 401, population: 400 } },
      "training.sampling",
    ],
    [
      "Poisson sampling under replaceOne",
      { sampling: poisson, adjacency: "replaceOne", accountant: "rdp" },
      "privacy.accountant",
    ],
    ["zCDP for a sample", { sampling: poisson, accountant: "zcdp" }, "privacy.accountant"],
  ] as const)("refuses %s", (_, odd, what) => {
    const plan = () => planPrivacy(termsWith({ ...terms, ...odd }));
    expect(plan).toThrow(ScenarioError);
    expect(plan).toThrow(what);
  });
});

it("refuses a fixed size of records, which nobody could draw", () => {
  const sampling = { kind: "fixedSize", size: 20, population: 400 } as const;
  expect(() => planPrivacy(termsWith({ sampling }))).toThrow("training.sampling");
});

it("doubles what replaceOne costs", () => {
  const stated = { targetEpsilon: null, statedNoise: 3 } as const;
  const [zero, one] = [planWith(stated), planWith({ ...stated, adjacency: "replaceOne" })];
  expect(one.noiseStddev).toBe(zero.noiseStddev);
  const due = exactGaussianEpsilon((2 * Math.sqrt(7)) / one.noiseMultiplier, 1e-5);
  expect(one.epsilon).toBeCloseTo(due, 6);
});

it.each(["rdp", "pld", "zcdp"] as const)(
  "may be charged by %s, never below the exact one",
  (by) => {
    const stated = { targetEpsilon: null, statedNoise: 3 } as const;
    const [exact, bound] = [planWith(stated), planWith({ ...stated, accountant: by })];
    expect(bound.epsilon).toBeGreaterThanOrEqual(exact.epsilon ?? Infinity);
    expect(bound.epsilon).toBeLessThan(1.25 * (exact.epsilon ?? 0));
  },
);

describe("the noise table's part of delta", () => {
  // So small that the table's distance shows beside it, and large enough to move no noise by a step.
  const delta = 1e-24;
  const share = (terms: Partial<PrivacyTerms>) => {
    const plan = planWith({ delta, ...terms });
    return { plan, taken: plan.delta - plan.chargedDelta, factor: 1 + Math.exp(1.5) };
  };
  const near = (taken: number, due: number) => expect(Math.abs(taken / due - 1)).toBeLessThan(1e-3);

  it("is the distance of every draw of every attempt, times 1 + e^ε", () => {
    const { plan, taken, factor } = share({ spareAttempts: 2 });
    near(taken, tableDistance(plan.noiseStddev) * 11 * 9 * factor);
  });

  it("counts each client's noise under local", () => {
    const { plan, taken, factor } = share({ trust: "local" });
    near(taken, tableDistance(plan.noiseStddev) * 11 * 7 * 5 * factor);
  });

  it("counts the noise on the bits, and on counts", () => {
    const bounds = [0.1, 8] as const;
    const adaptiveClipping = { quantile: 0.5, learningRate: 0.2, bounds, bitNoise: 60_000 };
    const evaluation = { noiseMultiplier: 40_000, every: 1 };
    const counts = { statistics: null, evaluation };
    const { plan, taken, factor } = share({ parameters: 1, adaptiveClipping, counts });
    const drawn = tableDistance(plan.noiseStddev) + tableDistance(120_000);
    near(taken, 7 * (drawn + 5 * 2 * tableDistance(40_000)) * factor);
  });

  it("is refused where it would be all of it, or more than was set aside for it", () => {
    expect(() => planPrivacy(termsWith({ delta: 1e-31 }))).toThrow("privacy.delta");
    const stated = termsWith({ delta: 4e-30, targetEpsilon: null, statedNoise: 30 });
    expect(() => planPrivacy(stated)).toThrow("the noise table takes its part");
  });
});

describe("at the ends of what may be planned", () => {
  it("refuses an epsilon of 40, sought or stated, which 128-bit noise cannot hold", () => {
    expect(() => planPrivacy(termsWith({ targetEpsilon: 40 }))).toThrow("privacy.epsilon");
    expect(planWith({ targetEpsilon: 39.9 }).epsilon).toBeGreaterThan(39.8);
    const loud = termsWith({ targetEpsilon: null, statedNoise: 0.25 });
    expect(() => planPrivacy(loud)).toThrow("privacy.epsilon");
  });

  it("refuses noise past the table's end, and many clients' noise past 32 bits", () => {
    const stated = (statedNoise: number, odd: Partial<PrivacyTerms> = {}) =>
      termsWith({ targetEpsilon: null, statedNoise, ...odd });
    expect(() => planPrivacy(stated(32_768.1))).toThrow("lattice.range");
    expect(() => planPrivacy(stated(32_000))).not.toThrow();
    const many = { clients: 16_384, minCohort: 1 };
    expect(() => planPrivacy(stated(1_000, { ...many, trust: "local" }))).toThrow("lattice.range");
    expect(() => planPrivacy(stated(1_000, many))).not.toThrow();
    const bounds = [0.1, 8] as const;
    const adaptiveClipping = { quantile: 0.5, learningRate: 0.2, bounds, bitNoise: 2 ** 26 };
    expect(() => planPrivacy(termsWith({ adaptiveClipping }))).toThrow("lattice.range");
  });

  it("takes a cohort of all clients, a sample of all, and a clip norm at either bound", () => {
    expect(() => planWith({ minCohort: 5 })).not.toThrow();
    const all = { kind: "fixedSize", size: 400, population: 400 } as const;
    const clients = { unit: "client", clients: 400, minCohort: 300 } as const;
    expect(() => planWith({ ...clients, sampling: all })).not.toThrow();
    const within = (low: number, high: number) =>
      termsWith({
        adaptiveClipping: { quantile: 0.5, learningRate: 0.2, bounds: [low, high], bitNoise: 30 },
      });
    expect(() => planPrivacy(within(0.5, 8))).not.toThrow();
    expect(() => planPrivacy(within(0.1, 0.5))).not.toThrow();
    expect(() => planPrivacy(within(0.1, 0.49))).toThrow("adaptiveClipping");
  });
});

it("hides a cohort only where clients are drawn, and epsilon counts on it", () => {
  const poisson = { kind: "poisson", rate: 0.5 } as const;
  const [record, client] = [{ unit: "record" } as const, { unit: "client" } as const];
  const asked = [
    hidesCohort({ ...record, trust: "central", sampling: poisson }),
    hidesCohort({ ...client, trust: "central", sampling: { kind: "full" } }),
    hidesCohort({ ...client, trust: "local", sampling: poisson }),
    hidesCohort({ ...client, trust: "none", sampling: poisson }),
    hidesCohort({ ...client, trust: "central", sampling: poisson }),
  ];
  expect(asked).toEqual([false, false, false, false, true]);
  // Records are sampled by each client's own coins: that counts under local too.
  const local = { ...record, trust: "local", sampling: poisson } as const;
  expect(countedSampling(local)).toEqual(poisson);
});

describe("of persons with up to five rows each", () => {
  const persons = { rowsPerPerson: 5, rows: 900 };
  const cohort = { trust: "distributed", accountant: "zcdp", colluders: 1 } as const;

  it("calibrates to the person: five times the noise, and what is charged says so", () => {
    const [plan, ofRows] = [planWith(persons), planWith({ population: 900 })];
    expect(plan.noiseMultiplier / ofRows.noiseMultiplier).toBeCloseTo(5, 2);
    const mu = (5 * Math.sqrt(plan.rounds)) / plan.noiseMultiplier;
    const exact = exactGaussianEpsilon(mu, plan.delta);
    expect(plan.epsilon).toBeGreaterThanOrEqual(exact);
    expect(plan.epsilon).toBeLessThan(exact * (1 + 1e-6));
    expect(privacyEvent(plan, "modelRecipients")).toMatchObject({ rows: 5 });
    expect(privacyEvent(planWith(), "modelRecipients")).not.toHaveProperty("rows");
  });

  it("does so with noise shares, local noise and counts too", () => {
    for (const trust of [{ trust: "local" } as const, cohort]) {
      const [plan, ofRows] = [
        planWith({ ...persons, ...trust }),
        planWith({ ...trust, population: 900 }),
      ];
      expect(plan.noiseMultiplier / ofRows.noiseMultiplier).toBeCloseTo(5, 2);
      expect(plan.epsilon).toBeLessThanOrEqual(1.5);
    }
    const counts = { statistics: null, evaluation: { noiseMultiplier: 40, every: 1 } };
    const counted = (terms: Partial<PrivacyTerms>) =>
      privacyEvent(countTerms(planWith({ counts, ...terms }), "evaluation"), "coordinator");
    expect(counted(persons)).toEqual({ ...counted({}), rows: 5 });
  });

  it("draws persons by one coin each, at the rate that is amplified", () => {
    const sampling = { kind: "poisson", rate: 0.01, rowsPerCoin: 5 } as const;
    const accountant = "rdp";
    const plan = planWith({ ...persons, sampling, accountant });
    const { noiseMultiplier } = planWith({ sampling: { kind: "poisson", rate: 0.01 }, accountant });
    expect(plan.noiseMultiplier / noiseMultiplier).toBeCloseTo(5, 2);
    expect(plan.expectedUnits).toBe(9);
  });

  it("divides by rows, leaves room for rows, and holds delta against persons", () => {
    const plan = planWith({ ...persons, delta: 1 / 401 });
    expect(plan.expectedUnits).toBe(900);
    const ofRows = planWith({ population: 900 });
    const { sensitivity, scale } = plan;
    expect({ sensitivity, scale }).toEqual({
      sensitivity: ofRows.sensitivity,
      scale: ofRows.scale,
    });
    expect(updateBound(plan)).toBe(900 * sensitivity);
    expect(() => planWith({ ...persons, delta: 1 / 400 })).toThrow("privacy.delta");
    expect(() => planWith({ population: 900, delta: 1 / 401 })).toThrow("privacy.delta");
  });

  it("refuses what nobody could hold", () => {
    const refused = (terms: Partial<PrivacyTerms>, what: string) =>
      expect(() => planWith(terms)).toThrow(what);
    refused({ rowsPerPerson: 5 }, "privacy.rowsPerPerson");
    refused({ ...persons, rows: 2001 }, "data.source.rows");
    refused({ ...persons, unit: "client", population: 5 }, "privacy.rowsPerPerson");
    const sampling = { kind: "poisson", rate: 0.1, rowsPerCoin: 4 } as const;
    refused({ ...persons, sampling, accountant: "rdp" }, "training.sampling");
  });

  it("at three clients moves a common sum three times as far, and three noises once each", () => {
    const at = (terms: Partial<PrivacyTerms>) =>
      eventsAtClients(planWith({ ...persons, ...terms }), "modelRecipients", 3);
    expect(at({})).toMatchObject({ event: { rows: 15 }, count: 1 });
    expect(at(cohort)).toMatchObject({ event: { rows: 15 }, count: 1 });
    expect(at({ trust: "local" })).toMatchObject({ event: { rows: 5 }, count: 3 });
    const none = { trust: "none", targetEpsilon: null } as const;
    expect(at(none)).toEqual({ event: { mechanism: "none" }, count: 1 });
    // m N² of one row's rho under local, (m N)² elsewhere.
    const rho = (terms: Partial<PrivacyTerms>) => {
      const { event, count } = at(terms);
      return count * (chargeOf(event).rho ?? Number.NaN);
    };
    const ofRow = (terms: Partial<PrivacyTerms>) =>
      0.5 / planWith({ ...persons, ...terms }).noiseMultiplier ** 2;
    expect(rho({ trust: "local" }) / ofRow({ trust: "local" })).toBeCloseTo(3 * 25, 9);
    expect(rho({}) / ofRow({})).toBeCloseTo(225, 9);
  });
});

describe("a fixed size of clients, some of whom collude", () => {
  const drawn = {
    unit: "client",
    adjacency: "replaceOne",
    accountant: "rdp",
    population: 100,
    clients: 100,
    minCohort: 5,
    sampling: { kind: "fixedSize", size: 10, population: 100 },
    targetEpsilon: null,
    statedNoise: 4,
    rounds: 100,
  } as const;

  it("is charged by what they know, for model recipients too: clients are among them", () => {
    const plan = planWith({ ...drawn, colluders: 20 });
    for (const adversary of ["modelRecipients", "otherClients"] as const)
      expect(privacyEvent(plan, adversary)).toMatchObject({ sampling: { known: 20, size: 10 } });
    expect(plan.epsilon).toBeGreaterThan(planWith(drawn).epsilon ?? Infinity);
    expect(planWith({ ...drawn, colluders: 1 }).epsilon).toBeLessThan(plan.epsilon ?? 0);
    // Said by nobody, it stays as it was.
    const unsaid = planWith(drawn);
    expect(privacyEvent(unsaid, "modelRecipients")).not.toHaveProperty("sampling.known");
    expect(privacyEvent(unsaid, "otherClients")).toMatchObject({ sampling: { population: 99 } });
  });

  it("may not be all clients, and counts nowhere else under central", () => {
    expect(() => planWith({ ...drawn, colluders: 100 })).toThrow("privacy.colluders");
    expect(() => planWith({ colluders: 1 })).toThrow("privacy.colluders");
  });
});

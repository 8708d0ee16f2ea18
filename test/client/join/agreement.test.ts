/** Plans that an owner takes no part in: what protects less than it seems, and what its limit won't hold. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  checkLimits,
  checkModelPast,
  checkProtection,
  overLimits,
} from "../../../client/join/agreement.ts";
import { ClientLedger } from "../../../client/ledger/client-ledger.ts";
import { epsilonFromRho } from "../../../shared/accounting/mechanisms/zcdp.ts";
import { scratch } from "../../support/murmur.ts";
import { planWith, sealedWith } from "../../support/plans.ts";

const RUN = "01".repeat(16);
const PRIVATE = { simulation: false, clients: 1, exactUpdates: true };

describe("protection", () => {
  it("is refused under seeded noise, unless the rows are made up", () => {
    const seeded = planWith({ noise: "seeded" });
    expect(() => checkProtection(seeded, PRIVATE)).toThrow("plan.noise");
    expect(() => checkProtection(seeded, { ...PRIVATE, simulation: true })).not.toThrow();
    expect(() => checkProtection(planWith({ noise: "secure" }), PRIVATE)).not.toThrow();
  });

  it.each(["central", "none"] as const)(
    "under trust %s wants the owner's word that the coordinator may see each update",
    (trust) => {
      const sound = planWith({ noise: "secure" });
      const silent = { ...PRIVATE, exactUpdates: false };
      const exact = { ...sound, trust };
      expect(() => checkProtection(exact, silent)).toThrow(
        new RegExp(`^plan\\.trust .*got trust ${trust}, .*--allow-exact-updates`),
      );
      expect(() => checkProtection(exact, PRIVATE)).not.toThrow();
      expect(() => checkProtection(exact, { ...silent, simulation: true })).not.toThrow();
      for (const safe of ["local", "distributed"] as const)
        expect(() => checkProtection({ ...sound, trust: safe }, silent)).not.toThrow();
    },
  );

  it("of unit client covers one client of an owner, of unit record as many as there are", () => {
    const several = { ...PRIVATE, clients: 3 };
    const whole = planWith({ noise: "secure", unit: "client", population: 5, delta: 0.01 });
    expect(() => checkProtection(whole, several)).toThrow("plan.unit");
    expect(() => checkProtection(whole, PRIVATE)).not.toThrow();
    expect(() => checkProtection(planWith({ noise: "secure" }), several)).not.toThrow();
  });
});

describe("the owner's limit", () => {
  const DELTA = 1e-5;
  let folder = scratch();
  const ledgers: ClientLedger[] = [];
  beforeEach(() => {
    folder = scratch();
  });
  afterEach(() => {
    for (const ledger of ledgers.splice(0)) ledger.close();
    folder.remove();
  });
  const open = (epsilon: number | null) => {
    const limits = epsilon === null ? null : { epsilon, delta: DELTA };
    const ledger = ClientLedger.open(folder.path, `own-${ledgers.length}`, limits);
    ledgers.push(ledger);
    return ledger;
  };
  /** So many updates, which that run has charged. */
  const charged = (
    ledger: ClientLedger,
    plan: ReturnType<typeof planWith>,
    updates: number,
    runId = RUN,
    from = 0,
  ) => {
    for (let i = 0; i < updates; i++)
      ledger.charge({ planHash: "ab".repeat(32), runId, round: from + i, attempt: 0 }, plan);
    return ledger;
  };
  /** By a sum of its own: rho of one update times their number. */
  const epsilonOf = (plan: ReturnType<typeof planWith>, updates: number) =>
    epsilonFromRho((updates * plan.sensitivity ** 2) / (2 * plan.noiseStddev ** 2), DELTA).epsilon;

  it("holds all attempts of the plan, spare ones too, on top of what was spent", () => {
    const plan = planWith({ noise: "secure", spareAttempts: 2 });
    const between = (updates: number) =>
      (epsilonOf(plan, updates) + epsilonOf(plan, updates + 1)) / 2;
    expect(() => checkLimits(plan, RUN, open(between(9)))).not.toThrow();
    expect(() => checkLimits(plan, RUN, open(between(8)))).toThrow("clientLedger.limits");
    const spent = charged(open(between(9)), plan, 1, "02".repeat(16));
    expect(() => checkLimits(plan, RUN, spent)).toThrow("clientLedger.limits");
  });

  it("counts what this run has charged as part of its plan, and one more round always", () => {
    const plan = planWith({ noise: "secure", spareAttempts: 2 });
    const between = (updates: number) =>
      (epsilonOf(plan, updates) + epsilonOf(plan, updates + 1)) / 2;
    // The plan's cost of nine updates is all that it holds, however many of them are charged.
    for (const updates of [1, 5, 8])
      expect(() => checkLimits(plan, RUN, charged(open(between(9)), plan, updates))).not.toThrow();
    const over = charged(open(between(9)), plan, 9);
    expect(() => checkLimits(plan, RUN, over)).toThrow("clientLedger.limits");
    expect(() => checkLimits(plan, RUN, charged(open(between(8)), plan, 1))).toThrow(
      "clientLedger.limits",
    );
    // Another run's charges stay on top of it.
    const both = charged(charged(open(between(10)), plan, 2, "02".repeat(16)), plan, 4);
    expect(() => checkLimits(plan, RUN, both)).toThrow("clientLedger.limits");
    expect(() =>
      checkLimits(
        plan,
        RUN,
        charged(charged(open(between(11)), plan, 2, "02".repeat(16)), plan, 4),
      ),
    ).not.toThrow();
  });

  it("is of what a ledger read anew holds, and of it each update is filtered all the same", () => {
    const plan = planWith({ noise: "secure", rounds: 7 });
    const limits = { epsilon: (epsilonOf(plan, 8) + epsilonOf(plan, 7)) / 2, delta: DELTA };
    const first = ClientLedger.open(folder.path, "own", limits);
    charged(first, plan, 6).close();
    const again = ClientLedger.open(folder.path, "own", limits);
    ledgers.push(again);
    expect(() => checkLimits(plan, RUN, again)).not.toThrow();
    // The id of a run that has charged six is no pass for six more.
    charged(again, plan, 1, RUN, 6);
    expect(() => charged(again, plan, 1, RUN, 7)).toThrow("clientLedger.budget");
  });

  it("of a plan in which clients are drawn must hold one round, since more may never come", () => {
    const plan = planWith({
      ...{ noise: "secure", unit: "client", population: 5, delta: 0.01, accountant: "pld" },
      sampling: { kind: "poisson", rate: 0.5 },
    });
    expect(() => checkLimits(plan, RUN, open(1.01 * epsilonOf(plan, 1)))).not.toThrow();
    expect(() => checkLimits(plan, RUN, open(0.99 * epsilonOf(plan, 1)))).toThrow(
      "clientLedger.limits",
    );
  });

  it("holds no plan without noise; without a limit every plan is counted and none refused", () => {
    const bare = planWith({ trust: "none", targetEpsilon: null, noise: "secure" });
    expect(() => checkLimits(bare, RUN, open(1e6))).toThrow("without bound");
    expect(() => checkLimits(bare, RUN, open(null))).not.toThrow();
  });

  it("is told to the coordinator without a number", () => {
    expect(overLimits().message).toMatch(/^plan\.limits/);
    expect(overLimits().message).not.toMatch(/\d/);
  });
});

it("refuses weights out of a file about whose past the plan is silent", () => {
  const { plan } = sealedWith();
  const given = {
    ...plan,
    model: { ...plan.model, init: { kind: "given", sha256: "ab".repeat(32) } },
  } as const;
  expect(() => checkModelPast(given, PRIVATE)).toThrow("plan.past");
  expect(() => checkModelPast(given, { ...PRIVATE, simulation: true })).not.toThrow();
  expect(() => checkModelPast(plan, PRIVATE)).not.toThrow();
  const past = { histories: [], trainedOn: [], unknown: true };
  const said = { ...given, privacy: { ...plan.privacy, past } };
  expect(() => checkModelPast(said, PRIVATE)).not.toThrow();
});

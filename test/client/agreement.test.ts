/** Plans that an owner takes no part in: what protects less than it seems, and what its limit won't hold. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkLimits, checkProtection, overLimits } from "../../client/agreement.ts";
import { ClientLedger } from "../../client/ledger/client-ledger.ts";
import { epsilonFromRho } from "../../shared/accounting/zcdp.ts";
import { scratch } from "../support/murmur.ts";
import { planWith } from "../support/plans.ts";

const PRIVATE = { simulation: false, clients: 1 };

describe("protection", () => {
  it("is refused under seeded noise, unless the rows are made up", () => {
    const seeded = planWith({ noise: "seeded" });
    expect(() => checkProtection(seeded, PRIVATE)).toThrow("plan.noise");
    expect(() => checkProtection(seeded, { ...PRIVATE, simulation: true })).not.toThrow();
    expect(() => checkProtection(planWith({ noise: "secure" }), PRIVATE)).not.toThrow();
  });

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
  /** By a sum of its own: rho of one update times their number. */
  const epsilonOf = (plan: ReturnType<typeof planWith>, updates: number) =>
    epsilonFromRho((updates * plan.sensitivity ** 2) / (2 * plan.noiseStddev ** 2), DELTA).epsilon;

  it("holds all attempts of the plan, spare ones too, on top of what was spent", () => {
    const plan = planWith({ noise: "secure", spareAttempts: 2 });
    const between = (updates: number) =>
      (epsilonOf(plan, updates) + epsilonOf(plan, updates + 1)) / 2;
    expect(() => checkLimits(plan, open(between(9)))).not.toThrow();
    expect(() => checkLimits(plan, open(between(8)))).toThrow("clientLedger.limits");
    const spent = open(between(9));
    spent.charge({ planHash: "ab".repeat(32), runId: "01".repeat(16), round: 0, attempt: 0 }, plan);
    expect(() => checkLimits(plan, spent)).toThrow("clientLedger.limits");
  });

  it("of a plan in which clients are drawn must hold one round, since more may never come", () => {
    const plan = planWith({
      ...{ noise: "secure", unit: "client", population: 5, delta: 0.01, accountant: "pld" },
      sampling: { kind: "poisson", rate: 0.5 },
    });
    expect(() => checkLimits(plan, open(1.01 * epsilonOf(plan, 1)))).not.toThrow();
    expect(() => checkLimits(plan, open(0.99 * epsilonOf(plan, 1)))).toThrow("clientLedger.limits");
  });

  it("holds no plan without noise; without a limit every plan is counted and none refused", () => {
    const bare = planWith({ trust: "none", targetEpsilon: null, noise: "secure" });
    expect(() => checkLimits(bare, open(1e6))).toThrow("without bound");
    expect(() => checkLimits(bare, open(null))).not.toThrow();
  });

  it("is told to the coordinator without a number", () => {
    expect(overLimits().message).toMatch(/^plan\.limits/);
    expect(overLimits().message).not.toMatch(/\d/);
  });
});

import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { spentEpsilon } from "../../../shared/accounting/compose.ts";
import type { Accountant, PrivacyEvent } from "../../../shared/accounting/mechanisms/event.ts";
import { Spending } from "../../../shared/ledger/spending.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const full = (noiseMultiplier: number): PrivacyEvent => ({
  mechanism: "gaussian",
  noiseMultiplier,
  sampling: { kind: "full" },
  adjacency: "zeroOut",
});
const sampled = (rate: number): PrivacyEvent => ({
  mechanism: "gaussian",
  noiseMultiplier: 3,
  sampling: { kind: "poisson", rate },
  adjacency: "zeroOut",
});
const none: PrivacyEvent = { mechanism: "none" };
const RULES = { unit: "record", adjacency: "zeroOut", chargedDelta: 1e-5 } as const;
const charged = (accountant: Accountant, events: readonly PrivacyEvent[]) => {
  const spending = new Spending({ ...RULES, accountant });
  for (const event of events)
    spending.charge({ modelRecipients: event, otherClients: event, coordinator: none });
  return spending;
};

it("has spent nothing before the first charge", () => {
  const { spent } = charged("gdp", []);
  expect(spent).toEqual({ modelRecipients: 0, otherClients: 0, coordinator: 0 });
});

it("composes as the exact Gaussian does, whatever the order of noises", () => {
  const noises = fc.array(fc.constantFrom(5, 7, 11), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(noises, (all) => {
      const mu = Math.sqrt(all.reduce((sum, noise) => sum + noise ** -2, 0));
      const due = exactGaussianEpsilon(mu, 1e-5);
      const { spent } = charged("gdp", all.map(full));
      expect(spent.modelRecipients).toBeGreaterThanOrEqual(due * (1 - 1e-9));
      expect(spent.modelRecipients).toBeLessThan(due * (1 + 1e-6));
      expect(spent.coordinator).toBeNull();
    }),
    { numRuns: 30 },
  );
});

it.each(["rdp", "pld"] as const)("is the largest that %s gave for any of its beginnings", (by) => {
  const events = [0.01, 0.02, 0.01, 0.01, 0.02, 0.01].map(sampled);
  const spending = charged(by, events);
  const each = events.map((_, i) => {
    const one = events.slice(0, i + 1).map((event) => ({ event, count: 1 }));
    return spentEpsilon(by, one, 1e-5);
  });
  const due = Math.max(...each);
  // Equal events counted together differ from the same one by one in their rounding alone.
  expect(Math.abs(spending.against("modelRecipients") - due) / due).toBeLessThan(1e-4);
});

describe("where the accountant gives less for one step more", () => {
  it("does not follow it down, and still counts the step", async () => {
    vi.resetModules();
    const told = [1, 3, 2.5, 4];
    vi.doMock("../../../shared/accounting/compose.ts", () => ({
      spentEpsilon: (_: Accountant, events: readonly { count: number }[]) =>
        told[(events[0]?.count ?? 0) - 1],
    }));
    try {
      const { Spending: Mocked } = await import("../../../shared/ledger/spending.ts");
      const spending = new Mocked({ ...RULES, accountant: "pld" });
      const event = full(3);
      const seen = told.map(() => {
        const after = spending.after("otherClients", event);
        spending.charge({ modelRecipients: event, otherClients: event, coordinator: event });
        expect(spending.against("otherClients")).toBe(after);
        return after;
      });
      expect(seen).toEqual([1, 3, 3, 4]);
    } finally {
      vi.doUnmock("../../../shared/accounting/compose.ts");
    }
  });
});

it("has no bound any more once something was released as it is", () => {
  const { spent } = charged("gdp", [full(5), none, full(5)]);
  expect(spent.modelRecipients).toBeNull();
});

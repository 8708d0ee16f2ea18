import { expect, it } from "vitest";
import { privacyReport } from "../../../client/report/privacy-report.ts";
import { planWith } from "../../support/plans.ts";

const SPENT = { modelRecipients: 0.5, otherClients: 0.25, coordinator: null };
const LEDGER = { seq: 9, hash: "ab".repeat(32) };

it("says against whom, of which table, and where the ledger stood", () => {
  const report = privacyReport(planWith({ adjacency: "replaceOne" }), { spent: SPENT }, LEDGER);
  expect(report).toEqual({
    unit: "record",
    adjacency: "replaceOne",
    trust: "central",
    noise: "seeded",
    spent: {
      modelRecipients: { anonymized: 0.5, raw: 0.5, delta: 1e-5, rawDelta: 1e-5 },
      otherClients: { anonymized: 0.25, raw: 0.25, delta: 1e-5, rawDelta: 1e-5 },
      coordinator: { anonymized: null, raw: null, delta: 1e-5, rawDelta: null },
    },
    rawFactor: 1,
    about: [],
    reason: expect.stringContaining("by itself"),
    ledger: LEDGER,
  });
});

it("tells ε of the raw table at the same δ, as it was said, and none where nothing was", () => {
  const rawSpent = { modelRecipients: 2.5, otherClients: 1.5, coordinator: null };
  const four = privacyReport(planWith({ rawFactor: 4 }), { spent: SPENT, rawSpent }, LEDGER);
  const due = { anonymized: 0.5, raw: 2.5, delta: 1e-5, rawDelta: 1e-5 };
  expect(four.spent?.modelRecipients).toEqual(due);
  // A coordinator that says nothing of it must not have the anonymized table's taken for it.
  const unsaid = privacyReport(planWith({ rawFactor: 4 }), { spent: SPENT }, LEDGER);
  expect(unsaid.spent?.modelRecipients).toMatchObject({ raw: null, rawDelta: null });
  const none = privacyReport(planWith({ rawFactor: null }), { spent: SPENT }, LEDGER);
  expect(none.spent?.modelRecipients).toMatchObject({ anonymized: 0.5, raw: null, rawDelta: null });
  expect(none).toMatchObject({ rawFactor: null, reason: expect.stringContaining("any number") });
});

it("claims nothing of what was spent before the first attempt has closed", () => {
  const report = privacyReport(planWith(), { spent: undefined }, undefined);
  expect(report).toMatchObject({ spent: null, ledger: null });
});

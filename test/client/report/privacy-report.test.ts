import { expect, it } from "vitest";
import { privacyReport } from "../../../client/report/privacy-report.ts";
import { planWith } from "../../support/plans.ts";

const SPENT = { modelRecipients: 0.5, otherClients: 0.25, coordinator: null };
const LEDGER = { seq: 9, hash: "ab".repeat(32) };

it("says against whom, of which table, and where the ledger stood", () => {
  const report = privacyReport(planWith({ adjacency: "replaceOne" }), SPENT, LEDGER);
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

it("prices the raw table by the rows that one row moves, and not at all where that is any number", () => {
  const four = privacyReport(planWith({ rawFactor: 4 }), SPENT, LEDGER);
  const delta = [0, 1, 2, 3].reduce((sum, i) => sum + 1e-5 * Math.exp(i * 0.5), 0);
  expect(four.spent?.modelRecipients).toMatchObject({ anonymized: 0.5, raw: 2, delta: 1e-5 });
  expect((four.spent?.modelRecipients.rawDelta ?? NaN) / delta).toBeCloseTo(1, 10);
  const none = privacyReport(planWith({ rawFactor: null }), SPENT, LEDGER);
  expect(none.spent?.modelRecipients).toMatchObject({ anonymized: 0.5, raw: null, rawDelta: null });
  expect(none).toMatchObject({ rawFactor: null, reason: expect.stringContaining("any number") });
});

it("claims nothing of what was spent before the first attempt has closed", () => {
  const report = privacyReport(planWith(), undefined, undefined);
  expect(report).toMatchObject({ spent: null, ledger: null });
});

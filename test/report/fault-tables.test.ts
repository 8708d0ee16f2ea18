import { expect, it } from "vitest";
import { faultLines } from "../../cli/screen/fault-lines.ts";
import { faultTables } from "../../report/fault-tables.ts";

const faults = {
  counts: [],
  events: [],
  aborted: [
    { round: 0, attempt: 1, charged: true },
    { round: 2, attempt: 0, charged: false },
    { round: 3, attempt: 4, charged: false },
  ],
};

it("tells attempts that cost nothing from those that were charged, on the page and on the screen", () => {
  const page = faultTables({ faults }).join("\n");
  expect(page).toMatch(/Aborted, and charged: round 1, attempt 2\./);
  expect(page).toMatch(
    /Aborted before anything was charged[^:]*: round 3, attempt 1; round 4, attempt 5\./,
  );
  const screen = faultLines(faults).join("\n");
  expect(screen).toContain("aborted and charged: 1 attempt");
  expect(screen).toContain("aborted before anything was charged: 2 attempts");
});

it("says nothing of either where there were none", () => {
  const none = { ...faults, aborted: [] };
  expect([...faultTables({ faults: none }), ...faultLines(none)].join()).not.toContain("borted");
});

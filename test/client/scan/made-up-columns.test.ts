/** Recall and precision by label on columns that Faker made up, in nine locales, with and without headers. */
import { describe, expect, it } from "vitest";
import { madeUpColumns, scoreColumns, verdictOf } from "../../support/made-up-columns.ts";

describe.each(["tuning"] as const)("on the %s set", (set) => {
  const columns = madeUpColumns(set);

  it("finds what is there, and little else", () => {
    const scores = scoreColumns(columns, (column) => {
      const { type, verdict } = verdictOf(column);
      return verdict === "direct_identifier" ? type : null;
    });
    for (const { label, columns: n, recall, precision, wrong } of scores)
      process.stdout.write(
        `${set} ${label.padEnd(18)} n ${String(n).padStart(3)}  recall ${recall.toFixed(3)}  precision ${precision.toFixed(3)} ${wrong.join(" | ")}\n`,
      );
    expect(scores.length).toBeGreaterThan(20);
  });
});

/** Recall and precision by label on columns that Faker made up, in nine locales, with and without headers. */
import { describe, expect, it } from "vitest";
import {
  type MadeUpColumn,
  madeUpColumns,
  scoreColumns,
  verdictOf,
} from "../../support/made-up-columns.ts";

const LEAST = 0.95;
/**
 * Where the header says nothing, these are nobody's numbers: Faker's Aadhaar ends in Luhn's digit where UIDAI's is
 * Verhoeff's, and its British numbers begin with ZZ, which HMRC never allocates.
 */
const INVALID: ReadonlySet<string | null> = new Set(["in_aadhaar", "uk_nino"]);
/** Those that are valid stand beside them in the one set that has both. */
const isNobodys = (set: string) => (column: MadeUpColumn) =>
  column.headed === "none" &&
  INVALID.has(column.label) &&
  (set !== "anew" || column.what !== column.label);

function found(column: MadeUpColumn): string | null {
  const { type, verdict } = verdictOf(column);
  return verdict === "direct_identifier" ? type : null;
}

describe.each(["tuning", "held-out", "fresh", "anew"] as const)("on the %s set", (set) => {
  const columns = madeUpColumns(set);
  const nobodys = isNobodys(set);

  it("finds what is there, and little else", () => {
    const scores = scoreColumns(
      columns.filter((column) => !nobodys(column)),
      found,
    );
    for (const { label, columns: n, recall, precision, wrong } of scores)
      process.stdout.write(
        `${set} ${label.padEnd(18)} n ${String(n).padStart(3)}  recall ${recall.toFixed(3)}  precision ${precision.toFixed(3)} ${wrong.join(" | ")}\n`,
      );
    expect(scores.length).toBeGreaterThan(20);
    const low = scores.filter(({ recall, precision }) => Math.min(recall, precision) < LEAST);
    expect(low).toEqual([]);
  });

  it("stops at numbers that are nobody's by the rules, and look like somebody's throughout", () => {
    const types = columns.filter(nobodys).map((column) => [column.label, found(column)]);
    expect(types.toSorted()).toEqual([
      ["in_aadhaar", "national_id"],
      ["uk_nino", "uk_nino"],
    ]);
  });

  it.each(["given", "family"])(
    "finds %s names in eight locales of nine, whatever the header",
    (what) => {
      for (const headed of ["none", "english", "own"]) {
        const of = columns.filter((column) => column.what === what && column.headed === headed);
        expect(of).toHaveLength(9);
        expect(
          of.filter((column) => found(column) === "person_name").length,
        ).toBeGreaterThanOrEqual(8);
      }
    },
  );
});

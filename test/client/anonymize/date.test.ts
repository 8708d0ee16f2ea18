import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readableDate, truncatedDays } from "../../../client/anonymize/date.ts";
import { DAY_MS } from "../../../shared/contract/days.ts";
import { DATE_LEVELS, type KeptDate } from "../../../shared/contract/recoding.ts";

const REFERENCE = Date.UTC(2024, 5, 30);
const kept = (level: KeptDate["level"], boundsMs: KeptDate["boundsMs"] = null): KeptDate => ({
  kind: "date",
  level,
  referenceMs: REFERENCE,
  boundsMs,
});

describe("truncatedDays", () => {
  it.each<[KeptDate["level"], number, string]>([
    ["day", 41, "2024-05-20"],
    ["month", 60, "2024-05"],
    ["quarter", 90, "2024-Q2"],
    ["year", 181, "2024"],
    ["*", 0, "*"],
  ])("counts from the first day of the %s to the reference", (level, days, text) => {
    const at = Date.UTC(2024, 4, 20, 17, 5);
    expect(truncatedDays(at, kept(level), "here")).toBe(days);
    expect(readableDate(days, kept(level))).toBe(text);
  });

  it("says of any moment what the calendar says, at every level", () => {
    const moment = fc.integer({ min: Date.UTC(1700, 0), max: Date.UTC(2300, 0) });
    fc.assert(
      fc.property(moment, fc.constantFrom(...DATE_LEVELS), (ms, level) => {
        const [year = "", month = ""] = new Date(ms).toISOString().split("-");
        const text = {
          day: new Date(ms).toISOString().slice(0, 10),
          month: `${year}-${month}`,
          quarter: `${year}-Q${Math.ceil(Number(month) / 3)}`,
          year,
          "*": "*",
        }[level];
        expect(readableDate(truncatedDays(ms, kept(level), "here"), kept(level))).toBe(text);
      }),
    );
  });

  it("takes the bounds' first day from its start and the last to its end", () => {
    const bounds = [Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 31)] as const;
    const days = (ms: number) => truncatedDays(ms, kept("day", bounds), "line 3, joined");
    expect(days(bounds[0])).toBe(181);
    expect(days(bounds[1] + DAY_MS - 1)).toBe(151);
    expect(() => days(bounds[0] - 1)).toThrow("data.belowDeclaredMinimum (line 3, joined)");
    expect(() => days(bounds[1] + DAY_MS)).toThrow("data.aboveDeclaredMaximum (line 3, joined)");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, dayMs, daysBetween } from "../../../shared/contract/days.ts";

describe("dayMs", () => {
  it.each([
    ["1970-01-01", 0],
    ["2024-06-30", 1_719_705_600_000],
    ["2024-02-29", 1_709_164_800_000],
    ["1969-12-31", -86_400_000],
  ])("takes %s to its midnight", (day, ms) => {
    expect(dayMs(day)).toBe(ms);
  });

  it.each([
    "2023-02-29",
    "2024-06-31",
    "2024-13-01",
    "2024-6-3",
    "30.06.2024",
    "",
    "2024-06-30T01:00Z",
  ])("has no such day as %j", (day) => {
    expect(dayMs(day)).toBeNaN();
  });

  it("counts on by a day each day, over centuries that begin with a leap year and without", () => {
    const lengths = (year: number) => {
      const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
      return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    };
    const two = (n: number) => String(n).padStart(2, "0");
    let expected = dayMs("1999-01-01");
    const wrong: string[] = [];
    for (let year = 1999; year < 2106; year++)
      for (const [month, length] of lengths(year).entries())
        for (let day = 1; day <= length; day++, expected += DAY_MS) {
          const text = `${year}-${two(month + 1)}-${two(day)}`;
          if (dayMs(text) !== expected) wrong.push(text);
        }
    expect(wrong).toEqual([]);
  });
});

describe("daysBetween", () => {
  it("is 0 until a whole day has gone by, and -1 just after the moment itself", () => {
    const at = Date.UTC(2024, 5, 30);
    expect([1, DAY_MS - 1, DAY_MS, 0, -1].map((before) => daysBetween(at - before, at))).toEqual([
      0, 0, 1, 0, -1,
    ]);
  });

  it("adds up: a whole number of days earlier is as many days more", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 10_000 }), (ms, days) => {
        const at = ms % 4e12;
        expect(daysBetween(at - days * DAY_MS, 2e12)).toBe(daysBetween(at, 2e12) + days);
      }),
    );
  });
});

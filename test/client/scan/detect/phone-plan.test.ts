/** Which digits are a subscriber's: documented numbers for fiction, and what no plan has. */
import { expect, it } from "vitest";
import { isInternational, isNorthAmerican } from "../../../../client/scan/detect/phone-plan.ts";

it.each([
  ["12025550143", "the United States' 555-01xx"],
  ["442079460321", "Ofcom's 020 7946 0xxx"],
  ["447700900461", "Ofcom's 07700 900xxx"],
  ["33199001234", "ARCEP's 01 99 00 xx xx"],
  ["493023125123", "the Bundesnetzagentur's 030 23125 xxx"],
  ["61491570156", "ACMA's 0491 570 156"],
  ["46701740635", "PTS's 070-174 06 xx"],
  ["353209123456", "ComReg's 020 91x xxxx"],
])("knows +%s, %s", (digits) => {
  expect(isInternational(digits)).toBe(true);
});

it.each(["9991234567", "1000000000", "10000000000", "4412", "44", "12005551", ""])(
  "knows no +%s",
  (digits) => {
    expect(isInternational(digits)).toBe(false);
  },
);

it("refuses areas and exchanges that begin with 0 or 1, or are a service", () => {
  expect(isNorthAmerican("2025550143")).toBe(true);
  expect(isNorthAmerican("1025550143")).toBe(false);
  expect(isNorthAmerican("2021550143")).toBe(false);
  expect(isNorthAmerican("9115550143")).toBe(false);
  expect(isNorthAmerican("2029110143")).toBe(false);
});

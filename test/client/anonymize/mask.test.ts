import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { recoder } from "../../../client/anonymize/recode.ts";
import type { Cell } from "../../../client/source/table-source.ts";
import type { Recoding } from "../../../shared/contract/recoding.ts";

type MaskedCode = Extract<Recoding, { kind: "code" }>;
const ZIP: MaskedCode = { kind: "code", length: 5, charset: "digits", masked: 2 };
const POST: MaskedCode = { kind: "code", length: null, charset: "alphanumeric", masked: 3 };
const masked = (cell: Cell, recoding: MaskedCode) => recoder(recoding)(cell, "line 3, zip");

describe("a masked code", () => {
  it.each([
    ["00501", 0, "00501"],
    ["00501", 2, "005**"],
    ["00501", 5, "*****"],
  ])("masks the last of %s, %d of them, leading zeros kept", (cell, count, text) => {
    expect(masked(cell, { ...ZIP, masked: count })).toBe(text);
  });

  it.each([
    ["SW1A 1AA", "SW1A ***"],
    ["1012 AB", "101* **"],
    ["b33 8th", "B33 ***"],
    ["ab-12", "A*-**"],
  ])("masks %s as %s: spaces and hyphens stay, and do not count", (cell, text) => {
    expect(masked(cell, POST)).toBe(text);
  });

  it.each<[string, Cell, MaskedCode]>([
    ["a number, whose zeros are lost", 2138, ZIP],
    ["an empty cell", "", ZIP],
    ["no cell", null, ZIP],
    ["a digit too few", "1234", ZIP],
    ["a digit too many", "123456", ZIP],
    ["letters among digits", "12E45", ZIP],
    ["digits of another script", "\u0664\u0667\u0666\u0667\u0667", ZIP],
    ["a space around it", " 12345", ZIP],
    ["fewer characters than are masked", "AB", POST],
    ["two spaces", "AB  12", POST],
    ["a code without end", "A".repeat(101), POST],
    ["a line end", "AB1\n", POST],
  ])("refuses %s, and does not quote it", (_, cell, recoding) => {
    const read = () => masked(cell, recoding);
    expect(read).toThrow("data.wrongShape (line 3, zip): got another shape, expected");
  });

  it("leaves as many characters as there were, and of them all but the masked", () => {
    const code = fc.stringMatching(/^[A-Z0-9]{3,20}$/);
    fc.assert(
      fc.property(code, fc.nat({ max: 3 }), (text, count) => {
        const expected = text.slice(0, text.length - count) + "*".repeat(count);
        expect(masked(text, { ...POST, masked: count })).toBe(expected);
      }),
    );
  });
});

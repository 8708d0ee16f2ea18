/** Numbers with decimal commas: read exactly, others left alone, points beside them refused. */
import { expect, it } from "vitest";
import { isUnclear, pointed } from "../../../../client/source/text/decimal-comma.ts";
import { hasDecimalComma } from "../../../../shared/number-text.ts";

const refuse = (cell: number): never => {
  throw new Error(`cell ${cell}`);
};

it.each([
  ["3,5", "3.5"],
  ["-0,125", "-0.125"],
  ["+12,0", "+12.0"],
  ["1,234", "1.234"],
  ["6,02e23", "6.02e23"],
  [" 7,5 ", " 7.5 "],
  ["0,1234567890123456789", "0.1234567890123456789"],
])("reads %j as %j", (cell, number) => {
  expect(pointed([cell], refuse)).toEqual([number]);
  expect(hasDecimalComma(cell)).toBe(true);
});

it.each(["", "3", "-7", ",5", "3,", "1,2,3", "a,b", "01.02.2024", "1.234,5", "1.2.3", "Lyon, 3"])(
  "leaves %j as it is",
  (cell) => {
    expect(pointed([cell], refuse)).toEqual([cell]);
    expect(hasDecimalComma(cell)).toBe(false);
  },
);

it.each(["1.5", "-1.234", ".5", "1.", "2.5e3"])(
  "refuses %j, which may be another number",
  (cell) => {
    expect(() => pointed(["3,5", cell], refuse)).toThrow("cell 2");
  },
);

it("finds a comma unclear where it might part thousands", () => {
  const cells = ["1,234", "-12,345", "999,000", "0,123", "1,23", "1234,567", "1,2345"];
  expect(cells.filter(isUnclear)).toEqual(["1,234", "-12,345", "999,000"]);
});

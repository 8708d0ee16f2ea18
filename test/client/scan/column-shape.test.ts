/** What a column's cells are told to be, for proposals that must then pass a run. */
import { expect, it } from "vitest";
import { ColumnShape, marksIn, type Shape } from "../../../client/scan/column-shape.ts";
import type { Cell } from "../../../client/source/table-source.ts";

function shapeOf(cells: readonly Cell[], { typed = false } = {}): Shape {
  const column = new ColumnShape(typed);
  for (const cell of cells) column.add(cell);
  return column.shape();
}

it("tells numbers from text that looks like them, where the source has types", () => {
  expect(shapeOf(["1", "-2"]).type).toBe("integer");
  expect(shapeOf(["1", "2.5"]).type).toBe("number");
  expect(shapeOf([1, 2.5], { typed: true }).type).toBe("number");
  expect(shapeOf(["1", "2"], { typed: true }).type).toBe("category");
  expect(shapeOf(["1", 2], { typed: true }).type).toBe("category");
  expect(shapeOf(["02138", "10001"], { typed: true }).type).toBe("code");
  expect(shapeOf(["12138", "10001"], { typed: true })).toMatchObject({ type: "code", length: 5 });
  expect(shapeOf(["12138", "10001"]).type).toBe("integer");
});

it("takes whole numbers written as floats for whole, and every mark of what is missing for an empty cell", () => {
  expect(shapeOf(["59.0", "61.0", ""])).toMatchObject({ type: "integer", empty: 1 });
  expect(shapeOf(["59.0", "61.5"]).type).toBe("number");
  for (const mark of ["?", "NA", "NaN", "nan", "None", "NULL", "<NA>"])
    expect(shapeOf(["1", mark, "2"]), mark).toMatchObject({ type: "integer", empty: 1 });
  const marks = [shapeOf(["?", "NA"]), shapeOf(["?", "1"])];
  expect([marksIn(marks), marksIn([])]).toEqual([["?", "NA"], []]);
});

it("keeps all numbers of few rows, and every second of more than it has room for", () => {
  expect([...shapeOf(["3", "-1", "2.5"]).numbers]).toEqual([-1, 2.5, 3]);
  const many = shapeOf(Array.from({ length: 140_000 }, (_, i) => i)).numbers;
  expect([many.length, many[0], many[1], many.at(-1)]).toEqual([35_001, 0, 4, 139_999]);
});

it("calls dates and codes so only where none is missing or wrong", () => {
  expect(shapeOf(["2024-02-29", "2024-03-01T10:00:00Z"]).type).toBe("date");
  for (const cell of ["", null, "NA", "2024-02-30", "2024-03-01 10:00:00", "2024-03-01T10:00:00"])
    expect(shapeOf(["2024-02-29", cell]).type).toBe("category");
  expect(shapeOf(["01", "12"]).type).toBe("code");
  expect(shapeOf(["01", ""]).type).toBe("category");
});

it("knows the one way of writing in which all its cells are dates", () => {
  expect(shapeOf(["1/2/2020", "12/31/2020"])).toMatchObject({
    type: "date",
    dates: ["MM/DD/YYYY"],
  });
  expect(shapeOf(["1/2/2020", "31/12/2020"])).toMatchObject({
    type: "date",
    dates: ["DD/MM/YYYY"],
  });
  expect(shapeOf(["1/2/2020", "3/4/2020"]).dates).toEqual(["DD/MM/YYYY", "MM/DD/YYYY"]);
  expect(shapeOf(["13/1/2020", "1/13/2020"])).toMatchObject({ type: "category", dates: [] });
  expect(shapeOf(["31.12.2020", "2020-12-31"]).dates).toEqual([]);
  expect(shapeOf(["", "?"]).dates).toEqual([]);
});

it("calls no column numbers that the pipeline would refuse", () => {
  expect(shapeOf(["99999999999999", "1"]).type).toBe("integer");
  for (const cell of ["100000000000000", `${"1".repeat(400)}`, "1e999"])
    expect(shapeOf([cell, "1"]).type).toBe("category");
  expect(shapeOf(["-131", "20"])).toMatchObject({ largest: 131, negative: true });
});

it("has the least and the largest of all numbers among those it keeps, wherever they stand", () => {
  const many = Array.from({ length: 70_001 }, (_, i) => String(i % 100));
  // Places of odd number are those that every second leaves out.
  for (const [at, number] of [
    [1, -500],
    [69_999, 4000],
  ] as const)
    many[at] = String(number);
  const { numbers, negative, largest } = shapeOf(many);
  expect([numbers[0], numbers.at(-1), negative, largest]).toEqual([-500, 4000, true, 4000]);
  expect(numbers.length).toBe(35_001 + 2);
  expect(numbers).toEqual(Float64Array.from(numbers).sort());
  expect(shapeOf(["x"]).numbers.length).toBe(0);
});

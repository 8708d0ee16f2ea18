/** What a column's cells are told to be, for proposals that must then pass a run. */
import { expect, it } from "vitest";
import { ColumnShape, commonestMark, type Shape } from "../../../client/scan/column-shape.ts";
import type { Cell } from "../../../client/source/table-source.ts";

function shapeOf(cells: readonly Cell[], { typed = false, mark = "NA" } = {}): Shape {
  const column = new ColumnShape(typed);
  for (const cell of cells) column.add(cell);
  return column.shape(mark);
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

it("calls no column numbers that holds a mark which the scenario does not name", () => {
  expect(shapeOf(["1", "NA", "2"]).type).toBe("integer");
  expect(shapeOf(["1", "?", "2"]).type).toBe("category");
  expect(shapeOf(["1", "?", "NA"], { mark: "?" }).type).toBe("category");
  const marks = [shapeOf(["?", "NA"]), shapeOf(["?", "1"])];
  expect([commonestMark(marks), commonestMark([])]).toEqual(["?", null]);
});

it("calls dates and codes so only where none is missing or wrong", () => {
  expect(shapeOf(["2024-02-29", "2024-03-01T10:00:00Z"]).type).toBe("date");
  for (const cell of ["", null, "NA", "2024-02-30", "2024-03-01 10:00:00", "2024-03-01T10:00:00"])
    expect(shapeOf(["2024-02-29", cell]).type).toBe("category");
  expect(shapeOf(["01", "12"]).type).toBe("code");
  expect(shapeOf(["01", ""]).type).toBe("category");
});

it("calls no column numbers that the pipeline would refuse", () => {
  expect(shapeOf(["99999999999999", "1"]).type).toBe("integer");
  for (const cell of ["100000000000000", `${"1".repeat(400)}`, "1e999"])
    expect(shapeOf([cell, "1"]).type).toBe("category");
  expect(shapeOf(["-131", "20"])).toMatchObject({ largest: 131, magnitude: 1000, negative: true });
});

/** One person stated in a scenario or on the command line, in the contract's own column names. */
import type { Contract } from "../../shared/contract/contract.ts";
import { imageBytes } from "../../shared/contract/recoding.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { RawLog, RawPerson } from "../persons/raw-person.ts";
import type { Cell } from "../source/table-source.ts";
import { listedEvents } from "./event-list.ts";

/**
 * Columns that are not kept may be left out, and so may an event log and whatever has a category for
 * the missing.
 *
 * @param source for messages: "predict.row"
 */
export function personFromRow(
  row: Readonly<Record<string, unknown>>,
  { columns }: Pick<Contract, "columns">,
  source: string,
): RawPerson {
  const given = new Map(Object.entries(row));
  const stranger = [...given.keys()].find((key) => !columns.some(({ name }) => name === key));
  if (stranger !== undefined) {
    const known = columns.map(({ name }) => name).join(", ");
    refuse(`${source}, ${stranger}`, "an unknown column", `one of ${known}`);
  }
  const logs = new Map<string, RawLog>();
  const cells = columns.map((column): Cell => {
    const value = given.get(column.name) ?? null;
    const where = `${source}, ${column.name}`;
    if (column.role !== "eventLog") return cellOf(value, column, where);
    logs.set(column.name, listedEvents(value ?? [], column, where));
    return null;
  });
  return { source, line: 1, cells, logs };
}

function cellOf(value: unknown, column: Contract["columns"][number], where: string): Cell {
  if ("recoding" in column && column.recoding.kind === "image")
    return imageOf(value, imageBytes(column.recoding.shape), where);
  if (value !== null && typeof value !== "string" && typeof value !== "number")
    return refuse(where, typeof value, "text or a number");
  const kept = "recoding" in column && column.recoding.kind !== "categories";
  const fallback = kept && "missing" in column.recoding && column.recoding.missing !== null;
  if (kept && value === null && !fallback && column.recoding.kind !== "text")
    return refuse(where, "nothing", "a value");
  // A number's text is what a file would hold.
  return value === null ? null : String(value);
}

/** Listed pixel by pixel, row by row. */
function imageOf(value: unknown, bytes: number, where: string): Uint8Array {
  const expected = `a list of ${bytes} whole numbers from 0 to 255`;
  if (!Array.isArray(value) || value.length !== bytes)
    return refuse(where, "another value", expected);
  return Uint8Array.from(value, (pixel: unknown) => {
    const fits = typeof pixel === "number" && Number.isInteger(pixel) && pixel >= 0 && pixel <= 255;
    return fits ? pixel : refuse(where, "another pixel", expected);
  });
}

function refuse(where: string, got: string, expected: string): never {
  const fix = "Give one value for each kept column, by its key under data.columns.";
  throw new ScenarioError({ what: "row", where, got, expected, fix });
}

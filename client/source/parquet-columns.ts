/**
 * A Parquet column's type → how its stored values become cells (Apache Parquet format,
 * LogicalTypes.md). Flat columns only. Cells of time are text in ISO 8601 form, as in every other
 * format: a timestamp that is not adjusted to UTC has no zone, and none is made up for it.
 */
import { isUtf8 } from "node:buffer";
import type { ConvertedType, SchemaElement } from "hyparquet";
import {
  dayText,
  decimalOf,
  finiteNumber,
  julianText,
  textOf,
  timeText,
  wholeNumber,
} from "./parquet-values.ts";
import { refuseFile } from "./source-refusal.ts";
import type { Cell } from "./table-source.ts";

export interface ParquetColumn {
  readonly name: string;
  /** As hyparquet is told: values stay as stored, but for text, UUIDs and halves. */
  readonly element: SchemaElement;
  /** A value that is not null → its cell. @throws ScenarioError `data.*`, whose place is not told */
  readonly cell: (raw: unknown) => Cell;
}

/**
 * @param schema of the footer: the root, then its columns
 * @throws ScenarioError `data.nested` or `data.columnType`, naming the column
 */
export function parquetColumns(schema: readonly SchemaElement[], path: string): ParquetColumn[] {
  const [root, ...elements] = schema;
  const nested = elements.find((element) => !isFlat(element));
  if (nested)
    refuseFile("data.nested", `${path}, ${nested.name}`, "a nested column", "flat columns");
  if (root?.num_children !== elements.length)
    refuseFile("data.format", path, "a schema that is no tree", "a Parquet file");
  return elements.map((element) => ({
    // A footer may leave it out.
    name: element.name ?? "",
    element: asStored(element),
    cell: cellOf(element, path),
  }));
}

/** Text once for each entry of a dictionary; bytes that are none stay bytes, for `textOf` to refuse. */
export function soundText(bytes: Uint8Array): string | Uint8Array {
  if (!isUtf8(bytes) || bytes.includes(0)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

function isFlat({ type, num_children, repetition_type }: SchemaElement): boolean {
  return type !== undefined && !num_children && repetition_type !== "REPEATED";
}

/** Its own conversions would scale decimals by an inexact factor, and cut times short. */
function asStored(element: SchemaElement): SchemaElement {
  const { name, type, type_length, repetition_type, logical_type } = element;
  const known = logical_type?.type === "UUID" || logical_type?.type === "FLOAT16";
  // INT_64 is a name that no conversion goes by; without any, INT96 would become a date.
  const converted: ConvertedType = isText(element) ? "UTF8" : "INT_64";
  return {
    name,
    converted_type: converted,
    ...(type && { type }),
    ...(type_length !== undefined && { type_length }),
    ...(repetition_type && { repetition_type }),
    ...(known && { logical_type }),
  };
}

function isText({ type, converted_type, logical_type }: SchemaElement): boolean {
  const named = logical_type?.type ?? converted_type ?? "";
  return type === "BYTE_ARRAY" && ["STRING", "UTF8", "ENUM", "JSON"].includes(named);
}

type Convert = ParquetColumn["cell"];

function cellOf(element: SchemaElement, path: string): Convert {
  const convert = decimal(element) ?? CONVERT[element.type ?? "INT96"](element);
  if (convert) return convert;
  const { type, converted_type, logical_type } = element;
  const got = `${type} ${logical_type?.type ?? converted_type ?? "bytes"}`;
  const expected = "text, numbers, truth values, dates or timestamps";
  return refuseFile("data.columnType", `${path}, ${element.name}`, got, expected);
}

type Choice = (element: SchemaElement) => Convert | undefined;

const CONVERT: Readonly<Record<NonNullable<SchemaElement["type"]>, Choice>> = {
  BOOLEAN: () => (raw) => raw === true,
  INT32: (element) => {
    const { converted_type, logical_type } = element;
    if (logical_type?.type === "DATE" || converted_type === "DATE") return dayText;
    return integer(element, 2 ** 32);
  },
  INT64: (element) => timestamp(element) ?? integer(element, 2 ** 64),
  INT96: () => julianText,
  FLOAT: () => finiteNumber,
  DOUBLE: () => finiteNumber,
  BYTE_ARRAY: (element) => (isText(element) ? textOf : undefined),
  FIXED_LEN_BYTE_ARRAY: ({ logical_type }) => {
    if (logical_type?.type === "UUID") return textOf;
    return logical_type?.type === "FLOAT16" ? finiteNumber : undefined;
  },
};

/** Digits beyond the point that a double can still be scaled by without a rounding of its own. */
const MOST_SCALE = 22;

function decimal({ converted_type, logical_type, scale }: SchemaElement): Convert | undefined {
  if (logical_type?.type !== "DECIMAL" && converted_type !== "DECIMAL") return undefined;
  const digits = (logical_type?.type === "DECIMAL" ? logical_type.scale : scale) ?? 0;
  if (!(Number.isInteger(digits) && digits >= 0 && digits <= MOST_SCALE)) return undefined;
  return (raw) => decimalOf(raw, digits);
}

/** Nothing that is annotated as anything else, such as a time of day. */
function integer({ converted_type, logical_type }: SchemaElement, wrap: number) {
  const named = logical_type?.type ?? converted_type ?? "INTEGER";
  if (!/^(U?INT_\d+|INTEGER)$/.test(named)) return undefined;
  const signed = logical_type?.type === "INTEGER" ? logical_type.isSigned : undefined;
  const unsigned = signed === false || converted_type?.startsWith("UINT_");
  return (raw: unknown) => wholeNumber(raw, unsigned ? wrap : 0);
}

const PER_MILLISECOND = { MILLIS: 1n, MICROS: 1_000n, NANOS: 1_000_000n } as const;

function timestamp({ converted_type, logical_type }: SchemaElement): Convert | undefined {
  if (logical_type?.type === "TIMESTAMP") {
    const zone = logical_type.isAdjustedToUTC ? "Z" : "";
    const unit = PER_MILLISECOND[logical_type.unit];
    return (raw) => timeText(raw, unit, zone);
  }
  // The older annotation is of instants: always adjusted to UTC.
  if (converted_type === "TIMESTAMP_MILLIS") return (raw) => timeText(raw, 1n, "Z");
  if (converted_type === "TIMESTAMP_MICROS") return (raw) => timeText(raw, 1_000n, "Z");
  return undefined;
}

/**
 * Values of Parquet, as its physical types store them → cells. A refusal tells neither value nor
 * place: whoever knows the row tells that.
 */
import { isUtf8 } from "node:buffer";
import { refuseFile } from "./source-refusal.ts";

/** @param wrap 2^32 or 2^64 for unsigned integers, which come as signed ones; 0 for signed */
export function wholeNumber(raw: unknown, wrap: number): number {
  const read = numeric(raw);
  const value = read < 0 ? read + wrap : read;
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  return refuseFile("data.nonFiniteNumber", "", "an integer beyond it", "at most 2^53 - 1");
}

export function finiteNumber(raw: unknown): number {
  const value = numeric(raw);
  if (Number.isFinite(value)) return value;
  return refuseFile("data.nonFiniteNumber", "", "infinity or no number", "a finite number");
}

/**
 * The double next to unscaled ÷ 10^scale, for unscaled values below 2^53: a division is rounded
 * once, where a product with 0.01 would carry the error of 0.01 too.
 *
 * @param scale 0 to 22: powers of ten that are doubles
 */
export function decimalOf(raw: unknown, scale: number): number {
  const unscaled = raw instanceof Uint8Array ? bigEndian(raw) : raw;
  return finiteNumber(numeric(unscaled) / 10 ** scale);
}

/** Two's complement. */
function bigEndian(bytes: Uint8Array): number {
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
  return hex === "" ? 0 : Number(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

/** Text, or the bytes that are none. */
export function textOf(raw: unknown): string {
  if (typeof raw === "string") return raw;
  if (!(raw instanceof Uint8Array)) return refuseRaw();
  if (!isUtf8(raw)) return refuseFile("data.encoding", "", "other bytes", "UTF-8");
  return refuseFile("data.nul", "", "a NUL byte", "text");
}

const DAY_MS = 86_400_000;
/** Years that ISO 8601 writes with four digits, from year 1. */
const EARLIEST_MS = Date.parse("0001-01-01");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Days since 1970 → "2024-05-05". */
export function dayText(raw: unknown): string {
  return isoText(numeric(raw) * DAY_MS).slice(0, 10);
}

/** A count of units since 1970 → "2024-05-05T12:00:00.000Z"; what is finer is cut off. */
export function timeText(raw: unknown, unitsAMs: bigint, zone: string): string {
  const units = typeof raw === "bigint" ? raw : refuseRaw();
  const cut = units / unitsAMs;
  const ms = units < 0n && cut * unitsAMs !== units ? cut - 1n : cut;
  return isoText(Number(ms)).replace("Z", zone);
}

/** 1970-01-01 as a Julian day. */
const JULIAN_EPOCH = 2_440_588n;

/** INT96, of older writers, in UTC: nanoseconds of the day below a Julian day of 32 bits. */
export function julianText(raw: unknown): string {
  const stored = typeof raw === "bigint" ? raw : refuseRaw();
  const [day, nanos] = [stored >> 64n, stored & 0xffff_ffff_ffff_ffffn];
  return isoText(Number(day - JULIAN_EPOCH) * DAY_MS + Number(nanos / 1_000_000n));
}

function isoText(ms: number): string {
  if (ms >= EARLIEST_MS && ms <= LATEST_MS) return new Date(ms).toISOString();
  return refuseFile("data.invalidDate", "", "another time", "a time in years 1 to 9999");
}

function numeric(raw: unknown): number {
  if (typeof raw === "bigint" || typeof raw === "number") return Number(raw);
  return refuseRaw();
}

/** A value that the page does not hold, such as one of an entry beyond the dictionary. */
function refuseRaw(): never {
  return refuseFile("data.format", "", "a page with a value missing", "a Parquet file");
}

/** One line of JSON (RFC 8259) → the cells of a row, each under its column. */
import { LARGEST_NUMBER } from "../../shared/contract/formula/formula.ts";
import type { SourceLimits } from "./source-limits.ts";
import { refuseFile } from "./source-refusal.ts";
import { checkedHeader } from "./table-part.ts";
import type { Cell } from "./table-source.ts";

/**
 * The keys of the first line, which are the columns.
 *
 * @throws ScenarioError `data.format`, `.header` or `.columns`
 */
export function keysOf(
  text: string,
  path: string,
  line: number,
  limits: SourceLimits,
): readonly string[] {
  return checkedHeader(Object.keys(parsed(text, `${path}, line ${line}`)), path, limits);
}

/**
 * Text, numbers, truth values or null; null where the key is missing. A cell that is a list, of an
 * event log, is given as its JSON text: the stage that knows the log parses it again.
 *
 * @returns cells in the columns' order
 * @throws ScenarioError `data.format`, `.duplicateColumn`, `.unknownColumn`, `.nested`,
 *   `.nonFiniteNumber`, `.encoding` or `.nul`
 */
export function parseRow(text: string, columns: readonly string[], where: string): readonly Cell[] {
  const object = parsed(text, where);
  const keys = Object.keys(object);
  const values: readonly unknown[] = Object.values(object);
  const escaped = text.includes("\\");
  let keysFound = keys.length;
  let cellsFound = 0;
  const cells = columns.map((column, i) => {
    const at = keys[i] === column ? i : keys.indexOf(column);
    if (at < 0) return null;
    cellsFound += 1;
    const value = values[at];
    const place = `${where}, ${column}`;
    if (!Array.isArray(value)) return scalar(value, escaped, place);
    keysFound += keysInEvents(value, escaped, place);
    return JSON.stringify(value);
  });
  if (cellsFound !== keys.length) {
    const expected = `the ${columns.length} columns of the first line`;
    refuseFile("data.unknownColumn", where, "another key", expected);
  }
  // Of a key that is there twice JSON.parse keeps the last; but it was written twice.
  if (keysWritten(text) !== keysFound)
    refuseFile("data.duplicateColumn", where, "a key twice", "each key once");
  return cells;
}

function parsed(text: string, where: string): object {
  const value = valueIn(text, where);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  return refuseFile("data.format", where, "another value", "an object");
}

function valueIn(text: string, where: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return refuseFile("data.format", where, "no JSON", "one object a line");
  }
}

function scalar(value: unknown, escaped: boolean, where: string): Cell {
  if (typeof value === "string") {
    if (escaped) checkText(value, where);
    return value;
  }
  if (typeof value === "boolean" || value === null) return value;
  if (typeof value !== "number") {
    const expected = "text, a number, true, false, null, or a list of events";
    return refuseFile("data.nested", where, "an object or deeper list", expected);
  }
  // Well below 2^53, where JSON.parse begins to round integers.
  if (Math.abs(value) <= LARGEST_NUMBER) return value;
  const expected = `at most ${LARGEST_NUMBER}`;
  return refuseFile("data.nonFiniteNumber", where, "a number beyond it", expected);
}

/** Characters that only an escape can bring into a line: halves of a pair, NUL. */
function checkText(text: string, where: string): void {
  if (/\p{Surrogate}/u.test(text))
    refuseFile("data.encoding", where, "half a surrogate pair", "well-formed Unicode");
  if (text.includes("\0")) refuseFile("data.nul", where, "a NUL character", "text");
}

/** Of scalars, of lists of scalars, or of flat objects: how many keys those have. */
function keysInEvents(events: readonly unknown[], escaped: boolean, where: string): number {
  let keys = 0;
  for (const event of events) {
    if (typeof event !== "object" || event === null) {
      scalar(event, escaped, where);
      continue;
    }
    for (const field of Object.values(event)) scalar(field, escaped, where);
    if (!Array.isArray(event)) keys += Object.keys(event).length;
  }
  return keys;
}

const COLON = 0x3a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** How many keys a valid JSON text writes: the colons outside strings, one a key. */
function keysWritten(text: string): number {
  let keys = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) quoted = !quoted;
    else if (code === BACKSLASH) at += 1;
    else if (code === COLON && !quoted) keys += 1;
  }
  return keys;
}

/**
 * JSON as our peers write it, and no other: the text must be exactly what `JSON.stringify` writes
 * of what it says. That one rule refuses duplicate keys, odd numbers (-0, 1e999, 1.0), escapes and
 * white space, on which two readers could disagree.
 */
import { ProtocolError } from "../errors.ts";

export const MESSAGE_BYTES = 65_536;
const MOST_DEPTH = 6;
const MOST_ENTRIES = 512;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The value of a message's text; refuses with `json.size`, `.form`, `.depth` or `.length`. */
export function readJson(text: string, where: string): unknown {
  const bytes = Buffer.byteLength(text);
  if (!(bytes <= MESSAGE_BYTES))
    throw fault("size", where, `${bytes} bytes`, `at most ${MESSAGE_BYTES}`);
  const value = parsed(text, where);
  // Before stringify, which recurses: this walk ends at the depth it refuses.
  walk(value, 1, where);
  if (JSON.stringify(value) !== text) {
    throw fault("form", where, "another text", "the text JSON.stringify writes of the same value");
  }
  return value;
}

function parsed(text: string, where: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    throw fault("form", where, "no JSON", "one JSON object");
  }
}

function walk(value: unknown, depth: number, where: string): void {
  if (typeof value === "string") checkText(value, where);
  if (typeof value !== "object" || value === null) return;
  if (depth > MOST_DEPTH) throw fault("depth", where, "more", `at most ${MOST_DEPTH} levels`);
  const entries = Object.entries(value);
  if (Array.isArray(value) && !(entries.length <= MOST_ENTRIES)) {
    throw fault(
      "length",
      where,
      `${entries.length} entries`,
      `at most ${MOST_ENTRIES} in an array`,
    );
  }
  for (const [key, entry] of entries) {
    if (key === "__proto__") throw fault("form", where, "a key __proto__", "none of that name");
    checkText(key, where);
    walk(entry, depth + 1, where);
  }
}

function checkText(text: string, where: string): void {
  if (LONE_SURROGATE.test(text)) {
    throw fault("form", where, "half a surrogate pair", "well-formed Unicode");
  }
}

function fault(code: string, where: string, got: unknown, expected: string): ProtocolError {
  const fix = "Write messages with JSON.stringify; send long lists as a BLOB.";
  return new ProtocolError({ what: `json.${code}`, where, got, expected, fix });
}

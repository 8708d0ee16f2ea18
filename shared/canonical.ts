/**
 * Canonical JSON: one text for one value, so that two parties who hash it agree. Keys sorted by
 * code unit, no spaces, shortest doubles, everything beyond ASCII escaped. It is what plan hashes
 * and ledger hashes are taken over.
 */
import { createHash } from "node:crypto";

/** Canonical text of plain JSON data. Throws on what JSON cannot say (NaN, undefined, functions). */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold ${value}`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`canonical JSON cannot hold ${typeof value}`);
  const entries = Object.entries(value)
    .filter(([, entry]) => entry !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, entry]) => `${escaped(key)}:${canonicalJson(entry)}`).join(",")}}`;
}

/** SHA-256 as 64 hex digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function escaped(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

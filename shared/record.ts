/** Values of unknown shape, from YAML or JSON: what they are, what lies in them, how to tell of them. */
import { shown } from "./errors.ts";

/** A mapping: neither null nor a list. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What lies at a path into `raw`; undefined where nothing does. */
export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    raw,
  );
}

/** The same, as a message may show it. */
export function toldAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return told(valueAt(raw, path));
}

/** A value as the `got` of a refusal. */
export function told(value: unknown): unknown {
  if (value === undefined) return "nothing";
  return typeof value === "object" ? shown(jsonText(value)) : value;
}

function jsonText(value: object | null): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "an object that JSON cannot hold";
  }
}

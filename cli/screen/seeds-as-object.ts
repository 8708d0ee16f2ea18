/** A replacer for JSON: values by seed, which a Map holds, as an object. */
export function seedsAsObject(_: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

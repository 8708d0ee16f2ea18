import { isRecord } from "../../shared/record.ts";

/**
 * A replacer for JSON: values by seed, which a Map holds, as an object; and where the target is a number, what stands
 * in the place of accuracies under its own name, r2, with rmse and mae beside it.
 */
export function seedsAsObject(_: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (!isRecord(value)) return value;
  const { accuracy, errors, ...rest } = value;
  // A round's own accuracy is null, and its errors have R² among them.
  if (!isRecord(errors) || accuracy === undefined || accuracy === null) return value;
  return { ...rest, r2: accuracy, ...errors };
}

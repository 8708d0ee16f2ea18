/** The keys that a schema knows: at one place of a scenario, and anywhere. */
import { isRecord } from "../../record.ts";

/** The keys that a schema allows at a path; of several forms, those of the one that `raw` names. */
export function knownKeys(schema: unknown, path: readonly string[], raw: unknown): string[] {
  const inner = bare(schema);
  if (!isRecord(inner) || !isRecord(inner.def)) return [];
  if (Array.isArray(inner.def.options)) {
    const { options } = inner.def;
    const forms = options.filter((option: unknown) => !differs(option, inner.def, raw));
    const keys = forms.flatMap((form: unknown) => knownKeys(form, path, raw));
    return [...new Set(keys)];
  }
  const [key, ...rest] = path;
  if (key === undefined) return isRecord(inner.shape) ? Object.keys(inner.shape) : [];
  const value = isRecord(raw) || Array.isArray(raw) ? Reflect.get(raw, key) : undefined;
  if (isRecord(inner.shape)) return knownKeys(inner.shape[key], rest, value);
  return knownKeys(inner.def.valueType ?? inner.def.element, rest, value);
}

/** True of a form of another kind than the one that the value gives itself. */
function differs(form: unknown, def: unknown, raw: unknown): boolean {
  const key =
    isRecord(def) && typeof def.discriminator === "string" ? def.discriminator : undefined;
  if (key === undefined || !isRecord(raw) || !isRecord(form) || !isRecord(form.shape)) return false;
  const literal = bare(form.shape[key]);
  const values = isRecord(literal) && isRecord(literal.def) ? literal.def.values : undefined;
  return Array.isArray(values) && !values.includes(raw[key]);
}

/** A schema without its `optional`, `default` and `prefault` wrappers, and before any transform. */
function bare(schema: unknown): unknown {
  let inner = schema;
  while (isRecord(inner) && isRecord(inner.def)) {
    if ("innerType" in inner.def) inner = inner.def.innerType;
    else if (inner.def.type === "pipe") inner = inner.def.in;
    else break;
  }
  return inner;
}

/** Below this depth a block is one of a list or of several forms. */
const DEEPEST = 3;

/** Where a key of that name stands that always means the same: its paths from the top, shallow ones first. */
export function placesOf(key: string, schema: unknown, depth = 0): string[][] {
  const inner = bare(schema);
  if (depth > DEEPEST || !isRecord(inner) || !isRecord(inner.shape)) return [];
  const here = Object.hasOwn(inner.shape, key) ? [[key]] : [];
  const below = Object.entries(inner.shape).flatMap(([name, value]) =>
    placesOf(key, value, depth + 1).map((path) => [name, ...path]),
  );
  return [...here, ...below];
}

/**
 * The JSON Schema of a scenario, for editors: the one zod schema as draft-07, which every editor reads, with a
 * description at each key. Rules over several keys are not in it; `murmur lint` has them.
 */
import { z } from "zod";
import { dataSchema, ROLE_KEYS } from "../../shared/scenario/data-schema.ts";
import { algorithmSchema, scenarioSchema } from "../../shared/scenario/schema.ts";
import { ALGORITHMS, OUTSIDE } from "../../shared/training/algorithms.ts";
import { DATA_DESCRIPTIONS } from "./describe-data.ts";
import { RUN_DESCRIPTIONS } from "./describe-run.ts";
import { TRAINING_DESCRIPTIONS } from "./describe-training.ts";

export type JsonSchema = z.core.JSONSchema.BaseSchema;
type Context = Parameters<NonNullable<z.core.ToJSONSchemaParams["override"]>>[0];

/** Dotted key → sentence; `*` stands for a name that the file's author gives. */
export const DESCRIPTIONS: ReadonlyMap<string, string> = new Map(
  [RUN_DESCRIPTIONS, DATA_DESCRIPTIONS, TRAINING_DESCRIPTIONS].flatMap((part) =>
    Object.entries(part),
  ),
);

/** Beside a scenario, which an editor is pointed to it by a comment in the scenario's first line. */
export const SCHEMA_FILE = "scenario.schema.json";
export const SCHEMA_LINE = `# yaml-language-server: $schema=${SCHEMA_FILE}`;

/** As a file. @throws Error as `scenarioJsonSchema` does */
export function scenarioJsonSchemaText(): string {
  return `${JSON.stringify(scenarioJsonSchema(), null, 1)}\n`;
}

/** @throws Error where a key has no description, or a description no key: a fault of this program */
export function scenarioJsonSchema(descriptions = DESCRIPTIONS): JsonSchema {
  const schema = z.toJSONSchema(scenarioSchema, {
    target: "draft-7",
    // What a file may say, before defaults are filled in.
    io: "input",
    override: completed,
  });
  const unused = new Set(descriptions.keys());
  describeKeys(schema, "", (path) => {
    const description = descriptions.get(path);
    if (description === undefined) throw new Error(`no description of the scenario's key ${path}`);
    unused.delete(path);
    return description;
  });
  if (unused.size > 0)
    throw new Error(`no key of the scenario is called ${[...unused].join(", ")}`);
  return schema;
}

/** What zod's own conversion cannot know: checks that are code. */
function completed({ zodSchema, jsonSchema }: Context): void {
  if (zodSchema === algorithmSchema)
    jsonSchema.anyOf = [{ enum: [...ALGORITHMS] }, { type: "string", pattern: OUTSIDE.source }];
  if (zodSchema === scenarioSchema.shape.features) jsonSchema.minProperties = 1;
  if (zodSchema === dataSchema) addPerson(jsonSchema);
  if (zodSchema === scenarioSchema.shape.training) orAuto(jsonSchema);
  if (zodSchema === dataSchema.shape.columns.valueType) jsonSchema.allOf = keysByRole();
  // Of a block that may be left out: an editor would write the braces.
  if (typeof jsonSchema.default === "object" && !Array.isArray(jsonSchema.default))
    delete jsonSchema.default;
}

/** `data.person` is short for `data.source.person`. */
function addPerson({ properties }: JsonSchema): void {
  const { source } = properties ?? {};
  if (!properties || typeof source !== "object") return;
  const person = source.properties?.person;
  if (person !== undefined) properties.person = structuredClone(person);
}

/** `training: auto` stands in the place of the block. */
function orAuto(schema: JsonSchema): void {
  const { properties, additionalProperties = false } = schema;
  const { auto: _, ...keys } = properties ?? {};
  for (const key of ["type", "properties", "additionalProperties"]) delete schema[key];
  schema.anyOf = [{ const: "auto" }, { type: "object", properties: keys, additionalProperties }];
}

/** What keys a column has hangs on its role. */
function keysByRole(): JsonSchema[] {
  return Object.entries(ROLE_KEYS).map(([role, { may, must }]) => ({
    if: { properties: { role: { const: role } }, required: ["role"] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { propertyNames: { enum: ["role", "from", ...may] }, required: [...must] },
  }));
}

function describeKeys(schema: JsonSchema, path: string, of: (path: string) => string): void {
  const within = (key: string) => (path === "" ? key : `${path}.${key}`);
  const { properties = {}, additionalProperties, items = [] } = schema;
  const named = typeof additionalProperties === "object" ? { "*": additionalProperties } : {};
  for (const [key, inner] of Object.entries({ ...properties, ...named })) {
    if (typeof inner !== "object") continue;
    inner.description = of(within(key));
    describeKeys(inner, within(key), of);
  }
  for (const form of [items, schema.anyOf ?? [], schema.oneOf ?? []].flat())
    if (typeof form === "object") describeKeys(form, path, of);
}

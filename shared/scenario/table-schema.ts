/**
 * What `murmur anonymize` is told by: a whole scenario, or its `data` part alone, in which source and
 * target may be left open.
 */
import { z } from "zod";
import { MOST_ROWS, PLANNED_ADJACENCIES, UNITS } from "../accounting/mechanisms/event.ts";
import { ScenarioError } from "../errors.ts";
import { isRecord } from "../record.ts";
import { columnFault } from "./data-check.ts";
import { type TableData, tableSchema } from "./data-schema.ts";
import { schemaError } from "./refusal/schema-error.ts";
import { parseYaml } from "./text.ts";

/** What a guarantee would be worth against the raw table: the scenario's own, or one for example. */
const guarantee = z.object({
  unit: z.enum(UNITS).default("record"),
  adjacency: z.enum(PLANNED_ADJACENCIES).default("zeroOut"),
  epsilon: z.number().positive().default(1),
  delta: z.number().gt(0).lt(1).default(1e-5),
  rowsPerPerson: z.number().int().min(1).max(MOST_ROWS).optional(),
});

export interface TableSchema {
  readonly data: TableData;
  readonly guarantee: z.infer<typeof guarantee>;
  /** True where the scenario itself states the guarantee. */
  readonly stated: boolean;
  /** Of the simulated keys of pseudonyms, on public data; the scenario's. */
  readonly seed: number;
}

/**
 * @param file its name, for messages only
 * @throws ScenarioError naming the first fault and its place
 */
export function parseTableSchema(text: string, file: string): TableSchema {
  const raw = parseYaml(text, file);
  const whole = isRecord(raw) && Object.hasOwn(raw, "data");
  const part = whole ? raw.data : raw;
  const result = tableSchema.safeParse(part);
  if (!result.success) throw schemaError(result.error, part, file, tableSchema);
  const { data } = result;
  for (const [name, column] of Object.entries(data.columns)) {
    const fault = columnFault(name, column);
    if (!fault) continue;
    const [what, got, expected, fix] = fault;
    throw new ScenarioError({ what, where: file, got, expected, fix });
  }
  const rest: unknown = whole ? raw.privacy : undefined;
  const stated = guarantee.safeParse(rest ?? {});
  const { seed } = seedOf.parse(whole ? raw : {});
  return {
    data,
    guarantee: stated.success ? stated.data : guarantee.parse({}),
    stated: stated.success && rest !== undefined,
    seed,
  };
}

const seedOf = z.object({ seed: z.number().int().min(0).max(4_294_967_295).catch(1) });

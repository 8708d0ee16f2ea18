/**
 * A specification apart from its rows, compiled once. Pages of runs differ in their rows far more often than in their
 * figures' design, and compiling a design takes most of the time of drawing it.
 */
import type { Runtime } from "vega";
import type { Config, TopLevelSpec } from "vega-lite";

type Rows = readonly object[];

export interface ParsedFigure {
  readonly design: Runtime;
  /** By the name of the data source, in the order in which the specification has them. */
  readonly rows: ReadonlyMap<string, Rows>;
}

/** Designs that are kept, the one used last at the end: a sweep's runs have some twenty between them. */
const KEPT = 64;
const designs = new Map<string, Runtime>();

export async function parsedFigure(spec: TopLevelSpec, config: Config): Promise<ParsedFigure> {
  const rows = new Map<string, Rows>();
  const design = withoutRows(spec, rows) as TopLevelSpec;
  const key = JSON.stringify([design, config]);
  const found = designs.get(key) ?? (await parsed(design, config));
  designs.delete(key);
  designs.set(key, found);
  const [oldest = key] = designs.keys();
  if (designs.size > KEPT) designs.delete(oldest);
  return { design: found, rows };
}

async function parsed(design: TopLevelSpec, config: Config): Promise<Runtime> {
  const [{ parse }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  return parse(compile(design, { config }).spec);
}

/** The same, with a name in the place of each list of rows. */
function withoutRows(part: unknown, rows: Map<string, Rows>): unknown {
  if (Array.isArray(part)) return part.map((item) => withoutRows(item, rows));
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([key, value]) => {
      if (key !== "data" || !Array.isArray(value?.values)) return [key, withoutRows(value, rows)];
      const name = `rows${rows.size}`;
      rows.set(name, value.values);
      return [key, { ...value, values: undefined, name }];
    }),
  );
}

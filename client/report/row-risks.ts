/** How alike rows in memory are as they stand, by the roles that somebody gives their columns. */
import { jsonOf, requireList, requireObject, requireOptions } from "../../shared/call-arguments.ts";
import { ScenarioError } from "../../shared/errors.ts";
import type { SensitiveColumn } from "../risk/models/coded-table.ts";
import type { PrivacyMetrics } from "../risk/models/privacy-metrics.ts";
import { privacyModels } from "../risk/models/privacy-models.ts";
import { KS, TAUS } from "./risks.ts";

const WHERE = "risks";

export type Rows = readonly Readonly<Record<string, unknown>>[];

export interface RiskRoles {
  /** Columns that somebody else may know of a person. */
  readonly quasiIdentifiers: readonly string[];
  /** Columns that nobody should learn. */
  readonly sensitive?: readonly string[];
  /** All values of such a column, lowest first, where they have an order: for ordered t-closeness. */
  readonly order?: Readonly<Record<string, readonly unknown[]>>;
}

/**
 * Values are equal where their JSON is; a cell that is missing is one more value.
 *
 * @throws ScenarioError for a column that no row has
 */
export function risks(rows: Rows, roles: RiskRoles): PrivacyMetrics {
  checkArguments(rows, roles);
  const { quasiIdentifiers, sensitive = [], order = {} } = roles;
  const coded = (names: readonly string[]) =>
    names.map((name) => codedColumn(rows, name, order[name]));
  const table = {
    rows: rows.length,
    ...{ quasiIdentifiers: coded(quasiIdentifiers), sensitive: coded(sensitive) },
  };
  return privacyModels(table, { ks: KS, taus: TAUS });
}

/** @throws ScenarioError `argument` */
function checkArguments(rows: unknown, roles: unknown): void {
  requireList(rows, "the rows", WHERE, "a list of rows");
  for (const row of rows) requireObject(row, "a row", WHERE, "an object, a column each");
  const kinds = { quasiIdentifiers: "list", sensitive: "list", order: "object" } as const;
  requireOptions(roles, kinds, WHERE);
  const { quasiIdentifiers, order = {} } = roles as Partial<RiskRoles>;
  requireList(quasiIdentifiers, "quasiIdentifiers", WHERE, "a list of columns");
  for (const [column, values] of Object.entries(order))
    requireList(values, `order, ${column}`, WHERE);
}

function codedColumn(
  rows: Rows,
  name: string,
  order: readonly unknown[] | undefined,
): SensitiveColumn {
  if (rows.length > 0 && !rows.some((row) => Object.hasOwn(row, name)))
    throw new ScenarioError({
      what: "column",
      where: WHERE,
      got: `${name}, which no row has`,
      expected: "a column of the table",
      fix: "Name it as the rows do.",
    });
  const seen = new Map(order?.map((value, code) => [jsonOf(value, `order, ${name}`, WHERE), code]));
  const ordered = order && [...seen.values()];
  const codes = Int32Array.from(rows, (row) => {
    const value = jsonOf(row[name] ?? null, name, WHERE);
    const code = seen.get(value) ?? seen.size;
    seen.set(value, code);
    return code;
  });
  return { name, codes, order: ordered };
}

/** How alike some rows were before recoding and are after it: for the owner's report and the command. */

import { countedRows, type PeopleTable } from "../data/people-table.ts";
import type { PrivacyMetrics } from "../risk/models/privacy-metrics.ts";
import { privacyModels } from "../risk/models/privacy-models.ts";
import type { RequiredRows } from "../risk/require-k.ts";
import { type RiskContract, rawTable, recodedTable } from "../risk/risk-table.ts";
import { requiredTable } from "./required-table.ts";

/** Class sizes and risks that a reader looks for; the requirement's own k is added. */
export const KS = [2, 3, 5, 10, 20, 100] as const;
export const TAUS = [0.05, 0.1, 0.2, 0.33, 0.5] as const;

/**
 * @param rows a client's, by slot
 * @param population rows of what they were drawn from; null: nobody says
 */
export function risksOf(
  people: PeopleTable,
  rows: Int32Array,
  required: RequiredRows,
  contract: RiskContract,
  population: Int32Array | null = null,
): { readonly before: PrivacyMetrics; readonly after: PrivacyMetrics } {
  const { mode, k } = contract.anonymity;
  const options = { ks: [...new Set([...KS, k])].sort((a, b) => a - b), taus: TAUS };
  const { table, kept } = requiredTable(people, rows, required, contract);
  const from = population && countedRows(people, population);
  return {
    before: privacyModels(rawTable(people, countedRows(people, rows), contract), {
      ...options,
      population: from ? rawTable(people, from, contract) : undefined,
    }),
    after: privacyModels(table, {
      ...options,
      kept,
      // Of a population nobody says into which parts it would have been cut.
      population: from && mode !== "mondrian" ? recodedTable(people, from, contract) : undefined,
    }),
  };
}

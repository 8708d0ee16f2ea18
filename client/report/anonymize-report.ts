/** What `murmur anonymize` found, as one object: its `--json`. Names of metrics are those of the golden file. */

import type { Contract } from "../../shared/contract/contract.ts";
import type { TableSchema } from "../../shared/scenario/table-schema.ts";
import { countedRows } from "../data/people-table.ts";
import type { InformationLoss } from "../risk/models/information-loss.ts";
import type { PrivacyMetrics } from "../risk/models/privacy-metrics.ts";
import { quasiIdentifiers } from "../risk/risk-table.ts";
import type { ColumnFinding } from "../scan/identifier-gate.ts";
import type { AnonymizedFile } from "../table/anonymize-table.ts";
import { imageColumns, releasedColumns } from "../table/released-table.ts";
import { type Price, priceOf } from "./anonymize-price.ts";
import { type LogUnicity, logUnicity } from "./log-unicity.ts";
import { lossOf } from "./recoding-loss.ts";
import { risksOf } from "./risks.ts";

export interface AnonymizeReport {
  /** That came in, those outside the population not counted. */
  readonly rows: number;
  readonly suppressed: number;
  /** Of the anonymized table; the label last. */
  readonly columns: readonly string[];
  /** Columns of images: kept, but in no table of text. */
  readonly images: readonly string[];
  /** Columns by which rows are grouped; none: k and risks of groups say nothing. */
  readonly quasiIdentifiers: readonly string[];
  readonly requirement: Pick<Contract["anonymity"], "mode" | "k">;
  /** True: levels were learned from the rows. */
  readonly unsafe: boolean;
  readonly before: PrivacyMetrics;
  readonly after: PrivacyMetrics & { readonly information_loss: InformationLoss };
  readonly unicity: LogUnicity;
  readonly price: Price;
  readonly pseudonyms: Readonly<Record<string, string>>;
  readonly findings: readonly ColumnFinding[];
}

export function anonymizeReport(
  { people, rows, population, required, contract, keys, findings }: AnonymizedFile,
  guarantee: TableSchema["guarantee"],
): AnonymizeReport {
  const counted = countedRows(people, rows);
  const { mode, k, unsafe } = contract.anonymity;
  const { before, after } = risksOf(people, rows, required, contract, population);
  return {
    rows: counted.length,
    suppressed: counted.length - required.kept.reduce((sum, one) => sum + one, 0),
    columns: releasedColumns(contract),
    images: imageColumns(contract),
    quasiIdentifiers: quasiIdentifiers(contract).map(({ name }) => name),
    requirement: { mode, k },
    unsafe,
    before,
    after: { ...after, information_loss: lossOf(people, rows, required, contract) },
    unicity: logUnicity(people, counted, 0),
    price: priceOf(guarantee, contract.anonymity),
    pseudonyms: Object.fromEntries(keys.sources),
    findings,
  };
}

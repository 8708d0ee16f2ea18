/**
 * The library's tables, `murmur-fl/anonymize`: a client's first stages on a table of one's own, and what somebody who
 * knows a little could find in it. What these give is about the rows, and stays where they are.
 */
export type { AnonymizeReport } from "./client/report/anonymize-report.ts";
export { type RiskRoles, type Rows, risks } from "./client/report/row-risks.ts";
export type { ScanReport } from "./client/table/scan-table.ts";
export { type Anonymized, type AnonymizeOptions, anonymize, scan } from "./run/table-call.ts";

/** What `murmur anonymize` prints for people. */

import type { Price } from "../../client/report/anonymize-price.ts";
import type { AnonymizeReport } from "../../client/report/anonymize-report.ts";
import type { SensitiveMetrics } from "../../client/risk/models/privacy-metrics.ts";
import { plural } from "../../client/scan/propose-role.ts";
import { deltaText, epsilonText } from "../../shared/epsilon-text.ts";
import { columns } from "./print-trace.ts";

/** @param stated true where the schema itself says which guarantee is priced */
export function anonymizedLines(
  report: AnonymizeReport,
  table: string,
  stated: boolean,
  quiet: boolean,
): string[] {
  const { rows, suppressed, after } = report;
  const isGrouped = report.quasiIdentifiers.length > 0;
  const alike = isGrouped ? `k ${after.k}` : "no column is a quasi-identifier";
  const title = `${table}: ${rows} rows → ${rows - suppressed} × ${report.columns.length}, ${alike}`;
  if (quiet) return [title];
  return [
    title,
    `    ${report.columns.join(", ")}`,
    ...report.images.map((name) => `    ${name}: images, kept as they are; --out leaves them out`),
    ...(isGrouped ? groupLines(report) : UNGROUPED),
    ...unicityLines(report),
    ...findingLines(report),
    ...Object.entries(report.pseudonyms).map(
      ([column, key]) => `    ${column}: keyed pseudonyms, HMAC-SHA-256; key: ${key}`,
    ),
    ...(report.unsafe
      ? ["    unsafe: levels were learned from these very rows, and tell of them"]
      : []),
    `    ${priceText(report.price, stated)}`,
  ];
}

/** Of a table whose rows all look alike: one class as large as it is would pass for anonymity. */
const UNGROUPED = [
  "    Nothing parts the rows into classes, so k, l, t and the risk to be found say nothing here. Columns that others may",
  "    know of a person (age, place, dates, …) are quasi-identifiers: role: quasiIdentifier in the schema.",
];

function groupLines(report: AnonymizeReport): string[] {
  const { suppressed, requirement, after } = report;
  const { mode, k } = requirement;
  const required =
    mode === "report"
      ? `nothing is suppressed; ${after.records_below_k[k] ?? 0} rows are in classes below ${k}`
      : `${mode} to k = ${k}: ${suppressed} rows suppressed`;
  const loss = after.information_loss;
  return [
    `    ${required}`,
    "",
    ...columns(riskRows(report)).map((line) => `    ${line}`),
    "",
    `    information kept: precision ${share(loss.precision)}; lost: LM ${share(loss.lm)}, NCP ${share(loss.gcp_ncp)}`,
  ];
}

function riskRows({ before, after, requirement }: AnonymizeReport): string[][] {
  const { k } = requirement;
  const row = (name: string, value: (metrics: typeof before) => string): string[] => [
    name,
    value(before),
    value(after),
  ];
  return [
    ["", "before", "after"],
    row("equivalence classes", (m) => `${m.equivalence_classes}`),
    row("k, the smallest of them", (m) => `${m.k}`),
    row(`rows in classes below ${k}`, (m) => `${m.records_below_k[k] ?? 0}`),
    row("unique rows", (m) => share(m.risk?.unique_rows_share)),
    row("risk to be found, worst", (m) => share(m.risk?.prosecutor.max)),
    row("risk to be found, average", (m) => share(m.risk?.prosecutor.average)),
    row("discernibility", (m) => `${m.discernibility}`),
    ...Object.keys(before.sensitive ?? after.sensitive ?? {}).flatMap((name) =>
      SENSITIVE.map(([what, value]) =>
        row(`${name}: ${what}`, ({ sensitive }) => {
          const metrics = sensitive?.[name];
          return metrics ? number(value(metrics)) : "-";
        }),
      ),
    ),
  ];
}

const SENSITIVE: readonly (readonly [what: string, value: (of: SensitiveMetrics) => number])[] = [
  ["distinct l", ({ distinct_l }) => distinct_l],
  ["entropy l", ({ entropy_l }) => entropy_l],
  ["t (equal)", ({ t_equal }) => t_equal],
  ["δ-disclosure", ({ delta_nats }) => delta_nats],
  ["β-likeness", ({ beta_basic }) => beta_basic],
];

function unicityLines({ unicity }: AnonymizeReport): string[] {
  return Object.entries(unicity).map(([log, byKnown]) => {
    const shares = Object.entries(byKnown).map(
      ([known, { share: of }]) => `${known}: ${share(of)}`,
    );
    return `    ${log}: people whom a few known events single out, ${shares.join(", ")}`;
  });
}

/** Where people are found and nobody says why they may stay, no line is written at all. */
const WHY_KEPT = {
  direct_identifier: "too few to be people",
  quasi_identifier: "which others may know: see whether its role is quasiIdentifier",
  harmless: "too few to be people",
};

function findingLines({ findings }: AnonymizeReport): string[] {
  return findings.map(({ column, type, hits, looked, overruled, verdict }) => {
    const why = overruled === null ? WHY_KEPT[verdict] : `known: ${overruled}`;
    return `    ${column}: ${hits} of ${looked} cells look like ${type ? plural(type) : "people"} (${why})`;
  });
}

function priceText({ anonymized, raw, reason, factor }: Price, stated: boolean): string {
  const { epsilon, delta } = anonymized;
  const by = factor === 1 || factor === null ? "" : ", by full batches under Gaussian noise,";
  const given = `${stated ? "" : "say "}ε ${epsilonText(epsilon)}, δ ${deltaText(delta)} against the anonymized table${by}`;
  const left = raw ? `ε ${epsilonText(raw.epsilon)}, at the same δ,` : "none";
  const others = by === "" ? "" : " (murmur lint: of a scenario's own sampler and trust)";
  return `${given} is ${left} against the raw one: ${reason}${others}`;
}

function share(value: number | undefined): string {
  return value === undefined ? "-" : `${(100 * value).toFixed(2)} %`;
}

function number(value: number): string {
  return Number.isInteger(value) ? `${value}` : value.toFixed(4);
}

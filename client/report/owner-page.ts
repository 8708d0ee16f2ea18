/** A client's own report as a page for its owner. */
import { ADVERSARIES } from "../../shared/accounting/mechanisms/event.ts";
import { HOLDS_AGAINST } from "../../shared/claims/claim.ts";
import { deltaText, epsilonText } from "../../shared/epsilon-text.ts";
import { heading, page, paragraph, table } from "../../shared/page/html-page.ts";
import { repeatLines } from "../data/repeated-persons.ts";
import type { PrivacyMetrics } from "../risk/models/privacy-metrics.ts";
import { plural } from "../scan/propose-role.ts";
import type { EgressReport } from "./egress-report.ts";
import type { OwnerFile } from "./owner-report.ts";
import type { PrivacyReport } from "./privacy-report.ts";

export function ownerPage(report: OwnerFile): string {
  const { client, contract, stages, requirement, loss, egress, privacy } = report;
  const { mode, k } = requirement;
  const rows = stages[0]?.rows ?? 0;
  const unsafe = contract.unsafe ? ", and some levels were learned from the rows (unsafe)" : "";
  return page(`Murmur: what left ${client}`, [
    heading(1, `What left ${client}, and what did not`),
    paragraph(
      "For this client's owner alone: it counts private rows. Nobody else has been given it.",
    ),
    ...(egress ? egressSection(egress) : []),
    ...(privacy ? privacySection(privacy) : []),
    heading(2, "Columns in, and how each is kept"),
    table(
      ["column", "role", "kept"],
      contract.columns.map(({ name, from, role, kept }) => [
        name === from ? name : `${name} (${from})`,
        role,
        kept,
      ]),
    ),
    paragraph(
      `${rows} rows; requirement: ${mode}, k = ${k}; ${loss.suppressedRows} rows suppressed${unsafe}. Contract ${contract.hash.slice(0, 12)}….`,
    ),
    ...personsSection(report),
    ...asideSection(report),
    ...beyondSection(report),
    ...absentSection(report),
    ...narrowSection(report),
    heading(2, "How alike the rows are"),
    table(["", "before recoding", "after"], riskRows(report)),
    ...ofRowsText(report),
    ...unicitySection(report),
    heading(2, "What recoding took"),
    table(["", ""], lossRows(report)),
    heading(2, "Identifiers found where none are declared"),
    findings(report),
  ]);
}

function personsSection({ persons: { repeats, used } }: OwnerFile): string[] {
  const repeated = repeatLines(repeats);
  if (used === null && repeated.length === 0) return [];
  return [
    heading(2, "Rows of a person"),
    ...repeated.map(paragraph),
    ...(used === null
      ? []
      : [
          paragraph(
            `${used.persons} persons with ${used.rows} rows, one of them with ${used.mostOfOne}; ${used.rowsUsed} rows are used.`,
          ),
        ]),
  ];
}

/** Where a person is there several times. */
function ofRowsText({ persons: { repeats, used } }: OwnerFile): string[] {
  const several = (used?.mostOfOne ?? 0) > 1 || repeats.some(({ repeated }) => repeated > 0);
  if (!several) return [];
  return [
    paragraph(
      "All of these count rows, not persons: a person with several rows counts as several, so a class of k rows may hold fewer than k persons, and the risk to find one of them is larger than it says.",
    ),
  ];
}

function asideSection({ aside: { rows, first, kinds } }: OwnerFile): string[] {
  if (rows === 0) return [];
  return [
    heading(2, "Rows that cannot be used"),
    paragraph(
      `${rows} rows of the file add nothing. Nobody else has heard of them. By column and rule:`,
    ),
    table(
      ["rows", "first", "rule", "expected"],
      kinds.map(({ rows: of, where, what, expected }) => [String(of), where, what, expected]),
    ),
    paragraph(first.length < rows ? `The first ${first.length}:` : "All:"),
    table(
      ["where", "rule", "expected"],
      first.map(({ where, what, expected }) => [where, what, expected]),
    ),
  ];
}

function beyondSection({ rowsBeyondThePopulation: beyond }: OwnerFile): string[] {
  if (beyond === null || beyond === 0) return [];
  return [
    heading(2, "More rows than the plan has"),
    paragraph(
      `${beyond} rows are beyond the population that the plan declares for all clients together: it divides by too few. Nobody else has heard of it.`,
    ),
  ];
}

function absentSection({ absentClasses }: OwnerFile): string[] {
  if (absentClasses.length === 0) return [];
  return [
    heading(2, "Classes without a row"),
    paragraph(
      `The plan declares ${absentClasses.join(", ")}, and no row here has it: another spelling, or other rows. Nobody else has heard of it.`,
    ),
  ];
}

function narrowSection({ narrowFeatures }: OwnerFile): string[] {
  if (narrowFeatures.length === 0) return [];
  const named = narrowFeatures.map(
    ({ feature, share }) => `${feature} (${(100 * share).toFixed(1)} %)`,
  );
  return [
    heading(2, "Features that hardly vary"),
    paragraph(
      `The plan's bounds leave ${named.join(", ")} of their range to these rows: what tells the rows apart is small beside the noise. Nobody else has heard of it.`,
    ),
  ];
}

function egressSection({ to, own, connection, neverLeft }: EgressReport): string[] {
  if (own === null || connection === null)
    return [
      paragraph(
        `To ${to}: an update for each round in which this client was drawn. How many these were is not told: ε counts on nobody's knowing who was drawn, and this file lies beside the others'. Never: ${neverLeft.join("; ")}.`,
      ),
    ];
  const { clients, messages, bytes, kinds } = connection;
  return [
    paragraph(
      `To ${to}: ${own.updates} updates or counts of this client, ${own.bytes} bytes; ${own.declined} declined. Never: ${neverLeft.join("; ")}.`,
    ),
    paragraph(
      `All that left by the connection that ${clients} clients share: ${messages} messages, ${bytes} bytes.`,
    ),
    table(
      ["kind", "what it carries", "messages", "bytes"],
      kinds.map((kind) => [kind.kind, kind.carries, `${kind.messages}`, `${kind.bytes}`]),
    ),
  ];
}

function privacySection({
  spent,
  unit,
  adjacency,
  trust,
  noise,
  reason,
  about,
}: PrivacyReport): string[] {
  const of = (epsilon: number | null, delta: number | null) =>
    epsilon === null || delta === null
      ? "none"
      : `ε ${epsilonText(epsilon)}, δ ${deltaText(delta)}`;
  return [
    heading(2, "Privacy spent, as the coordinator's ledger said last"),
    spent
      ? table(
          ["against", "of the anonymized table", "of the raw table"],
          ADVERSARIES.map((adversary) => {
            const { anonymized, delta, raw, rawDelta } = spent[adversary];
            return [HOLDS_AGAINST[adversary], of(anonymized, delta), of(raw, rawDelta)];
          }),
        )
      : paragraph("Nothing: it closed no attempt. What was charged stands in its ledger."),
    paragraph(`Unit ${unit}, adjacency ${adjacency}, trust ${trust}, noise ${noise}; ${reason}.`),
    ...about.map((one) => paragraph(`The claim: ${one}.`)),
  ];
}

function riskRows({ before, after, requirement: { k } }: OwnerFile): string[][] {
  const row = (name: string, value: (metrics: PrivacyMetrics) => number | undefined): string[] => [
    name,
    number(value(before)),
    number(value(after)),
  ];
  return [
    row("rows", (m) => m.rows),
    row("equivalence classes", (m) => m.equivalence_classes),
    row("k", (m) => m.k),
    row(`rows in classes below ${k}`, (m) => m.records_below_k[k]),
    row("largest risk to be found", (m) => m.risk?.prosecutor.max),
    row("average risk", (m) => m.risk?.prosecutor.average),
    row("share of unique rows", (m) => m.risk?.unique_rows_share),
    ...Object.keys(after.sensitive ?? {}).flatMap((name) => [
      row(`${name}: distinct l`, (m) => m.sensitive?.[name]?.distinct_l),
      row(`${name}: entropy l`, (m) => m.sensitive?.[name]?.entropy_l),
      row(`${name}: t`, (m) => m.sensitive?.[name]?.t_equal),
      row(`${name}: δ`, (m) => m.sensitive?.[name]?.delta_nats),
      row(`${name}: β`, (m) => m.sensitive?.[name]?.beta_basic),
    ]),
  ];
}

function unicitySection({ unicity }: OwnerFile): string[] {
  const rows = Object.entries(unicity).flatMap(([log, byKnown]) =>
    Object.entries(byKnown).map(([known, { share }]) => [log, known, number(share)]),
  );
  return rows.length === 0
    ? []
    : [
        heading(2, "What histories give away"),
        table(["event log", "events somebody knows", "share of people they single out"], rows),
      ];
}

function lossRows({ loss }: OwnerFile): string[][] {
  const { information, other, missing, clipped, eventsLeftOut } = loss;
  const counts = (what: string, by: Readonly<Record<string, number>>) =>
    Object.entries(by).map(([name, count]) => [`${name}: ${what}`, `${count}`]);
  return [
    ["precision kept", number(information.precision)],
    ["LM lost", number(information.lm)],
    ["NCP lost", number(information.gcp_ncp)],
    ["events too old or too many", `${eventsLeftOut}`],
    ...counts("cells that became other", other),
    ...counts("cells that are missing", missing),
    ...counts("values clipped", clipped),
  ];
}

function findings({ scan: { findings: found, lookedFor } }: OwnerFile): string {
  if (found.length === 0)
    return paragraph(
      `None. Looked for: ${lookedFor.join(", ")}. That is no proof that none is there.`,
    );
  return table(
    ["column", "looks like", "cells", "looked at", "why it may stay"],
    found.map(({ column, type, hits, looked, overruled, verdict }) => [
      column,
      type ? plural(type) : "people",
      `${hits}`,
      `${looked}`,
      overruled ?? (verdict === "direct_identifier" ? FOUND : NOBODY),
    ]),
  );
}

const NOBODY = "no people: too few, or of a kind that names nobody";
const FOUND = "nothing says so: declare it a direct identifier, or drop it";

function number(value: number | undefined): string {
  if (value === undefined) return "-";
  return Number.isInteger(value) ? `${value}` : value.toFixed(4);
}

/** A run's report as one page: plain tables, every text escaped, no outside request. */
import { CLAIM_HEAD, claimRows, claimText, rawEpsilon } from "../shared/claim.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { heading, page, paragraph, table } from "../shared/html-page.ts";
import type { Plan } from "../shared/plan.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import type { Trace } from "../shared/trace.ts";
import type { Evaluation } from "./evaluate.ts";
import { faultTables } from "./report-faults.ts";
import { heldOutTables } from "./report-held-out.ts";

export interface Report {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly trace: Trace;
  readonly evaluation: Evaluation;
  /** What else must be said, a paragraph each. */
  readonly notes: readonly string[];
}

export function reportHtml(report: Report): string {
  const { scenario, plan, trace, evaluation, notes } = report;
  const spent = rawEpsilon(trace.claims, "modelRecipients");
  return page(`Murmur: ${scenario.name}`, [
    heading(1, scenario.name),
    paragraph(
      `Held-out accuracy ${(100 * evaluation.accuracy).toFixed(1)} % on ${evaluation.count} rows, ε ${epsilonText(spent)} against whoever gets the model.`,
    ),
    paragraph(claimText(plan.privacy)),
    ...notes.map(paragraph),
    ...tables(trace),
    ...heldOutTables(trace),
    ...faultTables(trace),
    heading(2, "ε by adversary"),
    table(CLAIM_HEAD, claimRows(trace.claims)),
    heading(2, "One prediction"),
    table(["layer", "what went through it"], layersOf(trace)),
  ]);
}

function tables(trace: Trace): string[] {
  const stages = trace.stages.map(({ name, rowsIn, namesIn, rowsOut, namesOut, note }) => [
    name,
    `${rowsIn ?? "·"} × ${namesIn.length} → ${rowsOut ?? "·"} × ${namesOut.length}`,
    namesOut.join(", "),
    note ?? "",
  ]);
  const counted = trace.rounds.some(({ federated }) => federated) ? ["on clients' own rows"] : [];
  const rounds = trace.rounds.map(({ round, loss, accuracy, federated, epsilon, attempts }) => [
    String(round + 1),
    loss?.toFixed(4) ?? "",
    accuracy?.toFixed(4) ?? "",
    ...(counted.length > 0
      ? [federated ? `${federated.right} right, ${federated.wrong} wrong` : ""]
      : []),
    epsilonText(epsilon.modelRecipients),
    String(attempts),
  ]);
  const statistics = trace.statistics.map(({ name, counts, names, quantiles }) => [
    name,
    quantiles === null
      ? counts.map((count, i) => (names ? `${names[i]}: ${count}` : `${count}`)).join(", ")
      : quantiles.map(([share, value]) => `${100 * share} % ${value.toPrecision(3)}`).join(", "),
  ]);
  return [
    heading(2, "Stages"),
    table(["stage", "rows × columns", "columns out", "note"], stages),
    heading(2, "Training"),
    table(["round", "loss", "accuracy", ...counted, "ε", "attempts"], rounds),
    ...(statistics.length === 0
      ? []
      : [
          heading(2, "Statistics of the clients' records, charged"),
          table(["of", "records of each label; or the value below which a share lies"], statistics),
        ]),
  ];
}

function layersOf({ prediction }: Trace): string[][] {
  return (prediction?.layers ?? []).map(({ name, lines }) => [name, lines.join("\n")]);
}

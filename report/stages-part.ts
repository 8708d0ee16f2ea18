/** The six stages: a strip of all, then each with rows as they came out of it. */

import { describeColumn } from "../shared/contract/describe-column.ts";
import { STAGE_TITLES, type StageName, type StageTrace } from "../shared/events/trace.ts";
import { entriesBefore } from "../shared/noise/rotation.ts";
import { escapeHtml, paragraph, table } from "../shared/page/html-page.ts";
import { vectorLength } from "../shared/training/algorithms.ts";
import { explainStage } from "./explain-stage.ts";
import { details, section } from "./html-parts.ts";
import type { RunReport } from "./run-report.ts";

/** One glance: what goes in and comes out of each. */
export function stageStrip({ trace, plan }: RunReport): string {
  const steps = trace.stages.map((stage) => {
    const out = sizeOut(stage, plan);
    return `<li><a href="#${stage.name}"><b>${escapeHtml(STAGE_TITLES[stage.name])}</b><span>${escapeHtml(sizeIn(stage))}</span><span aria-hidden="true">↓</span><span>${escapeHtml(out)}</span></a></li>`;
  });
  return `<ol class="strip" aria-label="The six stages">${steps.join("\n")}</ol>`;
}

const sizeIn = ({ rowsIn, namesIn }: StageTrace) => `${rowsIn ?? "·"} × ${namesIn.length}`;
const sizeOut = ({ name, rowsOut, namesOut }: StageTrace, plan: RunReport["plan"]) =>
  name === "train" ? `${weights(plan)} weights` : `${rowsOut ?? "·"} × ${namesOut.length}`;

/** Of the model: under scaffold an update is twice as long. */
function weights({ privacy, training }: RunReport["plan"]): number {
  return entriesBefore(privacy) / vectorLength(training.algorithm, 1);
}

/** @param html what else there is to show of it */
export function stageSection(
  report: RunReport,
  name: StageName,
  html: readonly string[] = [],
): string {
  const stage = report.trace.stages.find((one) => one.name === name);
  if (!stage) return "";
  const shape = `${sizeIn(stage)} → ${sizeOut(stage, report.plan)}`;
  const explained = explainStage(report, stage);
  return section({ id: name, title: STAGE_TITLES[name], explained }, [
    `<p class="shape"><span>rows × columns</span> ${escapeHtml(shape)}</p>`,
    ...(stage.note && name !== "train" && name !== "predict" ? [paragraph(stage.note)] : []),
    ...rowsOut(report, stage),
    ...html,
  ]);
}

/** Rows where they may be shown, else the names of the columns. */
function rowsOut(report: RunReport, stage: StageTrace): string[] {
  const { name, namesIn, namesOut, examples } = stage;
  if (!["collect", "anonymize", "engineer"].includes(name)) return [];
  const kept = name === "anonymize" ? [keptTable(report)] : [];
  if (!examples)
    return [paragraph(`Columns out: ${namesOut.join(", ")}. Rows are not shown.`), ...kept];
  const source = report.scenario.data.source.generator === undefined ? "public" : "made up";
  // What is dropped is seen to be gone.
  const gone = name === "anonymize" ? namesIn.filter((column) => !namesOut.includes(column)) : [];
  const target = report.plan.contract.columns.find(({ role }) => role === "target")?.name;
  const injectedFaults = gone.map((column) => (column === target ? "label only" : "dropped"));
  const rows = examples.map((row) => [...row, ...injectedFaults]);
  const said = `The first ${examples.length} people, as they come out; the rows are ${source}.`;
  return [paragraph(said), table([...namesOut, ...gone], rows), ...kept];
}

/** Of the first person, each column before and after. */
function keptTable({ plan, trace }: RunReport): string {
  const [before, after] = trace.stages;
  const cell = (stage: StageTrace | undefined, name: string) => {
    const at = stage?.namesOut.indexOf(name) ?? -1;
    return at === -1 ? "" : (stage?.examples?.[0]?.[at] ?? "");
  };
  const shown = before?.examples !== undefined;
  const rows = plan.contract.columns.map((column) => [
    ...[column.name, column.role, describeColumn(column)],
    ...(shown ? [cell(before, column.name), cell(after, column.name)] : []),
  ]);
  const head = ["column", "role", "kept as", ...(shown ? ["first person before", "after"] : [])];
  return details("What becomes of each column", [table(head, rows)]);
}

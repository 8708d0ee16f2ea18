/** A run's report as one page: plain tables, every text escaped, no outside request. */
import { CLAIM_HEAD, claimRows, claimText, rawEpsilon } from "../shared/claim.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import type { Plan } from "../shared/plan.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import type { Trace } from "../shared/trace.ts";
import type { Evaluation } from "./evaluate.ts";

export interface Report {
  readonly scenario: Scenario;
  readonly plan: Plan;
  readonly trace: Trace;
  readonly evaluation: Evaluation;
}

export function reportHtml({ scenario, plan, trace, evaluation }: Report): string {
  const { privacy } = plan;
  const claim = claimText(privacy);
  const stages = trace.stages.map(({ name, rowsIn, namesIn, rowsOut, namesOut, note }) => [
    name,
    `${rowsIn ?? "·"} × ${namesIn.length} → ${rowsOut ?? "·"} × ${namesOut.length}`,
    namesOut.join(", "),
    note ?? "",
  ]);
  const rounds = trace.rounds.map(({ round, loss, accuracy, federated, epsilon, attempts }) => [
    String(round + 1),
    loss.toFixed(4),
    accuracy.toFixed(4),
    federated ? `${federated.right} right, ${federated.wrong} wrong` : "",
    epsilonText(epsilon.modelRecipients),
    String(attempts),
  ]);
  const whole = claimRows(trace.claims);
  const spent = rawEpsilon(trace.claims, "modelRecipients");
  const statistics = trace.statistics.map(({ name, counts, quantiles }) => [
    name,
    quantiles === null
      ? counts.join(", ")
      : quantiles.map(([share, value]) => `${100 * share} % ${value.toPrecision(3)}`).join(", "),
  ]);
  const layers = (trace.prediction?.layers ?? []).map(({ name, lines }) => [
    name,
    lines.join("\n"),
  ]);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Murmur: ${escapeHtml(scenario.name)}</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; white-space: pre-line; }
</style>
</head>
<body>
<h1>${escapeHtml(scenario.name)}</h1>
<p>Held-out accuracy ${(100 * evaluation.accuracy).toFixed(1)} % on ${evaluation.count} rows, ε ${epsilonText(spent)} against whoever gets the model.</p>
<p>${escapeHtml(claim)}</p>
<h2>Stages</h2>
${table(["stage", "rows × columns", "columns out", ""], stages)}
<h2>Training</h2>
${table(["round", "loss", "accuracy", "on clients' own rows", "ε", "attempts"], rounds)}
${statistics.length === 0 ? "" : `<h2>Statistics of the clients' records, charged</h2>\n${table(["of", "labels 0 and 1; or the value below which a share lies"], statistics)}`}
<h2>ε by adversary</h2>
${table(CLAIM_HEAD, whole)}
<h2>One prediction</h2>
${table(["layer", "what went through it"], layers)}
</body>
</html>
`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell) => `<${tag}>${escapeHtml(cell)}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("\n");
  return `<table>\n<tr>${cells("th", head)}</tr>\n${body}\n</table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it, in elements and attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}

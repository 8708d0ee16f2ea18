/** What left the clients, what went wrong, and, of generated and public rows, what they hold. */
import { rawEpsilon } from "../shared/claims/claim.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { tellsNumbers } from "../shared/events/held-out-numbers.ts";
import { paragraph, table } from "../shared/page/html-page.ts";
import { besidesText, updateText } from "../shared/plan/egress-text.ts";
import { faultTables } from "./fault-tables.ts";
import { labelsFigure, riskFigure } from "./figures/clients-figure.ts";
import { svgFigure } from "./figures/draw-figure.ts";
import { countedLabels } from "./held-out-part.ts";
import { details, figure, section } from "./html-parts.ts";
import { countText, listText, percentText } from "./report-text.ts";
import type { RunReport } from "./run-report.ts";

/** Clients that a table or figure names. */
const MOST_CLIENTS = 40;

export function egressPart({ clients, resumedAfter: after, trace, plan }: RunReport): string {
  const sum = (of: (client: RunReport["clients"][number]) => number | null) =>
    clients.reduce<number | null>((all, client) => {
      const own = of(client);
      return all === null || own === null ? null : all + own;
    }, 0);
  const [updates, bytes] = [sum((client) => client.updates), sum((client) => client.bytes)];
  const since = after === null ? "" : ` since the run went on${sinceRound(after)}`;
  const told =
    updates === null || bytes === null
      ? "Which of them sent how many is told to nobody: ε counts on that."
      : `${countText(updates, "list")} of numbers, ${bytes} bytes, went from ${countText(clients.length, "client")} to the coordinator${since}.`;
  const update = `An update is ${updateText(plan)}; it holds no row and no identifier.`;
  const own = `In its owner's report each client counts every message and byte${since}.`;
  const text = `${told} ${update} ${besidesText(plan)} ${own}${shownText(trace.clientLabels.length > 0)}`;
  return section({ id: "egress", title: "What left the clients" }, [
    paragraph(text),
    ...(updates === null ? [] : [byClient(clients)]),
  ]);
}

function byClient(clients: RunReport["clients"]): string {
  const first = clients.length > MOST_CLIENTS ? `, the first ${MOST_CLIENTS}` : "";
  const rows = clients
    .slice(0, MOST_CLIENTS)
    .map(({ client, updates, bytes }) => [client, String(updates), String(bytes)]);
  return details(`By client${first}`, [table(["client", "lists", "bytes"], rows)]);
}

function shownText(rows: boolean): string {
  return rows
    ? " (The rows and counts on this page came another way, which is closed where rows are private.)"
    : "";
}

/** Clients that were lost or declined, updates that did not come, attempts that were made again, early ends. */
export function faultsPart({
  clients,
  resumedAfter: after,
  trace,
  plan,
  manifest,
}: RunReport): string {
  const named = (which: (client: RunReport["clients"][number]) => boolean | null) =>
    listText(clients.filter(which).map(({ client }) => client));
  const never = named(({ joined }) => !joined);
  const lost = named((client) => client.lost);
  const declined = named((client) => client.declined);
  const missing = trace.rounds.reduce((sum, round) => sum + (round.lost ?? 0), 0);
  const again = trace.rounds.reduce((sum, round) => sum + round.attempts - 1, 0);
  const short = plan.privacy.rounds - trace.rounds.length;
  const lines = [
    ...(never ? [`Never joined: ${never}.`] : []),
    ...(lost ? [`Lost on the way: ${lost}.`] : []),
    ...(declined ? [`Declined, their own ledgers' limit reached: ${declined}.`] : []),
    ...(missing > 0 ? [`${countText(missing, "update")} asked for did not come.`] : []),
    ...(again > 0
      ? [`${countText(again, "attempt")} had to be made again, and each stays charged.`]
      : []),
    ...(short > 0
      ? [`The run ended ${countText(short, "round")} early${ENDINGS[manifest.ending]}.`]
      : []),
    ...(short > 0 ? unreleasedText(trace) : []),
    ...(after === null ? [] : [`The run was cut off and went on${sinceRound(after)}.`]),
  ];
  const tables = faultTables(trace);
  const none = "Nothing that may be told: no client was lost, no round was made again.";
  return section({ id: "faults", title: "What went wrong" }, [
    ...(lines.length === 0 && tables.length === 0 ? [none] : lines).map(paragraph),
    ...tables,
  ]);
}

const sinceRound = (released: number) =>
  released === 0 ? ", before its first round was released" : ` after round ${released}`;

const ENDINGS: Record<RunReport["manifest"]["ending"], string> = {
  done: "",
  budget: ": one more attempt was not within the budget",
  cohort: ": fewer clients than clients.minCohort were left, or answered",
};

/** Where more is spent than when the last round was released: what is charged is not given back. */
function unreleasedText({ rounds, claims }: RunReport["trace"]): string[] {
  const spent = rawEpsilon(claims, "modelRecipients");
  const released = rounds.at(-1)?.epsilon.modelRecipients ?? null;
  if (spent === null || released === null || !(spent > released)) return [];
  return [
    `Attempts of a round that never was released stay charged: ε against whoever gets the model was ${epsilonText(released)} after the last that was, and is ${epsilonText(spent)}.`,
  ];
}

/** Empty for private rows. */
export async function clientsPart({ trace, risks, plan }: RunReport): Promise<string[]> {
  const { clientLabels, heldOut } = trace;
  if (clientLabels.length === 0) return [];
  const labels = countedLabels(heldOut);
  const rows = clientLabels.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  const first = firstText(clientLabels.length, plan.privacy.clients);
  const among = first === "" ? "The" : `Of${first} clients the`;
  const figures = [
    figure({
      title: `${tellsNumbers(heldOut) ? "Rows" : "Rows and labels"} by client${first === "" ? "" : `,${first}`}`,
      told: `${among} smallest holds ${countText(Math.min(...rows), "row")}, the largest ${countText(Math.max(...rows), "row")}.`,
      svg: await svgFigure(labelsFigure(clientLabels, labels, "page"), "page"),
      head: ["client", ...labels],
      rows: clientLabels.map(({ client, counts }) => [client, ...counts.map(String)]),
    }),
    ...(risks.length === 0 ? [] : [await riskPart(risks)]),
  ];
  const counted = "Counted outright, which only made-up and public rows allow.";
  const risk =
    " The risk is that of k-anonymity: the chance that somebody who knows a person's quasi-identifiers takes the right row for theirs. It says nothing about ε, nor ε about it.";
  return [
    section({ id: "clients", title: "What the clients hold" }, [
      paragraph(risks.length === 0 ? counted : counted + risk),
      `<div class="figures">${figures.join("\n")}</div>`,
    ]),
  ];
}

/** Empty where all are drawn. */
function firstText(drawn: number, all: number): string {
  return drawn < all ? ` the first ${drawn} of ${all}` : "";
}

/** The averages are over all that have a risk, not the drawn ones alone: a client without rows has none. */
async function riskPart(risks: RunReport["risks"]): Promise<string> {
  const mean = (values: readonly number[]) =>
    percentText(values.reduce((sum, value) => sum + value, 0) / values.length);
  const drawn = risks.slice(0, MOST_CLIENTS);
  const first = firstText(drawn.length, risks.length);
  return figure({
    title: `Risk to be found, before and after recoding${first === "" ? "" : `,${first}`}`,
    told: `On average over ${countText(risks.length, "client")} it goes from ${mean(risks.map(({ before }) => before))} to ${mean(risks.map(({ after }) => after))}.`,
    svg: await svgFigure(riskFigure(drawn, "page"), "page"),
    head: ["client", "before", "after"],
    rows: drawn.map(({ client, before, after }) => [
      ...[client, percentText(before), percentText(after)],
    ]),
  });
}

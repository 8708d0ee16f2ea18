/** What a client that joins is told: what it agrees to before its rows are read, and what came of it. */
import { join } from "node:path";
import type { Retry } from "../../client/connection/dialler.ts";
import { NONE_ASIDE, spoken } from "../../client/data/rows-aside.ts";
import type { Joined } from "../../client/join/join-run.ts";
import type { ClientLimits } from "../../client/ledger/client-limits.ts";
import type { Prepared } from "../../client/prepare/prepare.ts";
import { partyNotes } from "../../run/serve/party-notes.ts";
import { plannedClaims } from "../../shared/claims/claim.ts";
import { unitParts } from "../../shared/claims/unit-text.ts";
import { epsilonText } from "../../shared/epsilon-text.ts";
import { printable } from "../../shared/errors.ts";
import { soFarParts } from "../../shared/events/so-far-text.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { attemptsOf, plannedTasks, taskLength } from "../../shared/privacy/tasks.ts";
import { rowsOf } from "../../shared/privacy/terms.ts";
import type { Trust } from "../../shared/privacy/trust.ts";
import { updatesIn } from "../../shared/wire/egress.ts";
import { offerLines } from "./offer-lines.ts";
import { privacyLines } from "./print-trace.ts";

export interface Place {
  /** Columns of the file, in its order. */
  readonly header: readonly string[];
  readonly url: string;
  readonly name: string;
  readonly clients: number;
  /** Of the rows, its name alone. */
  readonly file: string;
  readonly runId: string;
  /** Owners with whom it masks, as they agreed among themselves; undefined: whomever the coordinator names. */
  readonly known: number | undefined;
}

export function agreementLines({ plan, hash }: SealedPlan, place: Place): string[] {
  const { privacy, contract } = plan;
  const { url, name, clients, file, runId, header } = place;
  const claims = plannedClaims(privacy, attemptsOf(privacy));
  const who = clients > 1 ? `${name}, as ${clients} clients,` : name;
  return [
    `Murmur · ${who} joins ${url} with ${file}`,
    `    run ${runId}, ${privacy.rounds} rounds of ${privacy.clients} clients`,
    `    plan ${hash}, every number of it worked out again here`,
    "",
    ...offerLines(contract, header, file),
    "",
    "Leaves this machine, and nothing else that depends on the rows",
    ...leavingLines(privacy, clients),
    ...cohortLines(privacy, place),
    "",
    ...privacyLines(privacy, claims, contract.where !== null, unitParts(plan)),
    ...(privacy.past
      ? [
          "    what is said of model.file and its past is the coordinator's word: nothing here can check it",
        ]
      : []),
    ...partyNotes(privacy, clients).map((note) => `    ${note}`),
    "",
  ].map(printable);
}

/** A coordinator that makes clients up and masks with them reads the one that is real. */
function cohortLines({ trust }: PrivacyPlan, { known }: Place): string[] {
  if (trust !== "distributed") return [];
  return [
    known === undefined
      ? "    masked with whomever the coordinator names, which is trusted not to make clients up (else take --allow)"
      : `    masked with nobody but the ${known} owners on your list, none in more places than you`,
  ];
}

const HOW: Record<Trust, string> = {
  local: "noised here",
  distributed: "with a share of the noise, under masks: only their sum can be read",
  central: "exact: the coordinator sees them as they are",
  none: "exact: the coordinator sees them as they are",
};

const COUNTS = {
  bounds: "histograms, by which features learn their bounds,",
  statistics: "statistics counts",
  evaluation: "evaluation counts",
} as const;

function leavingLines(plan: PrivacyPlan, clients: number): string[] {
  const each = clients > 1 ? `for each of ${clients} clients ` : "";
  return plannedTasks(plan).map(({ task, count }) => {
    const numbers = taskLength(plan, task);
    const what = task === "train" ? "clipped updates" : COUNTS[task];
    const trust = task === "train" || task === "bounds" ? plan.trust : "local";
    const how = HOW[trust];
    return `    ${each}at most ${count} ${what} of ${numbers} whole numbers, ${how}`;
  });
}

/** What its owner alone hears of the rows before anything of them is sent. */
export function rowsLines(
  { clients }: Prepared,
  file: string,
  plan: Pick<PrivacyPlan, "unit" | "population" | "rows">,
): string[] {
  const reports = [...clients.values()].map(({ report }) => report);
  const { rows, kinds } = reports[0]?.aside ?? NONE_ASIDE;
  const counted = reports.reduce((sum, { stages }) => sum + (stages[0]?.rows ?? 0), 0);
  const named = kinds.slice(0, MOST_NAMED).map((kind) => {
    return `    ${spoken(kind)}: expected ${kind.expected}`;
  });
  if (kinds.length > MOST_NAMED) named.push(`    and ${kinds.length - MOST_NAMED} more kinds`);
  // What a client of several lacks another may have: rows are dealt among them.
  const withRows = reports.filter(({ stages }) => (stages[0]?.rows ?? 0) > 0);
  const absent = (withRows[0]?.absentClasses ?? []).filter((name) =>
    withRows.every(({ absentClasses }) => absentClasses.includes(name)),
  );
  const people = (reports[0]?.scan.findings ?? []).filter(
    ({ verdict, overruled }) => verdict === "direct_identifier" && overruled === null,
  );
  return [
    ...people.map(
      ({ column, hits, looked, type }) =>
        `${hits} of ${looked} cells of ${column} look like people (${type}), and are kept as the plan says of that column`,
    ),
    ...(rows > 0
      ? [`${rows} rows of ${file} cannot be used and would add nothing:`, ...named]
      : []),
    ...(absent.length > 0
      ? [`no row of ${file} has the class ${absent.join(" or ")}, which the plan declares`]
      : []),
    ...(plan.unit === "record" && counted > rowsOf(plan)
      ? [
          `${counted} rows of ${file} count, and the plan has ${rowsOf(plan)} of all owners together: it divides by too few`,
        ]
      : []),
    ...(counted === 0 ? [`no row of ${file} counts: this client would send zeros and noise`] : []),
  ].map(printable);
}

const MOST_NAMED = 10;

export function joinedLines(
  { said, epsilon, egress, soFar, reports }: Joined,
  limits: ClientLimits | null,
  talks: boolean,
): string[] {
  if (!talks) return [reports];
  const { updates, bytes } = sent(egress);
  const own =
    limits && epsilon !== null
      ? [
          `    your own ledger: ε ${epsilonText(epsilon)} of ${limits.epsilon} over all runs, sampling not counted`,
        ]
      : [];
  return [
    `Goodbye: ${said}. ${updates} updates and counts left, ${bytes} bytes in all`,
    ...own,
    ...soFarParts(soFar ? [soFar] : []).map((part) => `    ${part}`),
    `    what came in, how it was kept, and all that left: ${join(reports, "*.html")}`,
    reports,
  ].map(printable);
}

/** One wait for a coordinator that cannot be reached, or was lost. */
export function retryLine(url: string, { failed, waitMs, why }: Retry): string {
  const seconds = (waitMs / 1_000).toFixed(1);
  return printable(`${url}: no link (${why}); dialling again in ${seconds} s, attempt ${failed}`);
}

export function joinedSummary(joined: Joined) {
  const { runId, planHash, said, epsilon, soFar, reports } = joined;
  return { runId, planHash, said, ...sent(joined.egress), epsilon, soFar, reports };
}

/** Updates and counts that left, and bytes in all. */
export function sent(egress: Joined["egress"]) {
  const bytes = [...egress.values()].reduce((sum, kind) => sum + kind.bytes, 0);
  return { updates: updatesIn(egress), bytes };
}

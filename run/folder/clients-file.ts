/** IO: `clients.jsonl`, what may be known of each client: what holds for all of them, then a line a client. */
import {
  type ClientLine,
  type ClientsHead,
  clientLineSchema,
  clientsHeadSchema,
} from "../../report/run-report.ts";
import { byAdversary } from "../../shared/accounting/mechanisms/event.ts";
import { rawClaim } from "../../shared/claims/claim.ts";
import type { Trace } from "../../shared/events/trace.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import { updateText } from "../../shared/plan/egress-text.ts";
import { hidesCohort } from "../../shared/privacy/cohort-secrecy.ts";
import type { RunContext } from "../execute/run-context.ts";
import { runFile, runJson } from "./run-files.ts";

export const CLIENTS_FILE = "clients.jsonl";

/** The file's text. */
export function clientsText(
  { sealed, registry, resumed }: Pick<RunContext, "sealed" | "registry" | "resumed">,
  trace: Trace,
  spent: Ledger["spent"],
): string {
  const { privacy } = sealed.plan;
  const secret = hidesCohort(privacy);
  const head = {
    privacy: {
      trust: privacy.trust,
      epsilon: spent,
      delta: privacy.delta,
      rawTable: byAdversary((adversary) => rawClaim(trace.claims, adversary)),
    },
    egress: {
      what: `an update for each round that it is in: ${updateText(sealed.plan)}`,
      // Counted by connection, and so anew; the manifest is the same for a run that never stopped.
      resumedAfter: resumed?.rounds.length ?? null,
      to: "the coordinator",
    },
  };
  const lines = [JSON.stringify(head)];
  for (const { name, joined, lost, declined, connections, updates, bytes } of registry.clients) {
    // Epsilon counts on nobody's knowing which rounds a client was in.
    const counted = secret
      ? { declined: null, updates: null, bytes: null }
      : { declined, updates, bytes };
    lines.push(JSON.stringify({ client: name, joined, lost, connections, ...counted }));
  }
  return `${lines.join("\n")}\n`;
}

interface ClientsFile {
  /** Of all clients. */
  readonly head: ClientsHead;
  /** In the order of their numbers. */
  readonly clients: readonly ClientLine[];
}

/**
 * @throws ScenarioError for a folder of no finished run
 * @throws BudgetError for a line that is not as a run wrote it
 */
export function readClients(run: string): ClientsFile {
  const [first = "", ...lines] = runFile(run, CLIENTS_FILE).toString("utf8").trimEnd().split("\n");
  return {
    head: runJson(run, CLIENTS_FILE, clientsHeadSchema, first),
    clients: lines.map((line) => runJson(run, CLIENTS_FILE, clientLineSchema, line)),
  };
}

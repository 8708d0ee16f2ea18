/**
 * Whom a claim is about, in words that stand beside every ε: a row or a person, with how many rows and
 * at how many clients, and who is not covered at all.
 */
import { byAdversary } from "../accounting/mechanisms/event.ts";
import type { Contract } from "../contract/contract.ts";
import { epsilonText } from "../epsilon-text.ts";
import type { Plan } from "../plan/plan.ts";
import { eventsAtClients } from "../privacy/events.ts";
import type { PrivacyPlan } from "../privacy/plan.ts";
import { plannedTasks, taskTerms } from "../privacy/tasks.ts";
import { isPublicSource, type Scenario } from "../scenario/schema.ts";
import { type Algorithm, isOutside } from "../training/algorithms.ts";
import { chargesOf, rawEpsilonOf } from "./raw-spending.ts";

type ClaimedPlan = Pick<Plan, "privacy" | "contract">;
/** What every claim's words are of. */
type WordedPlan = ClaimedPlan & { readonly training: Pick<Plan["training"], "algorithm"> };

/** "person" where rows are bounded by person, "row" where a record is one; else the unit's own name. */
export function unitNoun({ privacy, contract }: ClaimedPlan): string {
  if (privacy.unit === "client") return "client";
  if (privacy.rowsPerPerson !== undefined) return "person";
  return namingColumns({ privacy, contract }).length > 0 ? "row" : "record";
}

/** Persons of a private file that are held out: the coordinator gets their rows, and no ε is theirs. */
export function heldOutPrivate({ data: { source } }: Pick<Scenario, "data">): number {
  return isPublicSource(source) ? 0 : (source.testRows ?? 0);
}

/**
 * A sentence each. Of seeded noise, which stands beside public rows alone, only what the file asks for.
 *
 * @param heldOut persons of a private file that are held out
 */
export function unitParts({ privacy, contract, training }: WordedPlan, heldOut = 0): string[] {
  const { unit, trust } = privacy;
  if (trust === "none") return [];
  if (unit === "client") return outsideText(training.algorithm);
  const isSecure = privacy.noise === "secure";
  const several = privacy.clients > 1 && (isSecure || privacy.rowsPerPerson !== undefined);
  return [
    ...rowsText(privacy),
    ...perRowText({ privacy, contract }),
    ...(several ? [severalText(privacy)] : []),
    ...rosterText(contract),
    ...(heldOut > 0 ? [`not for the ${aboutText(contract)}${heldOut} people held out`] : []),
  ];
}

/**
 * What it returns is clipped and noised like any update, whatever it is; that it is of one client's rows, and
 * that nothing else comes out, is its author's word: it runs in the process of all clients and the coordinator.
 */
function outsideText(algorithm: Algorithm): string[] {
  if (!isOutside(algorithm)) return [];
  return [
    `algorithm ${algorithm} is the caller's own: provided that it reads nothing but what it is given, keeps nothing from one call to the next, and shows nothing`,
  ];
}

function rowsText({ rowsPerPerson, population, sampling }: PrivacyPlan): string[] {
  if (rowsPerPerson === undefined) return [];
  const rows = `${rowsPerPerson} ${rowsPerPerson === 1 ? "row" : "rows"}`;
  const coin = sampling.kind === "poisson" ? "; one coin draws all rows of a person" : "";
  return [
    `per person: at most ${rows} of each are used at a client, so that one moves a sum by ${rowsPerPerson} clip norms; δ is against ${population} persons${coin}`,
  ];
}

/** Columns that name persons of whom nothing says that each has one row. */
function namingColumns({ privacy, contract }: ClaimedPlan): readonly string[] {
  if (privacy.noise !== "secure" || contract.table.person !== null) return [];
  return contract.columns.flatMap(({ role, from }) => (role === "directIdentifier" ? [from] : []));
}

function perRowText(plan: ClaimedPlan): string[] {
  const names = namingColumns(plan);
  if (names.length === 0) return [];
  const [names1, verb] = [names.join(", "), names.length === 1 ? "names" : "name"];
  return [
    `per row, not per person: ${names1} ${verb} persons, and one with several rows is several units (data.person, with privacy.rowsPerPerson, bounds them)`,
  ];
}

/** Nothing joins the rows of a person across owners. */
function severalText(plan: PrivacyPlan): string {
  const { rowsPerPerson, trust, epsilon, past } = plan;
  const units = "a person at m clients is m units";
  if (rowsPerPerson === undefined) return units;
  const price =
    trust === "local"
      ? `m releases of ${rowsPerPerson} rows each`
      : `m × ${rowsPerPerson} clip norms`;
  const held = `${units}: rowsPerPerson holds at each, and all together move ${price}`;
  return epsilon === null || past !== undefined
    ? held
    : `${held}; at 2 clients ε ${epsilonText(atClients(plan, 2))}`;
}

/**
 * ε of the raw table after the whole plan, at its δ, of a person at so many clients; null: no bound.
 *
 * @param plan without a past: how many clients of those runs have rows of one person is not known
 */
export function atClients(plan: PrivacyPlan, clients: number): number | null {
  const charged = byAdversary((adversary) =>
    plannedTasks(plan).map(({ task, count }) => {
      const at = eventsAtClients(taskTerms(plan, task), adversary, clients);
      return { event: at.event, count: count * at.count };
    }),
  );
  return rawEpsilonOf(plan, chargesOf(plan, charged), "modelRecipients");
}

/** Who is in the table at all is public: an ε compares tables of the same persons. */
function rosterText({ table }: Pick<Contract, "table">): string[] {
  if (table.person === null) return [];
  return [
    `who is in ${table.person} at all is no secret: a file without a person is another list of persons, and no ε compares the two`,
  ];
}

/** By hashes of their keys about so many are. */
function aboutText({ table }: Pick<Contract, "table">): string {
  return table.person === null ? "" : "about ";
}

/**
 * The numbers of one masked attempt. All follow from the plan and the size of the cohort; a client
 * works them out for itself and takes none from the coordinator.
 */
import { ScenarioError } from "../errors.ts";
import { graphRisks, graphSize, SHARE_ATTACK_CHANCE } from "./graph-size.ts";

export interface SecaggTerms {
  /** n: clients that are asked. */
  readonly clients: number;
  /** t: shares that open a secret. */
  readonly threshold: number;
  /** k: neighbours of each client; null: all others. */
  readonly degree: number | null;
  /** Clients of which fewer end the attempt, in any step. */
  readonly leastSurvivors: number;
  /** Signatures of the survivors without which no client gives its shares. */
  readonly quorum: number;
}

/** What of a plan they depend on. */
export interface CohortTerms {
  /** Survivors below which an attempt aborts. */
  readonly minCohort: number;
  /** Survivors that may be dishonest. Also: of all the plan's clients, where the coordinator may lie. */
  readonly colluders?: number | undefined;
  /**
   * N: clients that the plan has; absent: those that are asked. Of more, a coordinator could ask two
   * cohorts at once, each told of other members, so quorums are taken of all.
   */
  readonly clients?: number | undefined;
}

/** Two clients' sum tells each the other's. */
export const FEWEST_CLIENTS = 3;
const LARGEST_COMPLETE = 100;
/** Clients of a plan beyond which the coordinator must be honest but curious. */
const LARGEST_AGAINST_MALICE = 1_000;

/** True where masks hold against a coordinator that keeps to no rule, with the plan's colluders. */
export function holdsAgainstMalice(clients: number): boolean {
  return clients <= LARGEST_AGAINST_MALICE;
}

/**
 * Chance, of one attempt, that colluders can open what masks hide: none up to 1,000 clients, where the
 * thresholds rule it out. Beyond, it is taken where fewest clients are left beside all colluders: of
 * fewer, more of each one's neighbours are theirs.
 *
 * @param clients all that the plan has
 * @throws ScenarioError as `secaggTerms`
 */
export function openingChance(clients: number, cohort: CohortTerms): number {
  const { degree, threshold, leastSurvivors } = secaggTerms(clients, cohort);
  if (degree === null || holdsAgainstMalice(cohort.clients ?? clients)) return 0;
  const left = { clients: leastSurvivors, colluders: cohort.colluders ?? 0, dropOuts: 0 };
  const { shareAttack } = graphRisks(left, { degree, threshold });
  return Math.max(SHARE_ATTACK_CHANCE, 2 ** shareAttack);
}

/** Clients of which fewer cannot mask: none of them would have its quorum. */
export function fewestClients({ minCohort, colluders = 0, clients = 0 }: CohortTerms): number {
  const quorum = holdsAgainstMalice(clients) ? honestQuorum(clients, colluders) : 0;
  return Math.max(FEWEST_CLIENTS, minCohort, quorum);
}

/** The fewest of `clients` of whom any two such sets share more than the colluders: an honest one. */
function honestQuorum(clients: number, colluders: number): number {
  return Math.floor((clients + colluders) / 2) + 1;
}

/**
 * @param clients n, of this attempt's cohort
 * @throws ScenarioError `secagg.cohort` or `secagg.graph` where no terms keep the promises
 */
export function secaggTerms(clients: number, cohort: CohortTerms): SecaggTerms {
  const { minCohort, colluders = 0, clients: all = clients } = cohort;
  const refuse = (what: string, got: unknown, expected: string, fix: string): never => {
    throw new ScenarioError({ what: `secagg.${what}`, where: "the plan", got, expected, fix });
  };
  const demandClients = (least: number) =>
    clients >= least ||
    refuse("cohort", `${clients} clients`, `at least ${least}`, "Wait for more clients.");
  demandClients(Math.max(FEWEST_CLIENTS, minCohort));
  const twoThirds = Math.floor((2 * clients) / 3) + 1;
  const quorum = Math.max(twoThirds, honestQuorum(all, colluders));
  if (clients <= LARGEST_COMPLETE) {
    // Two quorums share more clients than there are colluders: an honest one, that signs only once.
    const most = 2 * twoThirds - clients - 1;
    if (!(colluders <= most)) {
      refuse("colluders", colluders, `at most ${most} of ${clients}`, "Lower privacy.colluders.");
    }
    demandClients(fewestClients({ ...cohort, clients: all }));
    const leastSurvivors = Math.max(quorum, minCohort);
    return { clients, threshold: twoThirds, degree: null, leastSurvivors, quorum };
  }
  const graph = { clients, colluders, dropOuts: clients - minCohort };
  if (!holdsAgainstMalice(all)) {
    const size = graphSize(graph, "curious");
    const leastSurvivors = Math.max(size.threshold, minCohort);
    return { clients, ...size, leastSurvivors, quorum: size.threshold };
  }
  demandClients(fewestClients({ ...cohort, clients: all }));
  const size = graphSize(graph, "malicious");
  const leastSurvivors = Math.max(size.threshold, quorum, minCohort);
  return { clients, ...size, leastSurvivors, quorum };
}

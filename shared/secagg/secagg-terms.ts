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
  /** Survivors that may be dishonest. */
  readonly colluders: number;
}

/** Two clients' sum tells each the other's. */
export const FEWEST_CLIENTS = 3;
const LARGEST_COMPLETE = 100;
/** Above it only neighbours' signatures are passed on, and the coordinator must be semi-honest. */
export const LARGEST_SIGNED_BY_ALL = 1_000;

/**
 * Chance, of one attempt, that colluders can open what masks hide: none in the complete graph, whose
 * threshold rules it out. In a sparse one it is taken where fewest clients are left beside all colluders:
 * of fewer, more of each one's neighbours are theirs.
 *
 * @throws ScenarioError as `secaggTerms`
 */
export function openingChance(clients: number, cohort: CohortTerms): number {
  const { degree, threshold, leastSurvivors } = secaggTerms(clients, cohort);
  if (degree === null) return 0;
  const left = { clients: leastSurvivors, colluders: cohort.colluders, dropOuts: 0 };
  const { shareAttack } = graphRisks(left, { degree, threshold });
  return Math.max(SHARE_ATTACK_CHANCE, 2 ** shareAttack);
}

/**
 * @param clients n, of this attempt's cohort
 * @throws ScenarioError `secagg.cohort` or `secagg.graph` where no terms keep the promises
 */
export function secaggTerms(clients: number, { minCohort, colluders }: CohortTerms): SecaggTerms {
  const refuse = (what: string, got: unknown, expected: string, fix: string): never => {
    throw new ScenarioError({ what: `secagg.${what}`, where: "the plan", got, expected, fix });
  };
  const least = Math.max(FEWEST_CLIENTS, minCohort);
  if (!(clients >= least)) {
    refuse("cohort", `${clients} clients`, `at least ${least}`, "Wait for more clients.");
  }
  const twoThirds = Math.floor((2 * clients) / 3) + 1;
  if (clients <= LARGEST_COMPLETE) {
    // Two quorums share more clients than there are colluders: an honest one, that signs only once.
    const most = 2 * twoThirds - clients - 1;
    if (!(colluders <= most)) {
      refuse("colluders", colluders, `at most ${most} of ${clients}`, "Lower privacy.colluders.");
    }
    const leastSurvivors = Math.max(twoThirds, minCohort);
    return { clients, threshold: twoThirds, degree: null, leastSurvivors, quorum: twoThirds };
  }
  const size = graphSize({ clients, colluders, dropOuts: clients - minCohort });
  return {
    clients,
    ...size,
    leastSurvivors: Math.max(size.threshold, minCohort),
    quorum: clients <= LARGEST_SIGNED_BY_ALL ? twoThirds : size.threshold,
  };
}

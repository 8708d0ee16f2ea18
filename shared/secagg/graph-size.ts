/**
 * How many neighbours a client of a sparse graph needs, and how many of them must bring their shares
 * together: Bell, Bonawitz, Gascón, Lepoint & Raykova 2020 (CCS), by their three conditions on a ring of
 * clients in random order. Chances are exact sums of hypergeometric terms, in logarithms.
 */
import { ScenarioError } from "../errors.ts";

/** What is declared of a cohort. */
export interface GraphTerms {
  readonly clients: number;
  /** Clients that may work with the coordinator. */
  readonly colluders: number;
  /** Clients that may drop out. */
  readonly dropOuts: number;
}

export interface GraphSize {
  /** k: neighbours of each client, even. */
  readonly degree: number;
  /** t: shares that open a secret. */
  readonly threshold: number;
}

/** Base-2 logarithms of the chances that the conditions bound. */
export interface GraphRisks {
  /** Of the colluders among somebody's neighbours being able to open both of its secrets. */
  readonly shareAttack: number;
  /** Of honest survivors that no path of such joins. */
  readonly disconnection: number;
  /** Of an attempt in which somebody loses more neighbours than it can. */
  readonly abort: number;
}

const LARGEST_SHARE_ATTACK = -40;
/** The same as a chance, of an attempt. */
export const SHARE_ATTACK_CHANCE = 2 ** LARGEST_SHARE_ATTACK;
const LARGEST_DISCONNECTION = -40;
const LARGEST_ABORT = -20;
/** Holders that a share can have place for (255), and degrees are even. */
const LARGEST_DEGREE = 254;

/** Found before: the search takes some 50 ms, and each attempt of each client asks. */
const found = new Map<string, GraphSize>();

/**
 * The smallest degree that meets all three conditions with some threshold, and the largest such
 * threshold.
 *
 * @throws ScenarioError `secagg.graph` where no degree up to 254 does
 */
export function graphSize(terms: GraphTerms): GraphSize {
  const { clients, colluders, dropOuts } = terms;
  const key = `${clients} ${colluders} ${dropOuts}`;
  const size = found.get(key) ?? smallestSize(terms);
  found.set(key, size);
  return size;
}

function smallestSize(terms: GraphTerms): GraphSize {
  const { clients, colluders, dropOuts } = terms;
  const largest = Math.min(LARGEST_DEGREE, clients - 1);
  for (let degree = 2; degree <= largest; degree += 2) {
    const threshold = largestThreshold(terms, degree);
    if (threshold !== undefined) return { degree, threshold };
  }
  throw new ScenarioError({
    what: "secagg.graph",
    where: "the plan",
    got: `${clients} clients, ${colluders} of them colluders, ${dropOuts} lost`,
    expected: `a cohort whose clients need at most ${LARGEST_DEGREE} neighbours each`,
    fix: "Raise clients.minCohort, lower privacy.colluders, or take smaller cohorts.",
  });
}

export function graphRisks(terms: GraphTerms, { degree, threshold }: GraphSize): GraphRisks {
  const { clients, colluders, dropOuts } = terms;
  const others = clients - 1;
  const all = Math.log2(clients);
  let disconnection = all;
  for (let i = 0; i < degree / 2; i++) {
    disconnection += Math.log2(Math.max(0, colluders + dropOuts - i) / (clients - i));
  }
  return {
    shareAttack: all + Math.log2(atLeast(2 * threshold - degree, others, colluders, degree)),
    disconnection,
    abort: all + Math.log2(atLeast(degree - threshold + 1, others, dropOuts, degree)),
  };
}

/** A higher threshold makes the attack rarer and aborts more frequent. */
function largestThreshold(terms: GraphTerms, degree: number): number | undefined {
  for (let threshold = degree; threshold > degree / 2; threshold--) {
    const risks = graphRisks(terms, { degree, threshold });
    if (!(risks.abort <= LARGEST_ABORT)) continue;
    const safe =
      risks.shareAttack <= LARGEST_SHARE_ATTACK && risks.disconnection <= LARGEST_DISCONNECTION;
    return safe ? threshold : undefined;
  }
  return undefined;
}

/** P[X ≥ least], X marked ones among `draws` of `all`, of which `marked` are marked. */
function atLeast(least: number, all: number, marked: number, draws: number): number {
  if (least <= 0) return 1;
  let sum = 0;
  for (let hits = least; hits <= Math.min(draws, marked); hits++) {
    const log = logChoose(marked, hits) + logChoose(all - marked, draws - hits);
    sum += Math.exp(log - logChoose(all, draws));
  }
  return sum;
}

function logChoose(n: number, k: number): number {
  return k < 0 || k > n ? -Infinity : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

const logFactorials = [0];

function logFactorial(n: number): number {
  for (let i = logFactorials.length; i <= n; i++) {
    logFactorials.push((logFactorials[i - 1] ?? 0) + Math.log(i));
  }
  return logFactorials[n] ?? Number.NaN;
}

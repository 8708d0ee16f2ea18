/**
 * How many neighbours a client of a sparse graph needs, and how many of them must bring their shares
 * together: Bell, Bonawitz, Gascón, Lepoint & Raykova 2020 (CCS), by their three conditions on a ring of
 * clients in random order. Chances are exact sums of hypergeometric terms, in logarithms.
 *
 * Against a coordinator that keeps to no rule no chance is any good: with it, clients choose their keys
 * after they have seen all others', and so the ring. There 2t − k must exceed the colluders, wherever they
 * sit, and all that give shares must have signed the same keys and survivors (quorums of which any two
 * share an honest client). Then nothing but the whole sum opens:
 *
 * - Nobody's two secrets do: of k holders the honest give one share each, the colluders two, k + colluders
 *   in all, below 2t.
 * - No part K of the ring does by itself, though the coordinator keeps packets from K's members so that
 *   they mask as if the other honest survivors X did not exist. Who lacks a packet of a neighbour in X
 *   refuses the list with it, so members of K that give shares are more than k/2 steps from X. On each side
 *   of K take the last of them: on the k/2 places beyond it nobody honest gives any, so of its neighbours
 *   k/2 at most and the colluders there do: t − k/2 of these, on either side, 2t − k in all. (Where a
 *   member of K has X near it and no giving one of K, at most k − t honest neighbours give, for it masked
 *   with t others: again 2t − k colluders.) `test/shared/secagg/ring-attack.test.ts` tries all cases of
 *   small rings.
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

/** What is believed of the coordinator: that it may do anything, or that it keeps to the protocol. */
export type CoordinatorModel = "malicious" | "curious";

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
 * The smallest degree that meets all conditions with some threshold, and the largest such threshold.
 *
 * @throws ScenarioError `secagg.graph` where no degree up to 254 does
 */
export function graphSize(terms: GraphTerms, coordinator: CoordinatorModel): GraphSize {
  const { clients, colluders, dropOuts } = terms;
  const key = `${clients} ${colluders} ${dropOuts} ${coordinator}`;
  const size = found.get(key) ?? smallestSize(terms, coordinator);
  found.set(key, size);
  return size;
}

function smallestSize(terms: GraphTerms, coordinator: CoordinatorModel): GraphSize {
  const { clients, colluders, dropOuts } = terms;
  const largest = Math.min(LARGEST_DEGREE, clients - 1);
  for (let degree = 2; degree <= largest; degree += 2) {
    const threshold = largestThreshold(terms, degree, coordinator);
    if (threshold !== undefined) return { degree, threshold };
  }
  throw new ScenarioError({
    what: "secagg.graph",
    where: "the plan",
    got: `${clients} clients, ${colluders} of them colluders, ${dropOuts} lost`,
    expected: `a cohort whose clients need at most ${largest} neighbours each, whatever the colluders do`,
    fix: "Raise clients.minCohort, lower privacy.colluders, or take at most 100 clients.",
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
function largestThreshold(
  terms: GraphTerms,
  degree: number,
  coordinator: CoordinatorModel,
): number | undefined {
  for (let threshold = degree; threshold > degree / 2; threshold--) {
    const risks = graphRisks(terms, { degree, threshold });
    if (!(risks.abort <= LARGEST_ABORT)) continue;
    const opensNobody =
      coordinator === "malicious"
        ? 2 * threshold - degree > terms.colluders
        : risks.shareAttack <= LARGEST_SHARE_ATTACK;
    const safe = opensNobody && risks.disconnection <= LARGEST_DISCONNECTION;
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

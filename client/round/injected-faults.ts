/**
 * Clients that fail by a script and seeded coins: for simulations on generated and public rows, to see
 * what a run makes of them. Who fails in an attempt depends on nothing but script, seed, attempt and
 * name: neither on hosts nor on what went before, so that anybody who holds the script can tell.
 */
import { ScenarioError } from "../../shared/errors.ts";
import { type Random, type RandomRoot, seededRoot, stream } from "../../shared/noise/random.ts";
import type { ScenarioSource } from "../../shared/scenario/data-schema.ts";
import type { FaultRule } from "../../shared/scenario/fault-schema.ts";
import { isPublicSource } from "../../shared/scenario/schema.ts";
import type { RequestTicket } from "../connection/round-request.ts";

/** One client in one attempt; rounds from 0. */
export interface Moment {
  readonly round: number;
  readonly attempt: number;
  readonly client: string;
}

/** The lines of the script that hit a client in an attempt, in their order. */
export type FaultsAt = (moment: Moment) => readonly FaultRule[];

/** What befalls one client in one attempt. */
export interface InjectedFault {
  readonly faults: readonly FaultRule[];
  /** Where random words come from that go in the place of an update. */
  readonly words: () => Random;
}

/** @param clients names of all clients of the run, in order: a share is picked among them */
export function faultsAt(
  script: readonly FaultRule[],
  seed: number,
  clients: readonly string[],
): FaultsAt {
  const root = seededRoot(seed);
  const lines = script.map((rule, line) => ({ rule, line, members: membersOf(rule, line) }));
  return (moment) =>
    lines
      .filter(({ members }) => members === null || members.has(moment.client))
      .filter(({ rule, line }) => isHit(rule, line, root, moment))
      .map(({ rule }) => rule);

  /** null: all. */
  function membersOf(rule: FaultRule, line: number): ReadonlySet<string> | null {
    if (rule.clients) return new Set(rule.clients);
    if (rule.share === undefined) return null;
    const order = stream(root, "fault", line).permutation(clients.length);
    const picked = order.slice(0, Math.ceil(rule.share * clients.length));
    return new Set(picked.map((at) => clients[at] ?? ""));
  }
}

function isHit(rule: FaultRule, line: number, root: RandomRoot, moment: Moment): boolean {
  const { round, attempt, client } = moment;
  const since = roundsSince(rule, round);
  if (rule.kind === "crash")
    return since.count > 0 && roundsSurvived(rule.chance, line, root, client) < since.count;
  if (!since.isOne) return false;
  if (rule.chance === 1) return true;
  // The short keys had streams of their own before there were scripts: their runs keep their coins.
  const coin =
    rule.kind === "dropOut" || rule.kind === "straggle"
      ? stream(root, rule.kind, round, attempt, client)
      : stream(root, "fault", line, round, attempt, client);
  return coin.bernoulli(rule.chance);
}

/** Of the rounds that a rule names: how many have begun, and whether this one is among them. */
function roundsSince({ rounds }: FaultRule, round: number): { count: number; isOne: boolean } {
  if (rounds === undefined) return { count: round + 1, isOne: true };
  if (Array.isArray(rounds)) {
    const named = [...new Set(rounds)];
    const count = named.filter((one) => one <= round + 1).length;
    return { count, isOne: named.includes(round + 1) };
  }
  const { from, to = Number.POSITIVE_INFINITY } = rounds;
  const count = Math.max(0, Math.min(round + 1, to) - from + 1);
  return { count, isOne: from <= round + 1 && round + 1 <= to };
}

/**
 * How many of a rule's rounds a client outlives: a coin a round, drawn at once as the geometric number
 * that such coins give, since a crash must be known in all rounds after it.
 */
function roundsSurvived(chance: number, line: number, root: RandomRoot, client: string): number {
  if (chance === 1) return 0;
  const { log, log1p, floor } = Math;
  return floor(log(1 - stream(root, "fault", line, client).uniform()) / log1p(-chance));
}

/**
 * What becomes of each client in an attempt.
 *
 * @throws ScenarioError for failures made on private rows
 */
export function injectedFaults(
  script: readonly FaultRule[],
  {
    source,
    seed,
    clients,
  }: {
    readonly source: ScenarioSource;
    readonly seed: number;
    readonly clients: readonly string[];
  },
): (request: Pick<RequestTicket, "task" | "round" | "attempt">, client: string) => InjectedFault {
  if (script.length > 0 && !isPublicSource(source))
    throw new ScenarioError({
      what: "clients.faults",
      where: "the assignment received",
      got: "clients that fail on purpose",
      expected: "none, since the data are private",
      fix: "Take no part: whoever fails is to do so by itself.",
    });
  const scripted = faultsAt(script, seed, clients);
  return ({ task, round, attempt }, client) => {
    const words = () => stream(seededRoot(seed), "garbage", round, attempt, client);
    const struck = scripted({ round, attempt, client });
    // Counts are asked once; that they go amiss is no part of this. Whoever is gone is gone, though.
    const faults = task === "train" ? struck : struck.filter(({ kind }) => kind === "crash");
    return { faults, words };
  };
}

/**
 * Which client holds which person: a pure function of people, seed and number of clients, so that
 * every host computes the same one. Everybody is dealt to exactly one client; a client may be empty.
 */
import type { Random } from "../shared/random.ts";

export type Partition =
  /** People shuffled, then dealt in turn: sizes differ by at most one. */
  | { readonly kind: "iid" }
  /** Of each label, clients get shares drawn from a symmetric Dirichlet (Hsu, Qi & Brown 2019). */
  | { readonly kind: "dirichlet"; readonly alpha: number; readonly labels: readonly number[] }
  /** `values`: each person's index below `domain`; a client sees one value, or whole values. */
  | {
      readonly kind: "byColumn";
      readonly values: readonly number[];
      readonly domain: number;
    };

/** @returns each person's client, in [0, clients) */
export function partition(
  spec: Partition,
  people: number,
  clients: number,
  random: Random,
): number[] {
  const order = random.permutation(people);
  switch (spec.kind) {
    case "iid":
      return deal(order, clients);
    case "dirichlet":
      return dealByLabel(order, spec, clients, random);
    case "byColumn":
      return dealByValue(order, spec, clients);
  }
}

function deal(order: readonly number[], clients: number): number[] {
  const client = new Array<number>(order.length).fill(0);
  for (const [turn, person] of order.entries()) client[person] = turn % clients;
  return client;
}

function dealByLabel(
  order: readonly number[],
  { alpha, labels }: Extract<Partition, { kind: "dirichlet" }>,
  clients: number,
  random: Random,
): number[] {
  const client = new Array<number>(order.length).fill(0);
  for (const label of [0, 1]) {
    const group = order.filter((person) => labels[person] === label);
    const shares = dirichlet(alpha, clients, random);
    let [given, upTo] = [0, 0];
    for (const [index, share] of shares.entries()) {
      upTo += share;
      const end = Math.round(upTo * group.length);
      for (const person of group.slice(given, end)) client[person] = index;
      given = Math.max(given, end);
    }
  }
  return client;
}

/** With more clients than values, the clients of one value share its people out in turn. */
function dealByValue(
  order: readonly number[],
  { values, domain }: Extract<Partition, { kind: "byColumn" }>,
  clients: number,
): number[] {
  const client = new Array<number>(order.length).fill(0);
  const turns = new Array<number>(domain).fill(0);
  for (const person of order) {
    const value = values[person] ?? 0;
    const holders = Math.max(1, Math.ceil((clients - value) / domain));
    const turn = turns[value] ?? 0;
    client[person] = clients < domain ? value % clients : value + (turn % holders) * domain;
    turns[value] = turn + 1;
  }
  return client;
}

/** Shares of a symmetric Dirichlet: gamma draws over their sum, in logs, for small alpha underflows. */
function dirichlet(alpha: number, count: number, random: Random): number[] {
  const logs = Array.from({ length: count }, () => logGamma(alpha, random));
  const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = logs.map((log) => Math.exp(log - most));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

/** Log of a gamma draw of shape alpha, scale 1 (Marsaglia & Tsang 2000; alpha < 1 by their boost). */
function logGamma(alpha: number, random: Random): number {
  if (alpha < 1) return logGamma(alpha + 1, random) + Math.log(1 - random.uniform()) / alpha;
  const d = alpha - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    const u = 1 - random.uniform();
    if (Math.log(u) < (x * x) / 2 + d - d * v + d * Math.log(v)) return Math.log(d * v);
  }
}

/**
 * Which client holds which person: a pure function of people, seed and number of clients, so that
 * every host computes the same one. Everybody is dealt to exactly one client; a client may be empty.
 *
 * `iid` and `sizes` read nothing of a person but their place. Under `dirichlet`, `shards` and
 * `byColumn` one person's cell decides who holds others too, so that tables that differ in one cell
 * differ in several clients' shares: no epsilon covers that, and private data are dealt iid.
 */
import type { Random } from "../../shared/noise/random.ts";

/** `labels`, `values` and `owners` have one whole number a person. */
export type Partition =
  /** People shuffled, then dealt in turn: sizes differ by at most one. */
  | { readonly kind: "iid" }
  /**
   * Of each label, clients get shares drawn from a symmetric Dirichlet, each label's apart from the
   * others' (Yurochkin et al. 2019; Li et al. 2022, "distribution-based label imbalance"). As
   * alpha falls a label goes to fewer clients, whose sizes come to differ. Hsu, Qi & Brown 2019
   * draw each client's mix of labels instead, and keep sizes equal.
   */
  | { readonly kind: "dirichlet"; readonly alpha: number; readonly labels: readonly number[] }
  /** `values`: each person's index below `domain`; a client sees one value, or whole values. */
  | {
      readonly kind: "byColumn";
      readonly values: readonly number[];
      readonly domain: number;
    }
  /**
   * People sorted by label and cut into clients × shardsEach contiguous shards, of which each client
   * gets shardsEach at random (McMahan et al. 2017, section 3: two, so that most see two digits).
   */
  | { readonly kind: "shards"; readonly shardsEach: number; readonly labels: readonly number[] }
  /** Unequal clients of people like any others: the "quantity skew" of Li et al. 2022. */
  | { readonly kind: "sizes"; readonly law: SizeLaw }
  /** Each person is held by the client whose file they came in. */
  | { readonly kind: "files"; readonly owners: readonly number[] };

/** What clients' sizes are in proportion to. */
type SizeLaw =
  /** e^(sigma Z), Z standard normal, drawn for each client. */
  | { readonly kind: "logNormal"; readonly sigma: number }
  /** rank^-exponent, client 0 the largest (Zipf 1949): nothing is drawn. */
  | { readonly kind: "zipf"; readonly exponent: number };

/**
 * @param people at least 0
 * @param clients at least 1
 * @param given whole numbers below `people`, each once, in the order in which they are dealt;
 *   absent: drawn
 * @returns each person's client, in [0, clients)
 * @throws TypeError where a list has not one entry a person, or an owner is no client
 */
export function partition(
  spec: Partition,
  people: number,
  clients: number,
  random: Random,
  given?: readonly number[],
): number[] {
  checkLists(spec, people, clients);
  if (spec.kind === "files") return [...spec.owners];
  const order = given ?? random.permutation(people);
  switch (spec.kind) {
    case "iid":
      return deal(order, clients);
    case "dirichlet":
      return dealByLabel(order, spec, clients, random);
    case "byColumn":
      return dealByValue(order, spec, clients);
    case "shards":
      return dealShards(order, spec, clients, random);
    case "sizes":
      return dealSizes(order, spec.law, clients, random);
  }
}

/** A list that is too short would leave its last people to nobody, or all to client 0. */
function checkLists(spec: Partition, people: number, clients: number): void {
  const list = "labels" in spec ? spec.labels : "values" in spec ? spec.values : undefined;
  const owners = spec.kind === "files" ? spec.owners : undefined;
  const length = (list ?? owners)?.length ?? people;
  if (length !== people)
    throw new TypeError(`unchecked partition: ${length} entries, not ${people}`);
  const isClient = (owner: number) => Number.isInteger(owner) && owner >= 0 && owner < clients;
  if (owners && !owners.every(isClient)) throw new TypeError("unchecked partition: owners");
}

function deal(order: readonly number[], clients: number): number[] {
  const client = new Array<number>(order.length).fill(0);
  for (const [turn, person] of order.entries()) client[person] = turn % clients;
  return client;
}

/**
 * Labels in ascending order; of each, people in seeded order are cut at the rounded partial sums of
 * the shares. One person's label moves at most one other person at each cut of the old and of the
 * new label; if nobody else has it, the shares of the labels above it are drawn anew.
 */
function dealByLabel(
  order: readonly number[],
  { alpha, labels }: Extract<Partition, { kind: "dirichlet" }>,
  clients: number,
  random: Random,
): number[] {
  const client = new Array<number>(order.length).fill(0);
  for (const group of groupedByLabel(order, labels)) {
    const shares = dirichlet(alpha, clients, random);
    let [given, upTo] = [0, 0];
    for (const [index, share] of shares.entries()) {
      upTo += share;
      // The last client takes the rest: partial sums end near 1, not at it.
      const end = index === clients - 1 ? group.length : Math.round(upTo * group.length);
      for (const person of group.slice(given, end)) client[person] = index;
      given = Math.max(given, end);
    }
  }
  return client;
}

/** The people of each label in the order given, labels ascending. */
function groupedByLabel(order: readonly number[], labels: readonly number[]): number[][] {
  const groups = new Map<number, number[]>();
  for (const person of order) {
    const label = labels[person] ?? 0;
    const group = groups.get(label) ?? [];
    group.push(person);
    groups.set(label, group);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** Sizes of shards differ by at most one. One person's label moves at most one other at each border. */
function dealShards(
  order: readonly number[],
  { shardsEach, labels }: Extract<Partition, { kind: "shards" }>,
  clients: number,
  random: Random,
): number[] {
  const sorted = groupedByLabel(order, labels).flat();
  const shards = random.permutation(clients * shardsEach);
  const client = new Array<number>(order.length).fill(0);
  for (const [turn, shard] of shards.entries()) {
    const border = (index: number) => Math.floor((index * sorted.length) / shards.length);
    for (const person of sorted.slice(border(shard), border(shard + 1)))
      client[person] = Math.floor(turn / shardsEach);
  }
  return client;
}

function dealSizes(
  order: readonly number[],
  law: SizeLaw,
  clients: number,
  random: Random,
): number[] {
  const client = new Array<number>(order.length).fill(0);
  let given = 0;
  for (const [index, size] of clientSizes(law, order.length, clients, random).entries()) {
    for (const person of order.slice(given, given + size)) client[person] = index;
    given += size;
  }
  return client;
}

/**
 * Whole sizes that add up to `people`. Where there are enough, everybody first gets one person, and
 * the others are shared out by the law, so that no client is empty.
 */
function clientSizes(law: SizeLaw, people: number, clients: number, random: Random): number[] {
  const logs = Array.from({ length: clients }, (_, client) =>
    law.kind === "logNormal" ? law.sigma * random.normal() : -law.exponent * Math.log(client + 1),
  );
  const least = people >= clients ? 1 : 0;
  return largestRemainder(normalised(logs), people - least * clients).map((size) => size + least);
}

/** Hamilton's apportionment: whole parts, then one more each by the largest remainder. */
function largestRemainder(shares: readonly number[], total: number): number[] {
  const sizes = shares.map((share) => Math.floor(share * total));
  const left = total - sizes.reduce((a, b) => a + b, 0);
  const remainder = (index: number) => (shares[index] ?? 0) * total - (sizes[index] ?? 0);
  const byRemainder = [...shares.keys()].sort((a, b) => remainder(b) - remainder(a) || a - b);
  for (const index of byRemainder.slice(0, left)) sizes[index] = (sizes[index] ?? 0) + 1;
  return sizes;
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

/** Shares of a symmetric Dirichlet: gamma draws over their sum. */
function dirichlet(alpha: number, count: number, random: Random): number[] {
  return normalised(Array.from({ length: count }, () => logGamma(alpha, random)));
}

/** Positive numbers over their sum, from their logs: those of small gamma draws would underflow. */
function normalised(logs: readonly number[]): number[] {
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

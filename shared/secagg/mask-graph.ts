/**
 * Who shares a mask with whom, and who holds whose shares. Up to 100 clients everybody with everybody
 * (Bonawitz et al. 2017); beyond, neighbours on a ring in an order that nobody chose (Bell et al. 2020).
 */
import { createHash } from "node:crypto";
import { deriveKey, Random } from "../noise/random.ts";
import { u32 } from "./attempt-context.ts";
import type { Advertisement } from "./signed-steps.ts";

/** Clients are places in the cohort, here those that advertised keys. */
export interface MaskGraph {
  /** With whom `client` shares masks, ascending; itself never. */
  readonly neighboursOf: (client: number) => readonly number[];
  /** Who holds a share of what `owner` must not lose, ascending; in the complete graph itself too. */
  readonly holdersOf: (owner: number) => readonly number[];
  /** x of the share of `owner` that `holder` holds, from 1. */
  readonly placeOf: (owner: number, holder: number) => number;
}

/**
 * @param members ascending. Those of the cohort that are missing keep their places, so that x is a
 *   client's place in the cohort + 1 whoever else is there
 */
export function completeGraph(members: readonly number[]): MaskGraph {
  return {
    neighboursOf: (client) => members.filter((other) => other !== client),
    holdersOf: () => members,
    placeOf: (_owner, holder) => holder + 1,
  };
}

/** @param neighbours of each member, as of `ringNeighbours` */
export function sparseGraph(neighbours: ReadonlyMap<number, readonly number[]>): MaskGraph {
  const neighboursOf = (client: number) => neighbours.get(client) ?? [];
  return {
    neighboursOf,
    holdersOf: neighboursOf,
    placeOf: (owner, holder) => neighboursOf(owner).indexOf(holder) + 1,
  };
}

/**
 * The ring of all that advertised, in an order that follows from all their keys together; each is
 * joined to degree / 2 before and behind it.
 *
 * @param members ascending, more than `degree`
 */
export function ringNeighbours(
  members: readonly Advertisement[],
  degree: number,
  context: Uint8Array,
): ReadonlyMap<number, readonly number[]> {
  const order = ringOrder(members, context);
  const half = degree / 2;
  return new Map(
    order.map((client, at) => {
      const steps = Array.from({ length: half }, (_, i) => [i + 1, -i - 1]).flat();
      const around = steps.map((step) => order.at((at + step) % order.length) ?? client);
      return [client, around.toSorted((a, b) => a - b)];
    }),
  );
}

/** Fisher and Yates's shuffle of the members, by a stream that everybody derives from their keys. */
export function ringOrder(members: readonly Advertisement[], context: Uint8Array): number[] {
  const hash = createHash("sha256").update(context);
  for (const { client, cipherKey, maskKey } of members) {
    hash.update(u32(client)).update(cipherKey).update(maskKey);
  }
  const random = new Random(deriveKey(hash.digest(), "graph"));
  return random.permutation(members.length).map((i) => members[i]?.client ?? 0);
}

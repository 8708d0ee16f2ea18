/**
 * Where a person stands among all: by hashes of (seed, purpose, person key) alone, so that no row of
 * anybody decides of another's client, slot or being held out. A rank would not do: an order by hash
 * still moves everybody behind a person who comes or goes.
 */
import { createHmac } from "node:crypto";
import { deriveKey, seedBytes } from "../../shared/noise/random.ts";
import type { Cell } from "../source/table-source.ts";
import type { Where } from "./cells.ts";

/** Whole numbers below PLACES, uniform and independent of each other to whoever has no seed. */
export interface PersonPlace {
  /** Which client: modulo their number. */
  readonly deal: number;
  /** Held out where it lies in the share of all places that is asked for. */
  readonly split: number;
  /** Order within a client: 96 bits, the first number the higher. */
  readonly slot: readonly [high: number, low: number];
}

/** @throws ScenarioError, the function, for a cell that names nobody */
export type PersonPlacer = (cell: Cell, where: Where) => PersonPlace;

/** How many places there are. Whole below 2^53, and 2^32 clients would be dealt alike to 2^-16. */
export const PLACES = 2 ** 48;

const PLACE_BYTES = 6;

/**
 * HMAC-SHA-256 (RFC 2104) of a person key, each purpose under a key of its own, which comes from the
 * seed as those of all streams do.
 *
 * @param seed uint32
 * @returns a pure function of a person key, the one spelling of it by which rows are joined
 */
export function personPlacer(seed: number): (key: string) => PersonPlace {
  const root = seedBytes(seed);
  const hasher = (purpose: string) => {
    const secret = deriveKey(root, `person-key/${purpose}`);
    // UTF-16 tells any two strings apart; in UTF-8 all lone surrogates are one.
    return (key: string) => createHmac("sha256", secret).update(key, "utf16le").digest();
  };
  const [deal, split, slot] = [hasher("deal"), hasher("split"), hasher("slot")];
  return (key) => {
    const order = slot(key);
    return {
      deal: deal(key).readUIntBE(0, PLACE_BYTES),
      split: split(key).readUIntBE(0, PLACE_BYTES),
      slot: [order.readUIntBE(0, PLACE_BYTES), order.readUIntBE(PLACE_BYTES, PLACE_BYTES)],
    };
  };
}

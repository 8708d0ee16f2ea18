/**
 * The second claim of graph-size.ts tried out: on small rings every way to split the clients into a part
 * that a coordinator would have opened by itself, other survivors, lost ones and colluders.
 */
import { expect, it } from "vitest";

/** Places within degree / 2 steps of each one on a ring, as bits. */
function windowsOf(clients: number, degree: number): number[] {
  return Array.from({ length: clients }, (_, at) => {
    let bits = 0;
    for (let step = 1; step <= degree / 2; step++)
      bits |= (1 << ((at + step) % clients)) | (1 << ((at - step + clients) % clients));
    return bits;
  });
}

const ONES = Uint8Array.from({ length: 1 << 11 }, (_, bits) =>
  [...bits.toString(2)].reduce((sum, digit) => sum + Number(digit), 0),
);
const ones = (bits: number) => ONES[bits] ?? 0;

/** Who is who, as bits; all others are lost: on no list of survivors. */
interface Split {
  /** Whom the coordinator wants a sum of. */
  readonly part: number;
  /** All other honest survivors. */
  readonly rest: number;
  readonly colluding: number;
}

/** Whose signatures there are: colluders', and those of honest clients that lack no survivor's packet. */
function signersOf({ part, rest, colluding }: Split, windows: readonly number[]): number {
  let signers = rest | colluding;
  for (const [at, window] of windows.entries())
    if (part & (1 << at) && (window & rest) === 0) signers |= 1 << at;
  return signers;
}

/** True where the coordinator can keep back packets so that the part has masked with itself alone. */
function canMask({ part, rest }: Split, windows: readonly number[], threshold: number): boolean {
  return windows.every((window, at) => {
    if (!(part & (1 << at))) return true;
    return ones(window) - ones(window & rest) >= threshold;
  });
}

/** True where of each one's own mask enough shares are given: by its neighbours that have signed. */
function opens(split: Split, windows: readonly number[], threshold: number): boolean {
  const signers = signersOf(split, windows);
  return windows.every(
    (window, at) => !(split.part & (1 << at)) || ones(signers & window) >= threshold,
  );
}

/** @returns the fewest colluders by whom some part is opened without the rest, whoever is lost */
function fewestColluders(clients: number, degree: number, threshold: number): number {
  const windows = windowsOf(clients, degree);
  let fewest = clients;
  for (let code = 0; code < 4 ** (clients - 1); code++) {
    // Client 0 is of the part: the ring can be turned so that it is.
    const split = { part: 1, rest: 0, colluding: 0 };
    for (let at = 1, left = code; at < clients; at++, left >>= 2) {
      if ((left & 3) === 0) split.part |= 1 << at;
      else if ((left & 3) === 1) split.rest |= 1 << at;
      else if ((left & 3) === 2) split.colluding |= 1 << at;
    }
    if (split.rest === 0 || ones(split.colluding) >= fewest) continue;
    if (!canMask(split, windows, threshold)) continue;
    if (opens(split, windows, threshold)) fewest = ones(split.colluding);
  }
  return fewest;
}

it.each([
  [6, 4],
  [6, 5],
  [8, 5],
  [8, 6],
])(
  "of 11 clients on a ring of degree %d, threshold %d, no part opens by itself to fewer than 2t − k colluders",
  (degree, threshold) => {
    expect(fewestColluders(11, degree, threshold)).toBe(2 * threshold - degree);
  },
  60_000,
);

/** What takes the masks out of a sum again, and looks whether it came out right. */
import { setImmediate } from "node:timers/promises";
import { addMasks } from "../../shared/secagg/masks.ts";

/** Seeds of masks to be added to the sum, and to be taken from it. */
export interface MaskSeeds {
  readonly plus: Buffer[];
  readonly minus: Buffer[];
}

/** Words of keystream between two turns of the event loop: some 50 ms. */
const WORDS_BETWEEN_TURNS = 2 ** 24;

/** Changes `sum` in place, int32[parameters] mod 2^32; the event loop turns meanwhile. */
export async function removeMasks(sum: Int32Array, { plus, minus }: MaskSeeds): Promise<void> {
  // Whole groups of four, which addMasks takes in one pass.
  const atOnce = 4 * Math.max(1, Math.floor(WORDS_BETWEEN_TURNS / Math.max(1, sum.length) / 4));
  for (let i = 0; i < plus.length; i += atOnce) {
    addMasks(sum, plus.slice(i, i + atOnce), []);
    await setImmediate();
  }
  for (let i = 0; i < minus.length; i += atOnce) {
    addMasks(sum, [], minus.slice(i, i + atOnce));
    await setImmediate();
  }
}

/** True where no entry is beyond what a sum can reach: a wrongly rebuilt mask leaves random words. */
export function isReachable(sum: Int32Array, largest: number): boolean {
  return sum.every((word) => Math.abs(word) <= largest);
}

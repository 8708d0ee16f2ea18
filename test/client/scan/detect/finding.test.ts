/** Overlapping findings, against the slow and obvious way. */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  type Finding,
  LOOKED_FOR,
  withoutOverlaps,
} from "../../../../client/scan/detect/finding.ts";

const finding = fc
  .tuple(fc.constantFrom(...LOOKED_FOR.slice(0, 3)), fc.nat(30), fc.integer({ min: 1, max: 9 }))
  .map(([label, start, length]): Finding => ({ label, start, end: start + length, sure: true }));

/** Takes what ranks first, strikes out what it touches, and begins again. */
function slowly(findings: readonly Finding[], order: readonly string[]): Finding[] {
  const kept: Finding[] = [];
  let left = [...findings];
  while (left.length > 0) {
    let best: Finding | undefined;
    for (const one of left) {
      if (best === undefined) best = one;
      const [rank, bestRank] = [order.indexOf(one.label), order.indexOf(best.label)];
      const longer = one.end - one.start > best.end - best.start;
      if (rank < bestRank || (rank === bestRank && longer)) best = one;
    }
    if (best === undefined) break;
    const { start, end } = best;
    kept.push(best);
    left = left.filter((one) => one.end <= start || end <= one.start);
  }
  return kept.sort((a, b) => a.start - b.start);
}

it("keeps the earlier label, then the longer finding, and what touches neither", () => {
  const orders = fc.shuffledSubarray([...LOOKED_FOR], { minLength: LOOKED_FOR.length });
  fc.assert(
    fc.property(fc.array(finding, { maxLength: 12 }), orders, (findings, order) => {
      expect(withoutOverlaps(findings, order)).toEqual(slowly(findings, order));
    }),
  );
});

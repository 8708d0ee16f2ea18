/** A threshold of a smooth function that is dear to ask: the secant of logarithms, not bisection. */

/** A point that was asked for. */
export interface Probe {
  readonly x: number;
  /** log(value / limit): 0 or less keeps the limit. May be infinite. */
  readonly log: number;
}

/** How far below the limit the value may stay, where the function is steep; as a logarithm. */
const CLOSE = 1e-4;
/** Relative width at which nothing comes closer: the function jumps. */
const JUMP = 1e-13;

/**
 * The last point that keeps the limit, within a relative `precision` of one that does not, and its
 * value within CLOSE of the limit unless it jumps there; between `kept` and `lost`, whichever is
 * larger. Mostly a third of the questions that bisection needs.
 *
 * Each guess lies a little beyond the secant's root, on the side of the further end, so that both
 * ends close in; where a guess has not halved the bracket twice running, the next one does.
 */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop, whose steps share four variables.
export function narrowed(
  kept: Probe,
  lost: Probe,
  precision: number,
  probe: (x: number) => Probe,
): Probe {
  let [inside, outside] = [kept, lost];
  let root = Infinity;
  let failures = 0;
  for (;;) {
    const start = Math.log(inside.x);
    const width = Math.log(outside.x) - start;
    const close = inside.log >= -CLOSE || Math.abs(width) <= JUMP;
    if (Math.abs(width) <= precision && close) return inside;
    let part = 1 / 2;
    if (failures < 2 && Number.isFinite(inside.log) && Number.isFinite(outside.log)) {
      const share = inside.log / (inside.log - outside.log);
      const error = Math.abs(start + share * width - root) / 4;
      root = start + share * width;
      const margin = Math.min(Math.max(precision / 2, error) / Math.abs(width), 1 / 4);
      part = share < 1 / 2 ? share + margin : share - margin;
    }
    const next = probe(Math.exp(start + part * width));
    // Also where rounding leaves nothing between the ends.
    if (next.x === inside.x || next.x === outside.x) return inside;
    if (next.log <= 0) inside = next;
    else outside = next;
    const left = Math.abs(Math.log(outside.x) - Math.log(inside.x));
    failures = left > Math.abs(width) / 2 ? failures + 1 : 0;
  }
}

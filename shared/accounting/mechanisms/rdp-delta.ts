/** The other direction of rdp.ts: a Rényi curve → delta at a given epsilon. */
import { ORDERS, type RdpCurve } from "./rdp.ts";

/** A delta, and the order at which the bound was tightest. */
export interface ConvertedDelta {
  readonly delta: number;
  readonly order: number;
}

/**
 * Smallest delta that the orders prove at `epsilon` ≥ 0, rounded up: Canonne, Kamath & Steinke 2020,
 * proposition 12, solved for delta; never above the total variation distance, at most
 * sqrt(1 - e^-rdp), nor above 1.
 */
export function deltaFromRdp(curve: RdpCurve, epsilon: number): ConvertedDelta {
  return convert(curve, epsilon, (rdp, order) => {
    const shrink = Math.log1p(-1 / order);
    const log = logDelta(order - 1, rdp, epsilon - shrink) - Math.log(order);
    return Math.min(log, Math.log(-Math.expm1(-rdp)) / 2 + 2 * Number.EPSILON);
  });
}

/** The classical conversion (Mironov 2017, proposition 3), solved for delta. */
export function classicalDeltaFromRdp(curve: RdpCurve, epsilon: number): ConvertedDelta {
  return convert(curve, epsilon, (rdp, order) => logDelta(order - 1, rdp, epsilon));
}

/** factor · (rdp - epsilon), raised by its float error. */
function logDelta(factor: number, rdp: number, epsilon: number): number {
  return factor * (rdp - epsilon) + 4 * Number.EPSILON * factor * (rdp + epsilon);
}

function convert(
  curve: RdpCurve,
  epsilon: number,
  logDeltaAt: (rdp: number, order: number) => number,
): ConvertedDelta {
  if (!(epsilon >= 0 && epsilon < Infinity)) throw new RangeError(`epsilon ${epsilon}`);
  let best = { log: 0, order: Infinity };
  ORDERS.forEach((order, i) => {
    const rdp = curve[i] ?? Number.NaN;
    if (!(rdp >= 0))
      throw new Error(`RDP ${rdp} at order ${order}: a divergence is never negative`);
    const log = rdp === 0 ? -Infinity : logDeltaAt(rdp, order);
    if (log < best.log) best = { log, order };
  });
  return { delta: Math.min(1, Math.exp(best.log) * (1 + 8 * Number.EPSILON)), order: best.order };
}

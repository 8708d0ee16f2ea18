/**
 * Independent oracles for a group of units with a coin each: all outcomes of the coins are enumerated, and
 * the hockey stick is integrated cell by cell over outputs, of one step or of two.
 */
export interface CoinStep {
  readonly rate: number;
  readonly noiseMultiplier: number;
  readonly coins: number;
}

/** Chance of each number of coins that come up: by each of 2^coins outcomes. */
function chances({ rate, coins }: CoinStep): number[] {
  const counts = new Array<number>(coins + 1).fill(0);
  for (let outcome = 0; outcome < 2 ** coins; outcome++) {
    let [drawn, chance] = [0, 1];
    for (let coin = 0; coin < coins; coin++) {
      const isUp = Math.floor(outcome / 2 ** coin) % 2 === 1;
      drawn += Number(isUp);
      chance *= isUp ? rate : 1 - rate;
    }
    counts[drawn] = (counts[drawn] ?? 0) + chance;
  }
  return counts;
}

/** Density of the output with the group ÷ without it, at an output. */
export function groupRatio(step: CoinStep): (x: number) => number {
  const known = chances(step);
  const z = step.noiseMultiplier;
  return (x) =>
    known.reduce((sum, chance, j) => sum + chance * Math.exp((j * (2 * x - j)) / (2 * z * z)), 0);
}

interface Cell {
  readonly ratio: number;
  /** Mass of the output without the group. */
  readonly without: number;
}

function cells(step: CoinStep, width: number): Cell[] {
  const z = step.noiseMultiplier;
  const from = -9 * z;
  const ratio = groupRatio(step);
  const count = Math.ceil((step.coins + 18 * z) / width);
  return Array.from({ length: count }, (_, i) => {
    const x = from + (i + 0.5) * width;
    const density = Math.exp(-(x * x) / (2 * z * z)) / (z * Math.sqrt(2 * Math.PI));
    return { ratio: ratio(x), without: density * width };
  });
}

/** delta at epsilon in each direction, of one step for each of `steps` (one or two of them). */
export function groupDeltas(
  steps: readonly CoinStep[],
  epsilon: number,
  width: number,
): { removal: number; addition: number } {
  const [first, second] = steps.map((step) => cells(step, width));
  const more = second ?? [{ ratio: 1, without: 1 }];
  const bar = Math.exp(epsilon);
  let [removal, addition] = [0, 0];
  for (const one of first ?? []) {
    for (const two of more) {
      const [ratio, without] = [one.ratio * two.ratio, one.without * two.without];
      removal += without * Math.max(0, ratio - bar);
      addition += without * Math.max(0, 1 - bar * ratio);
    }
  }
  return { removal, addition };
}

/** RDP at `order`, the larger of both directions, by the same cells. */
export function groupRdp(step: CoinStep, order: number, width: number): number {
  const moment = (power: number) =>
    cells(step, width).reduce((sum, { ratio, without }) => sum + without * ratio ** power, 0);
  return Math.log(Math.max(moment(order), moment(1 - order))) / (order - 1);
}

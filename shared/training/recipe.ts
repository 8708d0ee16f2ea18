/**
 * What `training: auto` stands for: rounds, rates and clip norm as a function of public numbers alone. It looks
 * at no row and costs nothing. Derivation and figures: docs/decisions/27-training-auto.md.
 */

/** One number a round is the coordinator's rate: half a cosine wave from `start` down to `end`. */
export interface Recipe {
  readonly rounds: number;
  readonly learningRate: {
    readonly schedule: "cosine";
    readonly start: number;
    readonly end: number;
    readonly warmup: 0;
  };
  readonly momentum: number;
  readonly clipNorm: number;
}

const MOMENTUM = 0.9;
/** The last rate over the first: the end of the wave averages noise, so that no averaging of models is needed. */
const END = 0.1;
/** How far a start rate of 1 and a clip norm of 1 carry the parameters in a round, all gradients agreeing. */
const TRAVEL_OF_A_ROUND = (1 + END) / 2 / (1 - MOMENTUM);
const ROUNDS = [50, 200] as const;

interface Constants {
  /** The distance from 0 to which noise by itself may carry the parameters, in an L2 norm, all inputs in [-1, 1]. */
  readonly noise: number;
  /** Of the sum of all steps, were all gradients to agree: a few at least, and what no noise can improve on. */
  readonly travel: readonly [least: number, most: number];
  readonly clipNorm: readonly [least: number, most: number];
  /** Of a step, where more rounds can be made in its place. */
  readonly rate: number;
}

const OF_CLASSES: Constants = { noise: 8, travel: [4, 3000], clipNorm: [0.5, 1], rate: 2 };
/** The slope of a square has no end: shorter steps. */
const OF_NUMBERS: Constants = { noise: 1, travel: [2, 300], clipNorm: [0.25, 0.25], rate: 0.5 };
/**
 * Of a unit, of the greatest travel: descent that has gone so far is like a penalty that weighs one unit (Ali, Kolter
 * & Tibshirani 2019), and few rows warrant no more.
 */
const TRAVEL_OF_A_UNIT = 4;
/** Where noise is small clipping is what hurts: at this reach and above the clip norm is at its greatest. */
const CLEAR_REACH = 400;

/**
 * @param reach how many clip norms the parameters can travel until the noise of all rounds together has carried
 *   them one clip norm: √rounds over the norm of a round's noise in clip norms, the same for any number of
 *   rounds under one ε; Infinity without noise
 * @param ofNumbers the target is a number
 * @param units rows or persons in all, as the plan declares them
 */
export function recipeFor(reach: number, ofNumbers: boolean, units: number): Recipe {
  const { noise, travel: travels, clipNorm: norms, rate } = ofNumbers ? OF_NUMBERS : OF_CLASSES;
  const travel = Math.min(within(noise * reach, travels), TRAVEL_OF_A_UNIT * units);
  const clipNorm = short(within(norms[1] * Math.sqrt(reach / CLEAR_REACH), norms));
  const ofRate = travel / (clipNorm * TRAVEL_OF_A_ROUND);
  const rounds = Math.ceil(within(ofRate / rate, ROUNDS));
  const start = short(ofRate / rounds);
  const learningRate = { schedule: "cosine", start, end: short(start * END), warmup: 0 } as const;
  return { rounds, learningRate, momentum: MOMENTUM, clipNorm };
}

function within(value: number, [least, most]: readonly [number, number]): number {
  return Math.min(Math.max(value, least), most);
}

/** Two digits: what people read. */
function short(value: number): number {
  return Number(value.toPrecision(2));
}

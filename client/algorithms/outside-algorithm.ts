/** What an algorithm from outside Murmur is, and what it is given (outside.ts runs it). */
import type { Examples } from "../../shared/engine/core/engine.ts";
import type { Random } from "../../shared/noise/random.ts";

/**
 * What the guarantee asks of it, and cannot check: it is a function of what it is given. It runs in the process that
 * holds all clients' rows, so that one which keeps rows from one call to the next, or reads them elsewhere, sends
 * what is not its client's alone; its update is clipped still, and no ε covers what is in it. One that remembers
 * rounds is not covered where clients are sampled, and one that writes down when it is called tells who was drawn.
 */
export interface OutsideAlgorithm {
  /** 1 to 64 of a-z, 0-9 and -. The plan names it `outside/NAME`. */
  readonly name: string;
  /**
   * Called for each client of a round's cohort that has rows.
   *
   * @returns float32 or float64[parameters], not yet clipped: along it the coordinator steps down, at
   *   `training.serverLearningRate`; before − after, where it trains. One that is not finite has zeros in its place
   */
  readonly update: (round: OutsideRound) => OutsideUpdate | Promise<OutsideUpdate>;
}

export type OutsideUpdate = Float32Array | Float64Array;

/** All that an algorithm is given: copies, which are its own to change. */
export interface OutsideRound {
  /** From 0. */
  readonly round: number;
  /** float32[parameters]: the model as broadcast. */
  readonly parameters: Float32Array;
  /** The client's own rows. */
  readonly examples: Examples;
  /** The plan's: of this round, passes over the rows, and rows to a step; null: all. */
  readonly learningRate: number;
  readonly localEpochs: number;
  readonly batchSize: number | null;
  /** Of this client, round and attempt: under seeded noise the same in every run. The noise has streams of its own. */
  readonly random: OutsideRandom;
  /**
   * @param model float32[parameters]
   * @param rows of `examples`, in that order; absent: all
   * @returns float64[parameters]: the sum of the gradients of their loss, by the plan's engine, not clipped
   * @throws RangeError for another number of parameters, or a row that is not there
   */
  readonly gradientSum: (model: Float32Array, rows?: Int32Array) => Promise<Float64Array>;
}

export type OutsideRandom = Pick<Random, "uniform" | "below" | "permutation" | "normal">;

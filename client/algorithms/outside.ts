/**
 * An algorithm from outside Murmur, for runs in the process of whoever brings it. It computes a client's update and
 * nothing else: the core clips and noises what it returns, and sampler, clip norm, noise and charges are read from
 * the plan alone, so that no value it returns moves the sum by more than the clip norm.
 */
import { types } from "node:util";
import { ProtocolError, ScenarioError } from "../../shared/errors.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import { isOutside, type OutsideAlgorithmName } from "../../shared/training/algorithms.ts";
import { presentSlots } from "../features/client-rows.ts";
import { GatheredRows } from "./gathered-rows.ts";
import type { LocalRound } from "./local-round.ts";
import { GradientSums } from "./local-steps.ts";
import type { OutsideAlgorithm, OutsideRound } from "./outside-algorithm.ts";

/** As the plan names it. */
export function nameInPlan({ name }: OutsideAlgorithm): OutsideAlgorithmName {
  return `outside/${name}`;
}

/** As it is now, whatever becomes of the object. @throws ScenarioError `algorithm` for what is none */
export function broughtAlong(algorithm: OutsideAlgorithm): OutsideAlgorithm {
  const { name, update } = algorithm;
  const isOne = typeof name === "string" && isOutside(`outside/${name}`);
  if (isOne && typeof update === "function") return { name, update: update.bind(algorithm) };
  throw new ScenarioError({
    what: "algorithm",
    where: "the call",
    got: isOne ? `${name} without a function` : "another name",
    expected: "{ name, update }: a name of 1 to 64 of a-z, 0-9 and -, and a function",
    fix: 'Give it as { name: "mine", update: async (round) => … }.',
  });
}

/**
 * A plan's algorithm is one of ours, or the one that was brought along.
 *
 * @throws ProtocolError `plan.algorithm`, before any row is read
 */
export function requireAlgorithm(
  { training: { algorithm } }: Pick<Plan, "training">,
  outside?: OutsideAlgorithm,
): void {
  if (!isOutside(algorithm) || (outside && nameInPlan(outside) === algorithm)) return;
  throw new ProtocolError({
    what: "plan.algorithm",
    where: "the plan received",
    got: algorithm,
    expected: "an algorithm of Murmur's own: this process has no other",
    fix: "Ask for a plan with fedAvg, say.",
  });
}

/**
 * What the algorithm returns of that round: float64[parameters], not yet clipped, finite or not.
 *
 * @throws ScenarioError `algorithm.update` for anything else; what the algorithm throws
 */
export async function outsideUpdate(local: LocalRound): Promise<Float64Array> {
  const { outside, parameters } = local;
  if (!outside) throw new TypeError("unchecked plan: nobody brought its algorithm");
  return checked(await outside.update(roundOf(local)), parameters.length, outside.name);
}

/**
 * The same algorithm, of which nobody sees that it failed: of private rows that would be an answer about them. Its
 * update is then not finite, and zeros go in its place.
 */
export function hushed(algorithm: OutsideAlgorithm): OutsideAlgorithm {
  const { name } = algorithm;
  return {
    name,
    update: async (round) => {
      const { length } = round.parameters;
      try {
        return checked(await algorithm.update(round), length, name);
      } catch {
        return new Float64Array(length).fill(Number.NaN);
      }
    },
  };
}

/** A copy: what the algorithm changes later is not clipped any more. */
function checked(update: unknown, length: number, name: string): Float64Array {
  // By what it is made of: a look-alike could give other numbers at each look.
  const isVector = types.isFloat32Array(update) || types.isFloat64Array(update);
  if (!isVector || update.length !== length)
    throw new ScenarioError({
      what: "algorithm.update",
      where: name,
      got: isVector ? `${update.length} entries` : typeof update,
      expected: `a Float32Array or Float64Array with one entry for each of the ${length} parameters`,
      fix: "Return the broadcast model less the trained one, say.",
    });
  const copy = new Float64Array(length);
  for (let i = 0; i < length; i++) copy[i] = update[i] ?? Number.NaN;
  return copy;
}

function roundOf(local: LocalRound): OutsideRound {
  const { rows, engine, training, shuffle, learningRate, epochs, round } = local;
  const own = () => new GatheredRows(rows.examples).of(presentSlots(rows));
  const [examples, kept] = [own(), own()];
  const all = Int32Array.from({ length: examples.count }, (_, row) => row);
  return {
    round,
    parameters: Float32Array.from(local.parameters),
    examples,
    learningRate,
    localEpochs: epochs,
    batchSize: training.batchSize,
    random: {
      uniform: () => shuffle.uniform(),
      below: (n) => shuffle.below(n),
      permutation: (n) => shuffle.permutation(n),
      normal: () => shuffle.normal(),
    },
    gradientSum: async (model, slots = all) => {
      const { length } = local.parameters;
      if (model.length !== length)
        throw new RangeError(`gradientSum: got ${model.length} parameters, expected ${length}`);
      if (!slots.every((row) => Number.isInteger(row) && row >= 0 && row < examples.count))
        throw new RangeError(`gradientSum: expected rows from 0 to ${examples.count - 1}`);
      // Buffers of its own: two calls may be under way at once.
      const sums = new GradientSums(engine, kept);
      return sums.of(Float32Array.from(model), Int32Array.from(slots));
    },
  };
}

/**
 * IO: how many samples a second integer noise takes from the stream, and how that compares with plain
 * float64 noise (Box and Muller 1958, both of a pair) from the same stream, which may not be released.
 */
import { fillDiscreteGaussian } from "../shared/noise/discrete-gaussian.ts";
import { type Random, seededRoot, stream } from "../shared/noise/random.ts";
import { fillRoundedGaussian } from "../shared/noise/rounded-gaussian.ts";

const SIGMAS = [4, 10_000, 1_000_000];
const SAMPLES = 200_000;
const ROUNDS = 21;
/** Of each in a round. */
const REPEATS = 5;

const random = stream(seededRoot(1), "simulate", "bench");
const integers = new Int32Array(SAMPLES);
const floats = new Float64Array(SAMPLES);

function fillBoxMuller(out: Float64Array, sigma: number, source: Random): void {
  for (let i = 0; i < out.length; i += 2) {
    const radius = sigma * Math.sqrt(-2 * Math.log(1 - source.uniform()));
    const angle = 2 * Math.PI * source.uniform();
    out[i] = radius * Math.cos(angle);
    out[i + 1] = radius * Math.sin(angle);
  }
}

/** Of the processor: the machine may have other things to do. */
function msOf(work: () => void): number {
  const start = process.cpuUsage();
  for (let i = 0; i < REPEATS; i++) work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / REPEATS;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Millions of samples a second. */
const rate = (ms: readonly number[]) => (SAMPLES / median(ms) / 1000).toFixed(1);

for (const sigma of SIGMAS) {
  const rounded = () => fillRoundedGaussian(integers, sigma, random);
  const discrete = () => fillDiscreteGaussian(integers, sigma, random);
  const plain = () => fillBoxMuller(floats, sigma, random);
  for (let i = 0; i < 5; i++) for (const work of [rounded, discrete, plain]) work(); // until compiled
  // Each round runs in the same second, so that whatever else the machine does slows all three.
  const rounds = Array.from({ length: ROUNDS }, () => ({
    rounded: msOf(rounded),
    discrete: msOf(discrete),
    plain: msOf(plain),
  }));
  const ratio = (name: "rounded" | "discrete") =>
    median(rounds.map((ms) => ms.plain / ms[name])).toFixed(2);
  process.stdout.write(
    `sigma ${sigma}: rounded Gaussian ${rate(rounds.map((ms) => ms.rounded))} M/s, ` +
      `discrete ${rate(rounds.map((ms) => ms.discrete))} M/s, float64 Box-Muller ` +
      `${rate(rounds.map((ms) => ms.plain))} M/s: ${ratio("rounded")} and ${ratio("discrete")} × ` +
      `as fast as floats (median of ${ROUNDS} rounds)\n`,
  );
}

/** IO: how many times as long as the Rényi bound the privacy loss distribution takes to an epsilon. */

import {
  composedCurve,
  epsilonFromRdp,
  sampledGaussianCurve,
} from "../shared/accounting/mechanisms/rdp.ts";
import { pldEpsilon } from "../shared/accounting/pld/pld.ts";

const RATE = 0.01;
const NOISE = 1.1;
const STEPS = 1000;
const DELTA = 1e-5;
const PAIRS = 21;
/** Each pair has noise of its own, so that nothing is kept from the last one. */
const APART = 1e-3;

function pld(noiseMultiplier: number, count: number): number {
  return pldEpsilon([{ rate: RATE, noiseMultiplier, count }], DELTA);
}

function rdp(noiseMultiplier: number): number {
  const curve = sampledGaussianCurve(RATE, noiseMultiplier);
  return epsilonFromRdp(composedCurve([{ curve, count: STEPS }]), DELTA).epsilon;
}

function msOf(work: () => number): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const firstMs = msOf(() => pld(NOISE, STEPS)); // compiling included
const epsilons = { pld: pld(NOISE, STEPS), rdp: rdp(NOISE) };

// Each pair runs in the same second, so that whatever else the machine does slows both.
const pairs = Array.from({ length: PAIRS }, (_, i) => {
  const noise = NOISE + (i + 1) * APART;
  return { pldMs: msOf(() => pld(noise, STEPS)), rdpMs: msOf(() => rdp(noise)) };
});
const rounds = Array.from({ length: PAIRS }, (_, i) => msOf(() => pld(NOISE, STEPS + i + 1)));

const ratio = median(pairs.map(({ pldMs, rdpMs }) => pldMs / rdpMs));
const [pldMs, rdpMs] = [
  median(pairs.map((pair) => pair.pldMs)),
  median(pairs.map((pair) => pair.rdpMs)),
];
process.stdout.write(
  `epsilon of ${STEPS} steps at rate ${RATE}, noise ${NOISE}, delta ${DELTA}: ` +
    `${epsilons.pld.toFixed(4)} by losses, ${epsilons.rdp.toFixed(4)} by Rényi divergence, ` +
    `which is ${ratio.toFixed(1)} × as fast: ${pldMs.toFixed(1)} ms against ${rdpMs.toFixed(1)} ` +
    `(median of ${PAIRS} pairs); ${firstMs.toFixed(0)} ms the first time in a process, ` +
    `${median(rounds).toFixed(1)} ms for each round after the last\n`,
);

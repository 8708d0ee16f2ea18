/** How long the reference scenario takes as a call, once everything is loaded: milliseconds, and runs a minute. */
import { simulate } from "../run/simulate.ts";

const RUNS = 20;
const WARM_UP = 3;
const SCENARIO = "scenarios/purchases.yaml";

for (let i = 0; i < WARM_UP; i++) await simulate(SCENARIO);
const times: number[] = [];
for (let seed = 1; seed <= RUNS; seed++) {
  const from = performance.now();
  await simulate(SCENARIO, { seed });
  times.push(performance.now() - from);
}
times.sort((a, b) => a - b);
const median = times[RUNS >> 1] ?? 0;
const total = times.reduce((sum, ms) => sum + ms, 0);
process.stdout.write(`${median.toFixed(0)} ms a run (median of ${RUNS}, a seed each)\n`);
process.stdout.write(`${((60_000 * RUNS) / total).toFixed(0)} runs a minute, one after another\n`);

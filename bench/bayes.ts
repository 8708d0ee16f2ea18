/** IO: accuracy of 200,000 simulated people by Bayes' rule, against the constant in the source. */
import { bayesAccuracy, PURCHASES_BAYES_ACCURACY } from "../client/data/purchases-bayes.ts";
import { seededRoot, stream } from "../shared/noise/random.ts";

const PEOPLE = 200_000;
const SEED = 1;

const result = bayesAccuracy(PEOPLE, stream(seededRoot(SEED), "simulate", "bayes"));
const ratio = result.accuracy / PURCHASES_BAYES_ACCURACY;
process.stdout.write(
  `${JSON.stringify({ people: PEOPLE, seed: SEED, ...result })}\n` +
    `measured / stated = ${ratio.toFixed(4)}\n`,
);

import type { DoneResult } from "../../compare/sweep-result.ts";

/** A finished run's line, where only what matters is said. */
export function doneResult(
  setting: Record<string, unknown>,
  seed: number,
  accuracy: number,
  epsilon: number | null,
): DoneResult {
  const name = JSON.stringify([setting, seed]);
  return {
    ...{ outcome: "done", setting, seed, accuracy, index: 0, rows: 400, majority: 0.55, loss: 0.4 },
    id: Buffer.from(name).toString("hex").padEnd(64, "0").slice(-64),
    epsilon: { modelRecipients: epsilon, otherClients: epsilon, coordinator: null },
    ...{ anonymized: epsilon, noiseMultiplier: epsilon === null ? 0 : 4 / epsilon, clipNorm: 0.5 },
    ...{ delta: 1e-5, modelHash: "ab", run: "runs/p0-7-1", seconds: 0.5 },
  };
}

const TRUST = "privacy.trust";
const EPSILON = "privacy.epsilon";

/** Two trusts at two ε each, and one twin, over seeds 7 to 9. */
export const RESULTS: readonly DoneResult[] = [7, 8, 9].flatMap((seed) => {
  const luck = (seed - 8) / 100;
  return [
    doneResult({ [EPSILON]: 1, [TRUST]: "central" }, seed, 0.86 + luck, 0.99),
    doneResult({ [EPSILON]: 0.1, [TRUST]: "central" }, seed, 0.7 + 2 * luck, 0.099),
    doneResult({ [EPSILON]: 0.1, [TRUST]: "local" }, seed, 0.6 + luck, 0.0999),
    doneResult({ [EPSILON]: 1, [TRUST]: "local" }, seed, 0.8 + luck, 0.999),
    doneResult({ [TRUST]: "none" }, seed, 0.865 + luck, null),
  ];
});

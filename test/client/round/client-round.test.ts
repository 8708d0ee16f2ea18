/** Which coins and which noise a client's round draws: its own, and never the same twice. */
import { expect, it } from "vitest";
import { type ClientRound, clientRound } from "../../../client/round/client-round.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { type RandomRoot, secureRoot, seededRoot } from "../../../shared/noise/random.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { denseModel } from "../../support/nets.ts";
import { sealedWith } from "../../support/plans.ts";

const model = denseModel({ kind: "logistic", activation: "tanh" }, 1);
const engine = fusedEngine(model);
const parameters = new Float32Array(2);
const planOf = (terms: Partial<PrivacyTerms> = {}) => sealedWith(terms).plan;
const base = {
  client: "c1",
  round: 2,
  attempt: 1,
  task: "train",
  clipNorm: 0.5,
  parameters,
} as const;
const others = [
  ["another round", { round: 3 }],
  ["another attempt", { attempt: 0 }],
  ["another client", { client: "c2" }],
] as const;
const seeded = seededRoot(9);

/** Forty records whose inputs and labels all differ, so that a sample shows in the sum. */
const rows = {
  examples: {
    count: 40,
    width: 1,
    inputs: Float32Array.from({ length: 40 }, (_, i) => (i - 20) / 20),
    labels: Float32Array.from({ length: 40 }, (_, i) => i % 2),
  },
};
const none = {
  examples: { count: 0, width: 1, inputs: new Float32Array(), labels: new Float32Array() },
};
const local = planOf({ trust: "local", parameters: 2 });
const poisson = planOf({
  parameters: 2,
  sampling: { kind: "poisson", rate: 0.5 },
  accountant: "rdp",
  targetEpsilon: null,
  statedNoise: 5,
});

const updateOf = async (
  order: ClientRound,
  given: typeof rows,
  plan: ReturnType<typeof planOf>,
  root: RandomRoot = seeded,
) => (await clientRound(order, given, engine, plan, root)).update;

it.each(others)("draws other noise for %s, and the same again for the same", async (_, odd) => {
  const noise = (order: ClientRound) => updateOf(order, none, local);
  expect(await noise({ ...base, ...odd })).not.toEqual(await noise(base));
  expect(await noise(base)).toEqual(await noise(base));
});

it.each(others)("samples other records for %s", async (_, odd) => {
  const sum = (order: ClientRound) => updateOf(order, rows, poisson);
  expect(await sum({ ...base, ...odd })).not.toEqual(await sum(base));
});

it("draws noise of no coin: with sampling the noise is what it is without", async () => {
  const sampled = planOf({
    trust: "local",
    parameters: 2,
    sampling: { kind: "poisson", rate: 0.5 },
    accountant: "rdp",
    targetEpsilon: null,
    statedNoise: local.privacy.noiseMultiplier,
  });
  expect(sampled.privacy.noiseStddev).toBe(local.privacy.noiseStddev);
  const [a, b] = [await updateOf(base, none, local), await updateOf(base, none, sampled)];
  expect(a).toEqual(b);
  // And the coins are not the noise's: forty of them leave it as it was.
  const withRows = await updateOf(base, rows, sampled);
  const central = { ...sampled, privacy: { ...sampled.privacy, trust: "central" as const } };
  const withoutNoise = await updateOf(base, rows, central);
  expect(withRows.map((steps, i) => steps - (withoutNoise[i] ?? 0))).toEqual(b);
});

it("never repeats itself under secure noise", async () => {
  const noise = () => updateOf(base, none, local, secureRoot);
  expect(await noise()).not.toEqual(await noise());
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { canonicalJson, sha256 } from "../../../shared/canonical.ts";
import { buildContract } from "../../../shared/contract/build.ts";
import { ProtocolError } from "../../../shared/errors.ts";
import { makePlan, openPlan } from "../../../shared/plan/plan.ts";
import { shippedScenario } from "../../support/contracts.ts";

const SCENARIOS = join(import.meta.dirname, "../../../scenarios");
const scenario = shippedScenario("purchases");
const contract = await buildContract(scenario, (path) => readFile(join(SCENARIOS, path), "utf8"));
const sealed = makePlan(scenario, contract, "fused");

/** Input 9 of nine would be the next record's first. */
/** A coin brings in five rows at once. */
const PERSONS = { kind: "poisson", rate: 0.5, rowsPerCoin: 5 } as const;
const BEYOND = {
  statistics: { noiseMultiplier: 9, classes: 0, histograms: [{ input: 9, bins: 5 }] },
  evaluation: null,
};

const TEN_CLASSES = {
  ...BEYOND,
  statistics: { ...BEYOND.statistics, classes: 10, histograms: [] },
};

/** The plan as a coordinator would send it that lies in one place, its hash honest. */
function forged(block: "privacy" | "training" | "model" | "contract", lie: object) {
  const plan = { ...sealed.plan, [block]: { ...sealed.plan[block], ...lie } };
  const bytes = Buffer.from(canonicalJson(plan));
  return () => openPlan(bytes, sha256(bytes));
}

it("opens what was sealed, to the same plan", () => {
  expect(openPlan(sealed.bytes, sealed.hash)).toEqual(sealed);
});

it("refuses bytes of another hash", () => {
  const bytes = Buffer.from(sealed.bytes);
  bytes[10] = (bytes[10] ?? 0) ^ 1;
  expect(() => openPlan(bytes, sealed.hash)).toThrow("plan.hash");
});

it("refuses a text that is not canonical, and one that is no JSON", () => {
  for (const text of [` ${sealed.bytes}`, "{"]) {
    const bytes = Buffer.from(text);
    expect(() => openPlan(bytes, sha256(bytes))).toThrow(ProtocolError);
  }
});

describe("recomputes what follows from the terms, and refuses", () => {
  it.each([
    ["less noise than is charged", { noiseStddev: 1 }, "plan.noiseStddev"],
    ["another noise multiplier", { noiseMultiplier: 9 }, "plan.noiseMultiplier"],
    ["a smaller epsilon", { epsilon: 0.5 }, "plan.epsilon"],
    ["a smaller sensitivity", { sensitivity: 100 }, "plan.sensitivity"],
    ["a finer lattice", { scale: 1e9 }, "plan.scale"],
    ["a realised divisor", { expectedUnits: 10 }, "plan.expectedUnits"],
    ["more delta for the accountant", { chargedDelta: 1e-4 }, "plan.chargedDelta"],
    ["another model's parameters", { parameters: 3 }, "plan."],
    ["more rounds at the same noise", { rounds: 50 }, "plan."],
    ["a delta of 1 / population", { delta: 0.001 }, "plan.privacy.delta"],
    ["a cohort that is never complete", { minCohort: 11 }, "plan.clients.minCohort"],
    ["epsilon and noise together", { statedNoise: 0.1 }, "plan.privacy.epsilon"],
    ["neither", { targetEpsilon: null }, "plan.privacy.epsilon"],
    ["a key that nobody knows", { columns: 5 }, "plan.form"],
    ["rows of persons where records are rows", { rowsPerPerson: 2 }, "plan.privacy.rowsPerPerson"],
    ["coins of persons where records are rows", { sampling: PERSONS }, "plan.training.sampling"],
    // There float32 holds no clipped gradient to within the lattice's bound any more.
    ["a clip norm that float32 cannot hold", { clipNorm: 5e-45 }, "plan.form"],
    ["a rate that no coin has", { sampling: { kind: "poisson", rate: 1e-300 } }, "plan.form"],
    ["rounds without end", { rounds: 2e9 }, "plan.form"],
    ["counts of another record's inputs", { counts: BEYOND }, "plan.counts"],
    ["counts of more labels than there are", { counts: TEN_CLASSES }, "plan.counts"],
    [
      "rows that are suppressed although the contract lets none be",
      { rawFactor: 5 },
      "plan.rawFactor",
    ],
    ["no bound on the raw table where there is one", { rawFactor: null }, "plan.rawFactor"],
    ["a factor that no group has", { rawFactor: 0 }, "plan.form"],
  ])("%s", (_, lie, what) => {
    expect(forged("privacy", lie)).toThrow(ProtocolError);
    expect(forged("privacy", lie)).toThrow(what);
  });

  it("fewer learning rates than rounds", () => {
    expect(forged("training", { learningRates: [1] })).toThrow("plan.learningRates");
  });

  it.each([
    ["another unit's algorithm", { algorithm: "scaffold" }, "plan.algorithm"],
    ["epochs that nobody asked for", { localEpochs: 3 }, "plan.localEpochs"],
    ["a pull that nobody asked for", { proximal: 1 }, "plan.proximal"],
    ["a second rate", { serverLearningRate: 2 }, "plan.serverLearningRate"],
    ["an optimizer that is none", { optimizer: { kind: "adam" } }, "plan.form"],
  ])("training: %s", (_, lie, what) => {
    expect(forged("training", lie)).toThrow(ProtocolError);
    expect(forged("training", lie)).toThrow(what);
  });

  it("steps of a client's own under central", () => {
    expect(forged("privacy", { localSteps: 2 })).toThrow("plan.localSteps");
  });

  it("a model of another shape", () => {
    expect(forged("model", { hidden: [3] })).toThrow("plan.");
  });
});

describe("prices the raw table by the contract itself", () => {
  it.each([
    ["suppress", 5],
    ["mondrian", null],
  ] as const)("refuses %s at the price of nothing suppressed", (mode, due) => {
    const anonymity = { ...contract.anonymity, mode };
    const honest = makePlan(scenario, { ...contract, anonymity }, "fused");
    expect(honest.plan.privacy.rawFactor).toBe(due);
    expect(openPlan(honest.bytes, honest.hash)).toEqual(honest);
    const lying = forged("contract", { anonymity });
    expect(lying).toThrow(ProtocolError);
    expect(lying).toThrow("plan.rawFactor");
  });

  it("refuses a level learned from rows at any price", () => {
    const anonymity = { ...contract.anonymity, unsafe: true };
    expect(forged("contract", { anonymity })).toThrow("plan.rawFactor");
    expect(
      makePlan(scenario, { ...contract, anonymity }, "fused").plan.privacy.rawFactor,
    ).toBeNull();
  });
});

it("takes the noise table's distance off delta before the accountant gets it", () => {
  const tiny = { ...scenario, privacy: { ...scenario.privacy, delta: 1e-20, epsilon: 5 } };
  const { privacy } = makePlan(tiny, contract, "fused").plan;
  expect(privacy.chargedDelta).toBeLessThan(1e-20);
  expect(privacy.chargedDelta).toBeGreaterThan(0.99e-20);
});

describe("how updates become one", () => {
  const robust = { aggregation: { kind: "median" } } as const;
  const none = { ...scenario.privacy, trust: "none", epsilon: undefined } as const;
  const sealedRobust = () => {
    const training = { ...scenario.training, ...robust };
    return makePlan({ ...scenario, training, privacy: none }, contract, "fused");
  };

  it("is not in a plan that adds them up, so that its hash is what it always was", () => {
    expect(sealed.bytes.toString()).not.toContain("aggregation");
  });

  it("travels in a plan that does not, and is opened as it was sealed", () => {
    const { plan, bytes, hash } = sealedRobust();
    expect(plan.training.aggregation).toEqual({ kind: "median" });
    expect(openPlan(bytes, hash).plan.training.aggregation).toEqual({ kind: "median" });
  });

  it("is no median where noise is calibrated to a sum", () => {
    expect(forged("training", robust)).toThrow("plan.aggregation");
    expect(forged("training", { aggregation: { kind: "sum" } })).toThrow("plan.form");
  });
});

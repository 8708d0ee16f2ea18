/** `bounds: private`: learned by noised histograms before training, the same by all ways. */
import { expect, it } from "vitest";
import { lint } from "../../run/lint/lint.ts";
import { planScenario } from "../../run/plan-scenario.ts";
import { simulate } from "../../run/simulate.ts";
import { ScenarioError } from "../../shared/errors.ts";

/** Ages of 20 to 59, evenly; every tenth is missing. Half pay: the older ones. */
const ROWS = Array.from({ length: 2_000 }, (_, i) => ({
  age: i % 10 === 9 ? null : 20 + (i % 40),
  paid: i % 40 < 20 ? "no" : "yes",
}));
const HELD_OUT = ROWS.slice(0, 200);

function boundsScenario(privacy: object, more: object = {}, bounds: unknown = "private") {
  return {
    format: 1,
    name: "ages",
    data: {
      source: { file: ROWS, testFile: HELD_OUT, public: true },
      columns: {
        age: { role: "insensitive", type: "integer", missing: -1 },
        paid: { role: "target" },
      },
      target: { name: "pays", column: "paid", positive: "yes" },
    },
    features: { age: { formula: "age", bounds } },
    training: { rounds: 5, learningRate: 1 },
    privacy: { epsilon: 20, delta: 1e-4, population: 2_000, ...privacy },
    clients: { count: 4 },
    ...more,
  };
}

it.each(["none", "central", "local", "distributed"])(
  "learns bounds under trust %s",
  async (trust) => {
    const noise = trust === "none" ? { epsilon: undefined } : {};
    const { trace, ledger } = await simulate(boundsScenario({ trust, ...noise }));
    const [age] = trace.bounds?.features ?? [];
    expect(age?.name).toBe("age");
    expect(ledger.filter(({ entry }) => entry.kind === "bounds")).toHaveLength(3);
  },
);

it("is the run of a file with those bounds written down, from the first round on", async () => {
  const learned = await simulate(boundsScenario({ trust: "none", epsilon: undefined }));
  const [age] = learned.trace.bounds?.features ?? [];
  const written = await simulate(
    boundsScenario({ trust: "none", epsilon: undefined }, {}, age?.bounds),
  );
  expect(written.model.hash).toBe(learned.model.hash);
  expect(written.loss).toBe(learned.loss);
  const other = await simulate(boundsScenario({ trust: "none", epsilon: undefined }, {}, [0, 60]));
  expect(other.model.hash).not.toBe(learned.model.hash);
});

it.each(["central", "distributed", "local"])(
  "charges three releases and training together, within ε, under %s",
  async (trust) => {
    const { ledger, plan, epsilon } = await simulate(boundsScenario({ trust }));
    const tasks = ledger.flatMap(({ entry }) =>
      entry.kind === "charge" ? [entry.task ?? "train"] : [],
    );
    expect(tasks).toEqual(["bounds", "bounds", "bounds", ...Array(5).fill("train")]);
    expect(epsilon).toBeLessThanOrEqual(20);
    expect(epsilon).toBeGreaterThan(19.9);
    // Training's noise is 1 / √(1 − share) of what it is without bounds.
    const without = await planScenario(boundsScenario({ trust }, {}, [0, 60]));
    const ratio = plan.privacy.noiseMultiplier / without.plan.privacy.noiseMultiplier;
    expect(ratio).toBeGreaterThan(1.1);
    expect(ratio).toBeLessThan(1.14);
  },
);

it("refuses what would be noise, and units and keys that it is not made for", async () => {
  const refused = (privacy: object, more?: object) =>
    refusalIn(() => planScenario(boundsScenario(privacy, more)));
  // 500 rows at ε 1: √(96 / 0.2) / (0.27 · 500), a sixth.
  expect(await refused({ epsilon: 1, population: 500, delta: 1e-3 })).toContain(
    "ranks of learned quantiles would be off by 1",
  );
  expect(await refused({ epsilon: undefined, noiseMultiplier: 1 })).toContain(
    "privacy.epsilon, of which bounds take a share",
  );
  const unit = { unit: "client", population: 4, delta: 0.01 };
  expect(await refused(unit, { training: { rounds: 5, algorithm: "fedAvg" } })).toContain(
    "unit record",
  );
});

async function refusalIn(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "nothing was refused";
  } catch (error) {
    return error instanceof ScenarioError ? error.message : `${error}`;
  }
}

it("clips what lies beyond, and is what predict scales by", async () => {
  const { trace } = await simulate(
    boundsScenario({}, { predict: { row: { age: 5_000, paid: "yes" } } }),
  );
  const [age] = trace.bounds?.features ?? [];
  const line = trace.prediction?.layers[0]?.lines[0];
  expect(line).toBe(`age ${Number(age?.bounds[1].toFixed(2))} → 1`);
  expect(trace.prediction?.checked).toBe(true);
});

it("goes with training: auto, and lint foretells how far ranks are off", async () => {
  const auto = boundsScenario({}, { training: "auto" });
  const found = await lint(auto);
  expect(found.privateBounds?.features).toBe(1);
  // √(features · releases · bins) / (√share · μ · population), and one noise under central.
  const alone = calibrated(20, 1e-4);
  const expected = (Math.sqrt((3 * 32) / 0.2) * alone) / 2_000;
  expect(Math.abs((found.privateBounds?.rankError ?? 0) / expected - 1)).toBeLessThan(0.01);
  expect((await simulate(auto)).trace.bounds?.features).toHaveLength(1);
});

/** 1/μ by the closed form of the Gaussian (Balle & Wang 2018), halved until it fits. */
function calibrated(epsilon: number, delta: number): number {
  const deltaOf = (mu: number) =>
    phi(-epsilon / mu + mu / 2) - Math.exp(epsilon) * phi(-epsilon / mu - mu / 2);
  let [low, high] = [1e-3, 50];
  for (let i = 0; i < 100; i++) {
    const mu = (low + high) / 2;
    if (deltaOf(mu) > delta) high = mu;
    else low = mu;
  }
  return 1 / low;
}

/** Of the normal distribution: a sum of trapezoids. */
function phi(x: number): number {
  const steps = 200_000;
  const from = -40;
  if (x <= from) return 0;
  const width = (x - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const t = from + i * width;
    sum += Math.exp((-t * t) / 2) * (i === 0 || i === steps ? 0.5 : 1);
  }
  return (sum * width) / Math.sqrt(2 * Math.PI);
}

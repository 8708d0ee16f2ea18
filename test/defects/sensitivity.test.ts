/** Peers in which one record moves more than the noise was made for, or moves the noise itself. */
import { describe, expect, it } from "vitest";
import type { ClientRows } from "../../client/features/client-rows.ts";
import { clientRound } from "../../client/round/client-round.ts";
import { fusedEngine } from "../../shared/engine/fused/engine.ts";
import { seededRoot } from "../../shared/noise/random.ts";
import { makePlan } from "../../shared/plan/plan.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { contractFor, peopleScenario } from "../support/contracts.ts";
import { denseModel } from "../support/nets.ts";
import { DP_SGD, planWith } from "../support/plans.ts";

const WIDTH = 10;
const model = denseModel({ kind: "logistic", activation: "tanh" }, WIDTH);
const engine = fusedEngine(model);
const zero = new Float32Array(model.parameters);
const none = planWith({ trust: "none", targetEpsilon: null });

/** One record for each value: its inputs are all that value. */
function rowsOf(...values: number[]): ClientRows {
  const inputs = Float32Array.from(
    { length: values.length * WIDTH },
    (_, i) => values[Math.floor(i / WIDTH)] ?? 0,
  );
  return {
    examples: {
      count: values.length,
      width: WIDTH,
      inputs,
      labels: new Float32Array(values.length),
    },
  };
}

async function update(rows: ClientRows, plan: PrivacyPlan, parameters = zero): Promise<Int32Array> {
  const { clipNorm } = plan;
  const order = {
    client: "c1",
    round: 4,
    attempt: 0,
    task: "train",
    clipNorm,
    parameters,
  } as const;
  const both = { privacy: plan, training: DP_SGD };
  return (await clientRound(order, rows, engine, both, seededRoot(6))).update;
}

const length = (vector: Iterable<number>) => Math.hypot(...vector);

describe("defect 5: Flower's clip, which a zero gradient crashes and a NaN passes", () => {
  it.each([Number.NaN, Infinity, -Infinity, 3e38, -3e38])(
    "sends the others' sum where one record holds %d",
    async (bad) => {
      const others = await update(rowsOf(0.5, -0.25), none);
      expect(length(others)).toBeGreaterThan(none.sensitivity);
      expect(await update(rowsOf(0.5, bad, -0.25), none)).toEqual(others);
    },
  );

  it.each([Number.NaN, Infinity, 3e38])("sends zeros where every record holds %d", async (bad) => {
    expect(await update(rowsOf(bad, bad), none)).toEqual(new Int32Array(model.parameters));
  });

  it("sends zeros, and no error, for gradients of length zero", async () => {
    // The model is as sure of label 0 as float64 can be.
    const sure = new Float32Array(model.parameters).fill(-1e4, WIDTH);
    const examples = rowsOf(0.5, 0, -0.25);
    expect([...engine.gradientNorms(sure, examples.examples)]).toEqual([0, 0, 0]);
    expect(await update(examples, none, sure)).toEqual(new Int32Array(model.parameters));
  });

  it.each([1e-40, -1e-45, 1e10, 1e17])(
    "gives a record that holds %d no more than its part",
    async (value) => {
      const sent = await update(rowsOf(value), none);
      expect(length(sent)).toBeLessThanOrEqual(none.sensitivity);
      // At a zero model each has a gradient beyond the clip norm, if by its bias alone.
      expect(length(sent)).toBeGreaterThan(0.98 * none.sensitivity);
    },
  );

  it("noises zeros like anything else: a client of such records is not left out", async () => {
    const local = planWith({ trust: "local" });
    const noise = await update(rowsOf(), local);
    expect(length(noise)).toBeGreaterThan(local.noiseStddev);
    expect(await update(rowsOf(Number.NaN, Number.NaN), local)).toEqual(noise);
  });
});

describe("defect 9: Disco's clip radius, a mean of private norms that the noise then follows", () => {
  it("draws the same noise for neighbours, however far apart their norms are", async () => {
    const local = planWith({ trust: "local" });
    const tables = [rowsOf(0.1, 0.2), rowsOf(0.1, 0.2, 1e6), rowsOf(0), rowsOf()];
    const noises: Int32Array[] = [];
    for (const rows of tables) {
      const exact = await update(rows, none);
      const noised = await update(rows, local);
      noises.push(noised.map((steps, i) => steps - (exact[i] ?? Number.NaN)));
    }
    // The two plans share their lattice, so that what remains is noise alone.
    expect(local.scale).toBe(none.scale);
    for (const noise of noises) expect(noise).toEqual(noises[0]);
  });

  it("seals one plan without reading a row: the data may not even be there", async () => {
    const scenario = peopleScenario();
    expect(scenario.data.source.file).toBe("people.csv");
    const sealed = makePlan(scenario, await contractFor(scenario), "fused");
    expect(sealed.plan.privacy.noiseStddev).toBeGreaterThan(0);
    expect(sealed.plan.privacy.clipNorm).toBe(scenario.training.clipNorm);
  });
});

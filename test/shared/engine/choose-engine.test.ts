import { describe, expect, it } from "vitest";
import {
  chooseEngine,
  type EngineLoader,
  probeEngines,
} from "../../../shared/engine/choose-engine.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { denseModel } from "../../support/nets.ts";

const model = denseModel({ kind: "mlp", hidden: [4], activation: "tanh" }, 3);

/** The mark that TensorFlow.js leaves in every process that imports it. */
const tensorflowIsLoaded = () => "_tfGlobals" in globalThis;

// First in this file: whatever is imported stays so.
it("takes the fused kernel unless told otherwise, and imports no TensorFlow.js", async () => {
  for (const wanted of ["auto", "fused"] as const) {
    const engine = await chooseEngine(wanted, model);
    expect(engine.kind).toBe("fused");
    expect(engine.model).toBe(model);
  }
  expect(tensorflowIsLoaded()).toBe(false);
});

it.each(["tfjsWasm", "tfjsCpu"] as const)("loads %s when that is asked for", async (kind) => {
  expect((await chooseEngine(kind, model)).kind).toBe(kind);
  expect(tensorflowIsLoaded()).toBe(true);
});

it("probes every engine, one result each", async () => {
  const probes = await probeEngines(model);
  expect(probes.map(({ kind }) => kind)).toEqual(["fused", "tfjsNode", "tfjsWasm", "tfjsCpu"]);
  for (const probe of probes) {
    if (probe.works) expect(probe.stepMs).toBeGreaterThan(0);
    else expect(probe.reason).not.toBe("");
    // The native library is optional; the others come with Murmur.
    if (probe.kind !== "tfjsNode") expect(probe.works).toBe(true);
  }
});

it("gives the native engine where it works and refuses where it does not", async () => {
  const native = (await probeEngines(model)).find(({ kind }) => kind === "tfjsNode");
  const choice = chooseEngine("tfjsNode", model).then(({ kind }) => kind);
  if (native?.works) await expect(choice).resolves.toBe("tfjsNode");
  else await expect(choice).rejects.toThrow("works here (fused, tfjsWasm, tfjsCpu)");
});

describe("an engine that loads and then goes wrong", () => {
  const spoilt = (change: (sum: Float64Array) => Float64Array): EngineLoader => {
    return async (kind, net) => {
      const sound = fusedEngine(net);
      if (kind !== "tfjsNode") return sound;
      return { ...sound, kind, clippedSum: (...given) => change(sound.clippedSum(...given)) };
    };
  };

  it.each([
    [
      "throws",
      () => {
        throw new TypeError("util.isNullOrUndefined is gone");
      },
      "util.isNull",
    ],
    ["gives NaN", (sum: Float64Array) => sum.fill(NaN, 2, 3), "NaN off"],
    ["gives half", (sum: Float64Array) => sum.map((x) => x / 2), "off the plain"],
  ] as const)(
    "row 52: is refused when it %s, and never replaced in silence",
    async (_how, change, why) => {
      const choice = chooseEngine("tfjsNode", model, spoilt(change));
      await expect(choice).rejects.toThrow(ScenarioError);
      await expect(choice).rejects.toThrow(why);
      const probes = await probeEngines(model, spoilt(change));
      expect(probes.filter(({ works }) => works)).toHaveLength(3);
    },
  );
});

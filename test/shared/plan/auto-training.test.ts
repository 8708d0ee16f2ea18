import { describe, expect, it } from "vitest";
import { buildModel } from "../../../shared/model/build-model.ts";
import { withRecipe } from "../../../shared/plan/auto-training.ts";
import { makePlan } from "../../../shared/plan/plan.ts";
import { scenarioModel } from "../../../shared/plan/scenario-model.ts";
import { noisePerClip } from "../../../shared/privacy/noise-per-clip.ts";
import { TRUSTS, type Trust } from "../../../shared/privacy/trust.ts";
import { parseScenario, resolvedYaml } from "../../../shared/scenario/scenario.ts";
import { learningRates } from "../../../shared/training/learning-rates.ts";
import { recipeFor } from "../../../shared/training/recipe.ts";
import { contractFor, shippedScenario } from "../../support/contracts.ts";

const written = shippedScenario("purchases");
const contract = await contractFor(written);
const { parameters } = buildModel(scenarioModel(written.model, contract));

function scenarioUnder(trust: Trust, epsilon: number, training: string) {
  const text = resolvedYaml({ ...written, privacy: { ...written.privacy, trust, epsilon } });
  return parseScenario(text, "purchases.yaml", [{ path: "training", value: training }]);
}

function recipeUnder(trust: Trust, epsilon: number) {
  const { rounds, learningRate, momentum, clipNorm, auto } = withRecipe(
    scenarioUnder(trust, epsilon, "auto"),
    contract,
    parameters,
  ).training;
  expect(auto).toBeUndefined();
  return { rounds, learningRate, momentum, clipNorm };
}

describe("the reach that a recipe goes by", () => {
  it.each(TRUSTS.filter((trust) => trust !== "none"))(
    "is that of the plan it ends in, under %s",
    (trust) => {
      const recipe = recipeUnder(trust, 1);
      const plain = scenarioUnder(trust, 1, JSON.stringify(recipe));
      const { privacy } = makePlan(plain, contract, "fused").plan;
      const reach = Math.sqrt(recipe.rounds) / noisePerClip(privacy);
      expect(recipeFor(reach, false, privacy.population)).toEqual(recipe);
    },
  );

  it("is √clients shorter under local trust, and as long under none as without noise", () => {
    const startOf = (trust: Trust) => {
      const { learningRate, rounds } = recipeUnder(trust, 0.1);
      return learningRates(learningRate, rounds)[0] ?? 0;
    };
    // Both are at 50 rounds and the least clip norm, so that rates are as reaches.
    const ratio = startOf("central") / startOf("local") / Math.sqrt(10);
    // Two digits each.
    expect(ratio).toBeGreaterThan(0.94);
    expect(ratio).toBeLessThan(1.06);
    expect(recipeUnder("none", 0.1)).toEqual(
      recipeFor(Number.POSITIVE_INFINITY, false, written.privacy.population),
    );
  });
});

it("leaves a block that is written out as it is", () => {
  expect(withRecipe(written, contract, parameters)).toBe(written);
});

describe("training: auto", () => {
  it("is written back as it was given", () => {
    const auto = scenarioUnder("central", 1, "auto");
    expect(resolvedYaml(auto)).toMatch(/^training: auto$/m);
    expect(parseScenario(resolvedYaml(auto), "again.yaml")).toEqual(auto);
  });

  it("is refused in a block, and where clients are the unit", () => {
    expect(() => scenarioUnder("central", 1, "{ auto: true, rounds: 3 }")).toThrow(
      /training\.auto/,
    );
    const clients = resolvedYaml(shippedScenario("purchases-clients"));
    expect(() => parseScenario(clients, "c.yaml", [{ path: "training", value: "auto" }])).toThrow(
      /auto with unit record/,
    );
  });
});

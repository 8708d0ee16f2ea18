/** What a scenario says of its model, and what its contract makes of inputs and classes → the plan's spec. */
import { type Contract, inputShape, targetClasses } from "../contract/contract.ts";
import { ScenarioError } from "../errors.ts";
import { isOfNumbers } from "../model/loss.ts";
import type { LayerSpec, Loss, ModelSpec } from "../model/model-spec.ts";
import { importedModel } from "../model/saved/imported-model.ts";
import type { ImportedModel } from "../model/saved/layers-import.ts";
import type { Scenario } from "../scenario/schema.ts";

type ScenarioModel = Scenario["model"];
type Target = Contract["target"];
/** One that the scenario itself describes. */
type MadeModel = Exclude<ScenarioModel, { readonly kind: "file" }>;

/**
 * @param imported what model.file holds, where the scenario names one
 * @throws ScenarioError where the model does not fit the target or the features
 */
export function scenarioModel(
  model: ScenarioModel,
  contract: Pick<Contract, "features" | "target">,
  imported?: ImportedModel,
): ModelSpec {
  if (model.kind === "file") {
    if (imported === undefined) throw new RangeError("the model's file has not been read");
    return importedModel(imported, lossOf(model.loss, contract.target), contract);
  }
  checkKind(model, contract.target);
  // A number needs one output, two classes one logit, unless they were listed: then each has its own.
  const outputs = targetClasses(contract.target)?.length ?? 1;
  const output: LayerSpec = { kind: "dense", units: outputs, activation: "linear" };
  return {
    input: inputShape(contract),
    layers: [...hiddenLayers(model), output],
    loss: lossOf(model.loss, contract.target),
    init: { kind: model.init ?? (isLinear(model) ? "zeros" : "glorotUniform") },
  };
}

/** Nothing between inputs and output, so that all starts are one. */
function isLinear({ kind }: MadeModel): boolean {
  return kind === "logistic" || kind === "softmax" || kind === "linear";
}

function hiddenLayers({ hidden = [], layers = [], activation }: MadeModel): LayerSpec[] {
  return [
    ...hidden.map((units): LayerSpec => ({ kind: "dense", units, activation })),
    ...layers.map(
      (layer): LayerSpec =>
        // Windows of a pool do not overlap unless the file says how far apart they are.
        layer.kind === "pool" ? { ...layer, stride: layer.stride ?? layer.size } : layer,
    ),
  ];
}

/** @throws ScenarioError for a loss of numbers where the target has classes, and the reverse */
function lossOf(loss: ScenarioModel["loss"], target: Target): Loss {
  const isNumber = isOfNumbers(loss);
  if (isNumber !== (target.kind === "number"))
    throw new ScenarioError({
      what: "model.loss",
      where: "the scenario",
      got: loss,
      expected: isNumber
        ? "crossEntropy or meanSquaredError, since data.target has no bounds"
        : "squaredError or huber, since data.target has bounds",
      fix: "Change either.",
    });
  if (isNumber || loss === "meanSquaredError") return loss;
  return target.kind === "classes" ? "categoricalCrossEntropy" : "binaryCrossEntropy";
}

/** Linear models go by the name of what they are of: by the kind of the target, and why. */
const LINEAR = {
  classes: ["softmax", "data.target lists classes"],
  column: ["logistic", "data.target has a positive label and no classes"],
  event: ["logistic", "data.target has a positive label and no classes"],
  number: ["linear", "data.target is a number between bounds"],
} as const;

function checkKind(model: MadeModel, target: Target): void {
  const [fits, why] = LINEAR[target.kind];
  if (!isLinear(model) || model.kind === fits) return;
  throw new ScenarioError({
    what: "model.kind",
    where: "the scenario",
    got: model.kind,
    expected: `${fits}, mlp or cnn, since ${why}`,
    fix: "Change either.",
  });
}

/** What a scenario says of its model, and what its contract makes of inputs and classes → the plan's spec. */
import { type Contract, inputShape, targetClasses } from "../contract/contract.ts";
import { ScenarioError } from "../errors.ts";
import type { LayerSpec, Loss, ModelSpec } from "../model/model-spec.ts";
import { importedModel } from "../model/saved/imported-model.ts";
import type { ImportedModel } from "../model/saved/layers-import.ts";
import type { Scenario } from "../scenario/schema.ts";

type ScenarioModel = Scenario["model"];
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
    return importedModel(
      imported,
      lossOf(model.loss, targetClasses(contract.target) !== null),
      contract,
    );
  }
  const classes = targetClasses(contract.target)?.length ?? 2;
  // Two classes need one logit, unless they were listed: then each has its own.
  const listed = targetClasses(contract.target) !== null;
  checkKind(model, listed);
  const outputs = listed ? classes : 1;
  const output: LayerSpec = { kind: "dense", units: outputs, activation: "linear" };
  return {
    input: inputShape(contract),
    layers: [...hiddenLayers(model), output],
    loss: lossOf(model.loss, listed),
    init: { kind: model.init ?? (isLinear(model) ? "zeros" : "glorotUniform") },
  };
}

/** Nothing between inputs and output, so that all starts are one. */
function isLinear({ kind }: MadeModel): boolean {
  return kind === "logistic" || kind === "softmax";
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

function lossOf(loss: ScenarioModel["loss"], listed: boolean): Loss {
  if (loss === "meanSquaredError") return loss;
  return listed ? "categoricalCrossEntropy" : "binaryCrossEntropy";
}

function checkKind({ kind }: MadeModel, listed: boolean): void {
  const wrong = (kind === "logistic" && listed) || (kind === "softmax" && !listed);
  if (!wrong) return;
  throw new ScenarioError({
    what: "model.kind",
    where: "the scenario",
    got: kind,
    expected: listed
      ? "softmax, mlp or cnn, since data.target lists classes"
      : "logistic, mlp or cnn, since data.target has a positive label and no classes",
    fix: "Change either.",
  });
}

/** A model out of a file, held against what the contract makes of inputs and classes → the plan's spec. */
import { type Contract, inputShape, targetClasses } from "../../contract/contract.ts";
import { entriesOf, parametersHash, positionsOf } from "../model.ts";
import type { Init, Loss, ModelSpec, Shape } from "../model-spec.ts";
import { fileFault } from "./file-fault.ts";
import type { ImportedModel } from "./layers-import.ts";

/** What a file's last activation may be under each loss, which takes its place. */
const HEADS: Record<Loss, readonly ImportedModel["head"][]> = {
  binaryCrossEntropy: ["sigmoid", "linear"],
  categoricalCrossEntropy: ["softmax", "linear"],
  meanSquaredError: ["linear"],
  squaredError: ["linear"],
  huber: ["linear"],
};

/** @throws ScenarioError `model.file` where its inputs, its outputs or what it makes of them do not fit */
export function importedModel(
  imported: ImportedModel,
  loss: Loss,
  contract: Pick<Contract, "features" | "target">,
): ModelSpec {
  const { file, input, layers, outputs, head } = imported;
  const due = inputShape(contract);
  if (!alike(input, due))
    throw fileFault({
      file,
      part: "its input",
      got: input.join(" × "),
      expected: `${due.join(" × ")}, as the features give`,
      fix: "Change the features, or the model's input.",
    });
  const classes = targetClasses(contract.target)?.length ?? 1;
  const fix = "Change data.target, or the model's last layer.";
  if (outputs !== classes) {
    const expected = `${classes} for this target`;
    throw fileFault({ file, part: "its last layer", got: `${outputs} outputs`, expected, fix });
  }
  if (!HEADS[loss].includes(head)) {
    const expected = `${HEADS[loss].join(" or ")} under ${loss}`;
    throw fileFault({ file, part: "its last activation", got: head, expected, fix });
  }
  return { input, layers, loss, init: startOf(imported) };
}

/** The same numbers; of two images, in the same places. */
function alike(model: Shape, features: Shape): boolean {
  const images = positionsOf(model) > 1 && positionsOf(features) > 1;
  if (images) return model.every((size, axis) => size === features[axis]);
  return entriesOf(model) === entriesOf(features);
}

/** Without weights in the file a run draws its own. */
function startOf({ parameters }: ImportedModel): Init {
  if (parameters === null) return { kind: "glorotUniform" };
  return { kind: "given", sha256: parametersHash(parameters) };
}

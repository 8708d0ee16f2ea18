/** IO: the TensorFlow.js model that a scenario names: model.json, and the weights beside it. */
import { dirname, join } from "node:path";
import { readBytesInside, readTextInside } from "../client/source/source-file.ts";
import { ScenarioError } from "../shared/errors.ts";
import type { ImportedModel } from "../shared/model/saved/layers-import.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";

const WHERE = "model.file";

/**
 * @param folder the scenario's, absolute; nothing outside it is read
 * @returns undefined where the scenario describes its model itself
 */
export async function modelFile(
  model: Scenario["model"],
  folder: string,
): Promise<ImportedModel | undefined> {
  if (model.kind !== "file") return undefined;
  const { file } = model;
  // Most scenarios describe their model, and start without it.
  const { importLayers } = await import("../shared/model/saved/layers-import.ts");
  const json = parsed(await readTextInside(folder, file, WHERE), file);
  return importLayers(json, file, (name, most) =>
    readBytesInside(folder, join(dirname(file), name), WHERE, most),
  );
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const [what, expected] = [WHERE, "a model.json in TensorFlow.js layers format"];
    const fix = "Save the model with model.save(), and name its model.json.";
    throw new ScenarioError(
      { what, where: file, got: "text that is no JSON", expected, fix },
      { cause },
    );
  }
}

/** IO: the TensorFlow.js model that a scenario names: model.json, its weights and provenance beside it. */
import { dirname, join } from "node:path";
import { readBytesInside, readTextInside } from "../../client/source/source-file.ts";
import { type ModelPast, UNKNOWN_PAST } from "../../shared/accounting/model-past.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { parametersHash } from "../../shared/model/model.ts";
import type { ImportedModel } from "../../shared/model/saved/layers-import.ts";
import { PROVENANCE_FILE, readProvenance } from "../../shared/plan/provenance.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";

const WHERE = "model.file";

/** A model out of a file. */
export interface FoundModel extends ImportedModel {
  /** What its weights bring along; undefined where it has no weights. */
  readonly past: ModelPast | undefined;
}

/**
 * @param folder the scenario's, absolute; nothing outside it is read
 * @returns undefined where the scenario describes its model itself
 * @throws ScenarioError `model.…` for a file that is no model, `provenance.…` for one that is not the
 * weights', or was altered
 */
export async function modelFile(
  model: Scenario["model"],
  folder: string,
): Promise<FoundModel | undefined> {
  if (model.kind !== "file") return undefined;
  const { file } = model;
  // Most scenarios describe their model, and start without it.
  const { importLayers } = await import("../../shared/model/saved/layers-import.ts");
  const json = parsed(await readTextInside(folder, file, WHERE), file);
  const imported = await importLayers(json, file, (name, most) =>
    readBytesInside(folder, join(dirname(file), name), WHERE, most),
  );
  const { parameters } = imported;
  const past = parameters ? await pastOf(model, parameters, folder) : undefined;
  return { ...imported, past };
}

async function pastOf(
  { file, trainedOn }: Extract<Scenario["model"], { kind: "file" }>,
  parameters: Float32Array,
  folder: string,
): Promise<ModelPast> {
  const path = join(dirname(file), PROVENANCE_FILE);
  const text = await textIfThere(folder, path);
  if (text === undefined)
    return trainedOn === undefined
      ? UNKNOWN_PAST
      : { ...UNKNOWN_PAST, trainedOn: [trainedOn], unknown: false };
  const { past, sweep } = readProvenance(text, parametersHash(parameters), path);
  if (trainedOn !== undefined) throw contradicted(path, trainedOn);
  if (sweep === "alone") throw partOfSweep(path);
  return past;
}

async function textIfThere(folder: string, path: string): Promise<string | undefined> {
  try {
    return await readTextInside(folder, path, WHERE);
  } catch (error) {
    if (error instanceof ScenarioError && error.problem.what === "path.missing") return undefined;
    throw error;
  }
}

function contradicted(where: string, got: string): ScenarioError {
  return new ScenarioError({
    what: "model.trainedOn",
    where,
    got,
    expected: "no such key: the weights' provenance says what they were trained on",
    fix: "Remove the key.",
  });
}

function partOfSweep(where: string): ScenarioError {
  return new ScenarioError({
    what: "provenance.sweep",
    where,
    got: "one point of a sweep on private rows, by itself",
    expected: "the charges of all the sweep's runs, for it was chosen in view of them",
    fix: "Take the model that murmur export makes of that run: it gathers them.",
  });
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

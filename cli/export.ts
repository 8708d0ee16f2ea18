/** `murmur export`: a run's model as a folder that TensorFlow.js opens. */
import { cpSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { reasonOf, ScenarioError } from "../shared/errors.ts";
import type { OutputOptions } from "./output.ts";
import { releasedParameters, runPlan } from "./run-files.ts";

export function exportModel(run: string, options: OutputOptions & { readonly out: string }): void {
  const plan = runPlan(run);
  // Held against the ledger first: a damaged model must not leave under a fresh name.
  const parameters = releasedParameters(run, plan);
  const folder = resolve(options.out);
  if (existsSync(folder)) throw notThere(options.out, "something that exists");
  try {
    cpSync(join(run, "model"), folder, { recursive: true });
  } catch (cause) {
    throw notThere(options.out, reasonOf(cause));
  }
  if (options.json) {
    console.log(
      JSON.stringify({ model: join(folder, "model.json"), parameters: parameters.length }),
    );
    return;
  }
  if (!options.quiet) {
    console.log(`${parameters.length} parameters, TensorFlow.js layers format:`);
    console.log("    const model = await tf.loadLayersModel('file://…/model.json')   (tfjs-node)");
  }
  console.log(join(folder, "model.json"));
}

function notThere(out: string, got: string): ScenarioError {
  const [expected, fix] = ["a folder that can be made", "Name another."];
  return new ScenarioError({ what: "--out", where: out, got, expected, fix });
}

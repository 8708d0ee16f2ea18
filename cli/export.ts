/** `murmur export`: a run's model as a folder that TensorFlow.js opens. */
import { cpSync, existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ScenarioError } from "../shared/errors.ts";
import type { OutputOptions } from "./output.ts";
import { runParameters, runPlan } from "./run-files.ts";

export function exportModel(run: string, options: OutputOptions & { readonly out: string }): void {
  const plan = runPlan(run);
  // Read back before it is handed on: a damaged model must not leave under a fresh name.
  const parameters = runParameters(run, plan);
  const folder = resolve(options.out);
  if (existsSync(folder))
    throw new ScenarioError({
      what: "--out",
      where: "murmur export",
      got: `${options.out}, which exists`,
      expected: "a folder that can be made",
      fix: "Name another.",
    });
  cpSync(join(run, "model"), folder, { recursive: true });
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

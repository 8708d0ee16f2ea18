/** `murmur export`: a run's model as a folder that TensorFlow.js opens, and whence it comes beside it. */
import { exportModel as exportRun } from "../../run/export-model.ts";
import { epsilonText } from "../../shared/epsilon-text.ts";
import { PROVENANCE_FILE, type Provenance } from "../../shared/plan/provenance.ts";
import type { OutputOptions } from "../terminal/output.ts";

export function exportModel(run: string, options: OutputOptions & { readonly out: string }): void {
  const { model, parameters, provenance } = exportRun(run, options.out);
  if (options.json) {
    const { past, epsilon, delta, rows } = provenance;
    const runs = past.histories.length;
    const facts = { model, parameters, provenance: { rows, runs, epsilon, delta } };
    console.log(JSON.stringify(facts));
    return;
  }
  if (!options.quiet) {
    console.log(`${parameters} parameters, TensorFlow.js layers format:`);
    console.log("    const model = await tf.loadLayersModel('file://…/model.json')   (tfjs-node)");
    for (const line of provenanceLines(provenance)) console.log(`    ${line}`);
  }
  console.log(model);
}

/** What whoever starts from the model takes on. */
function provenanceLines({ past, epsilon, delta }: Provenance): string[] {
  const { histories, unknown } = past;
  const runs = histories.length === 1 ? "1 run" : `${histories.length} runs`;
  const spent = `ε ${epsilonText(epsilon.modelRecipients)} at δ ${delta}`;
  if (unknown)
    return [`${PROVENANCE_FILE}: some of its weights came from nobody knows which rows: no ε`];
  if (histories.length === 0) return [`${PROVENANCE_FILE}: no private row is in it`];
  return [
    `${PROVENANCE_FILE}: ${runs} on private rows, ${spent} against whoever gets it; a run that starts from it counts them in`,
  ];
}

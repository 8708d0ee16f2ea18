/** `murmur predict`: one person through a finished run's model, by the client's own stages. */

import { runPlan } from "../../run/folder/run-files.ts";
import { predict as predictRow } from "../../run/predict.ts";
import { targetClasses } from "../../shared/contract/contract.ts";
import { printable, ScenarioError } from "../../shared/errors.ts";
import { predictionLines } from "../screen/print-trace.ts";
import type { OutputOptions } from "../terminal/output.ts";

const MAX_ROW_BYTES = 1 << 20;

export function predict(run: string, options: OutputOptions & { readonly row: string }): void {
  const { contract } = runPlan(run).plan;
  const prediction = predictRow(run, parseRow(options.row), "--row");
  if (!prediction.checked) {
    process.exitCode = 1;
    process.stderr.write("murmur: a privacy check failed; layer 4 of the prediction says which\n");
  }
  if (options.json) console.log(JSON.stringify(prediction));
  else if (options.quiet) {
    const name = targetClasses(contract.target) === null ? "" : `${prediction.label} `;
    const { value, likelihood } = prediction;
    const said = value === undefined ? likelihood?.toFixed(4) : String(value);
    console.log(printable(`${name}${said}`));
  } else {
    const lines = predictionLines(contract.features.length, contract.target.name, prediction);
    for (const line of lines) console.log(printable(line));
  }
}

function parseRow(text: string): Record<string, unknown> {
  try {
    if (Buffer.byteLength(text) > MAX_ROW_BYTES) throw new Error("longer than 1 MiB");
    const row: unknown = JSON.parse(text);
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return { ...row };
    throw new Error("no object");
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "--row",
        where: "murmur predict",
        // The text itself may be somebody's data.
        got:
          cause instanceof SyntaxError
            ? "text that is no JSON"
            : cause instanceof Error
              ? cause.message
              : cause,
        expected: "one JSON object of raw columns",
        fix: "See the example in murmur predict --help.",
      },
      { cause },
    );
  }
}

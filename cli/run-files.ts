/** IO: a finished run's folder, read back and checked as far as each command needs it. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type LedgerLine, readLines } from "../shared/accounting/ledger-line.ts";
import { sha256 } from "../shared/canonical.ts";
import { ScenarioError } from "../shared/errors.ts";
import { parametersFromLayers, WEIGHTS_FILE } from "../shared/layers-format.ts";
import { openPlan, type SealedPlan } from "../shared/plan.ts";

/** Text of one file of a run. @throws ScenarioError if it is not there */
export function runFile(run: string, name: string): Buffer {
  try {
    if (!statSync(run).isDirectory()) throw new Error("not a folder");
    return readFileSync(join(run, name));
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "run folder",
        where: run,
        got: cause instanceof Error ? cause.message : cause,
        expected: `a finished run with ${name}`,
        fix: "Name the folder that murmur run printed last.",
      },
      { cause },
    );
  }
}

/** The ledger's lines. @throws BudgetError naming the first line that is damaged */
export function runLedger(run: string): LedgerLine[] {
  return readLines(runFile(run, "ledger.jsonl").toString("utf8"), join(run, "ledger.jsonl"));
}

/** The plan, checked anew like a client's. */
export function runPlan(run: string): SealedPlan {
  const bytes = runFile(run, "plan.json");
  return openPlan(bytes, sha256(bytes));
}

/** The saved model's flat parameters, float32. */
export function runParameters(run: string, { model }: SealedPlan): Float32Array {
  const json: unknown = JSON.parse(runFile(run, "model/model.json").toString("utf8"));
  return parametersFromLayers(json, runFile(run, `model/${WEIGHTS_FILE}`), model, run);
}

/** IO: the scenario of a run that is over, with every default filled in, as its folder has it. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, manifestSchema } from "../../report/run-report.ts";
import { heldOutPrivate } from "../../shared/claims/unit-text.ts";
import { memoize } from "../../shared/memoize.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { SOURCE_FOLDER } from "./launch-record.ts";
import { runFile, runJson } from "./run-files.ts";

const FILE = "scenario.resolved.yaml";
/** The last one: what is made of a folder asks for it more than once. */
const parsed = new Map<string, Scenario>();

/** @throws ScenarioError where it is not there, or is none */
export function resolvedScenario(
  run: string,
  { command }: { readonly command: Pick<Manifest["command"], "set"> },
): Scenario {
  const text = runFile(run, FILE).toString("utf8");
  // What was typed then may lead where a file of its own accord may not; the rest is resolved.
  const typed = command.set.filter(({ path }) => path === SOURCE_FOLDER);
  return memoize(parsed, 1, JSON.stringify([text, typed]), () => parseScenario(text, FILE, typed));
}

/** Persons of a private file that were held out; 0 where the folder does not say. */
export function resolvedHeldOut(run: string): number {
  if (!existsSync(join(run, FILE)) || !existsSync(join(run, "manifest.json"))) return 0;
  return heldOutPrivate(resolvedScenario(run, runJson(run, "manifest.json", manifestSchema)));
}

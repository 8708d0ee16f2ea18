/** IO: the scenario of a command: its file, and what the flags say instead. Loads nothing heavy. */
import { basename } from "node:path";
import { readTextInside } from "../client/source/source-file.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import type { Override } from "../shared/scenario/scenario-text.ts";
import { located } from "./located.ts";

export interface ScenarioFlags {
  readonly set: readonly Override[];
  readonly seed?: number;
}

/** @throws ScenarioError naming the first fault of the file or the flags */
export async function readScenario(file: string, flags: ScenarioFlags): Promise<Scenario> {
  const { folder, path } = await located(file);
  const text = await readTextInside(folder, path, "the scenario");
  const seed = flags.seed === undefined ? [] : [{ path: "seed", value: String(flags.seed) }];
  return parseScenario(text, basename(file), [...flags.set, ...seed]);
}

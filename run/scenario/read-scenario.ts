/** IO: the scenario of a command: its file, and what the flags say instead. Loads nothing heavy. */
import { basename } from "node:path";
import { readTextInside } from "../../client/source/source-file.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { sourceFiles } from "../../shared/scenario/data-schema.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import type { Override } from "../../shared/scenario/text.ts";
import { located } from "./located.ts";

export interface ScenarioFlags {
  readonly set: readonly Override[];
  readonly seed?: number;
}

/** @throws ScenarioError naming the first fault of the file or the flags, or that no rows are named */
export async function readScenario(file: string, flags: ScenarioFlags): Promise<Scenario> {
  return requireRows(await readAnyScenario(file, flags), basename(file));
}

/** @throws ScenarioError `data.source` where the scenario names no rows but the held-out ones */
export function requireRows(scenario: Scenario, where: string): Scenario {
  const { source } = scenario.data;
  if (source.generator !== undefined || sourceFiles(source).length > 0) return scenario;
  throw new ScenarioError({
    what: "data.source",
    where,
    got: "testFile alone",
    expected: "a generator, a file, or a file a client",
    fix: "Name one; clients that bring their own rows are for murmur serve.",
  });
}

/** The same of one whose rows may be elsewhere. */
export async function readAnyScenario(file: string, flags: ScenarioFlags): Promise<Scenario> {
  const { folder, path } = await located(file, "the scenario");
  const text = await readTextInside(folder, path, "the scenario");
  const seed = flags.seed === undefined ? [] : [{ path: "seed", value: String(flags.seed) }];
  return parseScenario(text, basename(file), [...flags.set, ...seed]);
}

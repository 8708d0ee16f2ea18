/** A scenario's plan, its clients and their data, before any of them is there. */
import { basename, dirname, resolve } from "node:path";
import type { DataAssignment } from "../client/assignment.ts";
import { withLearnedLevels } from "../client/learn-levels.ts";
import { keySources } from "../client/person-keys.ts";
import { readTextInside } from "../client/source/source-file.ts";
import { modelInputs } from "../shared/contract/contract.ts";
import { buildContract } from "../shared/contract/contract-build.ts";
import { chooseEngine } from "../shared/engine/choose-engine.ts";
import type { Engine } from "../shared/engine/engine.ts";
import { buildModel } from "../shared/model.ts";
import { makePlan, type SealedPlan } from "../shared/plan.ts";
import { sourceFiles } from "../shared/scenario/data-schema.ts";
import { isPublicData, type Scenario } from "../shared/scenario/scenario-schema.ts";

/**
 * Formulas parsed, hierarchies read, engine chosen, noise calibrated: the plan. No row is read, unless
 * the scenario has levels learned from them, `unsafe`.
 */
export async function sealScenario(
  scenario: Scenario,
  file: string,
): Promise<{ readonly sealed: SealedPlan; readonly engine: Engine }> {
  const folder = resolve(dirname(file));
  const readText = (path: string) => readTextInside(folder, path, basename(file));
  const data = await withLearnedLevels(scenario.data, folder, sourceFiles(scenario.data.source));
  const contract = await buildContract({ ...scenario, data }, readText, basename(file));
  const model = buildModel(scenario.model, modelInputs(contract));
  const engine = await chooseEngine(scenario.training.engine, model);
  return { sealed: makePlan(scenario, contract, engine.kind), engine };
}

/** c01 … c10: as many digits as the count has, so that they sort. */
export function clientNames(count: number): string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, i) => `c${String(i + 1).padStart(digits, "0")}`);
}

/**
 * @param clients names of all
 * @param mine those of them that one host holds
 */
export function dataAssignment(
  scenario: Scenario,
  file: string,
  clients: string[],
  mine: string[],
  heldOut: boolean,
): DataAssignment {
  const { data, privacy, seed, predict } = scenario;
  const counted = isPublicData(scenario) && privacy.unit === "record";
  return {
    source: data.source,
    folder: resolve(dirname(file)),
    partition: data.partition,
    keys: keySources(data.columns),
    seed,
    population: counted ? privacy.population : null,
    clients,
    mine,
    heldOut,
    predictRow: predict?.row,
  };
}

/** A scenario's plan, its clients and their data, before any of them is there. */
import { basename, dirname, resolve } from "node:path";
import { withLearnedLevels } from "../../client/data/learn-levels.ts";
import { sourceFolder } from "../../client/data/source-folder.ts";
import type { MemoryFiles } from "../../client/source/memory-files.ts";
import { readTextInside } from "../../client/source/source-file.ts";
import type { ModelPast } from "../../shared/accounting/model-past.ts";
import { learnedFeatures } from "../../shared/bounds/learned-features.ts";
import { buildContract } from "../../shared/contract/build.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import { chooseEngine } from "../../shared/engine/choose-engine.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { buildModel } from "../../shared/model/build-model.ts";
import { withRecipe } from "../../shared/plan/auto-training.ts";
import { makePlan, type SealedPlan } from "../../shared/plan/plan.ts";
import { scenarioModel } from "../../shared/plan/scenario-model.ts";
import { MOST_RANK_ERROR, rankError } from "../../shared/privacy/bounds-terms.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { sourceFiles } from "../../shared/scenario/data-schema.ts";
import { isPublicData, type Scenario } from "../../shared/scenario/schema.ts";
import {
  ALGORITHMS,
  isOutside,
  type OutsideAlgorithmName,
} from "../../shared/training/algorithms.ts";
import { withHeldOutBounds } from "./held-out-bounds.ts";
import { modelFile } from "./model-file.ts";

export interface SealedScenario {
  /** As it was given, with what `training: auto` came to be. */
  readonly scenario: Scenario;
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  /** Where the model is out of a file with weights: what it starts with. */
  readonly initial: Float32Array | null;
  /** What those weights bring along; undefined: the model starts from none. */
  readonly past: ModelPast | undefined;
}

/**
 * Formulas parsed, hierarchies and model file read, engine chosen, noise calibrated: the plan. No row is
 * read, unless the scenario has levels learned from them, `unsafe`, or bounds from those that are held out.
 *
 * @param memory rows that are in this process, in the place of files of their names
 * @param isPublic true where all rows are generated or public, and this machine's
 * @param outside the algorithm that a program brought along
 * @throws ScenarioError
 */
export async function sealScenario(
  scenario: Scenario,
  file: string,
  isPublic = isPublicData(scenario),
  memory?: MemoryFiles,
  outside?: OutsideAlgorithmName,
): Promise<SealedScenario> {
  checkAlgorithm(scenario, file, outside);
  const folder = resolve(dirname(file));
  const readText = (path: string) => readTextInside(folder, path, basename(file));
  const { source } = scenario.data;
  const files = await sourceFolder(folder, source);
  const data = await withLearnedLevels(scenario.data, files, sourceFiles(source), memory);
  const stated = await buildContract({ ...scenario, data }, readText, basename(file));
  const contract = await withHeldOutBounds(stated, scenario, file, memory);
  const imported = await modelFile(scenario.model, folder);
  if (imported?.parameters) checkScaled(contract, basename(file));
  const spec = scenarioModel(scenario.model, contract, imported);
  const model = buildModel(spec);
  const engine = await chooseEngine(scenario.training.engine, model);
  const past = imported?.past;
  const counted = countsPast(past, isPublic) ? past : undefined;
  const whole = withRecipe(scenario, contract, model.parameters, counted);
  const sealed = makePlan(whole, contract, engine.kind, spec, counted);
  checkBounds(sealed.plan.privacy, basename(file));
  return { scenario: whole, sealed, engine, initial: imported?.parameters ?? null, past };
}

/** Weights know inputs by the bounds of before; learned anew they would be others. */
function checkScaled(contract: Contract, where: string): void {
  const [open] = learnedFeatures(contract);
  if (open === undefined) return;
  throw new ScenarioError({
    what: "bounds: private",
    where,
    got: `${open.feature.name} without bounds, and a model.file with weights`,
    expected: "the bounds that those weights were trained by",
    fix: "Write them down: the bounds that the weights' run has learned stand in its report and in its trace.json.",
  });
}

/** Bounds that would be noise are refused before anything is charged. */
function checkBounds(privacy: PrivacyPlan, where: string): void {
  if (privacy.bounds === undefined) return;
  const error = rankError(privacy);
  if (error <= MOST_RANK_ERROR) return;
  const percent = (share: number) => `${Number((100 * share).toPrecision(3))} %`;
  throw new ScenarioError({
    what: "bounds: private",
    where,
    got: `${privacy.bounds.features} features over ${privacy.population} people: ranks of learned quantiles would be off by ${percent(error)}`,
    expected: `at most ${percent(MOST_RANK_ERROR)}`,
    fix: "Write the bounds down, take heldOut, or raise privacy.bounds.share or privacy.epsilon.",
  });
}

/** Where no program brought one along, ours are all there are. */
function checkAlgorithm(
  { training: { algorithm } }: Scenario,
  file: string,
  outside: OutsideAlgorithmName | undefined,
): void {
  if (!isOutside(algorithm) || algorithm === outside) return;
  throw new ScenarioError({
    what: "training.algorithm",
    where: basename(file),
    got: algorithm,
    expected: `one of ${ALGORITHMS.join(", ")}: another is a program's own, which gives it to simulate`,
    fix: "Take fedAvg, or call simulate with that algorithm.",
  });
}

/** Whether a plan has it: all that may have been in private rows, or in these. */
function countsPast(past: ModelPast | undefined, isPublic: boolean): boolean {
  return past !== undefined && (!isPublic || past.histories.length > 0);
}

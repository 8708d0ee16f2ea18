/** All that a lint finds, gathered: the cost, the noise beside the update, the warnings. */

import { basename } from "node:path";
import type { NarrowFeature } from "../../client/features/range-use.ts";
import type { MemoryFiles } from "../../client/source/memory-files.ts";
import { claimParts } from "../../shared/claims/claim.ts";
import { heldOutPrivate, unitParts } from "../../shared/claims/unit-text.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import type { SoFarFile } from "../../shared/events/trace.ts";
import { entriesBefore } from "../../shared/noise/rotation.ts";
import { rankError } from "../../shared/privacy/bounds-terms.ts";
import { noisePerClip } from "../../shared/privacy/noise-per-clip.ts";
import { isPublicData, type Scenario } from "../../shared/scenario/schema.ts";
import { dataFiles, soFarBeside } from "../scenario/data-ledgers.ts";
import { type SealedScenario, sealScenario } from "../scenario/seal-scenario.ts";
import { type Cost, costOf } from "./cost.ts";
import {
  DRY_RUN_LIMITS,
  type DryRound,
  type DryRunLimits,
  dryRun,
  MOST_GENERATED_ROWS,
} from "./dry-run.ts";
import { type Warning, warningsOf } from "./rules.ts";

type Recipe = Pick<Scenario["training"], "rounds" | "learningRate" | "momentum" | "clipNorm">;

/** What is printed, whole under `--json`. */
export interface LintReport {
  readonly scenario: string;
  /** Its file's name. */
  readonly file: string;
  /** Counted how; whom one trusts: what must stand beside every epsilon. */
  readonly claim: readonly string[];
  readonly delta: number;
  /** Then no row was read. */
  readonly privateRows: boolean;
  /** What `training: auto` stands for; absent: the file says it all itself. */
  readonly recipe?: Recipe | undefined;
  readonly cost: Cost;
  readonly noise: NoiseAndUpdate;
  /** Of features with `bounds: heldOut`, what the held-out rows gave; absent: there are none. */
  readonly heldOutBounds?: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Of features with `bounds: private`: by how much of the population the ranks of their quantiles will be off. */
  readonly privateBounds?: { readonly features: number; readonly rankError: number };
  readonly warnings: readonly Warning[];
  /** What the ledgers beside its files of private rows say of the runs before; absent: nothing. */
  readonly soFar?: readonly SoFarFile[] | undefined;
}

/** L2 norms on the mean update. */
export interface NoiseAndUpdate {
  readonly parameters: number;
  readonly clients: number;
  /** Rounds of the plan. */
  readonly ofRounds: number;
  /** Root mean square, in clip norms: the same in every round. A mean update is at most 1 on average. */
  readonly perClip: number;
  readonly clipNorm: number;
  /** By a dry run; or why no row was read. */
  readonly measured:
    | {
        readonly rounds: readonly (DryRound & { readonly noiseNorm: number })[];
        readonly clients: number;
        readonly rows: number;
        readonly narrow: readonly NarrowFeature[];
      }
    | { readonly notRead: string };
}

/**
 * @param file its path: what it names lies beside it
 * @param memory rows that are in this process, in the place of files of their names
 * @throws ScenarioError for a scenario that a run would refuse, as far as can be told
 */
export async function lintScenario(
  scenario: Scenario,
  file: string,
  limits: DryRunLimits = DRY_RUN_LIMITS,
  memory?: MemoryFiles,
): Promise<LintReport> {
  const whole = await sealScenario(scenario, file, undefined, memory);
  const { privacy: plan, contract, model } = whole.sealed.plan;
  const noise = await noiseAndUpdate(scenario, file, whole, limits, memory);
  const { measured, perClip } = noise;
  // A scenario may be read where its private rows are not.
  const soFar = soFarBeside(await dataFiles(scenario, file).catch(() => []));
  const read = "rounds" in measured ? measured : null;
  return {
    scenario: scenario.name,
    file: basename(file),
    claim: claimParts(plan, unitParts(whole.sealed.plan, heldOutPrivate(scenario))),
    delta: plan.delta,
    privateRows: !isPublicData(scenario),
    ...(scenario.training.auto && { recipe: recipeOf(whole.scenario) }),
    cost: costOf(whole.scenario, contract, plan, whole.engine.kind, model),
    noise,
    ...heldOutBounds(scenario, contract),
    ...(plan.bounds && {
      privateBounds: { features: plan.bounds.features, rankError: rankError(plan) },
    }),
    warnings: warningsOf({
      scenario: whole.scenario,
      plan,
      noisePerClip: perClip,
      measured: read?.rounds ?? null,
      narrow: read?.narrow ?? [],
    }),
    ...(soFar.length > 0 && { soFar }),
  };
}

/** The keys of a training block that `auto` chose, as a file may have them. */
function recipeOf({ training }: Scenario): Recipe {
  const { rounds, learningRate, momentum, clipNorm } = training;
  return { rounds, learningRate, momentum, clipNorm };
}

function heldOutBounds(
  { features }: Scenario,
  contract: Contract,
): Pick<LintReport, "heldOutBounds"> {
  const read = contract.features.flatMap((feature) =>
    feature.kind === "number" && features[feature.name]?.bounds === "heldOut"
      ? [[feature.name, feature.bounds] as const]
      : [],
  );
  return read.length === 0 ? {} : { heldOutBounds: Object.fromEntries(read) };
}

/** @param whole the scenario's plan, and what it starts with */
export async function noiseAndUpdate(
  scenario: Scenario,
  file: string,
  whole: Omit<SealedScenario, "past">,
  limits: DryRunLimits = DRY_RUN_LIMITS,
  memory?: MemoryFiles,
): Promise<NoiseAndUpdate> {
  const { sealed, engine, initial } = whole;
  const { privacy: plan } = sealed.plan;
  const { clients, rounds: ofRounds, clipNorm } = plan;
  const parameters = entriesBefore(plan);
  const perClip = noisePerClip(plan);
  const planned = { parameters, clients, ofRounds, perClip, clipNorm };
  const notRead = whyNotRead(scenario);
  if (notRead !== undefined) return { ...planned, measured: { notRead } };
  const from = { initial, memory };
  const { rounds, ...taken } = await dryRun(whole.scenario, file, sealed, engine, limits, from);
  const beside = rounds.map((round) => ({ ...round, noiseNorm: perClip * round.clipNorm }));
  const { clients: looked, rows, narrow } = taken;
  return { ...planned, measured: { rounds: beside, clients: looked, rows, narrow } };
}

function whyNotRead(scenario: Scenario): string | undefined {
  if (!isPublicData(scenario)) return "the rows are private";
  const { generator, rows = 0 } = scenario.data.source;
  if (generator === undefined || rows <= MOST_GENERATED_ROWS) return undefined;
  return `${rows} rows are more than the ${MOST_GENERATED_ROWS} that a lint generates`;
}

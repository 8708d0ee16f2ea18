/**
 * IO: a run between two rounds, as far as the next one rests on it. Streams of noise and coins have no
 * position to keep: seeded ones are derived again from (purpose, seed, round, attempt, client), and of
 * secure ones nothing may be written. The last two are kept, so that a damaged one is no loss.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ScenarioError } from "../../shared/errors.ts";
import { faultsSchema } from "../../shared/events/faults-trace.ts";
import type { FaultsTrace, StatisticTrace } from "../../shared/events/trace.ts";
import { type Anchor, anchorSchema } from "../../shared/ledger/chain.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { optimizerOf } from "../optimizers/optimizer-of.ts";
import type { ModelState } from "../step/release.ts";
import {
  type CheckpointBytes,
  type FloatArray,
  readCheckpointFile,
  writeCheckpointFile,
} from "./checkpoint-file.ts";
import { onDisk } from "./on-disk.ts";

export interface Checkpoint {
  /** The next one; the plan's number of rounds once all are done. */
  readonly round: number;
  readonly state: ModelState;
  /** Where the ledger stood. */
  readonly ledger: Anchor;
  /** Released before the first round. */
  readonly statistics: readonly StatisticTrace[];
  /** The clients' own counts that were released last, by client index: each noised by itself. */
  readonly answers: ReadonlyMap<number, Int32Array> | undefined;
  /** What went amiss so far, where it may be told. */
  readonly faults: FaultsTrace | undefined;
}

const PATTERN = /^checkpoint-(\d+)$/;
const whole = z.number().int().min(0);
export const factsSchema = z.strictObject({
  format: z.literal(1),
  planHash: anchorSchema.shape.hash,
  round: whole,
  clipNorm: z.number().positive(),
  /** Models in the average; 0: there is none. */
  averagedModels: whole,
  ledger: anchorSchema,
  statistics: z.array(
    z.strictObject({
      name: z.string(),
      counts: z.array(z.number().int()),
      names: z.array(z.string()).nullable(),
      quantiles: z.array(z.tuple([z.number(), z.number()])).nullable(),
      noiseStddev: z.number(),
    }),
  ),
  answers: z.array(z.tuple([whole, z.array(z.number().int())])).nullable(),
  faults: faultsSchema.optional(),
});

/**
 * Under seeded noise, where nobody's privacy rests on it, it need not outlast the machine's power.
 *
 * @param folder absolute
 * @throws ScenarioError `disk.full`; those before stay
 */
export function saveCheckpoint(
  folder: string,
  { plan, hash }: SealedPlan,
  { round, state, ledger, statistics, answers, faults }: Checkpoint,
): void {
  const { parameters, optimizer, control, averaged, clipNorm } = state;
  const facts = {
    ...{ format: 1, planHash: hash, round, clipNorm, ledger, statistics },
    averagedModels: averaged?.models ?? 0,
    answers: answers
      ? [...answers].map(([clientIndex, counts]) => [clientIndex, [...counts]])
      : null,
    ...(faults && { faults }),
  };
  const arrays = new Map<string, FloatArray>([
    ["parameters", parameters],
    ["moment", optimizer.moment],
    ["variance", optimizer.variance],
    ...(control ? [["control", control] as const] : []),
    ...(averaged ? [["averaged", averaged.mean] as const] : []),
  ]);
  const name = nameOf(round);
  onDisk(name, () => {
    const durable = plan.privacy.noise === "secure";
    writeCheckpointFile(join(folder, name), { facts, arrays }, durable, round);
    const rounds = roundsIn(folder);
    const before = Math.max(-1, ...rounds.filter((other) => other < round));
    for (const other of rounds)
      if (other !== round && other !== before) rmSync(join(folder, nameOf(other)));
  });
}

/**
 * The newest one whose bytes are whole; drafts that were cut off are removed.
 *
 * @returns undefined where there is none at all
 * @throws ScenarioError `checkpoint.…`
 */
export function loadCheckpoint(folder: string, sealed: SealedPlan): Checkpoint | undefined {
  for (const name of readdirSync(folder))
    if (/^checkpoint-\d+\.tmp-/.test(name)) rmSync(join(folder, name), { force: true });
  const rounds = roundsIn(folder).sort((a, b) => b - a);
  for (const round of rounds) {
    const path = join(folder, nameOf(round));
    const bytes = readCheckpointFile(path);
    if (bytes) return checked(bytes, sealed, path);
  }
  if (rounds.length === 0) return undefined;
  throw refusal("hash", folder, `${rounds.length} damaged files`, "a checkpoint as it was written");
}

/** What a finished run has no use for. */
export function removeCheckpoints(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.startsWith("checkpoint-")) rmSync(join(folder, name), { force: true });
}

/** @throws ScenarioError `checkpoint.ledger` for one that is newer than the ledger, or beside another's */
export function checkOfLedger(
  { ledger: { seq, hash } }: Checkpoint,
  lines: readonly Anchor[],
  where: string,
): void {
  if (lines[seq]?.hash === hash) return;
  const got = lines[seq] ? `another line ${seq + 1}` : `${lines.length} lines`;
  throw refusal("ledger", where, got, `line ${seq + 1} as the checkpoint has seen it`);
}

function checked({ facts, arrays }: CheckpointBytes, sealed: SealedPlan, path: string): Checkpoint {
  const { plan, hash } = sealed;
  const parsed = factsSchema.safeParse(facts);
  if (!parsed.success) {
    const { path: at = [], message = "" } = parsed.error.issues[0] ?? {};
    throw refusal("form", path, `${at.join(".")}: ${message}`, "what murmur wrote");
  }
  const { planHash, round, clipNorm, averagedModels, ledger, statistics } = parsed.data;
  const { answers, faults } = parsed.data;
  if (planHash !== hash) throw refusal("plan", path, `plan ${planHash}`, `plan ${hash}`);
  const { rounds } = plan.privacy;
  if (round > rounds) throw refusal("round", path, round, `at most ${rounds}`);
  for (const [name, array] of arrays)
    if (!array.every(Number.isFinite))
      throw refusal("weights", path, `NaN or Infinity in ${name}`, "finite numbers");
  return {
    ...{ round, ledger, statistics, faults },
    state: { ...stateOf(arrays, sealed, averagedModels, path), clipNorm },
    answers: answers
      ? new Map(answers.map(([clientIndex, counts]) => [clientIndex, Int32Array.from(counts)]))
      : undefined,
  };
}

/** @throws ScenarioError `checkpoint.shape` for arrays that the plan's model and training do not have */
function stateOf(
  arrays: CheckpointBytes["arrays"],
  { plan, model }: SealedPlan,
  averagedModels: number,
  path: string,
): Omit<ModelState, "clipNorm"> {
  const { algorithm, optimizer, averaging } = plan.training;
  const start = optimizerOf(optimizer).start(model.parameters);
  const fault = (name: string, length: number) =>
    refusal("shape", path, `${arrays.get(name)?.length ?? "no"} ${name}`, `${length}`);
  const float32 = (name: string, length: number) => {
    const array = arrays.get(name);
    if (array instanceof Float32Array && array.length === length) return array;
    throw fault(name, length);
  };
  const float64 = (name: string, length: number) => {
    const array = arrays.get(name);
    if (array instanceof Float64Array && array.length === length) return array;
    throw fault(name, length);
  };
  const { parameters: length } = model;
  const averages = averaging !== null && averagedModels > 0;
  const state = {
    parameters: float32("parameters", length),
    optimizer: {
      moment: float64("moment", start.moment.length),
      variance: float64("variance", start.variance.length),
    },
    control: algorithm === "scaffold" ? float32("control", length) : null,
    averaged: averages ? { mean: float64("averaged", length), models: averagedModels } : null,
  };
  const due = 3 + (state.control ? 1 : 0) + (state.averaged ? 1 : 0);
  if (arrays.size !== due) throw refusal("shape", path, `${arrays.size} arrays`, `${due}`);
  return state;
}

function nameOf(round: number): string {
  return `checkpoint-${round}`;
}

function roundsIn(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => PATTERN.exec(name)?.[1] ?? [])
    .map(Number);
}

function refusal(what: string, where: string, got: unknown, expected: string): ScenarioError {
  const fix = "Go on with another copy of the run folder, or start the run anew.";
  return new ScenarioError({ what: `checkpoint.${what}`, where, got, expected, fix });
}

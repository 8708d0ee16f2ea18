/** What a client tells of its own rows in numbers: counts, noised here and whole before they leave. */
import type { CountTask } from "../../shared/accounting/mechanisms/event.ts";
import type { Engine } from "../../shared/engine/core/engine.ts";
import type { Random } from "../../shared/noise/random.ts";
import { fillRoundedGaussian } from "../../shared/noise/rounded-gaussian.ts";
import { countBins, countLength, countNoise } from "../../shared/privacy/counts.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { rowsOf } from "../../shared/privacy/terms.ts";
import type { ClientRows } from "../features/client-rows.ts";
import { rightSlots } from "./count-right.ts";

/**
 * int32[countLength]: one histogram after another, a record in one bin of each.
 *
 * @param parameters the model that an evaluation is of, float32[parameters]
 */
export async function countRows(
  task: CountTask,
  parameters: Float32Array,
  rows: ClientRows,
  engine: Engine,
  plan: PrivacyPlan,
  noise: Random,
): Promise<Int32Array> {
  const counts = new Int32Array(countLength(plan.counts, task));
  const stddev = countNoise(plan, task);
  if (stddev > 0) fillRoundedGaussian(counts, stddev, noise);
  const bins = countBins(plan.counts, task);
  const binsOf =
    task === "evaluation" ? await rightness(parameters, rows, engine) : places(rows, plan);
  const { count } = rows.examples;
  for (let slot = 0; slot < Math.min(count, rowsOf(plan)); slot++) {
    if (rows.present?.[slot] === 0) continue;
    let start = 0;
    binsOf(slot).forEach((bin, histogram) => {
      counts[start + bin] = (counts[start + bin] ?? 0) + 1;
      start += bins[histogram] ?? 0;
    });
  }
  return counts;
}

/** Of each record, its bin in each histogram. */
type BinsOf = (slot: number) => readonly number[];

/** Bin 0: its class is the likeliest. */
async function rightness(
  parameters: Float32Array,
  { examples }: ClientRows,
  engine: Engine,
): Promise<BinsOf> {
  const isRight = await rightSlots(parameters, examples, engine);
  return (slot) => [isRight[slot] === 1 ? 0 : 1];
}

function places({ examples }: ClientRows, { counts: { statistics } }: PrivacyPlan): BinsOf {
  const { inputs, labels, width } = examples;
  const { classes = 0, histograms = [] } = statistics ?? {};
  return (slot) => [
    ...(classes > 0 ? [labels[slot] ?? 0] : []),
    ...histograms.map(({ input, bins }) => binOf(inputs[slot * width + input] ?? 0, bins)),
  ];
}

/** The bin of a value in [-1, 1], the last one closed above. */
function binOf(value: number, bins: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(((value + 1) / 2) * bins)));
}

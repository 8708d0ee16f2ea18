/** A run as a person reads it: the six stages, line by line, with the run's own numbers. */
import {
  CLAIM_HEAD,
  claimParts,
  claimRows,
  type Guarantee,
  isLargeDelta,
} from "../../shared/claims/claim.ts";
import { epsilonText } from "../../shared/epsilon-text.ts";
import { heldOutBaseline, heldOutWarnings } from "../../shared/events/held-out-baseline.ts";
import { numbersWarnings, tellsNumbers, unitsText } from "../../shared/events/held-out-numbers.ts";
import { publishedTrace } from "../../shared/events/published-trace.ts";
import {
  type BoundsTrace,
  type HeldOutClasses,
  type HeldOutNumbers,
  type HeldOutTrace,
  type PredictionTrace,
  type RoundTrace,
  STAGE_TITLES,
  type StageTrace,
  type StartTrace,
  type StatisticTrace,
} from "../../shared/events/trace.ts";
import { rawReason } from "../../shared/privacy/group-privacy.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { roundNoiseFactor } from "../../shared/secagg/noise-shares.ts";

const BAR_WIDTH = 12;

/** One table of a stage: rows × columns in and out, and the columns that came out. */
export function stageLines(stage: StageTrace): string[] {
  const size = (rows: number | null, names: readonly string[]) =>
    `${rows ?? "·"} × ${names.length}`;
  const [from, to] = [size(stage.rowsIn, stage.namesIn), size(stage.rowsOut, stage.namesOut)];
  const title = STAGE_TITLES[stage.name].padEnd(24);
  const lines = [`${title}${from} → ${to}`, `    ${stage.namesOut.join(", ")}`];
  return stage.note ? [...lines, `    ${stage.note}`] : lines;
}

/** Heading of the epoch table, with the model before the first round. */
export function trainingHead(
  model: string,
  columns: number,
  rows: number | null,
  start: StartTrace,
): string[] {
  const measure = start.accuracy === null ? "      R²" : "accuracy";
  return [
    `${STAGE_TITLES.train}  ${rows ?? "·"} × ${columns} → ${model}`,
    `    epoch   loss  ${measure}                    ε`,
    `    start  ${lossText(start.loss)} ${shareText(start)}`,
  ];
}

/** A round whose model was held against the held-out rows. */
type EvaluatedRound = RoundTrace & { readonly loss: number };

/** Its accuracy, or of a number R², which a bar shows alike. */
function shareOf({ accuracy, errors }: Pick<RoundTrace, "accuracy" | "errors">): number {
  return accuracy ?? errors?.r2 ?? Number.NaN;
}

function shareText(evaluated: Pick<RoundTrace, "accuracy" | "errors">): string {
  return shareOf(evaluated).toFixed(3).padStart(8);
}

/**
 * One epoch: loss, accuracy or R², ε so far, a bar, and what changed; under masks, the noise in its sum beside
 * that which is accounted for.
 */
export function epochLine(
  round: EvaluatedRound,
  before: StartTrace,
  plan: Pick<PrivacyPlan, "rounds" | "clients" | "noiseShares">,
  testRows: number,
): string {
  const share = Math.min(1, Math.max(0, shareOf(round) || 0));
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const epoch = `${round.round + 1}/${plan.rounds}`.padStart(9);
  const factor = roundNoiseFactor(plan, round.lost);
  const noise = factor === null ? "" : `, noise × ${factor.toFixed(2)}`;
  const epsilon = epsilonText(round.epsilon.modelRecipients).padStart(7);
  return `${epoch}  ${lossText(round.loss)} ${shareText(round)}  ${bar}  ${epsilon}  ${observation(round, before, testRows)}${noise}`;
}

/** Of a model that runs away, its magnitude: thirty digits would tell no more. */
function lossText(loss: number): string {
  return loss < 1e6 ? loss.toFixed(3) : loss.toExponential(2);
}

/** What an epoch changed, in a few words. */
function observation(round: EvaluatedRound, before: StartTrace, testRows: number): string {
  const loss = round.loss - before.loss;
  const moved =
    Math.abs(loss) < 0.0005
      ? "loss unchanged"
      : `loss ${loss < 0 ? "down" : "up"} ${lossText(Math.abs(loss))}`;
  const more = round.errors
    ? `RMSE ${unitsText(round.errors.rmse)}`
    : rightText(Math.round((shareOf(round) - shareOf(before)) * testRows));
  const again = round.attempts > 1 ? `, attempt ${round.attempts}` : "";
  const { lost: gone } = round;
  const lost = gone === undefined ? "" : `, ${gone} ${gone === 1 ? "update" : "updates"} lost`;
  return `${moved}, ${more}${again}${lost}`;
}

/** @param right rows more than before */
function rightText(right: number): string {
  return right === 0 ? "as many right" : `${Math.abs(right)} ${right > 0 ? "more" : "fewer"} right`;
}

/** The published trace, to be read beside the reference task's run of as many epochs. */
export function publishedLine({ data }: Pick<Scenario, "data">, rounds: number): string[] {
  const published = publishedTrace({ data }, rounds);
  if (published === null) return [];
  const { loss, accuracy } = published;
  return [`    published, to compare: loss ${loss.join(" ")}, accuracy ${accuracy.join(" ")}`];
}

/** Held-out accuracy or errors, what it cost, and what it is to be held against. */
export function evaluationLines(
  columns: number,
  heldOut: HeldOutTrace,
  loss: number,
  epsilon: number | null,
): string[] {
  return [
    ...(tellsNumbers(heldOut)
      ? numberLines(columns, heldOut, epsilon)
      : accuracyLines(columns, heldOut, loss, epsilon)),
    "    held-out rows are public by declaration: they have no ε of their own",
  ];
}

function numberLines(columns: number, heldOut: HeldOutNumbers, epsilon: number | null): string[] {
  const { rows, r2, r2Interval, rmse, rmseInterval, baseline } = heldOut;
  const share = r2Interval ? `R² ${r2Interval.map((x) => x.toFixed(3)).join(" to ")}, ` : "";
  return [
    `${STAGE_TITLES.evaluate.padEnd(24)}${rows} × ${columns} → R² ${r2?.toFixed(3) ?? "none"}, RMSE ${unitsText(rmse)}, privacy loss ε ${epsilonText(epsilon)}`,
    `    95 % interval ${share}RMSE ${rmseInterval.map(unitsText).join(" to ")}, by the number of held-out rows alone`,
    `    always giving their mean, ${unitsText(baseline.mean)}, is off by RMSE ${unitsText(baseline.rmse)}`,
    ...numbersWarnings(heldOut).map((warning) => `    WARNING: ${warning}`),
  ];
}

function accuracyLines(
  columns: number,
  heldOut: HeldOutClasses,
  loss: number,
  epsilon: number | null,
): string[] {
  const { rows, accuracy, interval, majority, majorityClass } = heldOutBaseline(heldOut);
  const [low, high] = interval;
  const percent = (share: number) => (100 * share).toFixed(1);
  return [
    `${STAGE_TITLES.evaluate.padEnd(24)}${rows} × ${columns} → accuracy ${percent(accuracy)} %, privacy loss ε ${epsilonText(epsilon)}`,
    `    95 % interval ${percent(low)} to ${percent(high)} %, by the number of held-out rows alone`,
    `    always calling the most frequent class, ${majorityClass}, is right on ${percent(majority)} % of them`,
    ...heldOutWarnings(heldOut, loss).map((warning) => `    WARNING: ${warning}`),
  ];
}

/** Bounds as they were learned, and what they cost. */
export function boundsLines({ features, releases, share, noiseStddev }: BoundsTrace): string[] {
  const cost = `${releases} charged releases, ${Number((100 * share).toPrecision(3))} % of what may be spent (μ²)`;
  const noise = `noise of ${Number(noiseStddev.toPrecision(3))} people on each count`;
  return [
    `Bounds, learned of the clients' rows: ${cost}, ${noise}`,
    ...features.map(({ name, bounds }) => {
      return `    ${name} ${bounds.map((end) => Number(end.toPrecision(4))).join(" to ")}`;
    }),
  ];
}

/** What was released of the clients' records before the first round. */
export function statisticLines(statistics: readonly StatisticTrace[]): string[] {
  return [
    "Statistics of the clients' records, charged",
    ...statistics.map(({ name, counts, names, quantiles, noiseStddev }) => {
      if (names !== null) {
        const each = names.map((label, i) => `${label}: ${counts[i]}`);
        return `    ${name}: ${each.join(", ")}, each count ± ${noiseStddev.toFixed(0)}`;
      }
      if (quantiles === null)
        return `    ${name}: ${counts[1]} of ${counts.reduce((a, b) => a + b, 0)} records, each count ± ${noiseStddev.toFixed(0)}`;
      const marks = quantiles.map(
        ([share, value]) => `${100 * share} % ${Number(value.toPrecision(3))}`,
      );
      return `    ${name}: below ${marks.join(", ")}`;
    }),
  ];
}

/** What the last round's clients told of their own records. */
export function federatedLines(last: RoundTrace | undefined): string[] {
  if (!last?.federated) return [];
  const { right, wrong } = last.federated;
  const percent = (100 * right) / Math.max(1, right + wrong);
  return [
    `    on the clients' own records ${Math.min(100, Math.max(0, percent)).toFixed(1)} % (${right} right, ${wrong} wrong; noised by each client, charged)`,
  ];
}

/** ε against each adversary, with everything that makes it a claim; `unit` is what `unitParts` says. */
export function privacyLines(
  plan: PrivacyPlan,
  claims: readonly Guarantee[],
  filtered: boolean,
  unit: readonly string[] = [],
): string[] {
  if (plan.trust === "none") return ["Privacy: none (trust: none). Every ε is ∞."];
  const outside = filtered ? "; one outside the population keeps its place and adds nothing" : "";
  const large = isLargeDelta(plan)
    ? ["    δ is at least population^-1.1: take less, or a single record may be published outright"]
    : [];
  return [
    "Privacy",
    ...claimParts(plan, unit).map((part) => `    ${part}`),
    ...columns([CLAIM_HEAD, ...claimRows(claims)]).map((line) => `    ${line}`),
    ...(plan.rawFactor === 1
      ? [`    against the raw table the same: ${rawReason(1, plan.unit)}${outside}`]
      : []),
    ...large,
  ];
}

/** A table's rows as lines, each column as wide as its widest cell. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("   ")
      .trimEnd(),
  );
}

/** One person, in four layers. */
export function predictionLines(
  columns: number,
  target: string,
  prediction: PredictionTrace,
): string[] {
  const { label, likelihood, value } = prediction;
  const what = label === target ? target : `${target} ${label},`;
  const said = value === undefined ? `likelihood ${likelihood?.toFixed(2)}` : unitsText(value);
  return [
    `${STAGE_TITLES.predict.padEnd(24)}1 × ${columns} → ${what} ${said}`,
    ...prediction.layers.flatMap(({ name, lines }, i) => [
      `    layer ${i + 1}  ${name}`,
      ...lines.map((line) => `        ${line}`),
    ]),
  ];
}

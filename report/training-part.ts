/** Loss and accuracy by round, beside what was published; norms, where they may be measured. */
import { noisyFraction } from "../shared/accounting/mechanisms/adaptive-clipping.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { unitsText } from "../shared/events/held-out-numbers.ts";
import { publishedTrace } from "../shared/events/published-trace.ts";
import type { ErrorFigures, RoundTrace, Trace } from "../shared/events/trace.ts";
import { heading, paragraph, table } from "../shared/page/html-page.ts";
import type { PrivacyPlan } from "../shared/privacy/plan.ts";
import { isPublicData } from "../shared/scenario/schema.ts";
import { roundNoiseFactor } from "../shared/secagg/noise-shares.ts";
import { svgFigure } from "./figures/draw-figure.ts";
import { clippingFigure, type MeasuredRound, signalFigure } from "./figures/norms-figure.ts";
import {
  MEASURE_NAMES,
  type Measure,
  measuresOf,
  roundPoints,
  roundsFigure,
} from "./figures/rounds-figure.ts";
import { details, figure } from "./html-parts.ts";
import { percentText, shortNumber } from "./report-text.ts";
import { type RunReport, rawRounds } from "./run-report.ts";

export async function trainingPart(report: RunReport): Promise<string[]> {
  const { trace, scenario, plan, measured } = report;
  const published = publishedTrace(scenario, plan.privacy.rounds);
  const figures = await Promise.all([
    ...measuresOf(trace).map((measure) => roundFigure(report, measure)),
    ...(measured === null ? [] : normFigures(measured)),
  ]);
  return [
    `<div class="figures">${figures.join("\n")}</div>`,
    ...(published === null
      ? []
      : [
          paragraph(
            "The published trace states no ε, and its model and data are not this run's: its marks stand at the rounds of this run, to be read beside it.",
          ),
        ]),
    ...(measured === null ? [paragraph(unmeasuredText(report))] : []),
    details("Every round that was evaluated", [roundsTable(rawRounds(report), plan.privacy)]),
    ...boundsTable(trace),
    ...statisticsTable(trace),
  ];
}

/** Where the other two figures are, or why there are none. Where the clip norm adapts, a share is released. */
function unmeasuredText({ scenario, plan, manifest }: RunReport): string {
  const adapts = plan.privacy.adaptiveClipping !== null;
  const share = `Of how long updates were beside the clip norm a run releases one ${shareText(plan.privacy)} a round, by which the clip norm adapts: it stands in the table below.`;
  // Clients of a served run have their rows to themselves, public or not.
  const away = manifest.command.name === "serve";
  if (away || !isPublicData(scenario)) {
    const of = away
      ? "rows that are not here: nothing measures it"
      : "private rows: nothing measures it";
    return adapts
      ? `${share} The rest, and how large they were beside the noise, is a function of ${of}.`
      : `How long updates were beside the clip norm, and how large beside the noise, is a function of ${of}.`;
  }
  const released = adapts
    ? `${share} It releases no more of that,`
    : "A run does not release how long its updates were beside the clip norm,";
  return `${released} nor how large they were beside the noise. These rows being made up or public, npx murmur-fl report RUN_FOLDER measures both in a dry run without noise, where the rows are at hand, and draws them here.`;
}

/** With the numbers behind it. */
async function roundFigure(report: RunReport, measure: Measure): Promise<string> {
  const { trace, scenario, plan } = report;
  const published = publishedTrace(scenario, plan.privacy.rounds);
  const points = roundPoints({ start: trace.start, rounds: rawRounds(report) }, published, measure);
  const own = points.filter(({ series }) => series === "this run");
  const [first, last] = [own[0]?.value ?? 0, own.at(-1)?.value ?? 0];
  const reached = measure === "r2" ? undefined : published?.[measure].at(-1);
  const beside = reached === undefined ? "" : `, beside a published ${reached}`;
  const name = MEASURE_NAMES[measure];
  return figure({
    title: `Held-out ${name} by round`,
    told: `Held-out ${name} goes from ${shortNumber(first)} to ${shortNumber(last)} in ${trace.rounds.length} rounds${beside}.`,
    svg: await svgFigure(roundsFigure(points, measure, "page"), "page"),
    head: ["series", "round", "ε so far", name],
    rows: points.map(({ series, round, epsilon, value }) => [
      ...[series, String(round), epsilonText(epsilon), shortNumber(value)],
    ]),
  });
}

function normFigures(rounds: readonly MeasuredRound[]): Promise<string>[] {
  const first = rounds[0];
  const number = (value: number | null | undefined) =>
    value === null || value === undefined ? "" : shortNumber(value);
  const clipping = async () =>
    figure({
      title: "Update norms beside the clip norm (dry run without noise)",
      told: `In the first round half of the units are longer than ${number(first?.medianNorm)}, and units are cut to ${number(first?.clipNorm)}.`,
      svg: await svgFigure(clippingFigure(rounds, "page"), "page"),
      head: ["round", "median unit", "clip norm", "share clipped"],
      rows: rounds.map(({ round, medianNorm, clipNorm, clippedShare }) => [
        ...[String(round + 1), number(medianNorm), number(clipNorm), number(clippedShare)],
      ]),
    });
  const signal = async () =>
    figure({
      title: "Signal beside noise (dry run without noise)",
      told: `In the first round the mean update has norm ${number(first?.updateNorm)}, and the noise on it ${number(first?.noiseNorm)}.`,
      svg: await svgFigure(signalFigure(rounds, "page"), "page"),
      head: ["round", "mean update", "noise on it"],
      rows: rounds.map(({ round, updateNorm, noiseNorm }) => [
        ...[String(round + 1), number(updateNorm), number(noiseNorm)],
      ]),
    });
  return [clipping(), signal()];
}

function roundsTable(rounds: readonly RoundTrace[], privacy: PrivacyPlan): string {
  const counted = rounds.some(({ federated }) => federated) ? ["on clients' own rows"] : [];
  const shared = privacy.noiseShares === undefined ? [] : ["noise in the sum ÷ accounted for"];
  const adapts =
    privacy.adaptiveClipping === null ? [] : ["clip norm", `${shareText(privacy)} within it`];
  return table(
    ["round", "loss", ...figureHead(rounds), ...counted, "ε", "attempts", ...shared, ...adapts],
    rounds
      .filter(isEvaluated)
      .map(({ round, loss, accuracy, errors, federated, epsilon, attempts, lost, clipping }) => [
        String(round + 1),
        loss?.toFixed(4) ?? "",
        ...(errors ? errorCells(errors) : [accuracy?.toFixed(4) ?? ""]),
        ...(counted.length > 0
          ? [federated ? `${federated.right} right, ${federated.wrong} wrong` : ""]
          : []),
        epsilonText(epsilon.modelRecipients),
        String(attempts),
        ...shared.map(() => roundNoiseFactor(privacy, lost)?.toFixed(2) ?? ""),
        ...(adapts.length > 0 ? clippingCells(clipping, privacy) : []),
      ]),
  );
}

function figureHead(rounds: readonly RoundTrace[]): string[] {
  return rounds.some(({ errors }) => errors) ? ["RMSE", "mean absolute error", "R²"] : ["accuracy"];
}

function errorCells({ rmse, mae, r2 }: ErrorFigures): string[] {
  return [unitsText(rmse), unitsText(mae), r2?.toFixed(4) ?? ""];
}

function shareText({ bitNoiseStddev }: PrivacyPlan): string {
  return bitNoiseStddev > 0 ? "noised share" : "share";
}

/** The clip norm in force, and the share of updates within it, as released: noise may take it past 100 %. */
function clippingCells(clipping: RoundTrace["clipping"], { expectedUnits }: PrivacyPlan): string[] {
  if (clipping === undefined) return ["", ""];
  const { clipNorm, bits } = clipping;
  return [shortNumber(clipNorm), percentText(noisyFraction(bits / 2, expectedUnits))];
}

/** A hundred at most, however many there are. */
function isEvaluated({ loss, accuracy }: RoundTrace): boolean {
  return loss !== null || accuracy !== null;
}

function boundsTable({ bounds }: Trace): string[] {
  if (!bounds) return [];
  const { features, releases, share, noiseStddev } = bounds;
  const cost = `${releases} charged releases before the first round, ${Number((100 * share).toPrecision(3))} % of what may be spent (μ²), with noise of ${Number(noiseStddev.toPrecision(3))} people on each count`;
  const rows = features.map(({ name, bounds: ends }) => [
    name,
    ends.map((end) => Number(end.toPrecision(4))).join(" to "),
  ]);
  return [
    heading(3, "Bounds, learned of the clients' records"),
    paragraph(`By ${cost}. What lies beyond them is clipped.`),
    table(["feature", "bounds"], rows),
  ];
}

function statisticsTable({ statistics }: Trace): string[] {
  if (statistics.length === 0) return [];
  const rows = statistics.map(({ name, counts, names, quantiles }) => [
    name,
    quantiles === null
      ? counts.map((count, i) => (names ? `${names[i]}: ${count}` : `${count}`)).join(", ")
      : quantiles.map(([share, value]) => `${100 * share} % ${value.toPrecision(3)}`).join(", "),
  ]);
  return [
    heading(3, "Statistics of the clients' records, charged"),
    table(["of", "records of each label; or the value below which a share lies"], rows),
  ];
}

/** A lint as a person reads it. */

import { type Cost, type OtherTrust, shownRounds } from "../../run/lint/cost.ts";
import type { LintReport, NoiseAndUpdate } from "../../run/lint/report.ts";
import { brief, type Warning } from "../../run/lint/rules.ts";
import { ADVERSARIES, type ByAdversary } from "../../shared/accounting/mechanisms/event.ts";
import { CLAIM_HEAD, claimRows, HOLDS_AGAINST } from "../../shared/claims/claim.ts";
import { epsilonText } from "../../shared/epsilon-text.ts";
import { printable } from "../../shared/errors.ts";
import { soFarParts } from "../../shared/events/so-far-text.ts";
import { flow } from "../../shared/scenario/flow.ts";
import { columns } from "./print-trace.ts";

/** @param quiet the warnings only, under the claim that they are about */
export function lintLines(report: LintReport, quiet: boolean): string[] {
  const { scenario, file, claim, recipe, cost, privateRows, noise, warnings } = report;
  const head = `${scenario} (${printable(file)}): ε ${epsilonText(modelEpsilon(cost))} against whoever gets the model`;
  if (quiet) return [`${head}; ${claim.join(", ")}`, ...warnings.map(warningLine)];
  return [
    `Murmur lint · ${head}`,
    ...indented(claim),
    ...indented(recipe ? [`training: auto is ${flow(recipe)}`] : []),
    "",
    ...costLines(cost, privateRows),
    ...indented(soFarParts(report.soFar ?? [])),
    "",
    ...noiseLines(noise),
    "",
    ...boundsLines(report.heldOutBounds),
    ...privateBoundsLines(report.privateBounds),
    ...warningLines(warnings, file),
  ];
}

function modelEpsilon({ claims }: Cost): number | null {
  return claims.find(({ adversary }) => adversary === "modelRecipients")?.raw ?? null;
}

function costLines(cost: Cost, privateRows: boolean): string[] {
  const { claims, byRound, spares, otherTrusts, tenRuns } = cost;
  const head = ["after round", ...ADVERSARIES.map((one) => `ε, ${HOLDS_AGAINST[one]}`)];
  const rows = byRound.map(({ after, epsilon }) => [String(after), ...epsilonCells(epsilon)]);
  return [
    `Privacy after ${byRound.at(-1)?.after ?? 0} rounds`,
    ...indented(columns([CLAIM_HEAD, ...claimRows(claims)])),
    "",
    ...indented(columns([head, ...rows])),
    ...indented(spareLines(spares)),
    ...(privateRows && tenRuns !== null
      ? [
          `    choosing keys by ten such runs on the same rows costs ε ${epsilonText(tenRuns)} in all`,
        ]
      : []),
    "",
    "Under another trust, all else as it is",
    ...indented(trustLines(otherTrusts)),
  ];
}

function epsilonCells(epsilon: ByAdversary<number | null>): string[] {
  return ADVERSARIES.map((adversary) => epsilonText(epsilon[adversary]));
}

function spareLines(spares: Cost["spares"]): string[] {
  if (spares === null) return [];
  const { attempts, epsilon, noiseRatio, oneMoreRatio } = spares;
  const times = (ratio: number | null) =>
    ratio === null ? "" : ` ${brief(ratio)} times the noise`;
  const used = attempts === 1 ? "the spare attempt is" : `all ${attempts} spare attempts are`;
  const reserved = noiseRatio === null ? "" : `; to reserve them takes${times(noiseRatio)}`;
  return [
    ...(attempts > 0 ? [`ε ${epsilonText(epsilon)} once ${used} used up${reserved}`] : []),
    ...(oneMoreRatio === null ? [] : [`one more spare attempt would take${times(oneMoreRatio)}`]),
  ];
}

const TRUST_HEAD = [
  "trust",
  ...ADVERSARIES.map((one) => `ε, ${HOLDS_AGAINST[one]}`),
  "noise on the mean update",
];

function trustLines(trusts: readonly OtherTrust[]): string[] {
  const rows = trusts.flatMap((other) =>
    "refused" in other
      ? []
      : [[other.trust, ...epsilonCells(other.epsilon), `${brief(other.noisePerClip)} clip norms`]],
  );
  const refused = trusts.flatMap((other) =>
    "refused" in other ? [`${other.trust} is refused: ${other.refused}`] : [],
  );
  return [...(rows.length > 0 ? columns([TRUST_HEAD, ...rows]) : []), ...refused];
}

const NOISE_HEAD = ["round", "clip norm", "noise", "update", "ratio", "clipped", "median unit"];

function noiseLines(noise: NoiseAndUpdate): string[] {
  const { parameters, perClip, clipNorm, measured, ofRounds, clients } = noise;
  const title = `Noise beside the mean update of ${parameters} parameters, L2 norms`;
  if ("notRead" in measured)
    return [
      title,
      `    noise ${brief(perClip * clipNorm)}; the update on average at most the clip norm, ${brief(clipNorm)}${ofRounds > 1 ? ", in each round" : ""}`,
      `    no row was read: ${measured.notRead}`,
    ];
  const shown = shownRounds(measured.rounds.length);
  const rows = shown.flatMap((after) => measured.rounds.slice(after - 1, after)).map(roundRow);
  const of = (some: number, all: number, what: string) =>
    some === all ? `all ${all} ${what}` : `the first ${some} of ${all} ${what}`;
  return [
    title,
    ...indented(columns([NOISE_HEAD, ...rows])),
    `    the updates by a dry run without noise: ${of(measured.rounds.length, ofRounds, "rounds")}, ${of(measured.clients, clients, "clients")}, ${measured.rows} rows`,
  ];
}

type MeasuredRound = Extract<NoiseAndUpdate["measured"], { rounds: unknown }>["rounds"][number];

function roundRow(measured: MeasuredRound): string[] {
  const { round, clipNorm, noiseNorm, updateNorm, clippedShare, medianNorm } = measured;
  const ratio = updateNorm > 0 ? brief(noiseNorm / updateNorm) : "·";
  const clipped = clippedShare === null ? "·" : `${(100 * clippedShare).toFixed(1)} %`;
  const norms = [clipNorm, noiseNorm, updateNorm].map(brief);
  return [
    String(round + 1),
    ...norms,
    ratio,
    clipped,
    medianNorm === null ? "·" : brief(medianNorm),
  ];
}

function boundsLines(bounds: LintReport["heldOutBounds"]): string[] {
  if (bounds === undefined) return [];
  const rows = Object.entries(bounds).map(([name, ends]) => [name, ends.map(brief).join(" to ")]);
  return ["Bounds by the held-out rows", ...indented(columns(rows)), ""];
}

function privateBoundsLines(bounds: LintReport["privateBounds"]): string[] {
  if (bounds === undefined) return [];
  const { features, rankError } = bounds;
  const off = `${Number((100 * rankError).toPrecision(2))} % of the population`;
  return [
    `Bounds of ${features} ${features === 1 ? "feature" : "features"} are learned from private rows before training, charged: ranks of their quantiles are off by ${off}`,
    "",
  ];
}

function warningLines(warnings: readonly Warning[], file: string): string[] {
  if (warnings.length === 0) return ["No warnings"];
  const count = warnings.length === 1 ? "1 warning" : `${warnings.length} warnings`;
  return [`${count}, by key of ${printable(file)}`, ...indented(warnings.map(warningLine))];
}

function warningLine({ where, got, why, fix }: Warning): string {
  return `${where} ${got}: ${why}. ${fix}`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => (line === "" ? "" : `    ${line}`));
}

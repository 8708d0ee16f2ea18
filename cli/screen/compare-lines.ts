/** A comparison as a person reads it: one letter a setting. */
import { isBaseline, largestEpsilon } from "../../compare/curve.ts";
import { epsilonCaption, type PlannedCurve } from "../../compare/curve-caption.ts";
import type { Summary } from "../../compare/seed-statistics.ts";
import type { ComparedSetting, SettingComparison } from "../../compare/setting-comparison.ts";
import { spentText, valueText } from "../../compare/setting-text.ts";
import { type ShareName, shareName } from "../../compare/share-name.ts";
import type { ComparedRun } from "../../run/folder/compared-run.ts";
import { ADVERSARIES } from "../../shared/accounting/mechanisms/event.ts";
import { HOLDS_AGAINST } from "../../shared/claims/claim.ts";
import { deltaAtMostText, epsilonText } from "../../shared/epsilon-text.ts";
import { shown } from "../../shared/errors.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { letter, meanText, section, UNKNOWN } from "./comparison-table.ts";
import { faultRows, timeRows } from "./cost-rows.ts";

/** At which adjusted p a difference is told as more than the noise of seeds. */
const SIGNIFICANT = 0.05;
const MOST_ROUNDS_SHOWN = 8;

type Setting = ComparedSetting<ComparedRun>;
type TestedSetting = Pick<Setting, "fromFirst" | "adjustedP">;
interface SeededSetting extends Pick<Setting, "shared"> {
  readonly runs: readonly { readonly privacy: Pick<PrivacyPlan, "noise"> }[];
}

export function comparisonLines(
  { settings, differing }: SettingComparison<ComparedRun>,
  quiet: boolean,
): string[] {
  const tests = testLines(settings);
  if (quiet) return tests;
  const runs = settings.reduce((sum, setting) => sum + setting.runs.length, 0);
  const names = settings.map((_, i) => letter(i));
  const named = shareName(settings.flatMap(({ runs }) => runs));
  const title = named.share === "R²" ? "R²" : "Accuracy";
  const caption = epsilonCaption(settings.flatMap(planned));
  const differingRows = differing.map(({ key, values }) => [
    key,
    ...values.map((value) => (value === undefined ? UNKNOWN : shown(valueText(value)))),
  ]);
  return [
    `Compare: ${runs} runs of ${settings.length} ${settings.length === 1 ? "setting" : "settings"}, seeds aside`,
    ...sharedSeedLines(settings),
    "",
    ...section("What differs", [["", ...names], ...differingRows], "nothing but seeds and noise"),
    ...section(
      `${title} and ε`,
      [accuracyHead(named), ...settings.map(accuracyRow)],
      "nothing",
      caption,
    ),
    ...section("Plan", [PLAN_HEAD, ...settings.map(planRow)]),
    ...section(`${title} by round, %`, roundRows(settings)),
    ...section("Time by stage, seconds (means)", timeRows(settings)),
    ...section("Bytes and faults", faultRows(settings)),
    "Against the first, by pairs of a seed",
    ...tests,
  ];
}

/** Which seeds several runs have, and what was made of those. */
export function sharedSeedLines(settings: readonly SeededSetting[]): string[] {
  return settings.flatMap(({ runs: all, shared }, i) => {
    const seeded = all.some(({ privacy }) => privacy.noise === "seeded");
    const seedsOf = new Map<string, number[]>();
    for (const { seed, runs, counted } of shared) {
      const told = `${runs} runs share a seed (${whatCounts(runs, counted, seeded)})`;
      seedsOf.set(told, [...(seedsOf.get(told) ?? []), seed]);
    }
    return [...seedsOf].map(([told, seeds]) => `    ${letter(i)}: ${told}: ${seeds.join(", ")}`);
  });
}

function whatCounts(runs: number, counted: number, seeded: boolean): string {
  if (counted === 1) return "the same model each time, so that one counts";
  const some = counted === runs ? "" : `${counted} of them different, `;
  return `${some}averaged${seeded ? ", though seeded: other rows, or another machine" : ""}`;
}

/** What its ε are of; nothing where nothing is noised. */
function planned({ runs }: Setting, i: number): PlannedCurve[] {
  const [first] = runs;
  if (!first || isBaseline(first)) return [];
  const deltas = runs.map(({ delta }) => delta);
  return [{ name: letter(i), plan: first.privacy, deltas, unit: first.unit }];
}

function accuracyHead({ share, baseline }: ShareName): string[] {
  return [
    ...["", "seeds", `${share}, %`, "loss", baseline],
    ...ADVERSARIES.map((adversary) => `ε, ${HOLDS_AGAINST[adversary]}`),
    "δ",
  ];
}

function accuracyRow({ runs, accuracy }: Setting, i: number): string[] {
  return [
    ...[letter(i), String(accuracy.n), summaryText(accuracy)],
    meanText(
      runs.map(({ loss }) => loss),
      3,
    ),
    meanText(
      runs.map(({ majority }) => 100 * majority),
      1,
    ),
    ...ADVERSARIES.map((adversary) => {
      const spent = largestEpsilon(runs.map(({ epsilon }) => epsilon[adversary]));
      if (adversary !== "modelRecipients") return epsilonText(spent);
      return spentText(spent, largestEpsilon(runs.map(({ anonymized }) => anonymized)));
    }),
    deltaAtMostText(Math.max(...runs.map(({ delta }) => delta))),
  ];
}

const PLAN_HEAD = [
  ...["", "data", "clients", "unit", "trust", "sampler", "accountant", "rounds", "noise", "clip"],
];

function planRow({ runs }: Setting, i: number): string[] {
  const [first] = runs;
  if (!first) return [letter(i)];
  const { unit, population, clients, trust, sampling, accountant, rounds } = first.privacy;
  const { noiseMultiplier, clipNorm } = first.privacy;
  const noise = trust === "none" ? "none" : `${noiseMultiplier.toFixed(3)} × clip`;
  const data = `${first.data}, ${first.rows} rows held out`;
  const protectedUnit = `${unit}, of ${population}`;
  const plan = [protectedUnit, trust, sampling.kind, accountant, String(rounds), noise];
  return [letter(i), data, String(clients), ...plan, String(clipNorm)];
}

function roundRows(settings: readonly Setting[]): string[][] {
  const longest = Math.max(...settings.map(({ runs }) => runs[0]?.rounds.length ?? 0));
  const step = Math.max(1, Math.ceil(longest / MOST_ROUNDS_SHOWN));
  const shownRounds = Array.from({ length: Math.ceil(longest / step) }, (_, i) =>
    Math.min(longest, (i + 1) * step),
  );
  const rows = settings.map(({ runs }, i) => [
    letter(i),
    ...shownRounds.map((round) =>
      meanText(
        runs.map(({ rounds }) => {
          const { accuracy = null, errors } = rounds[round - 1] ?? {};
          const share = accuracy ?? errors?.r2 ?? null;
          return share === null ? null : 100 * share;
        }),
        1,
      ),
    ),
  ]);
  return [["", ...shownRounds.map(String)], ...rows];
}

/** Each but the first against it. */
export function testLines(settings: readonly TestedSetting[]): string[] {
  const lines = settings.slice(1).map(({ fromFirst, adjustedP }, i) => {
    const head = `    ${letter(i + 1)} − A:`;
    if (!fromFirst) return `${head} no seed in both, so not tested`;
    const { mean, interval, n } = fromFirst;
    const told = `${head} ${points(mean)} points`;
    if (n === 1) return `${told}, one pair: no test of that`;
    if (!interval || adjustedP === null) return `${told}, all ${n} pairs alike: no test of that`;
    const verdict =
      adjustedP < SIGNIFICANT ? "more than the noise of seeds" : "within the noise of seeds";
    return `${told}, 95 % ${points(interval[0])} to ${points(interval[1])}, ${n} pairs, p ${pText(adjustedP)}: ${verdict}`;
  });
  if (lines.length === 0) return ["    one scenario: nothing to hold against it"];
  const adjusted = settings.length > 2 ? ["    (paired t tests; p after Holm 1979)"] : [];
  return [...lines, ...adjusted];
}

function summaryText({ mean, interval }: Summary): string {
  const half = interval ? ` ± ${(50 * (interval[1] - interval[0])).toFixed(1)}` : "";
  return `${(100 * mean).toFixed(1)}${half}`;
}

function points(share: number): string {
  return `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`;
}

function pText(p: number): string {
  return p < 0.001 ? p.toExponential(1) : p.toFixed(3);
}

/** What a scenario may do and should not, a rule each: told before anything runs, refused by nobody. */
import type { NarrowFeature } from "../../client/features/range-use.ts";
import { isLargeDelta, plannedRaw } from "../../shared/claims/claim.ts";
import { epsilonText } from "../../shared/epsilon-text.ts";
import { countedSampling } from "../../shared/privacy/events.ts";
import { noisesInRound } from "../../shared/privacy/noise-per-clip.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { clientsWithoutRows, rowsOf } from "../../shared/privacy/terms.ts";
import { isPublicSource, type Scenario } from "../../shared/scenario/schema.ts";
import { secaggTerms } from "../../shared/secagg/terms.ts";
import { TIMING } from "../../shared/timing.ts";
import type { DryRound } from "./dry-run.ts";

/** All that a rule looks at. */
export interface LintFacts {
  readonly scenario: Scenario;
  readonly plan: PrivacyPlan;
  /** L2 norm of the noise on the mean update, in clip norms. */
  readonly noisePerClip: number;
  /** What a dry run found; null where no row was read. */
  readonly measured: readonly DryRound[] | null;
  /** Features that use less than a tenth of their range, of the rows that it read. */
  readonly narrow: readonly NarrowFeature[];
}

/** One line: the key, what it is, why that is bad, how to mend it. */
export interface Warning {
  readonly rule: string;
  readonly where: string;
  readonly got: string | number;
  readonly why: string;
  readonly fix: string;
}

type Told = readonly [where: string, got: string | number, why: string, fix: string];
export type LintRule = (facts: LintFacts) => Told | undefined;

/** At an epsilon of 10 somebody may learn e^10 = 22,026 times likelier that a unit is there. */
const HARDLY_A_GUARANTEE = 10;
/** Of the units clipped: fewer than this is never, more than the rest is always. */
const FEW = 0.01;
/** How far from the quantile that it follows a clip norm may be and count as there. */
const NEAR = 0.1;

/** Whether masks come off only where nobody is lost, whatever minCohort is. */
function takesAll(plan: PrivacyPlan): boolean {
  if (plan.trust !== "distributed") return false;
  return secaggTerms(plan.clients, plan).threshold === plan.clients;
}

export const LINT_RULES: Readonly<Record<string, LintRule>> = {
  trustNone: ({ plan: { trust } }) => {
    if (trust !== "none") return undefined;
    const why = "nothing is noised: no ε holds against anybody, whatever privacy.epsilon says";
    return ["privacy.trust", trust, why, "Take central or local for rows that matter."];
  },

  seededNoise: ({ plan: { noise, trust } }) => {
    if (noise !== "seeded" || trust === "none") return undefined;
    const why = "whoever has the seed can subtract the noise: it protects nobody";
    return ["privacy.noise", noise, why, "Take secure if the rows are anybody's."];
  },

  largeDelta: ({ plan }) => {
    if (plan.trust === "none" || !isLargeDelta(plan)) return undefined;
    const most = plan.population ** -1.1;
    const why = `at least population^-1.1, ${brief(most)}: so large that a unit may be published outright`;
    return ["privacy.delta", plan.delta, why, "Take less: a tenth of that, say."];
  },

  largeEpsilon: ({ scenario, plan: { epsilon } }) => {
    if (epsilon === null || epsilon <= HARDLY_A_GUARANTEE) return undefined;
    const why = `beyond ${HARDLY_A_GUARANTEE} hardly a guarantee: odds may change by e^ε`;
    return [noiseKey(scenario), `ε ${brief(epsilon)}`, why, "Spend less: 1 is common, 8 is much."];
  },

  noSpareAttempts: ({ plan: { noise, spareAttempts, trust } }) => {
    if (trust === "none" || noise !== "secure" || spareAttempts > 0) return undefined;
    const why = "an attempt that is lost stays charged, so that the run then ends a round early";
    return ["privacy.spareAttempts", 0, why, "Reserve one or two; the noise grows a little."];
  },

  heldOutPeople: ({ scenario: { data } }) => {
    const { testRows } = data.source;
    if (isPublicSource(data.source) || testRows === undefined) return undefined;
    const why = "people of a private file: the coordinator gets their rows, and no ε covers them";
    return ["data.source.testRows", testRows, why, "Name a testFile of people who agreed."];
  },

  perRow: ({ scenario: { data, privacy } }) => {
    const { source, columns } = data;
    if (isPublicSource(source) || source.person !== undefined || privacy.unit === "client")
      return undefined;
    const named = Object.entries(columns).find(([, { role }]) => role === "directIdentifier")?.[0];
    if (named === undefined) return undefined;
    const why =
      "each row is a unit: a person with several rows is several, whose ε is more than as many times as large";
    const fix = `Name the column in data.person; with privacy.rowsPerPerson where a person may have several rows.`;
    return ["data.person", `nothing, and ${named} names persons`, why, fix];
  },

  rawTable: ({ scenario, plan }) => {
    const { rawFactor, trust, epsilon } = plan;
    if (trust === "none" || rawFactor === 1) return undefined;
    const { mode, unsafe } = scenario.data.anonymity;
    const why = `against the raw table ${rawFactor === null ? "no ε is left" : `ε is ${epsilonText(plannedRaw(plan))} at the same δ, where the anonymized one has ${epsilonText(epsilon)}`}`;
    return ["data.anonymity", unsafe ? "unsafe" : mode, why, "Recode by row alone: mode: report."];
  },

  narrowRange: ({ narrow }) => {
    const [first, ...others] = narrow;
    if (first === undefined) return undefined;
    const also = others.map(({ feature }) => `, ${feature}`).join("");
    const why = `${percent(first.share)} of its range holds all rows: what tells them apart is small beside the noise`;
    return [
      `features.${first.feature}`,
      `wide bounds${also && ` (also${also.slice(1)})`}`,
      why,
      "Bring its bounds nearer to what is known of the values.",
    ];
  },

  moreClientsThanRows: ({ plan }) => {
    const { clients } = plan;
    const without = clientsWithoutRows(plan);
    if (without === 0) return undefined;
    const rows = rowsOf(plan);
    const why = `more than the ${rows} rows: ${without} clients at least have none, and send zeros and noise`;
    return [
      "clients.count",
      clients,
      why,
      `Lower it, to ${Math.max(1, Math.floor(rows / 20))} say.`,
    ];
  },

  oneClient: ({ plan: { clients } }) => {
    if (clients > 1) return undefined;
    return ["clients.count", 1, "each sum is that client's own update", "Take more clients."];
  },

  cohortOfOne: ({ plan: { clients, minCohort } }) => {
    if (clients === 1 || minCohort > 1) return undefined;
    const why = "a round may be one client's update alone, divided as if all had answered";
    return ["clients.minCohort", minCohort, why, "Leave it out: four fifths of the clients."];
  },

  noneMayBeLost: ({ plan }) => {
    if (!takesAll(plan)) return undefined;
    const why = "so few must all answer to open a sum: one that is lost aborts every attempt";
    return ["clients.count", plan.clients, why, "Take four or more."];
  },

  cohortOfAll: ({ plan }) => {
    const { clients, minCohort } = plan;
    if (clients === 1 || minCohort < clients || takesAll(plan)) return undefined;
    const why = "all the clients: one that is lost aborts every attempt, and each stays charged";
    return [
      "clients.minCohort",
      minCohort,
      why,
      `Lower it, to ${Math.min(clients - 1, Math.ceil(0.8 * clients))} say.`,
    ];
  },

  emptyRounds: ({ plan: { sampling, expectedUnits, population } }) => {
    if (sampling.kind !== "poisson" || expectedUnits >= 1) return undefined;
    const empty = (1 - sampling.rate) ** population;
    const why = `${brief(expectedUnits)} units a round: ${percent(empty)} of the rounds are noise alone`;
    return ["training.sampling.rate", sampling.rate, why, "Raise it, or take fewer rounds."];
  },

  unamplified: ({ plan }) => {
    const { sampling, adjacency, trust } = plan;
    if (sampling.kind === "full" || trust === "none") return undefined;
    const seen = countedSampling(plan).kind === "full";
    if (!seen && (sampling.kind !== "fixedSize" || adjacency === "replaceOne")) return undefined;
    const why = seen
      ? "each noised update says whose it is, so that ε is as if all took part in every round"
      : `no theorem amplifies it under ${adjacency}: ε is as if all took part in every round`;
    const fix = seen ? "Take trust central, or full." : "Take poisson, or adjacency replaceOne.";
    return ["training.sampling.kind", sampling.kind, why, fix];
  },

  localNoise: ({ plan }) => {
    const noises = noisesInRound(plan);
    if (plan.trust !== "local" || noises <= 1) return undefined;
    const why = `each of ${brief(noises)} updates carries all of the noise: as many times the variance of trust central`;
    return ["privacy.trust", "local", why, "Take fewer, larger clients, or whom all trust."];
  },

  longWait: ({ scenario: { clients } }) => {
    const silent = clients.faults.find(({ kind }) => kind === "hang" || kind === "stale");
    if (clients.deadlineSeconds !== undefined || silent === undefined) return undefined;
    const seconds = TIMING.trainMs / 1_000;
    const why = `each round with a fault of kind ${silent.kind} waits ${seconds} s for an update that never comes`;
    return ["clients.deadlineSeconds", "nothing", why, "Set it to a few seconds."];
  },

  outvoted: ({ scenario, plan: { trust, clients, parameters } }) => {
    const { kind } = scenario.training.aggregation;
    if (kind === "sum") return undefined;
    const held = `all ${clients} updates, ${brief((4 * clients * parameters) / 1e6)} MB, are held at once`;
    const noise =
      trust === "local" && kind === "median" ? "; π/2 times the noise's variance in a mean" : "";
    const why = `what few clients alone know is outvoted with those who lie${noise}; ${held}`;
    return ["training.aggregation", kind, why, "Take sum where clients differ and can be trusted."];
  },

  fewClients: ({ plan: { unit, expectedUnits, noiseStddev, sensitivity }, noisePerClip }) => {
    if (unit !== "client" || noisePerClip <= 1) return undefined;
    const each = brief(noiseStddev / sensitivity);
    const why = `noise of ${each} clip norms in each parameter, divided by so few, is ${brief(noisePerClip)} clip norms long on the mean update, which on average is at most one`;
    const got = `${brief(expectedUnits)} in a round`;
    return ["clients.count", got, why, "Take more clients, a smaller model, or unit record."];
  },

  noiseDrowns: ({ scenario, plan: { unit }, noisePerClip, measured }) => {
    if (unit === "client" && noisePerClip > 1) return undefined;
    const fix = "Spend more ε, take more units, fewer rounds or a smaller model.";
    if (measured === null) {
      if (noisePerClip <= 1) return undefined;
      const got = `noise of ${brief(noisePerClip)} clip norms`;
      return [noiseKey(scenario), got, "where a mean update is on average at most one", fix];
    }
    const ratios = measured.map(
      ({ clipNorm, updateNorm }) => (noisePerClip * clipNorm) / updateNorm,
    );
    const drowned = ratios.filter((ratio) => ratio > 1).length;
    if (2 * drowned <= ratios.length) return undefined;
    const got = `noise up to ${brief(Math.max(...ratios))} times as long as the update`;
    return [noiseKey(scenario), got, `longer in ${drowned} of ${ratios.length} rounds`, fix];
  },

  diverges: ({ measured }) => {
    const first = measured?.find(
      (round) => round.clippedShare !== null && round.medianNorm === null,
    );
    if (!first) return undefined;
    const why =
      "its gradients are no finite numbers any more, without any noise: a run may end there";
    return [
      "training.learningRate",
      `a dry run that diverges in round ${first.round + 1}`,
      why,
      "Lower it.",
    ];
  },

  clipNeverReached: ({ plan: { clipNorm, clipping }, measured }) => {
    // By layer a unit may be clipped that is short as a whole.
    if (!measured || clipping !== "flat" || !everyRound(measured, (share) => share < FEW))
      return undefined;
    const why = "fewer than 1 % of the units are as long in any round, and noise grows with it";
    return ["training.clipNorm", clipNorm, why, `Lower it: ${medians(measured)}.`];
  },

  clipAlways: ({ plan: { clipNorm }, measured }) => {
    if (!measured || !everyRound(measured, (share) => share > 1 - FEW)) return undefined;
    const why =
      "more than 99 % of the units are longer in every round: directions are all that is left";
    return ["training.clipNorm", clipNorm, why, `Raise it if that helps: ${medians(measured)}.`];
  },

  clipStuckAtBound: ({ plan: { adaptiveClipping }, measured }) => {
    const last = measured?.at(-1);
    if (adaptiveClipping === null || !last || isNear(last, adaptiveClipping.quantile))
      return undefined;
    if (!adaptiveClipping.bounds.includes(last.clipNorm)) return undefined;
    const got = `at ${brief(last.clipNorm)} in round ${last.round + 1}`;
    const why = `the quantile ${adaptiveClipping.quantile} lies beyond: ${medians([last])}`;
    return ["training.adaptiveClipping.bounds", got, why, "Widen them."];
  },

  clipAdaptsTooSlowly: ({ plan, measured }) => {
    const { adaptiveClipping, rounds, clipNorm } = plan;
    if (adaptiveClipping === null) return undefined;
    const { quantile, learningRate, bounds } = adaptiveClipping;
    const steps = learningRate * (rounds - 1);
    const lowest = clipNorm * Math.exp(-steps * (1 - quantile));
    const highest = clipNorm * Math.exp(steps * quantile);
    if (lowest <= bounds[0] || highest >= bounds[1]) return undefined;
    const last = measured?.at(-1);
    if (last && isNear(last, quantile)) return undefined;
    const why = `in ${rounds} rounds the clip norm comes no further than ${brief(lowest)} to ${brief(highest)}, whatever the norms are`;
    const fix = `Raise it, or mend training.clipNorm${last ? `: ${medians([last])}` : ""}.`;
    return ["training.adaptiveClipping.learningRate", learningRate, why, fix];
  },

  bitNoise: ({ plan: { adaptiveClipping, bitNoiseStddev, expectedUnits } }) => {
    // Of a sum of bits of ±1, so that the fraction is half of it.
    const onFraction = bitNoiseStddev / 2 / expectedUnits;
    if (adaptiveClipping === null || onFraction <= NEAR) return undefined;
    const why = `${brief(onFraction)} on the fraction of ${brief(expectedUnits)} units that are clipped: the clip norm follows noise`;
    const fix = "Lower it, to a twentieth of the units say, or leave the clip norm fixed.";
    return ["training.adaptiveClipping.bitNoise", adaptiveClipping.bitNoise, why, fix];
  },
};

/** Of every rule that fires, in the rules' order. */
export function warningsOf(facts: LintFacts): Warning[] {
  return Object.entries(LINT_RULES).flatMap(([rule, check]) => {
    const told = check(facts);
    if (told === undefined) return [];
    const [where, got, why, fix] = told;
    return [{ rule, where, got, why, fix }];
  });
}

function noiseKey({ privacy }: Scenario): string {
  return privacy.noiseMultiplier === undefined ? "privacy.epsilon" : "privacy.noiseMultiplier";
}

function everyRound(rounds: readonly DryRound[], holds: (share: number) => boolean): boolean {
  const shares = rounds.flatMap(({ clippedShare }) => clippedShare ?? []);
  return shares.length > 0 && shares.every(holds);
}

function isNear({ clippedShare }: DryRound, quantile: number): boolean {
  return clippedShare === null || Math.abs(1 - clippedShare - quantile) <= NEAR;
}

/** Where the median norms of the units lie. */
function medians(rounds: readonly DryRound[]): string {
  const found = rounds.flatMap(({ medianNorm }) => medianNorm ?? []);
  if (found.length === 0) return "no median norm is finite";
  const [low, high] = [brief(Math.min(...found)), brief(Math.max(...found))];
  return low === high ? `the median norm is ${low}` : `the median norms are ${low} to ${high}`;
}

/** Three digits: as much as anybody compares. */
export function brief(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${brief(100 * share)} %`;
}

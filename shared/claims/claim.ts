/** What must be said beside every epsilon: it is no claim without. */
import {
  type Accountant,
  ADVERSARIES,
  type Adversary,
  type ByAdversary,
  byAdversary,
  type Sampler,
} from "../accounting/mechanisms/event.ts";
import { spentWithPast, unsampledPast } from "../accounting/model-past.ts";
import { deltaText, epsilonText } from "../epsilon-text.ts";
import { type LedgerLine, spendingOf, spentBy, spentInEveryRound } from "../ledger/ledger-line.ts";
import { secrecyText } from "../privacy/cohort-secrecy.ts";
import { countedSampling, privacyEvent } from "../privacy/events.ts";
import { type RawPrice, rawReason } from "../privacy/group-privacy.ts";
import type { PrivacyPlan } from "../privacy/plan.ts";
import { attemptsOf, plannedTasks, taskTerms } from "../privacy/tasks.ts";
import { noiseFactor } from "../secagg/noise-shares.ts";
import { holdsAgainstMalice } from "../secagg/terms.ts";
import { colludersText, knownDrawText } from "./colluders-text.ts";
import { pastAssumption, pastParts } from "./past-text.ts";
import { type Charged, chargesOf, drawnForSure, rawEpsilonOf } from "./raw-spending.ts";

/** Epsilon against one adversary, of all that a ledger charges. null: no bound. */
export interface Guarantee {
  readonly adversary: Adversary;
  /** To whoever knows the anonymized table but for one unit. */
  readonly anonymized: number | null;
  /** To whoever knows the raw one, at `rawDelta`: the same where each row is recoded by itself. */
  readonly raw: number | null;
  readonly rawDelta: number | null;
  /** The same of a unit that was drawn in every round, which sampling doesn't amplify; absent: no other. */
  readonly everyRound?: number | null;
  /** What it rests on. */
  readonly assumption: string;
}

/** One claim an adversary, from the ledger's lines alone. */
export function claimsOf(plan: PrivacyPlan, lines: readonly LedgerLine[]): Guarantee[] {
  return claimsFrom(plan, spentBy(lines), () => spentInEveryRound(lines), chargedIn(lines));
}

/**
 * The same of a run that has not begun: what `attempts` of its plan, and the counts that go with
 * them, will have cost.
 *
 * @param runs of the same plan on the same rows
 */
export function plannedClaims(plan: PrivacyPlan, attempts: number, runs = 1): Guarantee[] {
  const rounds = Math.min(attempts, plan.rounds);
  const tasks = plannedTasks({ ...plan, rounds, spareAttempts: attempts - rounds });
  const charged = (sampling: Sampler) =>
    byAdversary((adversary) =>
      tasks.map(({ task, count }) => ({
        event: privacyEvent(taskTerms({ ...plan, sampling }, task), adversary),
        count: count * runs,
      })),
    );
  const spent = (accountant: Accountant, sampling: Sampler) =>
    byAdversary((adversary) => {
      const releases = charged(sampling)[adversary];
      const past = sampling === plan.sampling ? plan.past : unsampledPast(plan.past);
      const epsilon = spentWithPast({ ...plan, accountant, past }, releases, adversary);
      return Number.isFinite(epsilon) ? epsilon : null;
    });
  return claimsFrom(
    plan,
    spent(plan.accountant, plan.sampling),
    () => spent("gdp", { kind: "full" }),
    charged(plan.sampling),
    runs,
  );
}

function claimsFrom(
  plan: PrivacyPlan,
  spent: ByAdversary<number | null>,
  unsampled: () => ByAdversary<number | null>,
  charged: Charged,
  runs = 1,
): Guarantee[] {
  const sampled = plan.trust !== "none" && countedSampling(plan).kind !== "full";
  const inEveryRound = sampled ? unsampled() : undefined;
  const rawIn = (own: PrivacyPlan, events: Charged, adversary: Adversary) =>
    rawEpsilonOf(own, chargesOf(own, events, runs), adversary);
  return ADVERSARIES.map((adversary) => {
    const same = plan.rawFactor === 1;
    const raw = same ? spent[adversary] : rawIn(plan, charged, adversary);
    const drawn = inEveryRound?.[adversary] ?? null;
    const sure = { ...plan, accountant: "gdp", past: unsampledPast(plan.past) } as const;
    const everyRound = same ? drawn : rawIn(sure, drawnForSure(charged), adversary);
    return {
      adversary,
      anonymized: spent[adversary],
      raw,
      rawDelta: raw === null ? null : plan.delta,
      ...(inEveryRound && { everyRound }),
      assumption: assumptionOf(plan, adversary),
    };
  });
}

/** Of the raw table after all that the plan reserves, against whoever gets the model; null: no bound. */
export function plannedRaw(plan: PrivacyPlan): number | null {
  if (plan.rawFactor === 1 || plan.rawFactor === null) return plan.rawFactor && plan.epsilon;
  return rawEpsilon(plannedClaims(plan, attemptsOf(plan)), "modelRecipients");
}

/** What so many lines of a ledger charge. */
function chargedIn(lines: readonly LedgerLine[]): Charged {
  return spendingOf(lines).charged;
}

/** What says what was spent; where one row of the raw table moves others, against that table too. */
interface Told {
  readonly epsilon: ByAdversary<number | null>;
  /** Absent: the same. */
  readonly rawEpsilon?: ByAdversary<number | null> | undefined;
}

/** A round, or what else says what was spent, with ε of the raw table in its place. */
export function withRawEpsilon<T extends Told>(plan: PrivacyPlan, told: T): T {
  return { ...told, epsilon: rawOf(plan, told) };
}

/** ε of the raw table, always at the plan's δ; null: no bound. */
export function rawOf(
  { rawFactor }: PrivacyPlan,
  { epsilon, rawEpsilon }: Told,
): ByAdversary<number | null> {
  return rawFactor === 1 ? epsilon : (rawEpsilon ?? byAdversary(() => null));
}

/** What is claimed against one of them: no bound is null. */
export function rawEpsilon(claims: readonly Guarantee[], adversary: Adversary): number | null {
  return claims.find((claim) => claim.adversary === adversary)?.raw ?? null;
}

/** The same with the delta at which it holds. */
export function rawClaim(claims: readonly Guarantee[], adversary: Adversary): RawPrice | null {
  const claim = claims.find((one) => one.adversary === adversary);
  if (!claim || claim.raw === null || claim.rawDelta === null) return null;
  return { epsilon: claim.raw, delta: claim.rawDelta };
}

export const HOLDS_AGAINST: Record<Adversary, string> = {
  modelRecipients: "whoever gets the model",
  otherClients: "other clients",
  coordinator: "the coordinator",
};

export const CLAIM_HEAD = [
  "against",
  "ε anonymized",
  "ε raw table",
  "ε in every round",
  "provided that",
] as const;

/** The claims as a table's rows, in the order of its head. */
export function claimRows(claims: readonly Guarantee[]): string[][] {
  return claims.map(({ adversary, anonymized, raw, everyRound, assumption }) => [
    HOLDS_AGAINST[adversary],
    epsilonText(anonymized),
    rawEpsilonText(anonymized, raw),
    rawEpsilonText(anonymized, everyRound === undefined ? raw : everyRound),
    assumption,
  ]);
}

/** "none" where it is the way to the anonymized table that promises nothing. */
function rawEpsilonText(anonymized: number | null, raw: number | null): string {
  return raw === null && anonymized !== null ? "none" : epsilonText(raw);
}

/** On what an ε against `adversary` rests. */
export function assumptionOf(plan: PrivacyPlan, adversary: Adversary): string {
  const { past } = plan;
  if (past === undefined || plan.trust === "none") return ownAssumption(plan, adversary);
  if (past.unknown) return "no guarantee: nobody says which rows are in the weights of model.file";
  if (spentWithPast(plan, [], adversary) === Infinity)
    return "no guarantee: a run that model.file comes from gives none";
  return `${ownAssumption(plan, adversary)}; ${pastAssumption(past)}`;
}

function ownAssumption(plan: PrivacyPlan, adversary: Adversary): string {
  const { trust, unit } = plan;
  if (trust === "none") return "no guarantee: nothing is noised";
  if (trust === "local") {
    const secret =
      countedSampling(plan).kind === "full" ? "" : "; nobody sees which records it drew";
    return `each client noises its own update before it leaves${secret}`;
  }
  if (trust === "distributed") return sharesAssumption(plan);
  if (adversary === "coordinator") return "no guarantee: it sees exact updates";
  const keeps = "the coordinator noises the sum, shows nothing else";
  if (countedSampling(plan).kind === "full") return keeps;
  const drawn = unit === "record" ? "which records a client drew" : "which clients were drawn";
  const known = knownDrawText(plan, adversary);
  return `${keeps}; nobody sees ${drawn}${known === undefined ? "" : `, ${known}`}`;
}

/** Whose noise is counted on, and what keeps the addends from everybody. */
function sharesAssumption({ noiseShares: shares = 0, clients, colluders = 0 }: PrivacyPlan) {
  const honest = `${shares} honest clients reach each sum: at most ${colluders} of those that do ${colluders === 1 ? "is" : "are"} dishonest`;
  const follows = holdsAgainstMalice(clients) ? "" : "; the coordinator is honest but curious";
  return `${honest}${follows}; assuming X25519, AES, Ed25519`;
}

/** In one line; parameters as of `claimParts`. */
export function claimText(plan: PrivacyPlan, unit: readonly string[] = []): string {
  return claimParts(plan, unit).join(", ");
}

/**
 * What every claim rests on: one row more can make a client late, and then its whole sum is gone, which
 * no sensitivity bounds.
 */
const IN_TIME = "provided that no row decides whether an update is in time";

/**
 * What is counted and how; whom it is about; then whom one trusts, and on what that rests.
 *
 * @param unit what `unitParts` says: no claim is shown without
 */
export function claimParts(plan: PrivacyPlan, unit: readonly string[] = []): readonly string[] {
  if (plan.trust === "none") return ["trust none: no privacy", ...pastParts(plan)];
  const { delta, trust, noise, rawFactor } = plan;
  const beside = [colludersText(plan), secrecyText(plan)].filter((text) => text !== undefined);
  const seeded =
    noise === "seeded" ? ", if the noise were secure: seeded noise protects nobody" : "";
  return [
    `δ ${deltaText(delta)}, ${countedText(plan)}`,
    ...unit,
    `trust ${trust}${sharesText(plan)}${seeded}`,
    ...beside,
    IN_TIME,
    ...(rawFactor === 1 ? [] : [`against the raw table: ${rawText(plan)}`]),
    ...pastParts(plan),
  ];
}

/** What is counted and how, δ aside. */
export function countedText(plan: PrivacyPlan): string {
  const { unit, adjacency, accountant } = plan;
  return `unit ${unit}, adjacency ${adjacency}, sampler ${samplerText(plan)}${unamplified(plan)}${stepsText(plan)}, accountant ${ACCOUNTANT_TEXTS[accountant]}`;
}

/** What becomes of the planned epsilon, and why. */
function rawText(plan: PrivacyPlan): string {
  const raw = plannedRaw(plan);
  const price = raw === null ? "none" : `ε ${epsilonText(raw)}, at the same δ`;
  return `${price} (${rawReason(plan.rawFactor, plan.unit, plan.rowsPerPerson)})`;
}

/** Noise beyond what is counted on: the price of trusting nobody. */
function sharesText({ noiseShares: shares, clients }: PrivacyPlan): string {
  if (shares === undefined) return "";
  const factor = noiseFactor(clients, shares).toFixed(2);
  return `, noise of ${shares} clients counted, ${factor} times as much where all ${clients} reach the sum`;
}

/** Each of them counts. */
function stepsText({ localSteps }: PrivacyPlan): string {
  return localSteps === 1 ? "" : `, ${localSteps} noised sums a round`;
}

/** Where a sample is no secret, it counts as everybody. */
function unamplified(plan: PrivacyPlan): string {
  const counted = countedSampling(plan).kind === plan.sampling.kind;
  return counted ? "" : " (counted as all: each update says whose it is)";
}

const ACCOUNTANT_TEXTS: Record<PrivacyPlan["accountant"], string> = {
  gdp: "exact Gaussian, a bound for its rounding",
  pld: "PLD, a bound for its rounding",
  rdp: "RDP",
  zcdp: "zCDP",
};

function samplerText({ unit, sampling }: PrivacyPlan): string {
  switch (sampling.kind) {
    case "full":
      return `every ${unit} in every round`;
    case "poisson":
      return `Poisson, rate ${sampling.rate}`;
    case "fixedSize":
      return `${sampling.size} of ${sampling.population} ${unit}s in each round`;
  }
}

/** At population^-1.1 a delta is no longer small for a single record; below 1 / population it must be. */
export function isLargeDelta({ delta, population }: PrivacyPlan): boolean {
  return delta >= population ** -1.1;
}

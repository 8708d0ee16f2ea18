/** What is decided about privacy; all else in a plan follows from it (plan.ts). */
import type {
  Accountant,
  PlannedAdjacency,
  Sampler,
  Unit,
} from "../accounting/mechanisms/event.ts";
import type { ModelPast } from "../accounting/model-past.ts";
import type { Clipping } from "../engine/core/clip.ts";
import { ScenarioError } from "../errors.ts";
import { hidesCohort } from "./cohort-secrecy.ts";
import type { RawFactor } from "./group-privacy.ts";
import type { Trust } from "./trust.ts";

/** Clip norms that follow a quantile of the norms; see accounting/adaptive-clipping.ts. */
export interface AdaptiveClipping {
  /** Share of the units whose norm is to lie within the clip norm. */
  readonly quantile: number;
  /** Of the logarithm of the clip norm. */
  readonly learningRate: number;
  /** The clip norm never leaves them. */
  readonly bounds: readonly [low: number, high: number];
  /** Standard deviation of the noise on the sum of the bits, a bit being ±1/2. */
  readonly bitNoise: number;
}

interface Noised {
  /** Standard deviation of each client's noise ÷ what one record moves that client's counts in L2. */
  readonly noiseMultiplier: number;
}

/** null: not released. */
export interface Counts {
  /** Once, before the first round. */
  readonly statistics:
    | (Noised & {
        /** Records of each label: how many labels there are; 0: not counted. */
        readonly classes: number;
        /** Of model inputs, by index, in bins of equal width over [-1, 1]. */
        readonly histograms: readonly { readonly input: number; readonly bins: number }[];
      })
    | null;
  /** Right and wrong on the clients' own rows, after every so many rounds. */
  readonly evaluation: (Noised & { readonly every: number }) | null;
}

/** Features whose bounds are learned from private rows, and what share of μ² that may cost. */
export interface PrivateBounds {
  readonly features: number;
  readonly share: number;
}

export interface PrivacyTerms {
  readonly unit: Unit;
  /** One unit contributes nothing instead, or another one's in its place; the population is public. */
  readonly adjacency: PlannedAdjacency;
  readonly trust: Trust;
  /** Over the unit: each client samples its own records; the coordinator samples clients. */
  readonly sampling: Sampler;
  readonly accountant: Accountant;
  /** Whence sampling and noise come: the operating system, or the scenario's seed. */
  readonly noise: "secure" | "seeded";
  /** Units there are: a declared public constant, never counted. */
  readonly population: number;
  /** Rows that a unit has at most at one client: units are then persons. Absent: a record is one row. */
  readonly rowsPerPerson?: number | undefined;
  /** With it alone: rows there are at most, by declaration; lattice and divisor go by them. */
  readonly rows?: number | undefined;
  readonly rounds: number;
  /** Noised sums that a client's update adds up, each of the model that the one before left behind. */
  readonly localSteps: number;
  /** Attempts beyond `rounds` for which the budget is reserved. */
  readonly spareAttempts: number;
  /** L2 bound on one unit's contribution to the sum, in model units; where it adapts, of round 0. */
  readonly clipNorm: number;
  /** Of the whole contribution, or of each layer's part by itself, so that together they keep it. */
  readonly clipping: Clipping;
  readonly adaptiveClipping: AdaptiveClipping | null;
  /** What else is released, and charged like the model. */
  readonly counts: Counts;
  /** Histograms by which features learn their bounds before training; absent: none does. */
  readonly bounds?: PrivateBounds | undefined;
  readonly delta: number;
  /** What the noise is calibrated to; null where `noiseMultiplier` was stated, or without privacy. */
  readonly targetEpsilon: number | null;
  /** As stated, before it is rounded up to whole lattice steps; null where calibrated. */
  readonly statedNoise: number | null;
  readonly clients: number;
  /** Clients of which fewer abort an attempt: whoever was not sampled, or has sent an update. */
  readonly minCohort: number;
  /**
   * Survivors that may be dishonest, under trust `distributed`; under `central` with a fixed size of clients
   * how many pool what they know of who was drawn. Absent there: one, against other clients alone.
   */
  readonly colluders?: number | undefined;
  /** By the clock a round lasts so long, whoever is in it; only where who was drawn is a secret. */
  readonly roundSeconds?: number | undefined;
  /** Length of an update: the flat model's, and where there is one its control's; rotated, a power of two. */
  readonly parameters: number;
  /** The same before a rotation; under trust `distributed` only, and only where updates are rotated. */
  readonly rotatedFrom?: number | undefined;
  /** How many units' places one unit of the raw data moves: 1 where each row is recoded by itself. */
  readonly rawFactor: RawFactor;
  /** What the weights that it starts from bring along; absent: nothing that costs. */
  readonly past?: ModelPast | undefined;
}

/** Rows that a round can hold, of unit record; of unit client its updates. A public constant. */
export function rowsOf({
  population,
  rows = population,
}: Pick<PrivacyTerms, "population" | "rows">): number {
  return rows;
}

/** Of unit record, clients that cannot have a row: by the plan alone, and so for everybody to read. */
export function clientsWithoutRows(
  terms: Pick<PrivacyTerms, "unit" | "clients" | "population" | "rows">,
): number {
  return terms.unit === "record" ? Math.max(0, terms.clients - rowsOf(terms)) : 0;
}

/** Where a round clock has a use: anywhere else who takes part is known, and its time tells nothing more. */
export const CLOCK_IS_FOR =
  "none, but for unit client, trust central and clients that are drawn: elsewhere ε counts on no secret that a round's time would tell";

/**
 * What must hold among the terms, whoever wrote them: a scenario's author or a coordinator.
 *
 * @throws ScenarioError naming the first that does not
 */
export function checkTerms(terms: PrivacyTerms): void {
  const { unit, delta, population, minCohort, clients } = terms;
  const { trust, targetEpsilon, statedNoise } = terms;
  const demand = (holds: boolean, what: string, got: unknown, expected: string) => {
    if (holds) return;
    const fix = "Mend the scenario, or refuse the plan.";
    throw new ScenarioError({ what, where: "the plan", got, expected, fix });
  };
  demand(delta * population < 1, "privacy.delta", delta, `below 1 / population, ${1 / population}`);
  demand(minCohort <= clients, "clients.minCohort", minCohort, `at most the ${clients} clients`);
  const given = [targetEpsilon, statedNoise].filter((value) => value !== null).length;
  const due = trust === "none" ? 0 : 1;
  demand(
    given === due,
    "privacy.epsilon",
    `${given} of epsilon and noiseMultiplier`,
    `${due} of them`,
  );
  checkPast(terms, demand);
  checkSampling(terms, demand);
  checkRows(terms, demand);
  checkColluders(terms, demand);
  // Elsewhere a coordinator sees updates whole, and bounds or sorts their entries.
  demand(
    terms.rotatedFrom === undefined || trust === "distributed",
    "privacy.rotation",
    trust,
    "trust distributed",
  );
  // Elsewhere a client would step along sums that carry less than the plan's whole noise.
  demand(
    terms.localSteps === 1 || (unit === "record" && trust === "local"),
    "training.localSteps",
    terms.localSteps,
    "1, or unit record with trust local",
  );
  checkAdaptive(terms, demand);
  checkBounds(terms, demand);
  const { roundSeconds, sampling } = terms;
  demand(
    roundSeconds === undefined || hidesCohort({ unit, trust, sampling }),
    "privacy.roundSeconds",
    roundSeconds,
    CLOCK_IS_FOR,
  );
  // A client's counts are bounded record by record; all its rows together are not.
  const { statistics, evaluation } = terms.counts;
  const counted = unit === "record" || (statistics === null && evaluation === null);
  demand(
    counted,
    "privacy.counts",
    "unit client",
    "unit record: a client may hold any number of rows",
  );
}

type Demand = (holds: boolean, what: string, got: unknown, expected: string) => void;

/** The composed claim is of all their rows. */
function checkPast({ past, delta }: PrivacyTerms, demand: Demand) {
  const most = Math.max(1, ...(past?.histories ?? []).map(({ population }) => population));
  const expected = `below 1 / ${most}, a population of the runs that model.file comes from`;
  demand(delta * most < 1, "privacy.delta", delta, expected);
}

/** A sampler that nobody could run as it is accounted for has no place in a plan. */
function checkSampling({ unit, sampling, population, clients }: PrivacyTerms, demand: Demand) {
  if (unit === "client")
    demand(population === clients, "privacy.population", population, `the ${clients} clients`);
  if (sampling.kind !== "fixedSize") return;
  demand(
    unit === "client",
    "training.sampling",
    "fixedSize of records",
    "poisson: nobody sees all records to draw so many of them",
  );
  const { size, population: from } = sampling;
  const fits = from === population && size <= population;
  demand(fits, "training.sampling", `${size} of ${from}`, `at most ${population} of ${population}`);
}

/** A person's rows: how many there may be, and whose coin brings them into a round. */
function checkRows(terms: PrivacyTerms, demand: Demand) {
  const { unit, sampling, population, rowsPerPerson, rows } = terms;
  const coin = sampling.kind === "poisson" ? sampling.rowsPerCoin : undefined;
  const ofOne = coin === undefined || coin === rowsPerPerson;
  demand(ofOne, "training.sampling", `coins of ${coin} rows`, `${rowsPerPerson ?? "one"} a person`);
  const what = "privacy.rowsPerPerson";
  const paired = (rowsPerPerson === undefined) === (rows === undefined);
  demand(paired, what, rowsPerPerson ?? "nothing", "it and the rows there are, or neither");
  if (rowsPerPerson === undefined || rows === undefined) return;
  demand(
    unit === "record",
    what,
    `unit ${unit}`,
    "unit record: a client is one unit, whatever its rows",
  );
  const most = population * rowsPerPerson;
  demand(
    rows <= most,
    "data.source.rows",
    rows,
    `at most ${most}: ${rowsPerPerson} of each person`,
  );
}

/** Masks and shares of noise: what a sum that nobody sees the addends of rests on. */
function checkColluders({ trust, colluders, clients, sampling }: PrivacyTerms, demand: Demand) {
  const masked = trust === "distributed";
  const given = colluders ?? "nothing";
  const drawn = trust === "central" && sampling.kind === "fixedSize";
  const due = masked
    ? "a number with trust distributed"
    : "none, but under trust distributed or for a fixed size under central";
  demand(
    (colluders !== undefined) === masked || (drawn && colluders !== undefined),
    "privacy.colluders",
    given,
    due,
  );
  const most = clients - 1;
  demand(!drawn || (colluders ?? 0) <= most, "privacy.colluders", given, `at most ${most}`);
  demand(
    !masked || sampling.kind === "full",
    "training.sampling",
    `${sampling.kind} under distributed`,
    "full: no theorem amplifies sums of discrete noise, and shares of noise need their bearers",
  );
}

/** Bounds take their part of a promised epsilon, record by record. */
function checkBounds({ bounds, unit, trust, targetEpsilon }: PrivacyTerms, demand: Demand) {
  if (bounds === undefined) return;
  const what = "bounds: private";
  demand(
    unit === "record",
    what,
    `unit ${unit}`,
    "unit record: a client may hold any number of rows",
  );
  const promised = trust === "none" || targetEpsilon !== null;
  demand(
    promised,
    what,
    "privacy.noiseMultiplier",
    "privacy.epsilon, of which bounds take a share",
  );
}

function checkAdaptive(
  { trust, clipNorm, clipping, adaptiveClipping }: PrivacyTerms,
  demand: Demand,
) {
  if (adaptiveClipping === null) return;
  const what = "training.adaptiveClipping";
  const [low, high] = adaptiveClipping.bounds;
  const noisedOnce = trust !== "local" && trust !== "distributed";
  demand(noisedOnce, what, `trust ${trust}`, "central: only a sum of bits can be noised once");
  demand(clipping === "flat", what, "clipping perLayer", "flat: one bit tells of one norm");
  demand(low <= clipNorm && clipNorm <= high, what, `bounds ${low} to ${high}`, `clipNorm within`);
}

/**
 * What happened to the data, apart from whoever accounts for it: one event for each adversary and
 * attempt. A ledger line says exactly this, and every epsilon is recomputed from it.
 */

/** How units come into a round; always over the unit of privacy. */
export type Sampler =
  | { readonly kind: "full" }
  /** Each unit by a secret coin of its own. `rate` in (0, 1]. */
  | {
      readonly kind: "poisson";
      readonly rate: number;
      /** Rows that one coin brings in together at most: those of a person. Absent: a coin for each row. */
      readonly rowsPerCoin?: number | undefined;
    }
  /** Exactly `size` of `population` units, without replacement. */
  | {
      readonly kind: "fixedSize";
      readonly size: number;
      readonly population: number;
      /** Of them, how many the adversary knows to be drawn or not: its own. Absent: none. */
      readonly known?: number | undefined;
    };

/** By what two neighbouring tables differ: a unit gives nothing, is (not) there, or is another. */
export const ADJACENCIES = ["zeroOut", "addOrRemove", "replaceOne"] as const;
export type Adjacency = (typeof ADJACENCIES)[number];
/** What a run may claim: a row that is removed would move all others to other places. */
export const PLANNED_ADJACENCIES = [
  "zeroOut",
  "replaceOne",
] as const satisfies readonly Adjacency[];
export type PlannedAdjacency = (typeof PLANNED_ADJACENCIES)[number];

/** Whose data epsilon protects: one row, which is a person, or all rows of a client. */
export const UNITS = ["record", "client"] as const;
export type Unit = (typeof UNITS)[number];

/** What an attempt releases beside a model: counts of the clients' own rows. */
export const COUNT_TASKS = ["statistics", "evaluation"] as const;
export type CountTask = (typeof COUNT_TASKS)[number];
/** What an attempt may ask of its clients beside an update of the model: counts, or histograms for bounds. */
export const OTHER_TASKS = ["bounds", ...COUNT_TASKS] as const;
/** What an attempt may ask of its clients. */
export const TASKS = ["train", ...OTHER_TASKS] as const;
export type Task = (typeof TASKS)[number];

/** Against whom a guarantee holds. */
export const ADVERSARIES = ["modelRecipients", "otherClients", "coordinator"] as const;
export type Adversary = (typeof ADVERSARIES)[number];
/** One value for each adversary. */
export type ByAdversary<T> = Readonly<Record<Adversary, T>>;

/** The same question asked of each adversary. */
export function byAdversary<T>(value: (adversary: Adversary) => T): ByAdversary<T> {
  return {
    modelRecipients: value("modelRecipients"),
    otherClients: value("otherClients"),
    coordinator: value("coordinator"),
  };
}

/** Of one unit: far beyond it no noise hides them. */
export const MOST_ROWS = 1_000_000;

interface RowsMoved {
  /**
   * Rows that the protected unit moves at most, each by one L2 sensitivity: those of a person, or all
   * that suppression takes along. Absent: one. The price follows from it (charge.ts).
   */
  readonly rows?: number | undefined;
}

interface NoisySum extends RowsMoved {
  /** Standard deviation of the noise on the sum ÷ its L2 sensitivity to one row. > 0. */
  readonly noiseMultiplier: number;
  readonly sampling: Sampler;
  readonly adjacency: Adjacency;
}

/** What a run's ledger charges. */
export type PrivacyEvent =
  | ({
      readonly mechanism: "gaussian";
      readonly adjacency: PlannedAdjacency;
      /** Such sums one after another, each chosen in view of those before; absent: one. */
      readonly steps?: number | undefined;
    } & NoisySum)
  | NoiseShares<PlannedAdjacency, { readonly kind: "full" }>
  /** Released as it is: no bound at all. */
  | { readonly mechanism: "none" };

/** A sum of integer vectors, to which each of `clients` added a discrete Gaussian. */
interface NoiseShares<Neighbours extends Adjacency, Sampling extends Sampler> extends RowsMoved {
  readonly mechanism: "distributedDiscreteGaussian";
  /** Honest ones that reached the sum. */
  readonly clients: number;
  /** Parameter of each client's noise, in lattice steps. */
  readonly sigma: number;
  readonly dimension: number;
  /** Of one row, in lattice steps, rounding included. */
  readonly l2Sensitivity: number;
  /** Likewise. Absent: what integer vectors of that L2 norm allow. */
  readonly l1Sensitivity?: number | undefined;
  readonly sampling: Sampling;
  readonly adjacency: Neighbours;
}

/**
 * What an accountant may be asked about; a ledger's events are some of these. Noise is stated per
 * unit of the sensitivity under `zeroOut`, that is per clip norm, whatever `adjacency` is: that
 * `replaceOne` doubles the sensitivity is the accountant's business, not the asker's.
 */
export type MechanismEvent =
  | PrivacyEvent
  | ({ readonly mechanism: "gaussian"; readonly steps?: number | undefined } & NoisySum)
  /** Integer vectors and noise; noiseMultiplier is the distribution's parameter ÷ sensitivity. */
  | ({ readonly mechanism: "discreteGaussian" } & NoisySum)
  | NoiseShares<Adjacency, Sampler>
  | {
      /** Prefix sums by binary trees; a unit is in one step of one tree at most. */
      readonly mechanism: "treeAggregation";
      readonly noiseMultiplier: number;
      /** Steps of each tree. */
      readonly treeSizes: readonly number[];
      readonly adjacency: Adjacency;
    }
  | {
      readonly mechanism: "laplace";
      /** Scale of the noise ÷ L1 sensitivity. */
      readonly noiseMultiplier: number;
      readonly adjacency: Adjacency;
    }
  | {
      /** One answer of k: the truth, or with some chance a uniform one. */
      readonly mechanism: "randomizedResponse";
      readonly categories: number;
      readonly epsilonPerStep: number;
      readonly adjacency: Adjacency;
    }
  | {
      readonly mechanism: "exponential";
      readonly epsilonPerStep: number;
      readonly adjacency: Adjacency;
    };

/**
 * Who turns events into an epsilon: `gdp` exactly (full batch only), `pld` almost, `rdp` and `zcdp`
 * as bounds.
 */
export const ACCOUNTANTS = ["gdp", "rdp", "pld", "zcdp"] as const;
export type Accountant = (typeof ACCOUNTANTS)[number];

/** What a run tells of its six stages: one value, written to the run folder and printed. */
import type { ByAdversary, Unit } from "../accounting/mechanisms/event.ts";
import type { Guarantee } from "../claims/claim.ts";

export type StageName = "collect" | "anonymize" | "engineer" | "train" | "evaluate" | "predict";

export const STAGE_TITLES: Record<StageName, string> = {
  collect: "1 Data collection",
  anonymize: "2 Anonymization",
  engineer: "3 Feature engineering",
  train: "4 Training with differential privacy",
  evaluate: "5 Evaluation",
  predict: "6 Prediction",
};

/** A table going in and one coming out. Rows are null where they are a private table's own. */
export interface StageTrace {
  readonly name: StageName;
  readonly rowsIn: number | null;
  readonly namesIn: readonly string[];
  readonly rowsOut: number | null;
  readonly namesOut: readonly string[];
  /** One line more, where the table alone would leave a question. */
  readonly note?: string | undefined;
  /** The first people's rows as they came out, by `namesOut`: of generated and public data only. */
  readonly examples?: readonly (readonly string[])[] | undefined;
}

/** How far a model is from a target that is a number, in its own units, on held-out rows. */
export interface ErrorFigures {
  /** Root of the mean square error; mean of the error's size. */
  readonly rmse: number;
  readonly mae: number;
  /** 1 − Σ e² / Σ (y − ȳ)², ȳ the mean of those rows; null: they are all of one number. */
  readonly r2: number | null;
}

/** One released round. An epoch where every unit is in every round. */
export interface RoundTrace {
  readonly round: number;
  /** Attempts it took, the released one included. */
  readonly attempts: number;
  /** Updates asked for that did not come; absent: none, or none that may be told. */
  readonly lost?: number | undefined;
  /** Mean of the model's loss on the held-out rows; null in rounds that are not evaluated. */
  readonly loss: number | null;
  /** Share of the held-out rows whose class is the likeliest; null of a number, too. */
  readonly accuracy: number | null;
  /** In its place where the target is a number. */
  readonly errors?: ErrorFigures | undefined;
  /** Spent so far against each adversary; null: no bound. */
  readonly epsilon: ByAdversary<number | null>;
  /** The same against the raw table, at the plan's δ; absent: the same, each row is recoded by itself. */
  readonly rawEpsilon?: ByAdversary<number | null> | undefined;
  /** Of the clients' own records, as released: their counts with all the noise on them. */
  readonly federated?: { readonly right: number; readonly wrong: number } | undefined;
  /** Where the clip norm adapts: that of this round, what of the bits was released, and the next. */
  readonly clipping?:
    | { readonly clipNorm: number; readonly bits: number; readonly next: number }
    | undefined;
  /** Of the released model. */
  readonly modelHash: string;
  /** Of the average of those so far, which is then what loss and accuracy are of. */
  readonly averagedHash?: string | undefined;
}

/** One layer of a prediction, with the numbers that went through it. */
interface PredictionLayer {
  readonly name: string;
  readonly lines: readonly string[];
}

export interface PredictionTrace {
  /** The likeliest class where the target lists them, else the target's name. */
  readonly label: string;
  /** Its probability: of a target without a list, of the positive label; null: the target is a number. */
  readonly likelihood: number | null;
  /** That number, in its own units. */
  readonly value?: number | undefined;
  /** Input preprocessing, model forward pass, output activation, privacy check. */
  readonly layers: readonly PredictionLayer[];
  /** True if every check of the last layer holds. */
  readonly checked: boolean;
}

/** What a histogram of the clients' records tells, its noise included. */
export interface StatisticTrace {
  /** The label, or a feature. */
  readonly name: string;
  /** As released. */
  readonly counts: readonly number[];
  /** Of the label, where its classes are listed: theirs, in the order of the counts. */
  readonly names: readonly string[] | null;
  /** Of a feature, in its own units: what share of the records lies below. */
  readonly quantiles: readonly (readonly [share: number, value: number])[] | null;
  /** Standard deviation of the noise on each count. */
  readonly noiseStddev: number;
}

/** Bounds that features learned of private rows before training, and what they cost. */
export interface BoundsTrace {
  readonly features: readonly {
    readonly name: string;
    readonly bounds: readonly [low: number, high: number];
  }[];
  /** Each is a line of the ledger. */
  readonly releases: number;
  /** Of what all together may cost, in μ². */
  readonly share: number;
  /** Standard deviation of the noise on each count, in records. */
  readonly noiseStddev: number;
}

export interface CalibrationBin {
  /** Rows whose confidence lies in it. */
  readonly count: number;
  /** Means over those rows; null where there is none. */
  readonly confidence: number | null;
  readonly accuracy: number | null;
}

export interface CalibrationTrace {
  /** Of equal width over [0, 1], the last one closed above. */
  readonly bins: readonly CalibrationBin[];
  /** Mean over the rows of |accuracy − confidence| of their bin (Guo, Pleiss, Sun & Weinberger 2017). */
  readonly expectedError: number;
  /** Mean over the rows of Σ (chance − 1 for the class, 0 for others)² (Brier 1950): 0 to 2. */
  readonly brier: number;
}

/** What the last model does on the held-out rows, by the kind of the target. */
export type HeldOutTrace = HeldOutClasses | HeldOutNumbers;

/** Of a target that is a number, all in its own units. */
export interface HeldOutNumbers extends ErrorFigures {
  readonly rows: number;
  /** As declared. */
  readonly bounds: readonly [low: number, high: number];
  /** 95 %, by the number of held-out rows alone. */
  readonly rmseInterval: readonly [low: number, high: number];
  readonly r2Interval: readonly [low: number, high: number] | null;
  readonly baseline: MeanBaseline;
  /** Of the true numbers in the i-th of equal parts of the bounds, how many were given one in the j-th. */
  readonly predicted: readonly (readonly number[])[];
  /** True − predicted, in equal parts of [-reach, reach], what lies beyond in the outer ones. */
  readonly residuals: { readonly reach: number; readonly counts: readonly number[] };
}

/** What always giving the held-out rows' own mean comes to; its R² is 0. */
export interface MeanBaseline {
  readonly rows: number;
  readonly mean: number;
  readonly rmse: number;
  readonly mae: number;
}

/** Of a target with classes, beside the accuracy. */
export interface HeldOutClasses {
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** Of the class in row i, how many rows the model took for that in column j. */
  readonly confusion: readonly (readonly number[])[];
  /** Of one class against the rest, averaged over classes; null where only one occurs. */
  readonly auc: number | null;
  /** null where outputs are no chances: under meanSquaredError. */
  readonly calibration: CalibrationTrace | null;
}

/** How evenly a model serves the clients, by its accuracy on each one's own rows. */
export interface FairnessTrace {
  /** By name; of a client without rows, null. */
  readonly clients: readonly { readonly client: string; readonly accuracy: number | null }[];
  /** Means over clients, each counting once: of all, of the tenth that it serves worst and best. */
  readonly mean: number;
  readonly worstDecile: number;
  readonly bestDecile: number;
  /** From noised counts, charged; or counted outright, which a simulation alone may do. */
  readonly source: "charged" | "simulation";
}

/** One client in one attempt. */
export interface FaultEvent {
  /** Both from 0. */
  readonly round: number;
  readonly attempt: number;
  readonly client: string;
  /** What the scenario's script did to it; null: nobody's doing, as far as anybody here knows. */
  readonly fault: string | null;
  /** Of its update: counted, lost, late, or refused and why. */
  readonly became: string;
}

/** An attempt whose sum was not released. */
export interface AbortedAttempt {
  readonly round: number;
  readonly attempt: number;
  /** False of one under masks that ended before any update could have left a client: it cost nothing. */
  readonly charged: boolean;
}

/** What went amiss, where it may be told. */
export interface FaultsTrace {
  /** How often each fault came to what. */
  readonly counts: readonly (Pick<FaultEvent, "fault" | "became"> & { readonly count: number })[];
  /** The first thousand, in their order. */
  readonly events: readonly FaultEvent[];
  /** The first thousand. */
  readonly aborted: readonly AbortedAttempt[];
}

/** One client's records by class, as they are: of generated and public rows only. */
export interface ClientLabels {
  readonly client: string;
  /** In the order of the classes. */
  readonly counts: readonly number[];
}

/** What all runs on one private file have cost its rows, by the ledger beside it. */
export interface SoFarFile {
  /** Its name. */
  readonly file: string;
  /** That have charged anything, this one included. */
  readonly runs: number;
  /** Whose data its epsilon is of: the last run's unit. */
  readonly unit: Unit;
  /** Of the raw rows, all runs composed; null: no bound. */
  readonly epsilon: ByAdversary<number | null>;
  readonly delta: number;
  /** How often it held something else than at the run before, and one. */
  readonly contents: number;
  /** Set beforehand, and what the filter counts of it; null: none. */
  readonly limit: {
    readonly epsilon: number;
    readonly delta: number;
    readonly used: number | null;
  } | null;
}

export interface StartTrace {
  readonly loss: number;
  readonly accuracy: number | null;
  readonly errors?: ErrorFigures | undefined;
}

export interface Trace {
  /** Epsilon by adversary, with what it rests on. */
  readonly claims: readonly Guarantee[];
  readonly stages: readonly StageTrace[];
  /** Counts that were released before the first round. */
  readonly statistics: readonly StatisticTrace[];
  /** Before all else; absent: no feature learned any. */
  readonly bounds?: BoundsTrace | undefined;
  /** Of the first clients; empty where clients may not be counted. */
  readonly clientLabels: readonly ClientLabels[];
  /** Held-out loss and accuracy, or errors, of the initial model. */
  readonly start: StartTrace;
  readonly rounds: readonly RoundTrace[];
  /** Of the last model. */
  readonly heldOut: HeldOutTrace;
  /** null where nobody asked. */
  readonly fairness: FairnessTrace | null;
  readonly prediction: PredictionTrace | null;
  /** Absent: nothing went amiss, or nothing that may be told. */
  readonly faults?: FaultsTrace | undefined;
  /** One a file of private rows that the run trained on; absent: it keeps no ledger of any. */
  readonly soFar?: readonly SoFarFile[] | undefined;
}

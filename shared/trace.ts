/** What a run tells of its six stages: one value, written to the run folder and printed. */
import type { ByAdversary } from "./accounting/event.ts";
import type { Claim } from "./claim.ts";

export type StageName = "collect" | "anonymize" | "engineer" | "train" | "evaluate" | "predict";

/** A table going in and one coming out. Rows are null where they are a private table's own. */
export interface StageTrace {
  readonly name: StageName;
  readonly rowsIn: number | null;
  readonly namesIn: readonly string[];
  readonly rowsOut: number | null;
  readonly namesOut: readonly string[];
  /** One line more, where the table alone would leave a question. */
  readonly note?: string | undefined;
}

/** One released round. An epoch where every unit is in every round. */
export interface RoundTrace {
  readonly round: number;
  /** Attempts it took, the released one included. */
  readonly attempts: number;
  /** Mean cross-entropy on the held-out rows, in nats. */
  readonly loss: number;
  /** Share of the held-out rows on the right side of one half. */
  readonly accuracy: number;
  /** Spent so far against each adversary; null: no bound. */
  readonly epsilon: ByAdversary<number | null>;
  /** Of the clients' own records, as released: their counts with all the noise on them. */
  readonly federated?: { readonly right: number; readonly wrong: number } | undefined;
  /** Where the clip norm adapts: that of this round, what of the bits was released, and the next. */
  readonly clipping?:
    | { readonly clipNorm: number; readonly bits: number; readonly next: number }
    | undefined;
  readonly modelHash: string;
}

/** One layer of a prediction, with the numbers that went through it. */
export interface PredictionLayer {
  readonly name: string;
  readonly lines: readonly string[];
}

export interface PredictionTrace {
  /** Probability of the label. */
  readonly likelihood: number;
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
  /** Of a feature, in its own units: what share of the records lies below. */
  readonly quantiles: readonly (readonly [share: number, value: number])[] | null;
  /** Standard deviation of the noise on each count. */
  readonly noiseStddev: number;
}

export interface Trace {
  /** Epsilon by adversary, with what it rests on. */
  readonly claims: readonly Claim[];
  readonly stages: readonly StageTrace[];
  /** Counts that were released before the first round. */
  readonly statistics: readonly StatisticTrace[];
  /** Held-out loss and accuracy of the initial model. */
  readonly start: { readonly loss: number; readonly accuracy: number };
  readonly rounds: readonly RoundTrace[];
  readonly prediction: PredictionTrace | null;
}

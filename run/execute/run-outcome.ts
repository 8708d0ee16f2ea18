/** How a run came out, and what it shows on its way there. */

import type { ClientRecord } from "../../server/connections/client-roster.ts";
import type { Ending } from "../../server/rounds/coordinator.ts";
import type { Evaluation } from "../../server/rounds/evaluate.ts";
import type { ByAdversary } from "../../shared/accounting/mechanisms/event.ts";
import type { EngineKind } from "../../shared/engine/core/engine.ts";
import type { ClientSummaries } from "../../shared/events/host-report.ts";
import type {
  BoundsTrace,
  ErrorFigures,
  PredictionTrace,
  RoundTrace,
  StageTrace,
  StatisticTrace,
  Trace,
} from "../../shared/events/trace.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";

/** What a run is of. */
export interface RunFacts {
  readonly scenario: Scenario;
  readonly sealed: SealedPlan;
  readonly engine: EngineKind;
  /** Where its clients are: behind their number, in words. */
  readonly place: string;
  /** What every report must say of how clients were reached. */
  readonly notes: readonly string[];
  /** True where the rows are private, and this machine's. */
  readonly isPrivate: boolean;
}

export interface RunOutcome extends RunFacts {
  readonly trace: Trace;
  readonly prediction: PredictionTrace;
  /** Of the model that is handed out, on the held-out rows. */
  readonly evaluation: Evaluation;
  readonly ending: Ending;
  readonly spent: ByAdversary<number | null>;
  /** float32[parameters]: the last model, or the average of the released ones. */
  readonly parameters: Float32Array;
  readonly modelHash: string;
  readonly ledger: readonly LedgerLine[];
  readonly clients: readonly ClientRecord[];
  /** Of generated and public rows: rounds by client in whose place zeros went. */
  readonly diverged: ReadonlyMap<string, readonly number[]>;
}

/** What a run shows as it goes, in this order; a resumed one shows the rounds before it first. */
export type Progress =
  /** Not the run's result: for whoever operates it, whatever output is asked for. */
  | { readonly event: "notice"; readonly text: string }
  | { readonly event: "opened"; readonly run: RunFacts }
  /** A stage on the clients' side, of whose rows so much may be told. */
  | { readonly event: "client-stage"; readonly stage: StageTrace }
  /** Of generated and public rows alone. */
  | { readonly event: "clients-prepared"; readonly summaries: ClientSummaries }
  | { readonly event: "bounds"; readonly bounds: BoundsTrace }
  | { readonly event: "statistics"; readonly statistics: readonly StatisticTrace[] }
  | {
      readonly event: "training-begins";
      readonly loss: number;
      readonly accuracy: number | null;
      readonly errors?: ErrorFigures;
      /** null: private. */
      readonly rows: number | null;
      readonly testRows: number;
    }
  | { readonly event: "round"; readonly round: RoundTrace }
  | { readonly event: "results"; readonly outcome: RunOutcome }
  /** All of it is written down. */
  | {
      readonly event: "finished";
      readonly outcome: RunOutcome;
      /** Its folder; null: it has none. */
      readonly path: string | null;
      /** null where no time may be told. */
      readonly seconds: number | null;
    };

export type Show = (progress: Progress) => void;

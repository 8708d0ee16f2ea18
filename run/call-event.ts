/** What a program hears of a run that it called: plain data, in which nothing is that its log could not have. */
import type { EngineKind } from "../shared/engine/core/engine.ts";
import type { RunEvent } from "../shared/events/run-event.ts";
import type { Progress } from "./execute/run-outcome.ts";
import { type RunResult, resultOf } from "./run-result.ts";

type OfInside = "opened" | "results" | "finished";

export type CallEvent =
  | RunEvent
  | Exclude<Progress, { readonly event: OfInside }>
  | {
      readonly event: "opened";
      readonly scenario: string;
      /** The plan's hash. */
      readonly plan: string;
      readonly engine: EngineKind;
      /** Where its clients are, in words. */
      readonly place: string;
      readonly notes: readonly string[];
    }
  /** Trained and evaluated; its folder has no name yet. */
  | { readonly event: "results"; readonly result: RunResult }
  /** All of it is written down; `seconds` is null where no time may be told. */
  | { readonly event: "finished"; readonly result: RunResult; readonly seconds: number | null };

/** The same without what is the program's own inside. */
export function callEvent(progress: Progress): CallEvent {
  const { event } = progress;
  switch (event) {
    case "opened": {
      const { scenario, sealed, engine, place, notes } = progress.run;
      return { event, scenario: scenario.name, plan: sealed.hash, engine, place, notes };
    }
    case "results":
      return { event, result: resultOf(progress.outcome, null) };
    case "finished":
      return {
        event,
        result: resultOf(progress.outcome, progress.path),
        seconds: progress.seconds,
      };
    default:
      return progress;
  }
}

/**
 * How long each stage of a run took, by the coordinator's own clock. Of a client's stages it knows what
 * its first host tells of generated and public rows; of private ones how long took what would count them.
 */
import { CLIENT_STAGES, type PreparedReport } from "../../shared/events/host-report.ts";
import { Discretion, type Observe, ROUND_STAGES } from "../../shared/events/run-event.ts";
import { StageTimer } from "../../shared/stage-timer.ts";

/**
 * In their order. Start: processes, plan and ledger. Prepare: until held-out rows are ready, without the
 * client's stages where these are told. Join: until all clients are here.
 */
export const RUN_STAGES = [
  "start",
  "prepare",
  ...CLIENT_STAGES,
  "join",
  ...ROUND_STAGES,
  "predict",
] as const;
export type RunStage = (typeof RUN_STAGES)[number];

const MS_PER_SECOND = 1_000;

export class StageTimes {
  readonly #clock: StageTimer<RunStage>;
  readonly #discretion = new Discretion();

  /** @param started `performance.now()` when the command began */
  constructor(started: number) {
    this.#clock = new StageTimer(started);
  }

  readonly observe: Observe = (event) => {
    const told = this.#discretion.of(event);
    if (told?.event === "stage") this.#clock.add(told.stage, told.durationMs / MS_PER_SECOND);
  };

  /** That stage ends now; it may have had parts before. */
  lap(stage: RunStage): void {
    this.#clock.lap(stage);
  }

  /** Rounds tell of their stages by themselves. */
  roundsEnd(): void {
    this.#clock.skip();
  }

  /** @param seconds null: they may not be told, and stay in what it took to prepare */
  prepared({ seconds }: Pick<PreparedReport, "seconds">): void {
    this.#clock.lap("prepare");
    for (const [stage, took] of seconds ?? []) {
      this.#clock.add(stage, took);
      this.#clock.add("prepare", -took);
    }
  }

  /** Empty where no time may be told: what leads up to the rounds would say with a file's time how long these took. */
  get seconds(): ReadonlyMap<RunStage, number> {
    return this.#discretion.tellsTimes ? this.#clock.seconds : new Map();
  }
}

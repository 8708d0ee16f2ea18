/**
 * One attempt of a round while its updates come in. An update is judged by what it is (round,
 * attempt, client), never by when it arrives; only the first of each client enters the sum.
 */
import { ProtocolError } from "../../shared/errors.ts";
import { addUpdate, newSum } from "../step/gather.ts";
import type { Arrived, UpdateStatus } from "./arrived.ts";
import type { AttemptWire } from "./attempt-wire.ts";
import { isWithin, type UpdateBounds } from "./check-norm.ts";
import { refusal } from "./peer-refusals.ts";
import { raceAbort } from "./race-abort.ts";
import { untilTick } from "./round-clock.ts";

/** Refused for these, an update has no better one after it. */
const FINAL: ReadonlySet<string> = new Set(["update.shape", "update.norm"]);

/** What became of the update of a client that was asked. */
export type Became =
  | { readonly kind: "counted" }
  /** It declined, or its host is gone, or did not accept in time. */
  | { readonly kind: "lost" }
  /** Nothing by the deadline. */
  | { readonly kind: "late" }
  | { readonly kind: "refused"; readonly what: string }
  /** Of a masked attempt: it says of another's message that it is wrong, or another says so of its. */
  | { readonly kind: "accuses" | "accused"; readonly what: string };

/** How an attempt takes what comes. */
export interface AttemptRules {
  /** True where each answer is looked at by itself: kept beside the sum, as long as the attempt is. */
  readonly keep?: boolean;
  /** What an honest client's update is within; absent: anything is taken. */
  readonly bounds?: UpdateBounds | undefined;
  /** By `performance.now()`, where rounds end by the clock. */
  readonly endsAt?: number | undefined;
}

export class Attempt {
  readonly kind = "plain";
  readonly round: number;
  readonly attempt: number;
  readonly endsAt: number | undefined;
  /** Sum of the counted updates, int32[parameters] modulo 2^32. */
  readonly sum: Int32Array;
  /** Resolves when no more updates are waited for. */
  readonly settled: Promise<void>;
  readonly #cohort: ReadonlySet<number>;
  readonly #waiting: Set<number>;
  readonly #counted = new Map<number, string>();
  readonly #answers: Map<number, Int32Array> | null;
  readonly #bounds: UpdateBounds | undefined;
  /** Why the last update of a client was not taken. */
  readonly #refused = new Map<number, string>();
  /** Of those that are not counted, nothing comes any more. */
  readonly #lost = new Set<number>();
  /** It is known why nothing comes of them. */
  readonly #excused = new Set<number>();
  #settle: () => void = () => {};
  #open = true;

  /**
   * @param cohort client indices that take part
   * @param parameters entries of an update
   */
  constructor(
    round: number,
    attempt: number,
    cohort: readonly number[],
    parameters: number,
    { keep = false, bounds, endsAt }: AttemptRules = {},
  ) {
    this.round = round;
    this.attempt = attempt;
    this.endsAt = endsAt;
    this.sum = newSum(parameters);
    this.#cohort = new Set(cohort);
    this.#answers = keep ? new Map() : null;
    this.#bounds = bounds;
    this.#waiting = new Set(cohort);
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
    if (this.#waiting.size === 0) this.#settle();
  }

  /** Vclients whose update is in the sum. */
  get survivors(): readonly number[] {
    return [...this.#counted.keys()];
  }

  /** What each survivor sent, where answers are kept. */
  get answers(): ReadonlyMap<number, Int32Array> {
    return this.#answers ?? new Map();
  }

  /** Vclients that were asked. */
  get asked(): readonly number[] {
    return [...this.#cohort];
  }

  /** Vclients that were asked and said nothing at all: no update, no word that none will come. */
  get silent(): readonly number[] {
    const hasSaid = [this.#counted, this.#refused, this.#excused];
    return this.asked.filter((clientIndex) => !hasSaid.some((said) => said.has(clientIndex)));
  }

  /** Vclients that were still waited for when the attempt was closed. */
  get late(): readonly number[] {
    return this.#open ? [] : [...this.#waiting];
  }

  /** What became of one that was asked, once the attempt has settled. */
  became(clientIndex: number): Became {
    const what = this.#refused.get(clientIndex);
    if (this.#counted.has(clientIndex)) return { kind: "counted" };
    if (what !== undefined) return { kind: "refused", what };
    return { kind: this.#lost.has(clientIndex) ? "lost" : "late" };
  }

  /**
   * Adds a fresh update to the sum and says what became of it.
   *
   * @throws ProtocolError `update.…` for one that this attempt cannot take; the sum is untouched
   */
  offer(arrived: Arrived): UpdateStatus {
    const { vclient: clientIndex, round, attempt } = arrived;
    if (arrived.kind !== "update") {
      const got = `round ${round}, attempt ${attempt}`;
      throw refusal(
        "update.round",
        "an attempt without masks",
        got,
        "a masked attempt that is open",
      );
    }
    const { update, sha256 } = arrived;
    const refuse = (what: string, got: unknown, expected: string): never => {
      const where = `client ${clientIndex}, round ${this.round}, attempt ${this.attempt}`;
      const fix = "Drop that update; the client must run the same plan.";
      if (this.#open && this.#cohort.has(clientIndex)) this.#refused.set(clientIndex, what);
      if (FINAL.has(what)) this.excuse([clientIndex]);
      throw new ProtocolError({ what, where, got, expected, fix });
    };
    if (!this.#cohort.has(clientIndex))
      refuse("update.foreign", clientIndex, "a member of the cohort");
    if (round !== this.round || attempt !== this.attempt)
      refuse("update.round", `round ${round}, attempt ${attempt}`, "the open attempt");
    if (update.length !== this.sum.length)
      refuse("update.shape", update.length, `${this.sum.length} entries`);
    const before = this.#counted.get(clientIndex);
    if (before === sha256) return "duplicate";
    if (before !== undefined) refuse("update.conflict", "other bytes", "the update sent before");
    if (!this.#open) return "late";
    if (this.#bounds && !isWithin(update, this.#bounds))
      // How much longer would tell of its rows.
      refuse(
        "update.norm",
        "a longer update",
        `an L2 norm of at most ${this.#bounds.norm} lattice steps`,
      );
    addUpdate(this.sum, update);
    this.#answers?.set(clientIndex, Int32Array.from(update));
    this.#counted.set(clientIndex, sha256);
    this.#stopWaiting([clientIndex]);
    return "counted";
  }

  /** True of a client that is to send, and has not. */
  waitsFor(clientIndex: number): boolean {
    return this.#open && this.#waiting.has(clientIndex);
  }

  /** True of a client whose update is in the sum. */
  hasCounted(clientIndex: number): boolean {
    return this.#counted.has(clientIndex);
  }

  /** These will send nothing, and it is known why: they declined, or their process has ended. */
  excuse(clientIndices: readonly number[]): void {
    for (const clientIndex of clientIndices) this.#excused.add(clientIndex);
    this.lose(clientIndices);
  }

  /** Nothing is heard of these. */
  lose(clientIndices: readonly number[]): void {
    for (const clientIndex of clientIndices) this.#lost.add(clientIndex);
    this.#stopWaiting(clientIndices);
  }

  /**
   * Asks its clients; resolves when all updates are in or time is up, by the clock at its tick, no sooner
   * and no later.
   */
  async gather(wire: AttemptWire): Promise<void> {
    const { endsAt } = this;
    wire.begin();
    try {
      await raceAbort(endsAt === undefined ? this.settled : untilTick(endsAt), wire.ended);
      // A connection that broke is no client that takes too long: it loses its place, as ever.
      this.lose(wire.unreachable);
    } finally {
      this.close();
    }
  }

  /** The deadline: whatever comes now is late. */
  close(): void {
    this.#open = false;
    this.#settle();
  }

  #stopWaiting(clientIndices: readonly number[]): void {
    for (const clientIndex of clientIndices) this.#waiting.delete(clientIndex);
    if (this.#waiting.size === 0) this.#settle();
  }
}

/** What has been gathered, whichever way. */
export type Gathering = Pick<
  Attempt,
  "round" | "attempt" | "sum" | "answers" | "asked" | "survivors" | "silent" | "became"
>;

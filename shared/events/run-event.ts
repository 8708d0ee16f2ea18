/**
 * What a run tells whoever operates it, while it goes: each line of its log and each step of its
 * metrics is one of these events. No field holds a row, an update, a token or a key.
 */
import type { ByAdversary, Task } from "../accounting/mechanisms/event.ts";
import type { ErrorFigures } from "./trace.ts";

/** Clients, by where they are; together all that the plan expects. */
export interface Presence {
  readonly here: number;
  /** To join before the run begins. */
  readonly awaited: number;
  /** Their socket broke: they may come again. */
  readonly away: number;
  readonly lost: number;
}

/** Which attempt; rounds and attempts count from 0, as in the ledger. */
export interface AttemptIds {
  readonly task: Task;
  readonly round: number;
  readonly attempt: number;
}

/**
 * What the coordinator does in a round. Keys: under masks, what clients agree on before there is anything
 * to charge. Train: from the broadcast to the last update, or to the opened sum.
 */
export const ROUND_STAGES = ["keys", "charge", "train", "release", "evaluate"] as const;
export type RoundStage = (typeof ROUND_STAGES)[number];

/** Of the coordinator: the run and its clients. */
type RunStep =
  | {
      readonly event: "run-begins";
      readonly runId: string;
      readonly plan: string;
      readonly scenario: string;
      readonly clients: number;
      readonly rounds: number;
      readonly trust: string;
      /** Promised against model recipients; null: no bound. */
      readonly epsilon: number | null;
      readonly delta: number;
      /** Whether epsilon counts on nobody's knowing who was in a round (`hidesCohort`). */
      readonly secretCohort: boolean;
      /** False where no time of a round may be told (`tellsRounds`). */
      readonly tellsTimes: boolean;
    }
  /** Held-out rows are ready; clients may still be on their way. */
  | { readonly event: "prepared" }
  | ({
      readonly event: "clients-joined";
      readonly clients: readonly string[];
      /** By themselves, from another machine. */
      readonly elsewhere: boolean;
      /** The run has begun: they were away, or come late. */
      readonly again: boolean;
    } & Presence)
  /** The run begins without these; they may still come. */
  | ({ readonly event: "clients-late"; readonly clients: readonly string[] } & Presence)
  /** An attempt waits until so many are here. */
  | { readonly event: "waiting"; readonly here: number; readonly needed: number }
  | ({
      readonly event: "clients-lost";
      readonly clients: readonly string[];
      readonly why: string;
    } & Presence)
  /** Each of them accuses another, or is accused, of a packet that does not open: they are asked no more. */
  | {
      readonly event: "clients-left-out";
      readonly clients: readonly string[];
      readonly accusations: readonly { readonly by: string; readonly of: string }[];
    }
  /** A connection has ended; its clients may come again. A reader came for the plan, to show it to its owner. */
  | ({
      readonly event: "connection-ended";
      readonly where: string;
      readonly clients: readonly string[];
      readonly fate: "stranger" | "reader" | "awaited" | "away";
      /** From another machine, not a host of our own. */
      readonly elsewhere: boolean;
      readonly why: string;
      /** Strangers that ended before this one and were not told of; absent: none. */
      readonly untold?: number;
    } & Presence)
  /** It was asked so many times, one after another, and said nothing: it is not asked in the next rounds. */
  | {
      readonly event: "client-sits-out";
      readonly client: string;
      readonly silent: number;
      readonly rounds: number;
    }
  | { readonly event: "cohort-complete" }
  | { readonly event: "training-ends"; readonly reason: string; readonly attempts: number }
  /** undefined where no time may be told. */
  | { readonly event: "run-ends"; readonly durationMs?: number | undefined }
  | { readonly event: "run-failed"; readonly what: string; readonly message: string }
  | { readonly event: "interrupted" }
  /** A bug of Murmur in a connection, which ends, or anywhere else, which ends the process. */
  | { readonly event: "bug"; readonly where: "connection" | "process"; readonly stack: string };

/** Of the coordinator: a round's attempts. */
type AttemptStep =
  | ({
      readonly event: "attempt-charged";
      /** Spent with it. */
      readonly epsilon: ByAdversary<number | null>;
    } & AttemptIds)
  | ({
      readonly event: "stage";
      readonly stage: RoundStage;
      readonly durationMs: number;
    } & AttemptIds)
  | ({
      readonly event: "attempt-aborted";
      /** False: it ended before its charge. */
      readonly charged: boolean;
    } & AttemptIds)
  | {
      readonly event: "round-released";
      readonly round: number;
      readonly attempts: number;
      readonly lost: number | undefined;
      readonly loss: number | null;
      readonly accuracy: number | null;
      readonly errors?: ErrorFigures;
      readonly epsilon: ByAdversary<number | null>;
      readonly modelHash: string;
    }
  | {
      readonly event: "update";
      readonly status: "counted" | "duplicate" | "late";
      readonly round: number;
      readonly attempt: number;
      readonly bytes: number;
    }
  | {
      readonly event: "update-refused";
      readonly where: string;
      readonly what: string;
      readonly message: string;
    }
  /** Of one kind, what has left since the last attempt ended. */
  | {
      readonly event: "sent";
      readonly kind: string;
      readonly messages: number;
      readonly bytes: number;
    };

/** Of a client that joined: told to its own owner, and to nobody else. */
type ClientStep =
  | {
      readonly event: "plan-agreed";
      readonly runId: string;
      readonly plan: string;
      readonly clients: number;
      readonly rounds: number;
      readonly trust: string;
    }
  | ({ readonly event: "order"; readonly clients: number } & AttemptIds)
  | {
      readonly event: "goodbye";
      readonly said: string;
      readonly updates: number;
      readonly bytes: number;
      /** By its own ledger, over all runs; null without a limit. */
      readonly epsilon: number | null;
    };

export type RunEvent = RunStep | AttemptStep | ClientStep;

/** Hears each event as it happens. Must not throw. */
export type Observe = (event: RunEvent) => void;

/**
 * Why a connection may end whoever was drawn. All else, a slow or a strange update say, may come of having
 * been asked.
 */
const OF_ANYBODY =
  /^(its connection broke|silent for|did not join in time|host \d+ has ended|plan\.|auth\.|client\.|leaving|replaced)/;

/**
 * What may be told of an event where nobody may know who, or how many, were in a round's cohort.
 * Each kind is named: a new one is told in full only if somebody says so here.
 */
export function withoutCohort(event: RunEvent): RunEvent | undefined {
  switch (event.event) {
    case "update":
    case "sent":
    case "clients-left-out":
    case "client-sits-out":
      // Whoever has packets, or is silent, was drawn.
      return undefined;
    case "stage":
      // One slow client would show whether it was drawn; many take longer than few.
      return event.stage === "train" ? undefined : event;
    case "update-refused":
      // Whoever sends one was drawn; the message names client and round.
      return { ...event, where: "a client", message: event.what };
    case "round-released":
      return { ...event, lost: undefined };
    case "clients-lost":
    case "connection-ended":
      // Whoever sends a bad update was drawn.
      return { ...event, why: OF_ANYBODY.test(event.why) ? event.why : "it broke the protocol" };
    case "run-begins":
    case "prepared":
    case "clients-joined":
    case "clients-late":
    case "waiting":
    case "cohort-complete":
    case "training-ends":
    case "run-ends":
    case "run-failed":
    case "interrupted":
    case "bug":
    case "attempt-charged":
    case "attempt-aborted":
    case "plan-agreed":
    case "order":
    case "goodbye":
      return event;
  }
}

/**
 * The same where no time may be told either: how long a round takes, or all of them, says who was in it.
 */
function withoutTimes(event: RunEvent): RunEvent | undefined {
  if (event.event === "stage") return undefined;
  return event.event === "run-ends" ? { event: "run-ends" } : event;
}

/**
 * What of a run's events may be written down. Until `run-begins` says that it may be told, nothing of who
 * was in a round; times are told until it says that they may not, for there is no round before it.
 */
export class Discretion {
  #isSecret = true;
  #tellsTimes = true;

  get tellsTimes(): boolean {
    return this.#tellsTimes;
  }

  /** undefined: nothing of it. */
  of(event: RunEvent): RunEvent | undefined {
    if (event.event === "run-begins") {
      this.#isSecret = event.secretCohort;
      this.#tellsTimes = event.tellsTimes;
    }
    const told = this.#isSecret ? withoutCohort(event) : event;
    return this.#tellsTimes || told === undefined ? told : withoutTimes(told);
  }
}

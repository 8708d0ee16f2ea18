/** What a coordinator asks of a host in one attempt at a round, and what a host may say in the place of an update. */
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { SecaggTerms } from "../../shared/secagg/terms.ts";
import type { OpenStep, StepDown } from "../../shared/secagg/wire-steps.ts";
import type { Received } from "../../shared/wire/incoming.ts";
import type { Messages } from "../../shared/wire/protocol.ts";
import { unpackKeys, unpackNumbers, unpackPlaces } from "../../shared/wire/wire-values.ts";
import { asBytes } from "./arrivals.ts";

export interface AttemptName {
  readonly round: number;
  readonly attempt: number;
}

export function isSame(a: AttemptName, b: AttemptName): boolean {
  return a.round === b.round && a.attempt === b.attempt;
}

/** What names an attempt, and what it asks for: all that is known before its model is here. */
export interface RequestTicket extends AttemptName {
  /** Whether updates are asked for as they are, or under masks. */
  readonly kind: "plain" | "masked";
  readonly task: Task;
  readonly clipNorm: number;
}

/** One attempt to take part in. */
export type RoundRequest = PlainRequest | MaskedRequest;

interface Asked extends RequestTicket {
  /** This host's clients in the cohort, by number. */
  readonly cohort: readonly number[];
  /** float32[parameters]. */
  readonly parameters: Float32Array;
}

interface PlainRequest extends Asked {
  readonly kind: "plain";
}

export interface MaskedRequest extends Asked {
  readonly kind: "masked";
  /** As offered. */
  readonly terms: SecaggTerms;
  /** Public keys of all members, by place: 32 bytes each. */
  readonly roster: readonly Buffer[];
  /** Of this host's clients, by number. */
  readonly places: ReadonlyMap<number, number>;
  /** null where the attempt begins. Asked again after a link broke: what the cohort's answers are lacking to. */
  readonly lacking: OpenStep | null;
}

/** What a step of a masked attempt gave. */
export interface RoundStep extends AttemptName {
  /** For which client, by number; ALL_CLIENTS: for all of this host's. */
  readonly clientIndex: number;
  readonly step: StepDown;
  readonly bytes: Buffer;
}

/**
 * Why a client sends nothing: its own ledger does not hold it, and never will; it is lost to this attempt
 * alone; it is gone for good; or another's packet does not open, and whose: its place.
 */
export type Decline =
  | { readonly reason: "budget" | "lost" | "leaving" }
  | { readonly reason: "packet"; readonly accused: number };

export type RoundMessage = Extract<Messages["server"], { t: "round" }>;

/** What a `round` message says by itself. */
export function ticketOf({ round, attempt, task, clipNorm, secagg }: RoundMessage): RequestTicket {
  return { kind: secagg ? "masked" : "plain", round, attempt, task, clipNorm };
}

/**
 * The request, all that its message has named being here.
 *
 * @param model float32[modelBytes / 4]
 * @param roster undefined where nothing is masked
 * @throws ProtocolError `model.…` for another model than the plan's, `client.…` for lists that are none
 */
export function requestOf(
  message: RoundMessage,
  [cohort, model, roster]: readonly [Received, Received, Received | undefined],
  modelBytes: number,
  where: string,
): RoundRequest {
  if (model.kind !== "model" || 4 * model.values.length !== modelBytes)
    throw fault("model.shape", where, model.values.length, "the plan's parameters");
  if (!model.values.every(Number.isFinite))
    throw fault("model.non-finite", where, "NaN or Infinity", "a finite model");
  const asked = { ...ticketOf(message), parameters: model.values };
  if (!message.secagg || !roster)
    return { ...asked, kind: "plain", cohort: unpackNumbers(asBytes(cohort), where) };
  const { rosterStream: _, lacking, ...terms } = message.secagg;
  const places = unpackPlaces(asBytes(cohort), where);
  const keys = unpackKeys(asBytes(roster), where);
  return {
    ...asked,
    kind: "masked",
    cohort: [...places.keys()],
    terms,
    roster: keys,
    places,
    lacking,
  };
}

function fault(what: string, where: string, got: unknown, expected: string): ProtocolError {
  const fix = "Look at the coordinator's log for its side of it.";
  return new ProtocolError({ what, where, got, expected, fix });
}

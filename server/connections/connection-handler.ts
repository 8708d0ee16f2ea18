/** What the coordinator's side of a socket asks of whoever keeps the rounds, and what it is given for one. */

import type { SigningKey } from "../../shared/keys/proofs.ts";
import type { SecaggTerms } from "../../shared/secagg/terms.ts";
import type { OpenStep } from "../../shared/secagg/wire-steps.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Admitted } from "../../shared/wire/admitted.ts";
import type { EncodedObject } from "../../shared/wire/codec.ts";
import type { Authenticated, ServerPart } from "../../shared/wire/handshake.ts";
import type { Messages } from "../../shared/wire/protocol.ts";
import type { Connection } from "../../shared/wire/transport.ts";
import type { Judge } from "./update-intake.ts";

export type Declined = Extract<Messages["client"], { t: "decline" }>;

/** What a peer asks of the registry. @template Peer the socket that asks */
export interface ConnectionHandler<Peer> extends Judge {
  readonly serverKey: SigningKey;
  readonly timing: Timing;
  /** What this socket's `auth` is held against. */
  serverPart(): ServerPart;
  /** The next number of an object, unique over all sockets, so that a broadcast has one. */
  nextStream(): number;
  /**
   * @returns the names of clients that it may bring; undefined: any that are awaited
   * @throws ProtocolError for a token that was spent meanwhile
   */
  authenticated(peer: Peer, who: Authenticated, socket: Connection): readonly string[] | undefined;
  /** Somebody could not show who they are. */
  refused(socket: Connection): void;
  /** Gives each name its number, in order. @throws ProtocolError */
  admit(peer: Peer, names: readonly string[]): Admitted[];
  /** The peer knows those numbers now. */
  admitted(peer: Peer): void;
  decline(message: Declined): void;
  gone(peer: Peer, why: string): void;
  /** Anything has come by some socket. */
  heard(): void;
}

/** What a masked round says beside the rest. */
export interface RoundMasks {
  readonly terms: SecaggTerms;
  readonly roster: EncodedObject;
  /** After a socket broke: what is lacking; null where the attempt begins. */
  readonly lacking: OpenStep | null;
}

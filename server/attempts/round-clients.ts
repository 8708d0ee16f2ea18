/**
 * What a round needs of its clients: who can take part, a way to ask them, an ear for what they answer. The
 * coordinator knows no more of them: no socket, host, name or key but the one that a masked attempt signs by.
 */
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { Attempt } from "./attempt.ts";
import type { AttemptWire, Broadcast } from "./attempt-wire.ts";
import type { MaskedAttempt } from "./masked-attempt.ts";

/** One who may be asked. */
export interface RosterEntry {
  readonly vclient: number;
  /** Of the host that brings it: 32 bytes of Ed25519. */
  readonly key: Buffer;
}

export interface RoundClients {
  /** 32 hex digits. */
  readonly runId: string;
  /** Clients that can take part in the next attempt, in the order of their numbers. */
  readonly roster: readonly RosterEntry[];
  /** Vclients that are here and are not asked, since they did not answer before. */
  readonly sittingOut: readonly number[];
  /**
   * True once so many can take part, false once so many never will; nothing is charged before.
   *
   * @throws TooFewClients where too few are left now and the run can go on later
   */
  enough(clients: number): Promise<boolean>;
  /**
   * Gives the attempt all that its clients answer (`attempt.offer`) and all that is known of those who will
   * not (`excuse`, `lose`, `complain`), as long as `gathering` goes on.
   *
   * @param gathering asks them by this wire and waits; what it throws is thrown on
   * @throws the end's reason where the run ends meanwhile: nobody has a use for the sum
   */
  gather(
    attempt: Attempt | MaskedAttempt,
    broadcast: Broadcast,
    gathering: (wire: AttemptWire) => Promise<void>,
  ): Promise<void>;
  /** Says to every client how the attempt ended, and where the ledger then stood. */
  closeAttempt(
    ids: { readonly round: number; readonly attempt: number },
    outcome: "released" | (string & {}),
    ledger: Ledger,
  ): void;
}

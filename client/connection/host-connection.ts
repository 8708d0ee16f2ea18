import type { SigningKey } from "../../shared/keys/proofs.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import type { Admitted } from "../../shared/wire/admitted.ts";
import type { Egress } from "../../shared/wire/egress.ts";
import type { PastAttempts } from "../ledger/client-ledger.ts";
import type { ClientWork } from "./client-work.ts";

/** How a connection ended. */
export interface ConnectionEnd {
  /** Why the coordinator, or this side, said goodbye; undefined: nobody did. */
  readonly said: string | undefined;
  /** The same as a refusal, for whoever had not expected it. */
  readonly lost: Error;
}

/**
 * What a host needs of its connection to a coordinator, whatever carries it. It stands for one run and one plan: a
 * carrier that is lost is replaced, or not, without word to the host.
 *
 * 1. The plan is known and held to before the host has a connection: `runId` is set.
 * 2. `ready` says that the clients' data are prepared. Nothing is asked before it resolves or the connection ends.
 * 3. From then on `work` has round requests, one after another; while one is carried out, its answers go to `work`.
 *    What is asked again because a carrier broke is answered from there, and the host hears nothing of it.
 * 4. `work.next` gives undefined once nothing more will be asked, and `end` then says why: goodbye, a refusal, or
 *    a carrier that was lost for good.
 *
 * Messages have been through the codec: what a request holds is the host's own, and no memory is shared with the
 * coordinator. An array that is given to `work.send` is the connection's until its promise resolves.
 */
export interface HostConnection {
  /** 32 hex digits. */
  readonly runId: string;
  /** What this side signs with, masked attempts too. */
  readonly identity: SigningKey;
  readonly work: ClientWork;
  /** All that has left so far, of all its clients together. */
  readonly egress: Egress;
  /** undefined while it lasts. */
  readonly end: ConnectionEnd | undefined;
  /**
   * @param names of the host's clients
   * @param before what processes before this one did in the run, by the clients' own ledgers; absent: nothing
   * @returns their numbers, in the order of the names
   * @throws ProtocolError where the connection ends first
   */
  ready(
    names: readonly string[],
    plan: PrivacyPlan,
    before?: PastAttempts,
  ): Promise<readonly Admitted[]>;
  /** Ends it politely, before the coordinator does. */
  leave(reason?: string): void;
  /** A scripted fault: its carrier is gone without a word, as a network does it. */
  breakLink(): void;
}

/** What a registry must know before it opens. */

import type { Observe } from "../../shared/events/run-event.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Door, Enter } from "../../shared/wire/transport.ts";
import type { Joiner } from "../listener/admission.ts";
import type { TlsFiles } from "../listener/web-socket-listener.ts";

export interface ConnectionSettings {
  readonly sealed: SealedPlan;
  /** 16 bytes. */
  readonly runId: Uint8Array;
  /** Clients that are to join, by name. */
  readonly expected: readonly string[];
  /** Where connections come in, if not at a socket of this machine; host is then a name alone. */
  readonly door?: ((enter: Enter) => Door) | undefined;
  /** Where to listen, as it stands in a URL. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Which flag said so, for messages. */
  readonly flag?: string;
  /** Other names by which clients may dial, as they stand in a URL; the first is the one to tell. */
  readonly names?: readonly string[];
  /** Absent: plain WebSocket. */
  readonly tls?: TlsFiles | undefined;
  /** Hosts of our own, each with a one-time token. */
  readonly hosts: number;
  /** Those that come from elsewhere. */
  readonly joiners?: readonly Joiner[];
  /**
   * Where to keep by what clients know this coordinator and it knows them, so that a process started
   * after it can go on; what is there is gone on with. Absent: nowhere.
   */
  readonly credentials?: string | undefined;
  /** True where one that did not answer twice is not asked for a while: never where cohorts are secret. */
  readonly sitsOut?: boolean;
  readonly timing: Timing;
  /** Hears of joins and losses, updates and refusals. */
  readonly observe: Observe;
}

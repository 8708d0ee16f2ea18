import type { Engine } from "../../shared/engine/core/engine.ts";
import type { RandomRoot } from "../../shared/noise/random.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { OutsideAlgorithm } from "../algorithms/outside-algorithm.ts";
import type { ClientWork } from "../connection/client-work.ts";
import type { HostConnection } from "../connection/host-connection.ts";
import type { RequestTicket } from "../connection/round-request.ts";
import type { ClientRows } from "../features/client-rows.ts";
import type { ClientLedger } from "../ledger/client-ledger.ts";
import type { OwnEgress } from "../report/egress-report.ts";
import type { ClientStates } from "../scaffold/client-state.ts";
import type { AttemptGuard } from "../secagg/agreed-terms.ts";
import type { BoundClients } from "./bound-clients.ts";
import type { DelayedSends } from "./delayed-sends.ts";
import type { InjectedFault } from "./injected-faults.ts";

/** What a host has at hand in every attempt, and what it keeps from one to the next. */
export interface HostContext {
  readonly link: Pick<HostConnection, "runId" | "identity" | "breakLink">;
  /** Where answers go. */
  readonly work: Pick<
    ClientWork,
    "isOpen" | "send" | "decline" | "nextStep" | "sendStep" | "giveBack" | "notes"
  >;
  readonly sealed: SealedPlan;
  readonly engine: Engine;
  readonly root: RandomRoot;
  /** By name. */
  readonly clients: ReadonlyMap<string, ClientRows>;
  /** By number. */
  readonly nameOf: ReadonlyMap<number, string>;
  readonly fate: (
    request: Pick<RequestTicket, "task" | "round" | "attempt">,
    client: string,
  ) => InjectedFault;
  readonly delayed: DelayedSends;
  /** Links that a script has broken, by attempt and client: an attempt that is asked for again breaks none. */
  readonly broken: Set<string>;
  readonly ledgers: ReadonlyMap<string, ClientLedger>;
  /**
   * Nothing that this host writes may tell which of its clients were drawn: all files of all clients lie
   * together. Not so where an owner joined: what its own files say, it knows.
   */
  readonly hidesDraw: boolean;
  readonly own: Map<string, OwnEgress>;
  /** Rows by the bounds that the run has learned. */
  readonly bound: BoundClients;
  readonly controls: ClientStates;
  /** Masked attempts that this host has begun. */
  readonly guard: AttemptGuard;
  /** Keys, base64url, that others of a masked cohort may have; undefined: whichever the coordinator names. */
  readonly allowed?: ReadonlySet<string> | undefined;
  /** Hears of an update that was not finite, in whose place zeros go. */
  readonly diverged: (client: string, round: number) => void;
  /** That the plan names, where it is none of ours; it fails only where that may be told. */
  readonly outside?: OutsideAlgorithm | undefined;
}

/** Where a run is, as its events tell: what a health check asks. */
import type { Presence, RunEvent } from "../../shared/events/run-event.ts";

export interface RunStatus {
  readonly state: "preparing" | "waiting" | "training" | "ending";
  /** Released so far. */
  readonly round: number;
  /** Planned; null until the plan is made. */
  readonly rounds: number | null;
  /** null until the plan is made. */
  readonly clients: Presence | null;
}

export const BEFORE_THE_RUN: RunStatus = {
  state: "preparing",
  round: 0,
  rounds: null,
  clients: null,
};

/** True from the moment that the cohort is complete. */
export function isReady({ state }: RunStatus): boolean {
  return state === "training" || state === "ending";
}

export function statusAfter(status: RunStatus, event: RunEvent): RunStatus {
  switch (event.event) {
    case "run-begins": {
      const clients = { here: 0, awaited: event.clients, away: 0, lost: 0 };
      return { ...status, rounds: event.rounds, clients };
    }
    case "prepared":
      return { ...status, state: "waiting" };
    case "cohort-complete":
      return { ...status, state: "training" };
    case "round-released":
      return { ...status, round: event.round + 1 };
    case "training-ends":
      return { ...status, state: "ending" };
    case "clients-joined":
    case "clients-late":
    case "clients-lost":
    case "connection-ended": {
      const { here, awaited, away, lost } = event;
      return { ...status, clients: { here, awaited, away, lost } };
    }
    default:
      return status;
  }
}

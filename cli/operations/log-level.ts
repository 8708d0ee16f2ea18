/** How loud each event of a run is in its log. */
import type { RunEvent } from "../../shared/events/run-event.ts";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const LEVEL_OF: Record<RunEvent["event"], LogLevel> = {
  "run-begins": "info",
  prepared: "info",
  "clients-joined": "info",
  "clients-late": "warn",
  "clients-left-out": "warn",
  "clients-lost": "warn",
  "connection-ended": "warn",
  "client-sits-out": "warn",
  waiting: "warn",
  "cohort-complete": "info",
  "training-ends": "info",
  "run-ends": "info",
  "run-failed": "error",
  interrupted: "warn",
  bug: "error",
  "attempt-charged": "info",
  stage: "debug",
  "attempt-aborted": "warn",
  "round-released": "info",
  update: "debug",
  "update-refused": "warn",
  sent: "debug",
  "plan-agreed": "info",
  order: "info",
  goodbye: "info",
};

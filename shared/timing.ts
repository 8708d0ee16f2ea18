/** Every duration of the program, in milliseconds, in one record; tests pass one 50 × shorter. */
export interface Timing {
  /** From HTTP upgrade to a valid `auth`. */
  readonly authMs: number;
  /** For a slow loris: all of an HTTP request. */
  readonly requestMs: number;
  readonly heartbeatMs: number;
  /** Silence after which a peer is dead. */
  readonly silenceMs: number;
  /** For a polite WebSocket close, then the socket is destroyed. */
  readonly closeMs: number;
  /** From `round` to each client's `accept` or `decline`. */
  readonly acceptMs: number;
  /** From `round` to the last update. */
  readonly trainMs: number;
  /** From the first signal to the end, for the round that is open. */
  readonly stopMs: number;
  /** For all hosts to join, data prepared. */
  readonly joinMs: number;
}

export const TIMING: Timing = {
  authMs: 5_000,
  requestMs: 5_000,
  heartbeatMs: 10_000,
  silenceMs: 30_000,
  closeMs: 5_000,
  acceptMs: 5_000,
  trainMs: 600_000,
  stopMs: 5_000,
  joinMs: 600_000,
};

/** The same record, `factor` times shorter. */
export function shortened(factor: number, timing: Timing = TIMING): Timing {
  const entries = Object.entries(timing).map(([name, ms]) => [name, ms / factor]);
  return { ...timing, ...Object.fromEntries(entries) };
}

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
  /** For each step of a masked attempt but the one in which clients train. */
  readonly stepMs: number;
  /** For an update to come in before another may begin that waits for room. */
  readonly turnMs: number;
  /** From the first signal to the end, for the round that is open. */
  readonly stopMs: number;
  /** For all hosts to join, data prepared. */
  readonly joinMs: number;
  /** First wait before a lost link is dialled again; twice as long each time, jitter aside … */
  readonly backOffMs: number;
  /** … up to this. */
  readonly longestBackOffMs: number;
  /** For a client whose socket broke, or of which nothing is heard, to be back in the open attempt: less than the
   * time to train, or whoever is gone for good would cost each round all of that; more than the longest pause
   * between two dials, or a network that was down for a minute would cost an attempt. */
  readonly awayMs: number;
  /** After the time to join, for too few clients to become enough for the first attempt. */
  readonly rejoinMs: number;
  /** After a plan was read, the first mark at which a client without a person before it dials to join; each
   * further one takes twice as long. */
  readonly settleMs: number;
  /** Before a failed `auth` is answered. */
  readonly refusalMs: number;
  /** In which an address's failed `auth`s are counted. */
  readonly failureWindowMs: number;
  /** For which an address is refused that failed too often. */
  readonly banMs: number;
}

export const TIMING: Timing = {
  authMs: 5_000,
  requestMs: 5_000,
  heartbeatMs: 10_000,
  silenceMs: 30_000,
  closeMs: 5_000,
  acceptMs: 5_000,
  trainMs: 600_000,
  stepMs: 30_000,
  turnMs: 5_000,
  stopMs: 5_000,
  joinMs: 600_000,
  backOffMs: 500,
  longestBackOffMs: 30_000,
  awayMs: 90_000,
  rejoinMs: 60_000,
  settleMs: 1_000,
  refusalMs: 1_000,
  failureWindowMs: 60_000,
  banMs: 60_000,
};

/** The same record, `factor` times shorter. */
export function shortened(factor: number, timing: Timing = TIMING): Timing {
  const entries = Object.entries(timing).map(([name, ms]) => [name, ms / factor]);
  return { ...timing, ...Object.fromEntries(entries) };
}

/** The same record for rounds that a scenario gives a deadline of their own. @param seconds absent: the usual one */
export function withDeadline(seconds: number | undefined, timing: Timing = TIMING): Timing {
  return seconds === undefined ? timing : { ...timing, trainMs: 1_000 * seconds };
}

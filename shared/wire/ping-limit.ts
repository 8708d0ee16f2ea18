/**
 * How often a peer may ask whether we are there: each answer is work, and a socket holds no other limit on
 * it. One a heartbeat is due; what waited while our event loop was blocked comes at once, and is few: a
 * peer that hears nothing for the time of silence has gone.
 */
const AT_ONCE = 64;
/** Its pings, its answers to ours, and room for a clock that runs fast. */
const A_HEARTBEAT = 4;

export class PingLimit {
  readonly #heartbeatMs: number;
  #left = AT_ONCE;
  #filled: number;

  /** @param now milliseconds, monotonic */
  constructor(heartbeatMs: number, now: number) {
    this.#heartbeatMs = heartbeatMs;
    this.#filled = now;
  }

  /** @returns false for one too many */
  take(now: number): boolean {
    const grown = (A_HEARTBEAT * (now - this.#filled)) / this.#heartbeatMs;
    this.#left = Math.min(AT_ONCE, this.#left + grown);
    this.#filled = now;
    if (!(this.#left >= 1)) return false;
    this.#left -= 1;
    return true;
  }
}

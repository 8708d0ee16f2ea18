/**
 * Whether a peer is still there, in beats of our own heart and not by a clock: after our event loop was
 * blocked, one beat comes before the bytes that have been waiting meanwhile, and a clock would call their
 * sender dead.
 */
import type { Timing } from "../timing.ts";

export class Liveness {
  /** Beats that make the time of silence. */
  readonly beats: number;
  #quiet = 0;
  #stalled = 0;

  constructor({ silenceMs, heartbeatMs }: Pick<Timing, "silenceMs" | "heartbeatMs">) {
    this.beats = Math.ceil(silenceMs / heartbeatMs);
  }

  /** A message came. */
  heard(isFrame: boolean): void {
    this.#quiet = 0;
    if (isFrame) this.#stalled = 0;
  }

  /**
   * Once a heartbeat. `silent`: nothing came for too long. `stalled`: messages do, and the rest of an
   * object does not, which the line has lost.
   *
   * @param isPaused we do not read, so that nothing can come
   * @param isAmid an object is on its way in
   */
  beat(isPaused: boolean, isAmid: boolean): "alive" | "silent" | "stalled" {
    this.#quiet = isPaused ? 0 : this.#quiet + 1;
    this.#stalled = isPaused || !isAmid ? 0 : this.#stalled + 1;
    if (this.#quiet > this.beats) return "silent";
    return this.#stalled > this.beats ? "stalled" : "alive";
  }
}

/**
 * IO: one link after another to the same coordinator: when to dial again, how long to wait, when to give
 * up. Refusals end it; so does a peer that said it was done.
 */
import { setTimeout as wait } from "node:timers/promises";
import { ProtocolError } from "../../shared/errors.ts";
import type { Timing } from "../../shared/timing.ts";
import { mayReconnect } from "../../shared/wire/close-codes.ts";
import type { Credentials } from "../../shared/wire/handshake.ts";
import { backOff } from "./back-off.ts";
import type { ClientWork } from "./client-work.ts";
import { type Address, isPassing } from "./dial.ts";
import { LEAVING, Link, type SocketEnd } from "./link.ts";

/** One wait before dialling again. */
export interface Retry {
  /** "host:port". */
  readonly audience: string;
  /** Dials that failed since the last that worked, this one among them. */
  readonly failed: number;
  readonly waitMs: number;
  readonly why: string;
}

export interface Patience {
  /** Without a link for so long, it gives up. Absent: never. */
  readonly giveUpAfterMs?: number | undefined;
  readonly retrying?: ((retry: Retry) => void) | undefined;
}

export class Dialler {
  readonly #timing: Timing;
  readonly #work: ClientWork;
  readonly #patience: Patience;
  readonly #stopped = new AbortController();
  #address: Address;
  /** Credentials to go on with should the present ones be refused. */
  #instead: Credentials | undefined;
  /** It has them, and need not wait: nobody was away. */
  #atOnce = false;
  #wasIn = false;
  #failed = 0;
  /** When the last link was lost, or the first dialled. */
  #since = performance.now();
  #dialled = 0;

  constructor(address: Address, timing: Timing, work: ClientWork, patience: Patience) {
    this.#address = address;
    this.#instead = address.instead;
    this.#timing = timing;
    this.#work = work;
    this.#patience = patience;
  }

  /**
   * Dials until a socket is open.
   *
   * @param before how the last link ended; undefined: there was none
   * @throws ProtocolError once it gives up
   */
  async next(before: SocketEnd | undefined): Promise<Link> {
    if (before && !this.#atOnce) await this.#wait(before.lost);
    this.#atOnce = false;
    for (;;) {
      try {
        const link = await Link.dial(this.#address, this.#timing, this.#work);
        this.#dialled = performance.now();
        // Stopped while it was on its way: nobody would close it.
        if (this.#stopped.signal.aborted) link.leave(LEAVING);
        return link;
      } catch (error) {
        // Who was let in once can be so again, whatever stands at that address just now.
        if (!(error instanceof ProtocolError) || !(this.#wasIn || isPassing(error))) throw error;
        await this.#wait(error);
      }
    }
  }

  /** True if a link that ended so is to be followed by another. */
  goesOn({ code, problem }: SocketEnd): boolean {
    if (this.#stopped.signal.aborted) return false;
    this.#useToken(problem?.what);
    if (this.#instead && problem?.what === "auth.refused") {
      this.#address = { ...this.#address, credentials: this.#instead };
      this.#instead = undefined;
      this.#atOnce = true;
      return true;
    }
    // Whose `auth` came too late was on a slow line, and refused nothing.
    if (!mayReconnect(code) && problem?.what !== "auth.late") return false;
    const now = performance.now();
    // A link that broke at once is no better than none.
    if (now - this.#dialled > this.#timing.heartbeatMs) {
      this.#failed = 0;
      this.#since = now;
    }
    return this.#isPatient;
  }

  /** The coordinator has shown its plan: from now on no other will do, and the token is spent. */
  known(planHash: string): void {
    const { key } = this.#address.credentials;
    this.#address = { ...this.#address, planHash, credentials: { key, token: undefined } };
    this.#instead = undefined;
    this.#wasIn = true;
  }

  /** No more dials. */
  stop(): void {
    this.#stopped.abort();
  }

  /** A link that broke between `auth` and `welcome` may have spent the token, or not. */
  #useToken(what: string | undefined): void {
    const { key, token } = this.#address.credentials;
    if (token === undefined || what === "auth.refused") return;
    this.#instead = this.#address.credentials;
    this.#address = { ...this.#address, credentials: { key, token: undefined } };
  }

  get #isPatient(): boolean {
    const { giveUpAfterMs = Infinity } = this.#patience;
    return performance.now() - this.#since < giveUpAfterMs;
  }

  /** @throws that very error once there is nothing more to wait for */
  async #wait(why: ProtocolError): Promise<void> {
    if (this.#stopped.signal.aborted || !this.#isPatient) throw why;
    const { audience } = this.#address;
    const waitMs = backOff(this.#failed++, this.#timing);
    this.#patience.retrying?.({
      audience,
      failed: this.#failed,
      waitMs,
      why: `${why.problem.got}`,
    });
    const { signal } = this.#stopped;
    await wait(waitMs, undefined, { signal }).catch(() => {
      throw why;
    });
  }
}

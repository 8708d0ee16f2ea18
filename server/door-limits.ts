/**
 * Who may stand at the door, and how many: what strangers can make grow, by number, address and time
 * (protocol note, section 1). Pure: a clock is handed in, sockets are ids.
 */

/** Sockets that have asked for nothing yet; so idle ones cannot take all connections. */
const MOST_PENDING = 64;
/** … of them from one address, so that it alone cannot shut the door. */
const MOST_PENDING_OF_ADDRESS = 32;
/** Sockets that have not shown who they are … */
const MOST_UNKNOWN = 16;
/** … of them from one address. Whoever has shown a key counts no more. */
const MOST_OF_ADDRESS = 8;
/** New ones a second: a bucket that holds a second's worth. */
const RATE = 20;
/** Failed `auth`s of an address in a window, after which it is refused for a while. */
const MOST_FAILURES = 5;
/** Addresses whose failures are remembered; the oldest are forgotten first. */
const MOST_ADDRESSES = 4_096;

export interface DoorTiming {
  readonly failureWindowMs: number;
  readonly banMs: number;
}

export interface DoorSettings {
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  readonly timing: DoorTiming;
  /** Hosts of our own, which come on top of each number. */
  readonly ownHosts: number;
  /** True of addresses from which they come: no stranger there can have them refused. */
  readonly isOwn: (address: string) => boolean;
}

type Stage = "pending" | "unknown" | "known";

export class DoorLimits {
  readonly #settings: DoorSettings;
  readonly #sockets = new Map<string, { readonly address: string; stage: Stage }>();
  readonly #failures = new Map<string, readonly number[]>();
  readonly #bannedUntil = new Map<string, number>();
  #tokens: number;
  #filled: number;

  constructor(settings: DoorSettings) {
    this.#settings = settings;
    this.#tokens = RATE + settings.ownHosts;
    this.#filled = settings.clock();
  }

  /** A connection is there. @returns false if it must go at once */
  connected(id: string, address: string): boolean {
    const { ownHosts } = this.#settings;
    const isRoom =
      this.#count("pending") < MOST_PENDING + ownHosts &&
      this.#count("pending", address) < MOST_PENDING_OF_ADDRESS + ownHosts;
    if (!isRoom) return false;
    this.#sockets.set(id, { address, stage: "pending" });
    return true;
  }

  /** True while an address is refused because it failed too often. */
  isBanned(address: string): boolean {
    const until = this.#bannedUntil.get(address);
    if (until === undefined) return false;
    if (this.#settings.clock() < until) return true;
    this.#bannedUntil.delete(address);
    return false;
  }

  /** It wants a WebSocket, and has yet to show who it is. @returns false: full */
  enter(id: string): boolean {
    const socket = this.#sockets.get(id);
    if (!socket) return false;
    const { ownHosts } = this.#settings;
    const isRoom =
      this.#count("unknown") < MOST_UNKNOWN + ownHosts &&
      this.#count("unknown", socket.address) < MOST_OF_ADDRESS + ownHosts;
    if (!isRoom || !this.#takeToken()) return false;
    socket.stage = "unknown";
    return true;
  }

  /** It has shown a key. */
  known(id: string): void {
    const socket = this.#sockets.get(id);
    if (!socket) return;
    socket.stage = "known";
  }

  /** It could not show who it is. */
  failed(id: string): void {
    const address = this.#sockets.get(id)?.address;
    const { clock, timing, ownHosts, isOwn } = this.#settings;
    if (address === undefined || (ownHosts > 0 && isOwn(address))) return;
    const now = clock();
    const recent = (this.#failures.get(address) ?? []).filter(
      (at) => now - at < timing.failureWindowMs,
    );
    // Last in its map again, so that the first is the oldest.
    this.#failures.delete(address);
    this.#failures.set(address, [...recent, now]);
    forgetOldest(this.#failures);
    if (recent.length + 1 < MOST_FAILURES) return;
    this.#failures.delete(address);
    this.#bannedUntil.set(address, now + timing.banMs);
    forgetOldest(this.#bannedUntil);
  }

  /** The connection is no more. */
  gone(id: string): void {
    this.#sockets.delete(id);
  }

  #count(stage: Stage, address?: string): number {
    let count = 0;
    for (const socket of this.#sockets.values())
      if (socket.stage === stage && (address ?? socket.address) === socket.address) count += 1;
    return count;
  }

  #takeToken(): boolean {
    const rate = RATE + this.#settings.ownHosts;
    const now = this.#settings.clock();
    this.#tokens = Math.min(rate, this.#tokens + (rate * (now - this.#filled)) / 1_000);
    this.#filled = now;
    if (!(this.#tokens >= 1)) return false;
    this.#tokens -= 1;
    return true;
  }
}

function forgetOldest(addresses: Map<string, unknown>): void {
  if (addresses.size <= MOST_ADDRESSES) return;
  for (const [oldest] of addresses) {
    addresses.delete(oldest);
    return;
  }
}

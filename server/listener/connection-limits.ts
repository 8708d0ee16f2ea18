/**
 * Who may stand at the door, and how many: what strangers can make grow, by number, address and time
 * (protocol note, section 1). Where it is full the oldest must go, of the address that has most there: so
 * nobody who holds places can keep the next one out. Addresses from which somebody has shown a key have
 * places of their own. Pure: a clock is handed in, sockets are ids.
 */

/** How many at one stage may be there, in all and of one address. */
interface Places {
  readonly all: number;
  readonly ofAddress: number;
}

/** Sockets that have asked for nothing yet; so idle ones cannot take all connections. */
const PENDING: Places = { all: 64, ofAddress: 32 };
/** Those that have a WebSocket and have not shown who they are. Whoever has shown a key counts no more. */
const UNKNOWN: Places = { all: 16, ofAddress: 8 };
/** New WebSockets a second, of one address: a bucket that holds a second's worth … */
const RATE_OF_ADDRESS = 20;
/** … and of all that have shown no key: beyond this, saying hello would be work. */
const RATE = 200;
/** Failed `auth`s of an address in a window, after which it is refused for a while. */
const MOST_FAILURES = 5;
/** Addresses of which something is remembered; the oldest are forgotten first. */
const MOST_ADDRESSES = 4_096;

interface DoorTiming {
  readonly failureWindowMs: number;
  readonly banMs: number;
}

export interface ConnectionLimitSettings {
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
  readonly timing: DoorTiming;
  /** Hosts of our own, which come on top of each number. */
  readonly ownHosts: number;
  /** True of addresses from which they come: no stranger there can have them refused. */
  readonly isOwn: (address: string) => boolean;
}

type Stage = "pending" | "unknown" | "known";

interface Standing {
  readonly network: string;
  readonly stage: Stage;
}

export class ConnectionLimits {
  readonly #settings: ConnectionLimitSettings;
  /** Those of each stage in the order in which they came to it. */
  readonly #sockets = new Map<string, Standing>();
  readonly #buckets = new Map<string, Bucket>();
  readonly #all: Bucket;
  readonly #failures = new Map<string, readonly number[]>();
  readonly #bannedUntil = new Map<string, number>();
  /** Networks from which somebody has shown a key. */
  readonly #proven = new Map<string, true>();

  constructor(settings: ConnectionLimitSettings) {
    this.#settings = settings;
    this.#all = new Bucket(RATE + settings.ownHosts, settings.clock());
  }

  /** A connection is there. @returns those that must go for it */
  connected(id: string, address: string): readonly string[] {
    const network = networkOf(address);
    this.#sockets.set(id, { network, stage: "pending" });
    return this.#tooMany(network, "pending", PENDING);
  }

  /** True while an address is refused because it failed too often. */
  isBanned(address: string): boolean {
    const network = networkOf(address);
    const until = this.#bannedUntil.get(network);
    if (until === undefined) return false;
    if (this.#settings.clock() < until) return true;
    this.#bannedUntil.delete(network);
    return false;
  }

  /**
   * It wants a WebSocket, and has yet to show who it is.
   *
   * @returns those that must go for it; undefined: it is too soon, and it must go itself
   */
  enter(id: string): readonly string[] | undefined {
    const socket = this.#sockets.get(id);
    if (!socket || !this.#takeToken(socket.network)) return undefined;
    // Last in the map again: the youngest of its new stage.
    this.#sockets.delete(id);
    this.#sockets.set(id, { ...socket, stage: "unknown" });
    return this.#tooMany(socket.network, "unknown", UNKNOWN);
  }

  /** It has shown a key. */
  known(id: string): void {
    const socket = this.#sockets.get(id);
    if (!socket) return;
    this.#sockets.set(id, { ...socket, stage: "known" });
    remember(this.#proven, socket.network, true);
    this.#bannedUntil.delete(socket.network);
  }

  /** It could not show who it is. */
  failed(id: string): void {
    const network = this.#sockets.get(id)?.network;
    const { clock, timing, ownHosts, isOwn } = this.#settings;
    if (network === undefined || (ownHosts > 0 && isOwn(network))) return;
    // Behind one address may be an office: whoever guesses there must not shut out the others.
    if (this.#proven.has(network)) return;
    const now = clock();
    const recent = (this.#failures.get(network) ?? []).filter(
      (at) => now - at < timing.failureWindowMs,
    );
    remember(this.#failures, network, [...recent, now]);
    if (recent.length + 1 < MOST_FAILURES) return;
    this.#failures.delete(network);
    remember(this.#bannedUntil, network, now + timing.banMs);
  }

  /** The connection is no more. */
  gone(id: string): void {
    this.#sockets.delete(id);
  }

  /** The oldest of one network where that has too many, else of the network that has most. */
  #tooMany(network: string, stage: Stage, places: Places): readonly string[] {
    const { ownHosts } = this.#settings;
    const isProven = this.#proven.has(network);
    const byNetwork = new Map<string, string[]>();
    let all = 0;
    for (const [id, one] of this.#sockets) {
      if (one.stage !== stage || this.#proven.has(one.network) !== isProven) continue;
      byNetwork.set(one.network, [...(byNetwork.get(one.network) ?? []), id]);
      all += 1;
    }
    const own = byNetwork.get(network) ?? [];
    if (own.length > places.ofAddress + ownHosts) return own.slice(0, 1);
    if (all <= places.all + ownHosts) return [];
    let most = own;
    for (const ids of byNetwork.values()) if (ids.length > most.length) most = ids;
    return most.length > 1 ? most.slice(0, 1) : [...byNetwork.values()].flat().slice(0, 1);
  }

  #takeToken(network: string): boolean {
    const { clock, ownHosts } = this.#settings;
    const now = clock();
    const bucket = this.#buckets.get(network) ?? new Bucket(RATE_OF_ADDRESS + ownHosts, now);
    remember(this.#buckets, network, bucket);
    return bucket.take(now) && (this.#proven.has(network) || this.#all.take(now));
  }
}

/** So many a second, a second's worth at once. */
class Bucket {
  readonly #rate: number;
  #tokens: number;
  #filled: number;

  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#tokens = rate;
    this.#filled = now;
  }

  take(now: number): boolean {
    this.#tokens = Math.min(this.#rate, this.#tokens + (this.#rate * (now - this.#filled)) / 1_000);
    this.#filled = now;
    if (!(this.#tokens >= 1)) return false;
    this.#tokens -= 1;
    return true;
  }
}

/**
 * What one owner is given: an IPv4 address, written either way; of IPv6 the first 64 bits (RFC 6177),
 * behind which anybody has addresses without number.
 */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!address.includes(":")) return address;
  const [bare = ""] = address.split("%");
  const [head = "", tail] = bare.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  // The last of an address may be written as IPv4: two groups.
  const behind = after.length + (after.at(-1)?.includes(".") ? 1 : 0);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - behind);
  const all = [...groups, ...new Array<string>(zeros).fill("0"), ...after];
  // Loopback is one machine, not a network.
  if (bare === "::1") return bare;
  return `${all.slice(0, 4).join(":")}::/64`;
}

/** Last in its map, so that the first is the oldest; the oldest of too many is forgotten. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= MOST_ADDRESSES) return;
  for (const [oldest] of map) {
    map.delete(oldest);
    return;
  }
}

/** Why a connection ended, and whether to dial again. */

/** WebSocket close codes: those of RFC 6455, then our own. */
export const CLOSE = {
  bye: 1000,
  goingAway: 1001,
  /** What came was out of order or damaged: the line's doing as likely as the peer's. */
  disorder: 1002,
  tooBig: 1009,
  bug: 1011,
  full: 1013,
  /** Another version, or not this protocol at all. */
  version: 4400,
  auth: 4401,
  foreign: 4403,
  replaced: 4408,
  plan: 4409,
  slow: 4410,
  rate: 4429,
} as const;

/** The close code of a refusal, by the first part of its `what` where the whole has none. */
export function closeCode(what: string): number {
  return CODES.get(what) ?? CODES.get(what.split(".")[0] ?? "") ?? CLOSE.version;
}

const CODES: ReadonlyMap<string, number> = new Map([
  ["json.seq", CLOSE.disorder],
  ["frame.crc", CLOSE.disorder],
  ["stream.order", CLOSE.disorder],
  ["stream.unknown", CLOSE.disorder],
  ["json.size", CLOSE.tooBig],
  ["stream.size", CLOSE.tooBig],
  ["update.foreign", CLOSE.foreign],
  ["client.foreign", CLOSE.foreign],
  ["client.withdrawn", CLOSE.plan],
  ["client.duplicate-name", CLOSE.replaced],
  ["peer.slow", CLOSE.slow],
  ["auth", CLOSE.auth],
  ["plan", CLOSE.plan],
  ["rate", CLOSE.rate],
  ["full", CLOSE.full],
]);

/** False for what dialling again cannot mend: refusals, and a peer that said it was done. */
export function mayReconnect(code: number): boolean {
  return code !== CLOSE.bye && code !== CLOSE.tooBig && (code < 4400 || code === CLOSE.slow);
}

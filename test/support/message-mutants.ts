/** Texts that a peer might send as a message, most of them no message, or one spoilt in one place. */
import type { Random } from "../../shared/noise/random.ts";

const b64 = (bytes: number) => Buffer.alloc(bytes, 0xa7).toString("base64url");
const ids = { vclient: 5, round: 3, attempt: 1 };
const proof = { v: 1, key: b64(32), clientNonce: b64(32), software: "murmur 0.1.0" };
const problem = { what: "update.norm", where: "client 3", got: "9", expected: "≤ 8", fix: "Clip." };
/** One of each kind of a client's, and of what both sides say. */
const MESSAGES: readonly object[] = [
  { t: "auth", method: "ed25519", ...proof, sig: b64(64) },
  { t: "auth", method: "token", ...proof, mac: b64(32) },
  { t: "ready", planHash: b64(32), clientsStream: 1 },
  { t: "accept", round: 3, attempt: 1 },
  { t: "decline", ...ids, reason: "budget" },
  { t: "decline", ...ids, reason: "packet", accused: 2 },
  { t: "update", ...ids, stream: 9 },
  { t: "closeAck", round: 3, attempt: 1 },
  { t: "put", stream: 9, type: 2, dtype: 3, ...ids, count: 7, bytes: 28, sha256: b64(32) },
  { t: "have", stream: 9, ok: true },
  { t: "have", stream: 9, ok: false, problem },
  { t: "ping", id: 1, sentAt: 1234.5 },
  { t: "bye", reason: "done" },
  { t: "error", problem },
];
const TEXTS = MESSAGES.map((message) => JSON.stringify({ ...message, seq: 8 }));

/** As they stand in a text: some are no JSON, some no value that JSON.stringify would write so. */
const VALUES = [
  ...["-0", "-1", "0", "1", "1.0", "1.5", "1e3", "1e999", "-1e999", "NaN", "01", "0x10"],
  ...["4294967295", "4294967296", "9007199254740991", "9007199254740993", "5e-324"],
  ...["null", "true", "[]", "{}", "[[]]", '{"a":1}', '""', '"\\u0000"', '"\\ud83d"', '"\ud83d"'],
  ...['"😀"', '"1"', '"\\u202e"', '"__proto__"', `"${"x".repeat(300)}"`, `"${b64(32)}="`],
  `"${b64(31)}"`,
  `"${"A".repeat(42)}B"`,
];
const KEYS = ["__proto__", "constructor", "toString", "rows", "t", "seq", "", "\\u0074", "\ud83d"];

export class MessageMutants {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    const text = this.#pick(TEXTS);
    switch (this.#below(12)) {
      case 0:
        return text;
      case 1:
        return this.#random.bytes(this.#below(60)).toString(this.#one(2) ? "utf8" : "latin1");
      case 2:
        return this.#json(9);
      case 3:
        return this.#big();
      case 4:
        return text.slice(0, this.#below(text.length));
      case 5:
        return text.slice(0, this.#below(text.length)) + this.#pick(TEXTS);
      case 6:
        return this.#oddCharacter(text);
      case 7:
        // One key more, or one of them twice.
        return `{"${this.#pick(KEYS)}":${this.#pick(VALUES)},${text.slice(1)}`;
      case 8:
        return `${text.slice(0, -1)},"${this.#pick(KEYS)}":${this.#json(4)}}`;
      default:
        return this.#otherValue(text);
    }
  }

  /** Another value in the place of one that is no object. */
  #otherValue(text: string): string {
    const places = [...text.matchAll(/:("[^"]*"|[\d.]+|true|false)/g)];
    const place = this.#pick(places);
    const value = this.#one(3) ? this.#json(3) : this.#pick(VALUES);
    return `${text.slice(0, place.index + 1)}${value}${text.slice(place.index + place[0].length)}`;
  }

  #oddCharacter(text: string): string {
    const at = this.#below(text.length);
    const odd = String.fromCharCode(this.#below(this.#one(2) ? 128 : 65_536));
    return text.slice(0, at) + odd + text.slice(at + this.#below(2));
  }

  #json(depth: number): string {
    const kind = depth === 0 ? 0 : this.#below(4);
    if (kind < 2) return this.#pick(VALUES);
    const entries = Array.from({ length: this.#below(4) }, () => this.#json(depth - 1));
    if (kind === 2) return `[${entries.join()}]`;
    return `{${entries.map((entry) => `"${this.#pick(KEYS)}":${entry}`).join()}}`;
  }

  /** Deep, long or large; most are not, for these take long to read. */
  #big(): string {
    if (!this.#one(50)) return `{"t":${"[".repeat(this.#below(9))}${"]".repeat(this.#below(9))}}`;
    const size = this.#below(70_000);
    switch (this.#below(4)) {
      case 0:
        return `{"t":"${"x".repeat(size)}"}`;
      case 1:
        return "[".repeat(size) + "]".repeat(size);
      case 2:
        return '{"a":'.repeat(size / 8) + "}".repeat(size / 8);
      default:
        return `{"t":[${Array(400 + (size % 300)).fill(0)}]}`;
    }
  }

  #below(n: number): number {
    return this.#random.uint32() % n;
  }

  #one(of: number): boolean {
    return this.#below(of) === 0;
  }

  #pick<T>(from: readonly T[]): T {
    const picked = from[this.#below(from.length)];
    if (picked === undefined) throw new RangeError("nothing to pick from");
    return picked;
  }
}

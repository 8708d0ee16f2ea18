/** Who may join: one-time tokens not yet spent, and the keys that spent one or are on a list. */
import { ProtocolError } from "../../shared/errors.ts";
import { newNonce, newToken, tokenKey } from "../../shared/keys/proofs.ts";
import type { Authenticated, ServerPart } from "../../shared/wire/handshake.ts";

/** Somebody who is to join from elsewhere: by one credential, under those names and no others. */
export interface Joiner {
  readonly names: readonly string[];
  /** Public key, base64url; undefined: a one-time token is drawn. */
  readonly key: string | undefined;
}

/** Names that a credential may bring; undefined: any that are awaited, until it has brought some. */
type Names = readonly string[] | undefined;

interface Token {
  /** K, all that is kept of it. */
  readonly k: Uint8Array;
  readonly names: Names;
  /** Wall clock, milliseconds. */
  readonly expires: number;
}

/** What outlives a coordinator's process: of those that come from elsewhere, and no secret but K. */
export interface StoredAdmission {
  readonly tokens: readonly (Token & { readonly names: readonly string[] })[];
  readonly enrolled: readonly { readonly key: string; readonly names: readonly string[] }[];
}

export interface AdmissionTools {
  /** Wall clock, milliseconds, until which tokens are good. */
  readonly expires?: number;
  /** Of a process before this one: no tokens are drawn for joiners then. */
  readonly stored?: StoredAdmission | undefined;
  /** Called before a change counts; throws if it cannot be kept. */
  readonly keep?: (state: StoredAdmission) => void;
}

export class Admission {
  /** As they are handed out: our own hosts' first, then a joiner's each where it has no key. */
  readonly tokens: readonly string[];
  readonly #runId: Uint8Array;
  readonly #keep: (state: StoredAdmission) => void;
  #unspent: readonly Token[];
  /** By public key, base64url. */
  #enrolled: ReadonlyMap<string, Names>;
  /** Keys of the list: it alone says whether they may come, now and when the run is resumed. */
  readonly #listed: ReadonlySet<string>;

  /**
   * @param runId 16 bytes
   * @param hosts of our own, each with a token for any clients
   */
  constructor(
    runId: Uint8Array,
    hosts: number,
    joiners: readonly Joiner[] = [],
    { expires = Infinity, stored, keep = () => {} }: AdmissionTools = {},
  ) {
    this.#runId = runId;
    this.#keep = keep;
    const byToken = stored ? [] : joiners.filter(({ key }) => key === undefined);
    const allowed: Names[] = [
      ...new Array<Names>(hosts).fill(undefined),
      ...byToken.map(({ names }) => names),
    ];
    this.tokens = allowed.map(newToken);
    const drawn = this.tokens.map((token, i) => ({
      k: tokenKey(token),
      names: allowed[i],
      expires,
    }));
    const listed = joiners.flatMap(({ key, names }) => (key === undefined ? [] : [{ key, names }]));
    this.#listed = new Set(listed.map(({ key }) => key));
    this.#unspent = [...drawn, ...(stored?.tokens ?? [])];
    const enrolled = [...listed, ...(stored?.enrolled ?? [])];
    this.#enrolled = new Map(enrolled.map(({ key, names }) => [key, names]));
    this.#keep(this.#stored(this.#unspent, this.#enrolled));
  }

  /** What one socket's `auth` is held against, its nonce fresh. @param audiences "host:port" each */
  part(audiences: readonly string[]): ServerPart {
    const [runId, enrolled, now] = [this.#runId, this.#enrolled, Date.now()];
    const tokens = this.#unspent.flatMap(({ k, expires }) => (now < expires ? [k] : []));
    // The map as it is when the answer comes: a key that was enrolled meanwhile is known.
    const has = (key: string) => this.#enrolled.has(key) || enrolled.has(key);
    return { runId, serverNonce: newNonce(), audiences, enrolled: { has }, tokens };
  }

  /**
   * Takes the token out of use and its key in.
   *
   * @returns the names that may be brought
   * @throws ProtocolError for a token spent meanwhile
   */
  admit({ key, token: k }: Authenticated): Names {
    if (k === undefined) return this.#enrolled.get(key);
    const token = this.#unspent.find((one) => one.k === k);
    if (token === undefined)
      throw refusal("auth.refused", "a token twice", "a token not yet spent");
    // A token proves no key: with another's it could take that one's place.
    if (this.#enrolled.has(key))
      throw refusal("auth.refused", "a token for a key that is known", "a key of its own");
    const unspent = this.#unspent.filter((one) => one !== token);
    const enrolled = new Map(this.#enrolled).set(key, token.names);
    this.#keep(this.#stored(unspent, enrolled));
    [this.#unspent, this.#enrolled] = [unspent, enrolled];
    return token.names;
  }

  /**
   * One of our own hosts has brought clients: from now on its key stands for them, and no other does.
   *
   * @throws ProtocolError `client.duplicate-name` for another key's
   */
  claim(key: string, names: readonly string[]): void {
    if (this.#enrolled.get(key) !== undefined) return;
    const claimed = new Set([...this.#enrolled.values()].flatMap((some) => some ?? []));
    const taken = names.find((name) => claimed.has(name));
    if (taken !== undefined) throw refusal("client.duplicate-name", taken, "a name of its own");
    this.#enrolled = new Map(this.#enrolled).set(key, names);
  }

  /** Of our own hosts nothing: a process that is started anew has new ones. */
  #stored(tokens: readonly Token[], enrolled: ReadonlyMap<string, Names>): StoredAdmission {
    return {
      tokens: tokens.flatMap(({ names, ...token }) => (names ? [{ ...token, names }] : [])),
      enrolled: [...enrolled].flatMap(([key, names]) =>
        names && !this.#listed.has(key) ? [{ key, names }] : [],
      ),
    };
  }
}

function refusal(what: string, got: string, expected: string): ProtocolError {
  const fix = "Join with what the coordinator gave this host.";
  return new ProtocolError({ what, where: "the registry", got, expected, fix });
}

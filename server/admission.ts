/** Who may join: one-time tokens not yet spent, and the keys that spent one or are on a list. */
import { ProtocolError } from "../shared/errors.ts";
import type { Authenticated, ServerPart } from "../shared/wire/handshake.ts";
import { newNonce, newToken, tokenKey } from "../shared/wire/proofs.ts";

/** Somebody who is to join from elsewhere: by one credential, under those names and no others. */
export interface Joiner {
  readonly names: readonly string[];
  /** Public key, base64url; undefined: a one-time token is drawn. */
  readonly key: string | undefined;
}

/** Names that a credential may bring; undefined: any that are awaited. */
type Names = readonly string[] | undefined;

export class Admission {
  /** As they are handed out: our own hosts' first, then a joiner's each where it has no key. */
  readonly tokens: readonly string[];
  readonly #runId: Uint8Array;
  /** By K of each token not yet spent. */
  readonly #unspent: Map<Uint8Array, Names>;
  /** By public key, base64url. */
  readonly #enrolled = new Map<string, Names>();

  /**
   * @param runId 16 bytes
   * @param hosts of our own, each with a token for any clients
   */
  constructor(runId: Uint8Array, hosts: number, joiners: readonly Joiner[] = []) {
    this.#runId = runId;
    const byToken = joiners.filter(({ key }) => key === undefined).map(({ names }) => names);
    const allowed: Names[] = [...new Array<Names>(hosts).fill(undefined), ...byToken];
    this.tokens = allowed.map(newToken);
    this.#unspent = new Map(this.tokens.map((token, i) => [tokenKey(token), allowed[i]]));
    for (const { key, names } of joiners) if (key !== undefined) this.#enrolled.set(key, names);
  }

  /** What one socket's `auth` is held against, its nonce fresh. @param audiences "host:port" each */
  part(audiences: readonly string[]): ServerPart {
    const [runId, enrolled, tokens] = [this.#runId, this.#enrolled, [...this.#unspent.keys()]];
    return { runId, serverNonce: newNonce(), audiences, enrolled, tokens };
  }

  /**
   * Takes the token out of use and its key in.
   *
   * @returns the names that may be brought
   * @throws ProtocolError for a token spent meanwhile
   */
  admit({ key, token }: Authenticated): Names {
    if (token === undefined) return this.#enrolled.get(key);
    const names = this.#unspent.get(token);
    if (!this.#unspent.delete(token)) {
      throw new ProtocolError({
        what: "auth.refused",
        where: "the registry",
        got: "a token twice",
        expected: "a token not yet spent",
        fix: "Join with what the coordinator gave this host.",
      });
    }
    this.#enrolled.set(key, names);
    return names;
  }
}

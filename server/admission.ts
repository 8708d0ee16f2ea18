/** Who may join: one-time tokens not yet spent, and the keys that spent one. */
import { ProtocolError } from "../shared/errors.ts";
import type { Authenticated, ServerPart } from "../shared/wire/handshake.ts";
import { newNonce, newToken, tokenKey } from "../shared/wire/proofs.ts";

export class Admission {
  /** As they are handed out, each good for one socket. */
  readonly tokens: readonly string[];
  readonly #runId: Uint8Array;
  /** K of each token not yet spent. */
  readonly #unspent: Set<Uint8Array>;
  /** Public keys, base64url. */
  readonly #enrolled = new Set<string>();

  /** @param runId 16 bytes */
  constructor(runId: Uint8Array, tokens: number) {
    this.#runId = runId;
    this.tokens = Array.from({ length: tokens }, newToken);
    this.#unspent = new Set(this.tokens.map(tokenKey));
  }

  /** What one socket's `auth` is held against, its nonce fresh. */
  part(audience: string): ServerPart {
    const [runId, enrolled, tokens] = [this.#runId, this.#enrolled, [...this.#unspent]];
    return { runId, serverNonce: newNonce(), audiences: [audience], enrolled, tokens };
  }

  /** Takes the token out of use and its key in. @throws ProtocolError for one spent meanwhile */
  admit({ key, token }: Authenticated): void {
    if (token === undefined) return;
    if (!this.#unspent.delete(token)) {
      throw new ProtocolError({
        what: "auth.refused",
        where: "the registry",
        got: "a token twice",
        expected: "a token not yet spent",
        fix: "Join with what the coordinator gave this host.",
      });
    }
    this.#enrolled.add(key);
  }
}

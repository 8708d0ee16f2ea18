/**
 * What two clients of one host agree on, worked out once for both: the private key of either gives the same secret,
 * and this process holds the two of them anyway. With clients of other hosts each agrees by itself.
 */
import type { KeyObject } from "node:crypto";
import { type AgreementKey, agreed } from "../../shared/secagg/agreement-keys.ts";

export class PairSecrets {
  /** Public keys of this host's clients in the attempt. */
  readonly #own = new Set<string>();
  /** Secrets that one client of a pair has asked for, until the other does. */
  readonly #waiting = new Map<string, Buffer>();

  /** A client of this host has this key. */
  add({ publicKey }: AgreementKey): void {
    this.#own.add(textOf(publicKey));
  }

  /**
   * What follows from the shared secret, the caller's own to overwrite.
   *
   * @param peer the other's public key, read where it is needed
   * @param peerBytes its 32 raw bytes
   * @param derive from the secret, 32 bytes that it may overwrite: the same for both of a pair
   */
  agreed(
    own: AgreementKey,
    peer: () => KeyObject,
    peerBytes: Uint8Array,
    derive: (secret: Buffer) => Buffer,
  ): Buffer {
    const [mine, other] = [textOf(own.publicKey), textOf(peerBytes)];
    const known = this.#waiting.get(other + mine);
    if (known) {
      this.#waiting.delete(other + mine);
      return known;
    }
    const derived = derive(agreed(own.privateKey, peer()));
    if (this.#own.has(other)) this.#waiting.set(mine + other, Buffer.from(derived));
    return derived;
  }

  /** The attempt is over: nothing is left of what nobody asked for. */
  forgetAll(): void {
    for (const secret of this.#waiting.values()) secret.fill(0);
    this.#waiting.clear();
    this.#own.clear();
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString("latin1");
}

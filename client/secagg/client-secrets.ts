/** What a client must not lose hold of during one masked attempt, and forgets with it. */
import { randomBytes } from "node:crypto";
import {
  type AgreementKey,
  agreementKey,
  freshAgreementKey,
  freshKeyPair,
} from "../../shared/secagg/agreement-keys.ts";
import type { SharePair } from "../../shared/secagg/share-packets.ts";

/** Fresh bytes of the operating system, or a test's own. */
export type Draw = (bytes: number) => Buffer;

export class ClientSecrets {
  /** Its private half is behind node's wall: it is forgotten, not overwritten. */
  cipher: AgreementKey | undefined;
  mask: AgreementKey | undefined;
  /** s, the private mask key, as it is shared: 32 bytes. */
  readonly maskKey: Buffer;
  /** b, from which the client's own mask follows: 32 bytes. */
  readonly selfMask: Buffer;
  /** What seals packets to and from each holder, by its place: `packetSecrets`. */
  readonly agreed = new Map<number, Buffer>();
  /** Shares of others, by owner. */
  readonly held = new Map<number, SharePair>();

  /** No seed of these exists: under seeded noise too they come from the operating system. */
  constructor(draw: Draw) {
    this.cipher = draw === randomBytes ? freshKeyPair() : readOnly(draw);
    const mask = draw === randomBytes ? freshAgreementKey() : drawnKey(draw);
    this.mask = mask.pair;
    this.maskKey = mask.secret;
    this.selfMask = draw(32);
  }

  /** Once the masks are on: only the shares of others are needed any more. */
  forgetOwn(): void {
    this.cipher = undefined;
    this.mask = undefined;
    this.maskKey.fill(0);
    this.selfMask.fill(0);
    for (const secret of this.agreed.values()) secret.fill(0);
    this.agreed.clear();
  }

  forgetAll(): void {
    this.forgetOwn();
    for (const { maskKey, selfMask } of this.held.values()) {
      maskKey.fill(0);
      selfMask.fill(0);
    }
    this.held.clear();
  }
}

function drawnKey(draw: Draw): ReturnType<typeof freshAgreementKey> {
  const secret = draw(32);
  return { pair: agreementKey(secret), secret };
}

/** The same, where nobody needs its bytes. */
function readOnly(draw: Draw): AgreementKey {
  const { pair, secret } = drawnKey(draw);
  secret.fill(0);
  return pair;
}

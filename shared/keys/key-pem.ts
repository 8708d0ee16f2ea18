/** A signing key as it lies in its owner's file: PKCS #8 in PEM (RFC 8410), as openssl writes it too. */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { ScenarioError } from "../errors.ts";
import type { SigningKey } from "./proofs.ts";
import { rawPublicKey } from "./raw-keys.ts";

export function pemOf({ privateKey }: SigningKey): string {
  return privateKey.export({ format: "pem", type: "pkcs8" }).toString();
}

/** @param where the file. @throws ScenarioError `key` for anything but an Ed25519 private key */
export function keyFromPem(pem: string, where: string): SigningKey {
  const privateKey = parsed(pem);
  if (privateKey?.asymmetricKeyType !== "ed25519")
    throw new ScenarioError({
      what: "key",
      where,
      got: privateKey ? `a key of type ${privateKey.asymmetricKeyType}` : "no private key",
      expected: "an Ed25519 private key, PEM",
      fix: "Make one with murmur keys new.",
    });
  return { privateKey, publicKey: rawPublicKey(privateKey) };
}

/** undefined for what is no unencrypted private key: the library's own message may quote it. */
function parsed(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}

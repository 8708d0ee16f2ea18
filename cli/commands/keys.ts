/** `murmur keys new`: a client's own key pair, and its line in a coordinator's allow list. */
import { checkedName, nameOfKey } from "../../client/join/own-credentials.ts";
import { writeSecret } from "../../shared/disk/secret-file.ts";
import { pemOf } from "../../shared/keys/key-pem.ts";
import { signingKey } from "../../shared/keys/proofs.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import type { OutputOptions } from "../terminal/output.ts";

export interface KeyOptions extends OutputOptions {
  readonly out: string;
}

/** Prints the line alone, so that it can be appended to a list. @throws ScenarioError */
export function newKey({ out, json, quiet }: KeyOptions): void {
  const name = checkedName(nameOfKey(out));
  const key = signingKey();
  writeSecret(out, pemOf(key));
  const publicKey = toWire(key.publicKey);
  if (json) {
    console.log(JSON.stringify({ file: out, name, publicKey }));
    return;
  }
  console.log(quiet ? publicKey : `${name} ${publicKey}`);
  if (!quiet)
    process.stderr.write(
      `murmur: the private key is in ${out}, for nobody but you; the line above is for the coordinator's allow list\n`,
    );
}

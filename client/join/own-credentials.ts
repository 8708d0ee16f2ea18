/**
 * IO: with what a client that joins from elsewhere shows who it is: a key of its own, or a token that
 * the coordinator's operator handed out. A token is good once and enrols a key, which is kept beside it
 * before anybody is dialled: whenever this process dies, the same command may be given again.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { basename, extname } from "node:path";
import { readSecret, writeSecret } from "../../shared/disk/secret-file.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { keyFromPem, pemOf } from "../../shared/keys/key-pem.ts";
import { signingKey, tokenKey } from "../../shared/keys/proofs.ts";
import type { Credentials } from "../../shared/wire/handshake.ts";
import { isClientName } from "../../shared/wire/wire-values.ts";

export interface OwnCredentials {
  readonly credentials: Credentials;
  /** Should those be refused: whether a process before this one has spent the token, nobody knows. */
  readonly instead?: Credentials | undefined;
  /** To be called once the coordinator has shown its plan: the token is spent, the key enrolled. */
  readonly enrolled?: () => void;
  /** As the coordinator knows this client. */
  readonly name: string;
}

/**
 * @param path of a private key, PEM
 * @param name unless it is the file's
 * @throws ScenarioError
 */
export function fromKeyFile(path: string, name = nameOfKey(path)): OwnCredentials {
  const key = keyFromPem(readSecret(path), path);
  return { credentials: { key, token: undefined }, name: checkedName(name) };
}

/** @param path of one line: the client's name and its token. @throws ScenarioError */
export function fromTokenFile(path: string): OwnCredentials {
  const [said = "", word = ""] = readSecret(path).trim().split(/\s+/);
  const name = checkedName(said);
  const token = tokenKey(word);
  const [kept, fresh] = [`${path}.key`, `${path}.key.new`];
  if (existsSync(kept)) {
    const { credentials } = fromKeyFile(kept, name);
    return { credentials, instead: { ...credentials, token }, name };
  }
  // What is shown first is most likely right: a door that is shown many wrong keys shuts.
  const enrolled = () => {
    if (existsSync(fresh)) renameSync(fresh, kept);
  };
  if (existsSync(fresh)) {
    const { credentials } = fromKeyFile(fresh, name);
    return { credentials: { ...credentials, token }, instead: credentials, name, enrolled };
  }
  const key = signingKey();
  keep(fresh, pemOf(key));
  return { credentials: { key, token }, name, enrolled };
}

/** Where nothing may be written, a second try takes another token, and that is all. */
function keep(path: string, text: string): void {
  try {
    writeSecret(path, text);
  } catch (cause) {
    if (!(cause instanceof ScenarioError)) throw cause;
    // Of a full disk a part may be there, which is no key.
    rmSync(path, { force: true });
  }
}

/** The name that a key's file gives its owner. */
export function nameOfKey(path: string): string {
  return basename(path, extname(path));
}

/** @throws ScenarioError for one that no file could be called by */
export function checkedName(name: string): string {
  if (isClientName(name)) return name;
  throw new ScenarioError({
    what: "client name",
    where: "--name",
    got: name,
    expected: "1 to 60 letters, digits, dots, dashes, underscores",
    fix: "Give the one by which the coordinator knows this client.",
  });
}

/** With what a client shows who it is, from one process to the next. */
import { readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fromTokenFile } from "../../../client/join/own-credentials.ts";
import { newToken, tokenKey } from "../../../shared/keys/proofs.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

function tokenFile() {
  const [path, token] = [join(folder.path, "c1.token"), newToken()];
  writeFileSync(path, `c1 ${token}\n`, { mode: 0o600 });
  return { path, k: tokenKey(token) };
}

it("keeps the key beside the token before that can be spent, and shows it first once it is enrolled", () => {
  const { path, k } = tokenFile();
  const first = fromTokenFile(path);
  expect(first).toMatchObject({ name: "c1", credentials: { token: k } });
  expect(first.instead).toBeUndefined();
  expect(statSync(`${path}.key.new`).mode & 0o777).toBe(0o600);
  const kept = readFileSync(`${path}.key.new`, "utf8");
  expect(kept).not.toContain(readFileSync(path, "utf8").trim().split(" ")[1]);
  const { publicKey } = first.credentials.key;
  // Nobody knows whether the token is spent: it is shown, then the key by itself.
  const again = fromTokenFile(path);
  expect(again.credentials).toMatchObject({ token: k, key: { publicKey } });
  expect(again.instead).toMatchObject({ token: undefined, key: { publicKey } });
  again.enrolled?.();
  const second = fromTokenFile(path);
  expect(second.credentials).toMatchObject({ token: undefined, key: { publicKey } });
  expect(second.instead).toMatchObject({ token: k, key: { publicKey } });
});

it("goes by the token alone where no key can be kept", () => {
  const { path, k } = tokenFile();
  // A link to nowhere counts as not there, and keeps a file from being made in its place.
  symlinkSync(join(folder.path, "none"), `${path}.key.new`);
  for (let tries = 0; tries < 2; tries++) {
    const { credentials, instead } = fromTokenFile(path);
    expect([credentials.token, instead]).toEqual([k, undefined]);
  }
});

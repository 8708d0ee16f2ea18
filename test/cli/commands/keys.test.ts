/** `murmur keys new`: a key that node and openssl read, for its owner's eyes, and its public half. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { murmur, murmurProcess, scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());
const file = (name: string) => join(folder.path, name);

it("prints the file's name and the public key of what it wrote, mode 600", async () => {
  const { status, stdout } = await murmurProcess(["keys", "new", "--out", file("hospital-a.pem")]);
  expect(status).toBe(0);
  const [name, publicKey, ...more] = stdout.trim().split(" ");
  expect([name, more]).toEqual(["hospital-a", []]);
  const key = createPrivateKey(readFileSync(file("hospital-a.pem")));
  expect(key.asymmetricKeyType).toBe("ed25519");
  expect(createPublicKey(key).export({ format: "jwk" }).x).toBe(publicKey);
  expect(statSync(file("hospital-a.pem")).mode & 0o777).toBe(0o600);
});

it("never makes the same key twice", async () => {
  const lines = await Promise.all(
    ["a.pem", "b.pem"].map((name) => murmur(["keys", "new", "--quiet", "--out", file(name)])),
  );
  const keys = lines.map(({ stdout }) => stdout.trim());
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_-]{43}$/);
});

it("leaves a file that is there as it is, exit 2", async () => {
  writeFileSync(file("mine.pem"), "mine");
  const { status, stdout, stderr } = await murmur(["keys", "new", "--out", file("mine.pem")]);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^ScenarioError: key file \(.*mine\.pem\): .*EEXIST.*\n$/);
  expect(readFileSync(file("mine.pem"), "utf8")).toBe("mine");
});

it("refuses a name that no client may have, exit 2, and writes nothing", async () => {
  const { status, stderr } = await murmur(["keys", "new", "--out", file("my key.pem")]);
  expect(status).toBe(2);
  expect(stderr).toContain("client name (--name): got my key");
  expect(() => statSync(file("my key.pem"))).toThrow("ENOENT");
});

import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { readMasterKey } from "../../../client/anonymize/master-key.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-key-"));
const key = randomBytes(33);

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function keyFile(text: string, mode = 0o600): string {
  const path = join(folder, `key-${mode}-${text.length}`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

describe("readMasterKey", () => {
  it.each([
    ["hex", key.toString("hex")],
    ["capital hex", key.toString("hex").toUpperCase()],
    ["base64", key.toString("base64")],
    ["base64 of two spare bits", key.subarray(0, 32).toString("base64")],
    ["base64url", key.toString("base64url")],
    ["base64 and a line end", `${key.toString("base64")}\n`],
  ])("reads %s from the environment and from a file", (name, text) => {
    const bytes = name.includes("spare") ? key.subarray(0, 32) : key;
    vi.stubEnv("MURMUR_TEST_KEY", text);
    expect(Buffer.from(readMasterKey({ env: "MURMUR_TEST_KEY" }))).toEqual(bytes);
    expect(Buffer.from(readMasterKey({ file: keyFile(text) }))).toEqual(bytes);
  });

  it("misses a key that is not there, and names where it should be", () => {
    vi.stubEnv("MURMUR_TEST_KEY", " ");
    expect(() => readMasterKey({ env: "MURMUR_TEST_KEY" })).toThrow(
      "missingKey (the environment, MURMUR_TEST_KEY)",
    );
    expect(() => readMasterKey({ env: "MURMUR_TEST_NO_KEY" })).toThrow("missingKey");
    const nowhere = join(folder, "nowhere");
    expect(() => readMasterKey({ file: nowhere })).toThrow(`missingKey (${nowhere})`);
    expect(() => readMasterKey({ file: keyFile("") })).toThrow("missingKey");
  });

  it.each([
    ["a passphrase", "correct horse battery staple, eight times over"],
    ["half a byte of hex, no length of base64", "abcde"],
    ["base64 with spare bits set", `${"A".repeat(42)}B=`],
  ])("refuses %s, and does not quote it", (_, text) => {
    const read = () => readMasterKey({ file: keyFile(text) });
    expect(read).toThrow(/^weakKey /);
    expect(read).not.toThrow(text);
  });

  it.each([0o640, 0o604, 0o620])("refuses a file of mode %o, which others may read", (mode) => {
    const path = keyFile(key.toString("hex"), mode);
    expect(() => readMasterKey({ file: path })).toThrow("a file that others may read");
  });

  it("refuses a file that is too long for any key", () => {
    expect(() => readMasterKey({ file: keyFile("ab".repeat(3_000)) })).toThrow("a longer file");
  });
});

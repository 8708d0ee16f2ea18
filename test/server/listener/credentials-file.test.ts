/** A coordinator that is started anew: its clients know it again, and it them. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readCredentials, writeCredentials } from "../../../server/listener/credentials-file.ts";
import { signingKey, tokenKey } from "../../../shared/keys/proofs.ts";
import { LINK_TIMING, LinkedRun } from "../../support/linked-run.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
let run: LinkedRun | undefined;
beforeEach(() => {
  folder = scratch();
});
afterEach(async () => {
  await run?.close();
  run = undefined;
  folder.remove();
});
const path = () => join(folder.path, "credentials.json");
const byToken = { joiners: ["a", "b"].map((name) => ({ names: [name], key: undefined })) };
const one = () => [1, 10];

it("writes what it reads again, for its owner's eyes, and no token", () => {
  const token = Buffer.alloc(32, 7).toString("base64url");
  const serverKey = signingKey();
  const key = Buffer.from(signingKey().publicKey).toString("base64url");
  const stored = {
    serverKey,
    tokens: [{ k: tokenKey(token), names: ["a", "a.2"], expires: 1_900_000_000_000 }],
    enrolled: [{ key, names: ["b"] }],
  };
  writeCredentials(path(), stored);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(readFileSync(path(), "utf8")).not.toContain(token);
  const read = readCredentials(path());
  expect(read?.serverKey.publicKey).toEqual(serverKey.publicKey);
  expect({ ...read, serverKey }).toEqual(stored);
  expect(readCredentials(join(folder.path, "none"))).toBeUndefined();
  writeFileSync(path(), '{"format":1,"serverKey":"SECRET"');
  expect(() => readCredentials(path())).toThrow(/^credentials .*got something else/);
});

it("a token is on the disk as spent before its owner hears so, and is of no use to a thief after a restart", async () => {
  run = await LinkedRun.open(["a", "b"], "secure", { credentials: path(), ...byToken });
  const [tokenA = "", tokenB = ""] = run.registry.tokens;
  expect(readCredentials(path())?.tokens).toHaveLength(2);
  const a = run.join("a", one, { token: tokenA });
  await a.session.plan;
  // Its plan is here, so `welcome` was: by then the file must know.
  const after = readCredentials(path());
  expect(after?.tokens.map(({ names }) => names)).toEqual([["b"]]);
  expect(after?.enrolled.map(({ names }) => names)).toEqual([["a"]]);

  const serverKey = run.registry.serverKey.publicKey;
  await run.restart();
  expect(run.registry.serverKey.publicKey).toEqual(serverKey);
  expect(run.registry.tokens).toEqual([]);
  const thief = run.join("thief", one, { token: tokenA });
  await expect(thief.session.plan).rejects.toThrow("auth.refused");
  run.join("b", () => [2, 20], { token: tokenB });
  // The first comes by itself, by its key.
  await run.registry.joined;
  expect(a.session.end).toBeUndefined();
  const { attempt, gathered } = run.begin(0);
  await gathered;
  expect(attempt.sum).toEqual(Int32Array.of(3, 30));
});

it("input auth: a token that has expired → 4401", async () => {
  const timing = { ...LINK_TIMING, joinMs: 50 };
  run = await LinkedRun.open(["a"], "secure", {
    timing,
    joiners: [{ names: ["a"], key: undefined }],
  });
  await run.registry.joined;
  const late = run.join("a", one, { token: run.registry.tokens[0] ?? "" });
  await expect(late.session.plan).rejects.toThrow("auth.refused");
  await expect.poll(() => late.session.end?.lost.message).toContain("auth.refused");
});

it("a token whose owner was cut off before it heard is tried again, by key and by token", async () => {
  run = await LinkedRun.open(["a"], "secure", { joiners: [{ names: ["a"], key: undefined }] });
  // The head of the upgrade passes; hello does; then nothing: did `auth` arrive?
  run.relay.fate = (direction, index, connection) =>
    direction === "up" && index === 0 && connection === 0 ? "drop" : "pass";
  const timing = { ...LINK_TIMING, heartbeatMs: 50, silenceMs: 100 };
  const [token = ""] = run.registry.tokens;
  const a = run.join("a", one, { token, timing, giveUpAfterMs: 10_000 });
  await run.registry.joined;
  expect(a.retries.length).toBeGreaterThan(0);
});

it("keys stand for their clients and no others, for the whole run", async () => {
  run = await LinkedRun.open(["a"], "secure", { hosts: 2, expected: ["a", "x", "y"] });
  const [first = "", second = ""] = run.registry.tokens;
  run.join("x", one, { token: first });
  await expect.poll(() => run?.registry.rounds.present).toEqual([1]);
  const other = run.join("x", one, { token: second });
  await expect(other.ended.then(() => other.session.end?.lost.message)).resolves.toMatch(
    /client\.duplicate-name/,
  );
});

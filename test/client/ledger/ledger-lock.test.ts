import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { takeLock } from "../../../client/ledger/ledger-lock.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
let path = "";
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = scratch();
  path = join(folder.path, "anna.lock");
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  folder.remove();
});

/** A process that does nothing until it is killed. */
function idler(): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
  children.push(child);
  return Object.assign(child, { pid: child.pid ?? 0 });
}
const heldBy = (pid: number, started: string | null) =>
  writeFileSync(path, JSON.stringify({ pid, started }));
const holder = () => JSON.parse(readFileSync(path, "utf8")).pid;

it("is held until it is given back, and leaves nothing beside it", () => {
  const release = takeLock(path);
  expect(() => takeLock(path)).toThrow(ScenarioError);
  expect(() => takeLock(path)).toThrow(`clientLedger.locked (${path}): got process ${process.pid}`);
  expect(readdirSync(folder.path)).toEqual(["anna.lock"]);
  release();
  expect(existsSync(path)).toBe(false);
  takeLock(path);
  expect(holder()).toBe(process.pid);
});

it("is refused while its holder lives, and free once it is dead", async () => {
  const child = idler();
  heldBy(child.pid, null);
  expect(() => takeLock(path)).toThrow("clientLedger.locked");
  expect(holder()).toBe(child.pid);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  takeLock(path);
  expect(holder()).toBe(process.pid);
});

it("is free when its holder's number has passed on to another process (Linux)", () => {
  heldBy(idler().pid, "1");
  takeLock(path);
  expect(holder()).toBe(process.pid);
});

it("is free when its bytes were lost", () => {
  writeFileSync(path, "");
  takeLock(path);
  expect(holder()).toBe(process.pid);
});

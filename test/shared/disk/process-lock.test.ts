import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Holder, takeLock } from "../../../shared/disk/process-lock.ts";
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

const take = () =>
  takeLock(path, (where, { pid, host }) => {
    return { what: "held", where, got: `${pid} on ${host}`, expected: "nobody", fix: "Wait." };
  });

/** A process that does nothing until it is killed. */
function idler(): ChildProcess & { readonly pid: number } {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"]);
  children.push(child);
  return Object.assign(child, { pid: child.pid ?? 0 });
}
const heldBy = (holder: Partial<Holder>) => {
  const whole = { pid: 1, started: null, bootId: null, host: hostname(), ...holder };
  writeFileSync(path, JSON.stringify(whole));
};
const holder = () => JSON.parse(readFileSync(path, "utf8")).pid;

it("is held until it is given back, and leaves nothing beside it", () => {
  const release = take();
  expect(take).toThrow(ScenarioError);
  expect(take).toThrow(`held (${path}): got ${process.pid} on ${hostname()}`);
  expect(readdirSync(folder.path)).toEqual(["anna.lock"]);
  release();
  expect(existsSync(path)).toBe(false);
  take();
  expect(holder()).toBe(process.pid);
});

it("row 23: is refused while its holder lives, and free once it is dead", async () => {
  const child = idler();
  heldBy({ pid: child.pid });
  expect(take).toThrow("held");
  expect(holder()).toBe(child.pid);
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
  take();
  expect(holder()).toBe(process.pid);
  expect(readdirSync(folder.path)).toEqual(["anna.lock"]);
});

it("is free when its holder's number has passed on to another process (Linux)", () => {
  heldBy({ pid: idler().pid, started: "1" });
  take();
  expect(holder()).toBe(process.pid);
});

it("is free once the machine has booted anew, whatever runs under that number (Linux)", () => {
  heldBy({ pid: idler().pid, bootId: "another" });
  take();
  expect(holder()).toBe(process.pid);
});

it("stays held by a process of another machine, of which nobody here can tell", () => {
  heldBy({ pid: 4_000_000, bootId: "another", host: "elsewhere" });
  expect(take).toThrow("4000000 on elsewhere");
});

it("is free when its bytes were lost", () => {
  writeFileSync(path, "");
  take();
  expect(holder()).toBe(process.pid);
});

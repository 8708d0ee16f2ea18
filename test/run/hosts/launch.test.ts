import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { InProcessHost } from "../../../run/hosts/in-process-host.ts";
import { forkHosts, Hosts } from "../../../run/hosts/launch.ts";
import { TIMING } from "../../../shared/timing.ts";
import { MemoryTransport } from "../../../shared/wire/memory-transport.ts";

/** The first host answers what it is asked; the second lives, and never says a word. */
const PROGRAM = `
process.on("message", (told) => {
  if (told.index === 0) process.on("message", ({ kind }) => {
    if (kind === "evaluate")
      process.send({ kind: "evaluated", clients: [{ client: "c1", right: 3, wrong: 1 }] });
  });
  if (told.index === 0) process.send({ kind: "clients", empty: ["c1"], oneClass: [], labels: [] });
});
`;
/** Says that it is idle once it is told of a run, unless the run is its last. */
const STAYING = `
process.once("disconnect", () => process.exit(0));
process.on("message", ({ run, last }) => {
  process.send({ kind: "prepared", run });
  if (!last) process.send({ kind: "idle" });
});
`;
const folder = mkdtempSync(join(tmpdir(), "murmur-launch-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("waits for no host longer than for a round, or for its joining", async () => {
  const program = join(folder, "host.mjs");
  writeFileSync(program, PROGRAM);
  const hosts = new Hosts(program, 2, { ...TIMING, joinMs: 1_500, trainMs: 1_500 });
  hosts.prepared.catch(() => {});
  try {
    hosts.assign([{ index: 0 }, { index: 1 }]);
    expect(await hosts.ofNote).toEqual({ empty: ["c1"], oneClass: [], labels: [] });
    const counted = await hosts.countRight(new Float32Array(2));
    expect(counted).toEqual([{ client: "c1", right: 3, wrong: 1 }]);
  } finally {
    await hosts.end(0);
  }
});

it("lets go of lent hosts that are idle again, for run after run, and ends one that is not", async () => {
  const program = join(folder, "staying.mjs");
  writeFileSync(program, STAYING);
  const lent = forkHosts(program, 2);
  for (const run of [1, 2, 3]) {
    const hosts = new Hosts(program, 2, TIMING, lent);
    hosts.assign([{ run }, { run }]);
    // Of this run, not of one before.
    expect(await hosts.prepared).toMatchObject({ run });
    await hosts.end(TIMING.closeMs);
    // As a run does that has ended by itself.
    await hosts.end(TIMING.closeMs);
    expect(lent.map(({ connected }) => connected)).toEqual([true, true]);
    expect(lent.map((child) => child.listenerCount("message"))).toEqual([0, 0]);
  }
  const hosts = new Hosts(program, 2, TIMING, lent);
  hosts.assign([{ run: 4 }, { run: 4, last: true }]);
  await hosts.prepared;
  await hosts.end(200);
  expect(lent.map(({ connected }) => connected)).toEqual([false, false]);
});

it("waits for no lent host that has ended to be idle", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  try {
    const lent = [new InProcessHost(new MemoryTransport().dial)];
    const hosts = new Hosts("this process", 1, TIMING, lent);
    await hosts.end(0);
    // No time passes here.
    await hosts.end(TIMING.closeMs);
    expect(lent.map(({ connected }) => connected)).toEqual([false]);
  } finally {
    vi.useRealTimers();
  }
}, 5_000);

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Hosts } from "../../server/launch.ts";
import { TIMING } from "../../shared/timing.ts";

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

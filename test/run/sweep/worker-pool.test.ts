/** A pool of real processes: few, each for many orders, and none left over. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type Answered, carryOut } from "../../../run/sweep/worker-pool.ts";
import { alive, scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const program = join(folder.path, "worker.mjs");
writeFileSync(
  program,
  `process.once("disconnect", () => process.exit(0));
   process.on("message", ({ n }) => {
     if (n === 13) process.exit(7);
     if (n === 14) process.kill(process.pid, "SIGKILL");
     if (n !== 99) process.send({ n, pid: process.pid });
   });`,
);

interface Reply {
  readonly n: number;
  readonly pid: number;
}
const orders = (...numbers: number[]) => numbers.map((n) => ({ n }));

it("carries out many orders with few processes, then ends them", async () => {
  const told: Reply[] = [];
  await carryOut(
    program,
    2,
    orders(1, 2, 3, 4, 5, 6, 7, 8),
    (_, answered: Answered<Reply>) => {
      if (answered.kind === "answer") told.push(answered.answer);
    },
    new AbortController().signal,
  );
  expect(told.map(({ n }) => n).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const pids = new Set(told.map(({ pid }) => pid));
  expect(pids.size).toBeLessThanOrEqual(2);
  for (const pid of pids) expect(alive(pid)).toBe(false);
});

it("tells how a process ended over an order, and goes on with another", async () => {
  const told: string[] = [];
  await carryOut(
    program,
    1,
    orders(1, 13, 2, 14, 3),
    ({ n }, answered: Answered<Reply>) => {
      told.push(`${n} ${answered.kind === "answer" ? "done" : answered.how}`);
    },
    new AbortController().signal,
  );
  expect(told).toEqual(["1 done", "13 exit code 7", "2 done", "14 SIGKILL", "3 done"]);
});

it("breaks off when it is told to: what has no answer gets none", async () => {
  const interrupt = new AbortController();
  const told: number[] = [];
  await carryOut(
    program,
    1,
    orders(1, 99, 2),
    ({ n }, _: Answered<Reply>) => {
      told.push(n);
      // The next order is one that this program never answers.
      setImmediate(() => interrupt.abort());
    },
    interrupt.signal,
  );
  expect(told).toEqual([1]);
});

/** A call under way: its promise, its loops, and to whom a failure is told. */
import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Running } from "../../run/running.ts";

const FAILURE = new Error("it fails");

/** Tells the numbers below `count`, one a turn of the event loop, then ends. */
function counting(count: number, end: () => string = () => "done"): Running<number, string> {
  return new Running(async (tell) => {
    for (let i = 0; i < count; i++) {
      await turn();
      tell(i);
    }
    return end();
  });
}

function failing(count: number): Running<number, string> {
  return counting(count, () => {
    throw FAILURE;
  });
}

async function loop(running: AsyncIterable<number>, into: number[] = []): Promise<number[]> {
  for await (const event of running) into.push(event);
  return into;
}

/** What is unhandled while `act` runs, and in the turns after it. */
async function unhandledIn(act: () => unknown): Promise<unknown[]> {
  const others = process.listeners("unhandledRejection");
  const found: unknown[] = [];
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", (reason) => found.push(reason));
  try {
    await act();
    for (let i = 0; i < 10; i++) await turn();
    return found;
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  }
}

it("is awaited for its result, and iterated for its events, at once or one after the other", async () => {
  const running = counting(3);
  expect(await loop(running)).toEqual([0, 1, 2]);
  expect(await running).toBe("done");
  expect(await running.then((result) => `${result}!`)).toBe("done!");
});

it("gives every loop what happens after it began, in order, and none of what was before", async () => {
  const running = counting(4);
  const late: number[] = [];
  const early: number[] = [];
  for await (const event of running) {
    early.push(event);
    if (event === 1) void loop(running, late);
  }
  await running;
  await turn();
  expect(early).toEqual([0, 1, 2, 3]);
  expect(late).toEqual([2, 3]);
  expect(await loop(running)).toEqual([]);
});

it("loses nothing for a loop that is slower than the events", async () => {
  const running = new Running<number, string>(async (tell) => {
    await turn();
    for (let i = 0; i < 100; i++) tell(i);
    return "done";
  });
  const events: number[] = [];
  for await (const event of running) {
    events.push(event);
    if (event % 10 === 0) await turn();
  }
  expect(events).toEqual(Array.from({ length: 100 }, (_, i) => i));
});

it("goes on when a loop is left early", async () => {
  const running = counting(5);
  for await (const event of running) if (event === 1) break;
  expect(await running).toBe("done");
});

it("fails in the promise and in every loop, after the events before it", async () => {
  const running = failing(2);
  const events: number[] = [];
  await expect(Promise.all([loop(running, events), running])).rejects.toBe(FAILURE);
  expect(events).toEqual([0, 1]);
  await expect(running.catch((error) => Promise.reject(error))).rejects.toBe(FAILURE);
  await expect(loop(running)).rejects.toBe(FAILURE);
});

it("rejects where it fails before its first wait: nothing is thrown by the call", async () => {
  const refused = new Running(async () => {
    throw FAILURE;
  });
  await expect(refused).rejects.toBe(FAILURE);
});

it("leaves no rejection unhandled where the promise or a loop is waited for", async () => {
  const unhandled = await unhandledIn(async () => {
    await expect(failing(1)).rejects.toBe(FAILURE);
    await expect(loop(failing(1))).rejects.toBe(FAILURE);
    const left = failing(3);
    for await (const event of left) if (event === 0) break;
    await expect(left.finally()).rejects.toBe(FAILURE);
  });
  expect(unhandled).toEqual([]);
});

it("is an unhandled rejection where nobody waits, or nobody does any more", async () => {
  expect(await unhandledIn(() => void failing(1))).toEqual([FAILURE]);
  const left = async () => {
    for await (const event of failing(3)) if (event === 0) break;
  };
  expect(await unhandledIn(left)).toEqual([FAILURE]);
});

import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Attempt } from "../../../server/attempts/attempt.ts";
import { ProtocolError } from "../../../shared/errors.ts";

const update = (clientIndex: number, values: number[], sha256 = `hash of ${values}`) => ({
  kind: "update" as const,
  vclient: clientIndex,
  round: 3,
  attempt: 1,
  update: Int32Array.from(values),
  sha256,
});
const opened = () => new Attempt(3, 1, [0, 1, 4], 2);

it("sums each client's first update, and says when all are in", async () => {
  const attempt = opened();
  expect(attempt.offer(update(0, [1, 10]))).toBe("counted");
  expect(attempt.offer(update(4, [3, -4]))).toBe("counted");
  expect(attempt.offer(update(1, [-5, 100]))).toBe("counted");
  await attempt.settled;
  expect(attempt.sum).toEqual(Int32Array.of(-1, 106));
  expect(attempt.survivors).toEqual([0, 4, 1]);
});

/** Whether it has settled by now. */
async function isSettled({ settled }: Attempt): Promise<boolean> {
  return Promise.race([settled.then(() => true), setImmediate(false)]);
}

it("waits for the last one, and for nobody where nobody was drawn", async () => {
  const attempt = opened();
  expect(await isSettled(attempt)).toBe(false);
  attempt.offer(update(0, [1, 10]));
  attempt.lose([4]);
  expect(await isSettled(attempt)).toBe(false);
  attempt.lose([1]);
  expect(await isSettled(attempt)).toBe(true);
  expect(await isSettled(new Attempt(3, 1, [], 2))).toBe(true);
});

it("row 33: counts the same bytes once", () => {
  const attempt = opened();
  attempt.offer(update(0, [1, 10]));
  expect(attempt.offer(update(0, [1, 10]))).toBe("duplicate");
  expect(attempt.sum).toEqual(Int32Array.of(1, 10));
});

it("row 1: settles when the rest is lost", async () => {
  const attempt = opened();
  attempt.offer(update(0, [1, 10]));
  attempt.lose([1, 4]);
  await attempt.settled;
  expect(attempt.survivors).toEqual([0]);
});

it("row 29: leaves what comes after the deadline out", () => {
  const attempt = opened();
  attempt.close();
  expect(attempt.offer(update(0, [1, 10]))).toBe("late");
  expect(attempt.sum).toEqual(new Int32Array(2));
});

describe("refuses, with the sum untouched,", () => {
  it.each([
    ["row 34: another round", { round: 2 }, "update.round"],
    ["row 34: a future attempt", { attempt: 2 }, "update.round"],
    ["row 35: a client outside the cohort", { vclient: 2 }, "update.foreign"],
    ["row 39: a wrong length", { update: Int32Array.of(1) }, "update.shape"],
  ])("%s", (_, odd, what) => {
    const attempt = opened();
    const offered = { ...update(0, [1, 10]), ...odd };
    expect(() => attempt.offer(offered)).toThrow(ProtocolError);
    expect(() => attempt.offer(offered)).toThrow(what);
    expect(attempt.sum).toEqual(new Int32Array(2));
  });

  it("other bytes of a client that is in", () => {
    const attempt = opened();
    attempt.offer(update(0, [1, 10]));
    expect(() => attempt.offer(update(0, [2, 10]))).toThrow("update.conflict");
    expect(attempt.sum).toEqual(Int32Array.of(1, 10));
  });
});

it("refuses masked words and a step's answer, and still waits for their client", () => {
  const attempt = opened();
  const ids = { vclient: 0, round: 3, attempt: 1 };
  const masked = { kind: "masked", ...ids, masked: Uint32Array.of(1, 10), sha256: "a" } as const;
  const step = { kind: "step", ...ids, step: "keys", bytes: Buffer.alloc(8) } as const;
  for (const arrived of [masked, step])
    expect(() => attempt.offer(arrived)).toThrow("update.round");
  expect(attempt.waitsFor(0)).toBe(true);
  expect(attempt.sum).toEqual(new Int32Array(2));
});

it("waits no longer for a client whose update is refused for what it is", () => {
  const attempt = opened();
  expect(() => attempt.offer(update(0, [1]))).toThrow("update.shape");
  expect(() => attempt.offer({ ...update(1, [1, 2]), round: 2 })).toThrow("update.round");
  expect([0, 1].map((clientIndex) => attempt.waitsFor(clientIndex))).toEqual([false, true]);
});

it("names as late those that it waited for when it was closed, and nobody before", () => {
  const attempt = opened();
  attempt.offer(update(0, [1, 10]));
  expect(attempt.late).toEqual([]);
  attempt.close();
  expect(attempt.late).toEqual([1, 4]);
});

it("keeps why it took no update of a client that it asks, while it is open", () => {
  const attempt = opened();
  const odd = (clientIndex: number) => () =>
    attempt.offer({ ...update(clientIndex, [1, 2]), round: 2 });
  expect(odd(1)).toThrow("update.round");
  expect(odd(2)).toThrow("update.foreign");
  expect(attempt.became(1)).toEqual({ kind: "refused", what: "update.round" });
  expect(attempt.became(2)).toEqual({ kind: "late" });
  attempt.close();
  expect(odd(4)).toThrow("update.round");
  expect(attempt.became(4)).toEqual({ kind: "late" });
  expect(attempt.silent).toEqual([0, 4]);
});

describe("gathers", () => {
  const wireWith = (unreachable: readonly number[]) => {
    const end = new AbortController();
    const begun: string[] = [];
    const timing = { stepMs: 1, trainMs: 1, awayMs: 1 };
    const nothing = () => {};
    const wire = {
      ...{ begin: () => void begun.push("begin"), toAll: nothing, toOne: nothing },
      ...{ unreachable, timing, ended: end.signal },
    };
    return { wire, begun, end };
  };

  it("until all are in or lost, where no clock runs, and is closed then", async () => {
    const attempt = opened();
    const { wire, begun } = wireWith([]);
    let isOver = false;
    const gathered = attempt.gather(wire).then(() => {
      isOver = true;
    });
    expect(begun).toEqual(["begin"]);
    attempt.offer(update(0, [1, 10]));
    attempt.offer(update(1, [2, 20]));
    await setImmediate();
    expect(isOver).toBe(false);
    attempt.lose([4]);
    await gathered;
    expect(attempt.offer(update(4, [1, 1]))).toBe("late");
    expect(attempt.sum).toEqual(Int32Array.of(3, 30));
    expect([0, 4].map((clientIndex) => attempt.became(clientIndex).kind)).toEqual([
      "counted",
      "lost",
    ]);
  });

  it("until the tick, where a clock runs, though all are in; then an unreachable client is lost", async () => {
    const endsAt = performance.now() + 50;
    const attempt = new Attempt(3, 1, [0, 1, 4], 2, { endsAt });
    const gathered = attempt.gather(wireWith([0, 1]).wire);
    attempt.offer(update(0, [1, 10]));
    await gathered;
    expect(performance.now()).toBeGreaterThanOrEqual(endsAt);
    const became = [0, 1, 4].map((clientIndex) => attempt.became(clientIndex).kind);
    expect(became).toEqual(["counted", "lost", "late"]);
    const full = new Attempt(3, 1, [0], 2, { endsAt: performance.now() + 50 });
    full.offer(update(0, [1, 10]));
    await full.gather(wireWith([]).wire);
    expect(performance.now()).toBeGreaterThanOrEqual(full.endsAt ?? Infinity);
  });

  it("no further once nobody has a use for it", async () => {
    const attempt = opened();
    const { wire, end } = wireWith([]);
    const gathered = attempt.gather(wire);
    end.abort(new Error("over"));
    await expect(gathered).rejects.toThrow("over");
    expect(attempt.offer(update(0, [1, 10]))).toBe("late");
  });
});

it("knows whose update is in the sum", () => {
  const attempt = opened();
  attempt.offer(update(4, [1, 10]));
  attempt.lose([1]);
  expect([0, 1, 4].map((clientIndex) => attempt.hasCounted(clientIndex))).toEqual([
    false,
    false,
    true,
  ]);
});

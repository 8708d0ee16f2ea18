/** Hosts that come back into a masked attempt, whatever was on its way when their link broke. */
import { afterEach, expect, it, vi } from "vitest";
import { Arrivals } from "../../../client/connection/arrivals.ts";
import { ReplayGuard } from "../../../client/connection/replay-guard.ts";
import type { MaskedAttempt } from "../../../server/attempts/masked-attempt.ts";
import { ClientConnections } from "../../../server/connections/client-connections.ts";
import type { StepUp } from "../../../shared/secagg/wire-steps.ts";
import { type Change, MaskedSessions } from "../../support/masked-sessions.ts";

const FOUR = [["a"], ["b"], ["c"], ["d"]];
let run: MaskedSessions;
afterEach(async () => {
  vi.restoreAllMocks();
  await run.close();
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const became = (attempt: MaskedAttempt) => attempt.asked.map((one) => attempt.became(one).kind);
/** Takes its time for its vector, and for the last step. */
const slow: Change = (session) => ({
  send: async (...given) => {
    await pause(150);
    return session.work.send(...given);
  },
  sendStep: (...given) => {
    const [, , step] = given;
    if (step !== "unmask") session.work.sendStep(...given);
    else void pause(150).then(() => session.work.sendStep(...given));
  },
});
const ALL = ["counted", "counted", "counted", "counted"];

/** Host 0 does as told, as do the others. */
async function joined(change: Change, others?: Change): Promise<void> {
  run.join(0, change);
  for (const i of [1, 2, 3]) run.join(i, others);
  await run.registry.joined;
}

it.each(["keys", "packets", "confirm"] as const)(
  "row 30: an answer given while the model of a repeated round is on its way goes once: %s",
  async (held: StepUp) => {
    run = await MaskedSessions.open(FOUR);
    let late = () => {};
    const { take } = ReplayGuard.prototype;
    vi.spyOn(ReplayGuard.prototype, "take").mockImplementation(function (
      this: ReplayGuard,
      ticket,
    ) {
      const taken = take.call(this, ticket);
      // In again, and told of the round; its model comes later.
      if (taken === "again") late();
      return taken;
    });
    const { expect: expected } = Arrivals.prototype;
    vi.spyOn(Arrivals.prototype, "expect").mockImplementation(function (this: Arrivals, ...given) {
      const arrival = expected.apply(this, given);
      return arrival.then(async (object) => {
        if (object.kind === "model") await pause(50);
        return object;
      });
    });
    await joined(
      (session) => ({
        ...slow(session),
        sendStep: (order, clientIndex, step, bytes) => {
          if (step !== held) return session.work.sendStep(order, clientIndex, step, bytes);
          session.breakLink();
          late = () => session.work.sendStep(order, clientIndex, step, bytes);
        },
      }),
      slow,
    );
    const { attempt, sum } = run.begin(0, 0);
    await sum;
    expect(became(attempt)).toEqual(ALL);
  },
);

it("row 30: a link that breaks between a round and its model: the client begins when it is back", async () => {
  run = await MaskedSessions.open(FOUR);
  let session: ReturnType<MaskedSessions["join"]> | undefined;
  const { take } = ReplayGuard.prototype;
  let isFirst = true;
  vi.spyOn(ReplayGuard.prototype, "take").mockImplementation(function (this: ReplayGuard, ticket) {
    if (isFirst) session?.breakLink();
    isFirst = false;
    return take.call(this, ticket);
  });
  await joined((own) => {
    session = own;
    return {};
  });
  const { attempt, sum } = run.begin(0, 0);
  await sum;
  expect(became(attempt)).toEqual(ALL);
});

it("row 10: a process started anew after it had answered holds nobody up, and is lost to the attempt", async () => {
  run = await MaskedSessions.open(FOUR);
  let go = () => {};
  const anew = new Promise<void>((resolve) => {
    go = resolve;
  });
  run.join(0);
  // The others deal their shares when the first has gone.
  for (const i of [1, 2, 3])
    run.join(i, (session) => ({
      sendStep: (order, clientIndex, step, bytes) => {
        const say = () => session.work.sendStep(order, clientIndex, step, bytes);
        if (step === "packets") void anew.then(say);
        else say();
      },
    }));
  await run.registry.joined;
  const { attempt, sum } = run.begin(0, 0);
  await expect
    .poll(() => attempt.machine.openStep === "packets" && !attempt.waitsFor(0))
    .toBe(true);
  const { connections } = run.registry.clients[0] ?? { connections: NaN };
  run.join(0);
  await expect.poll(() => run.registry.clients[0]?.connections).toBe(connections + 1);
  go();
  await sum;
  expect(became(attempt)).toEqual(["lost", "counted", "counted", "counted"]);
});

it("row 33: the same masked words twice are a duplicate, other ones a conflict: the first stand, and their client sits the next attempt out", async () => {
  run = await MaskedSessions.open(FOUR);
  const heard: string[] = [];
  vi.spyOn(ClientConnections.prototype, "observe").mockImplementation((event) => {
    if (event.event === "update" && event.status !== "counted") heard.push(event.status);
    if (event.event === "update-refused") heard.push(event.what);
  });
  await joined(
    (session) => ({
      send: async (order, clientIndex, update) => {
        for (const words of [update, update]) void session.work.send(order, clientIndex, words);
        return session.work.send(
          order,
          clientIndex,
          update.map((word) => word ^ 1),
        );
      },
    }),
    slow,
  );
  const { attempt, sum } = run.begin(0, 0);
  await sum;
  expect(heard).toEqual(["duplicate", "update.conflict"]);
  expect(became(attempt)).toEqual(ALL);
  expect(attempt.sum.some((entry) => entry !== 0)).toBe(true);
  const next = run.begin(1, 0);
  expect(next.attempt.asked).toEqual([1, 2, 3]);
  await next.sum;
  expect(run.registry.rounds.present).toEqual([0, 1, 2, 3]);
});

it("row 30: whoever missed the end of an attempt that came to nothing takes the last one there is", async () => {
  run = await MaskedSessions.open(FOUR, { rounds: 1 });
  await joined((session) => ({
    sendStep: (order, clientIndex, step, bytes) => {
      if (order.attempt === 0) session.breakLink();
      session.work.sendStep(order, clientIndex, step, bytes);
    },
  }));
  const first = run.begin(0, 0);
  first.attempt.lose([2, 3]);
  await expect(first.sum).rejects.toThrow("secagg.below-threshold");
  // No word of its end goes out: another attempt says as much.
  const { attempt, sum } = run.begin(0, 1);
  await sum;
  expect(became(attempt)).toEqual(ALL);
});

it("row 14: hosts of several clients that a seeded coordinator left amid training mask anew for it", async () => {
  run = await MaskedSessions.open(
    [
      ["a1", "a2"],
      ["b1", "b2"],
    ],
    { noise: "seeded" },
  );
  let left = 0;
  const noted: Change = (session) => ({
    ...slow(session),
    send: (...given) => {
      left += 1;
      return slow(session).send?.(...given) ?? Promise.resolve(0);
    },
  });
  for (const i of [0, 1]) run.join(i, noted);
  await run.registry.joined;
  run.begin(0, 0);
  await expect.poll(() => left).toBeGreaterThan(0);
  await run.restart();
  const { attempt, sum } = run.begin(0, 0);
  await sum;
  expect(became(attempt)).toEqual(ALL);
});

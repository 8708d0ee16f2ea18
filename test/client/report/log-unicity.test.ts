import { expect, it } from "vitest";
import { logUnicity } from "../../../client/report/log-unicity.ts";
import { DAY_MS } from "../../../shared/contract/days.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import { gathered, logOf } from "../../support/written-people.ts";

const CUT_OFF = Date.UTC(2024, 5, 30);
/** Days are kept by the week, amounts by 10: two events may be one once they are recoded. */
const PARTS = {
  columns: `email: { role: directIdentifier }
visits: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 9, truncateDays: 7, amount: { clip: [0, 90], round: 10 } }`,
  target: "{ name: back, event: visits, within: 30 }",
  features: 'count: { formula: "count(visits)", bounds: [0, 9] }',
};

type Event = readonly [days: number, amount: number];
type History = readonly Event[];

function gatheredLogs(histories: readonly History[]) {
  const people = histories.map((events) => ({
    cells: ["x@example.com", null],
    logs: {
      visits: logOf(...events.map(([days, amount]) => [CUT_OFF - days * DAY_MS, amount] as const)),
    },
  }));
  return gathered(PARTS, people);
}

async function unicityOf(...histories: readonly History[]) {
  const { people, rows } = await gatheredLogs(histories);
  return logUnicity(people, rows, 7).visits;
}

it("asks of two and of three known events, log by log", async () => {
  const nobody = { people: 2, unique: 0, share: 0 };
  expect(await unicityOf([[1, 10]], [[1, 10]])).toEqual({ 2: nobody, 3: nobody });
});

it("counts who is singled out by events as they are recoded, in each field", async () => {
  const first: History = [
    [1, 11],
    [8, 20],
  ];
  // Raw, nobody is like another; recoded, the first two are: the same weeks, the same tens.
  const like: History = [
    [6, 14],
    [13, 24],
  ];
  const alone: History = [[30, 10]];
  expect((await unicityOf(first, like, alone))?.[2]).toEqual({
    people: 3,
    unique: 1,
    share: 1 / 3,
  });
  const otherAmount: History = [
    [6, 14],
    [13, 36],
  ];
  expect((await unicityOf(first, otherAmount))?.[2]?.unique).toBe(2);
  const otherWeek: History = [
    [6, 14],
    [20, 20],
  ];
  expect((await unicityOf(first, otherWeek))?.[2]?.unique).toBe(2);
});

it("tells three known events from two", async () => {
  const three: History = [
    [1, 10],
    [8, 10],
    [15, 10],
  ];
  // Whichever two are drawn of the first, somebody else has them; nobody has all three.
  const pairs = [three.slice(0, 2), three.slice(1), [...three.slice(0, 1), ...three.slice(2)]];
  const result = await unicityOf(three, ...pairs);
  expect(result?.[2]?.unique).toBe(0);
  expect(result?.[3]?.unique).toBe(1);
});

it("reads no event at or after the cut-off, which is a label's", async () => {
  const [a, b]: History[] = [
    [
      [1, 10],
      [0, 50],
    ],
    [
      [1, 10],
      [-3, 70],
    ],
  ];
  expect((await unicityOf(a ?? [], b ?? []))?.[2]?.unique).toBe(0);
});

it("tells of one client's rows alone, the same again by the seed, in any order of the people", async () => {
  const random = stream(seededRoot(3), "simulate", "unicity");
  const histories = Array.from({ length: 40 }, () =>
    Array.from(
      { length: 2 + random.below(4) },
      (): Event => [1 + random.below(28), 10 * random.below(3)],
    ),
  );
  const { people, rows } = await gatheredLogs(histories);
  const some = rows.filter((row) => row % 2 === 0);
  const told = logUnicity(people, some, 7);
  expect(told.visits?.[2]?.people).toBe(20);
  expect(logUnicity(people, some, 7)).toEqual(told);
  const bySeed = [1, 2, 3, 4, 5].map((seed) => logUnicity(people, some, seed).visits?.[2]?.unique);
  expect(new Set(bySeed).size).toBeGreaterThan(1);
  for (const seed of [1, 2, 3, 4, 5])
    expect(logUnicity(people, some.slice().reverse(), seed)).toEqual(
      logUnicity(people, some, seed),
    );
});

it("is of nobody where there is nobody", async () => {
  const { people } = await gatheredLogs([[[1, 10]]]);
  const none = { people: 0, unique: 0, share: 0 };
  expect(logUnicity(people, new Int32Array(), 7).visits?.[2]).toEqual(none);
});

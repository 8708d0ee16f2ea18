import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anonymizeLog, eventsLeftOut } from "../../../client/anonymize/event-log.ts";
import type { EventLogColumn } from "../../../shared/contract/contract.ts";

const CUT_OFF = Date.UTC(2024, 5, 30);
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const COLUMN: EventLogColumn = {
  name: "log",
  from: "log",
  role: "eventLog",
  time: "date",
  cutOffMs: CUT_OFF,
  maxAgeDays: 100,
  maxEvents: 3,
  truncateDays: 1,
  amount: { clip: [0, 500], round: 5 },
  category: null,
  listed: ["amount"],
  identifiersKnown: null,
};

/** Events as [time relative to the cut-off, amount]; the result as [days before, amount]. */
function anonymized(events: readonly (readonly [number, number])[], column = COLUMN): number[][] {
  const log = anonymizeLog(
    {
      times: Float64Array.from(events, ([time]) => CUT_OFF + time),
      fields: new Map([["amount", Float64Array.from(events, ([, amount]) => amount)]]),
    },
    column,
  );
  const amounts = log.get("amount");
  return Array.from(log.get("daysBefore") ?? [], (day, i) => [day, amounts?.[i] ?? NaN]);
}

describe("anonymizeLog", () => {
  it("keeps the instant before the cut-off as day 0, and not the cut-off itself", () => {
    expect(anonymized([[-1, 10]])).toEqual([[0, 10]]);
    expect(anonymized([[0, 10]])).toEqual([]);
    expect(anonymized([[1, 10]])).toEqual([]);
  });

  it("counts whole days before the cut-off", () => {
    expect(
      anonymized([
        [-DAY, 5],
        [-DAY - 1, 10],
        [-2 * DAY + HOUR, 15],
      ]),
    ).toEqual([
      [1, 5],
      [1, 10],
      [1, 15],
    ]);
  });

  it("keeps what is maxAgeDays old and drops what is older", () => {
    expect(anonymized([[-100 * DAY, 10]])).toEqual([[100, 10]]);
    expect(anonymized([[-100 * DAY - 1, 10]])).toEqual([]);
  });

  it("keeps the newest maxEvents, newest first, whatever the order of the file", () => {
    const events = [
      [-5 * DAY, 50],
      [-1 * DAY, 10],
      [-4 * DAY, 40],
      [-2 * DAY, 20],
      [DAY, 500],
    ] as const;
    const expected = [
      [1, 10],
      [2, 20],
      [4, 40],
    ];
    expect(anonymized(events)).toEqual(expected);
    expect(anonymized([...events].reverse())).toEqual(expected);
  });

  it("counts no event outside the window against the cap", () => {
    expect(
      anonymized([
        [DAY, 5],
        [2 * DAY, 5],
        [-200 * DAY, 5],
        [-3 * DAY, 15],
        [-4 * DAY, 20],
      ]),
    ).toHaveLength(2);
  });

  it("decides between equal times by the events themselves", () => {
    const events = [
      [-DAY, 41],
      [-DAY, 12],
      [-DAY, 333],
      [-DAY, 27],
    ] as const;
    const orders = [events, [...events].reverse(), [events[2], events[0], events[3], events[1]]];
    for (const order of orders) expect(anonymized(order)).toEqual(anonymized(events));
    expect(anonymized(events)).toHaveLength(3);
  });

  it("keeps what a sort of all events keeps, and reads no field of one that it cannot keep", () => {
    // Few times, so that many are shared, some of them by the last that is kept.
    const event = fc.tuple(fc.integer({ min: -8, max: 1 }), fc.integer({ min: 0, max: 90 }));
    const byHand = (events: readonly (readonly [number, number])[]) =>
      events
        .filter(([time]) => time < 0)
        .sort((a, b) => b[0] - a[0] || (`${a[1]}}` < `${b[1]}}` ? 1 : -1))
        .slice(0, 3);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const kept = byHand(events);
        const first = kept.length < 3 ? -Infinity : (kept.at(-1)?.[0] ?? -Infinity);
        const readable = events.map(
          ([time, amount]) => [time, time < first || time >= 0 ? Number.NaN : amount] as const,
        );
        const exact = { ...COLUMN, amount: { clip: [0, 500] as const, round: null } };
        const amounts = anonymized(readable, exact).map(([, amount]) => amount);
        expect(amounts).toEqual(kept.map(([, amount]) => amount));
      }),
    );
  });

  it("clips amounts, then rounds them half away from zero", () => {
    const three = anonymized([
      [-1, 1250],
      [-2, -3],
      [-3, 42.5],
    ]);
    expect(three.map(([, amount]) => amount)).toEqual([500, 0, 45]);
  });

  it("cuts days down to weeks, the first week from the cut-off back", () => {
    const events = [0, 6, 7, 13, 14].map((days) => [-days * DAY - HOUR, 5] as const);
    const weekly = { ...COLUMN, truncateDays: 7, maxEvents: 5 };
    expect(anonymized(events, weekly).map(([days]) => days)).toEqual([0, 0, 7, 7, 14]);
  });

  it("keeps an amount as it is where the contract rounds to nothing, and no event without one", () => {
    const exact = { ...COLUMN, amount: { clip: [0, 500] as const, round: null } };
    expect(anonymized([[-1, 12.34]], exact)).toEqual([[0, 12.34]]);
    expect(anonymized([])).toEqual([]);
  });

  it("keeps categories by their index, beside amounts and without", () => {
    const recoding = {
      kind: "categories",
      normalise: [],
      leaves: [["a", 0]],
      labels: ["a", "other", "missing"],
      unseen: "other",
      missing: "category",
      level: 0,
      height: 1,
      above: [],
    } as const;
    const log = {
      times: Float64Array.of(CUT_OFF - DAY, CUT_OFF - 1),
      fields: new Map([["category", Float64Array.of(2, 1)]]),
    };
    const column = { ...COLUMN, amount: null, category: { from: "kind", recoding } };
    expect([...anonymizeLog(log, column)]).toEqual([
      ["daysBefore", Float64Array.of(0, 1)],
      ["category", Float64Array.of(1, 2)],
    ]);
  });

  it("keeps no amount where the contract names none", () => {
    const log = anonymizeLog(
      { times: Float64Array.of(CUT_OFF - DAY), fields: new Map([["amount", Float64Array.of(3)]]) },
      { ...COLUMN, amount: null },
    );
    expect([...log.keys()]).toEqual(["daysBefore"]);
  });

  it("does not change when later events come, go or move", () => {
    const event = fc.tuple(
      fc.integer({ min: -200 * DAY, max: -1 }),
      fc.integer({ min: -50, max: 900 }),
    );
    const later = fc.tuple(
      fc.integer({ min: 0, max: 60 * DAY }),
      fc.integer({ min: -50, max: 900 }),
    );
    fc.assert(
      fc.property(fc.array(event), fc.array(later), fc.array(later), (past, one, other) => {
        expect(anonymized([...one, ...past])).toEqual(anonymized([...past, ...other]));
      }),
    );
  });
});

describe("eventsLeftOut", () => {
  it("counts what is too old or too many, and nothing that the label alone may read", () => {
    const times = [-101 * DAY, -4 * DAY, -3 * DAY, -2 * DAY, -DAY, 0, DAY];
    const log = { times: Float64Array.from(times, (time) => CUT_OFF + time), fields: new Map() };
    expect(eventsLeftOut(log, COLUMN)).toBe(2);
    expect(eventsLeftOut({ times: new Float64Array(), fields: new Map() }, COLUMN)).toBe(0);
  });
});

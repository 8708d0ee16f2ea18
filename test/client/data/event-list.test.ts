import { describe, expect, it } from "vitest";
import { eventsInCell, listedEvents } from "../../../client/data/event-list.ts";
import type { EventLogColumn } from "../../../shared/contract/contract.ts";
import { vocabularyRecoding } from "../../../shared/contract/recoding-build.ts";

const LOG: EventLogColumn = {
  name: "orders",
  from: "orders",
  role: "eventLog",
  time: "date",
  cutOffMs: 0,
  maxAgeDays: 9,
  maxEvents: 9,
  truncateDays: 1,
  amount: { clip: [0, 9], round: null },
  category: { from: "kind", recoding: vocabularyRecoding(["book", "toy"], { unseen: "other" }) },
  listed: ["category", "amount"],
  identifiersKnown: null,
};
const WHERE = "people.csv, line 3, orders";

const EVENTS = {
  times: Float64Array.of(Date.UTC(2024, 5, 21, 10, 15), Date.UTC(2024, 4, 2)),
  fields: new Map([
    ["amount", Float64Array.of(42.9, -3)],
    ["category", Float64Array.of(1, 2)],
  ]),
};

describe("listedEvents", () => {
  it("reads lists: the time, then the fields in the contract's order", () => {
    const events = [
      ["2024-06-21T10:15:00Z", "toy", 42.9],
      ["2024-05-02", "boat", "-3"],
    ];
    expect(listedEvents(events, LOG, WHERE)).toEqual(EVENTS);
  });

  it("reads objects, by the names of time, amount and the category's own column", () => {
    const events = [
      { kind: "toy", amount: 42.9, date: "2024-06-21T10:15:00Z", shop: 3 },
      { amount: -3, kind: "boat", date: "2024-05-02" },
    ];
    expect(listedEvents(events, LOG, WHERE)).toEqual(EVENTS);
  });

  it("reads times as the column's format has them, and no others", () => {
    const column: EventLogColumn = {
      ...{ ...LOG, format: "DD.MM.YYYY" },
      ...{ amount: null, category: null, listed: [] },
    };
    const { times } = listedEvents([["02.05.2024"], { date: "21.06.2024" }], column, WHERE);
    expect([...times]).toEqual([Date.UTC(2024, 4, 2), Date.UTC(2024, 5, 21)]);
    expect(() => listedEvents([["2024-05-02"]], column, WHERE)).toThrow("data.invalidDate");
  });

  it("reads times alone where nothing else is kept", () => {
    const column: EventLogColumn = { ...LOG, amount: null, category: null, listed: [] };
    expect(listedEvents([["2024-05-02"], { date: "2024-05-02" }], column, WHERE)).toEqual({
      times: Float64Array.of(Date.UTC(2024, 4, 2), Date.UTC(2024, 4, 2)),
      fields: new Map(),
    });
  });

  it.each<[string, string, unknown]>([
    ["what is no list", "data.events", { date: "2024-05-02" }],
    ["nothing", "data.events", null],
    ["an event that is a number", "data.events", [3]],
    ["an event without its time", "data.events", [{ kind: "toy", amount: 3 }]],
    ["an event without its amount", "data.events", [["2024-05-02", "toy"]]],
    ["an amount that is a list", "data.events", [["2024-05-02", "toy", [3]]]],
    ["a time that is none", "data.invalidDate", [["05/02/2024", "toy", 3]]],
    ["a time without its zone", "data.timestampWithoutZone", [["2024-05-02T10:00", "toy", 3]]],
    ["an amount that is none", "data.notANumber", [["2024-05-02", "toy", "3 Euro"]]],
    [
      "more events than anybody has",
      "data.events",
      new Array(100_001).fill(["2024-05-02", "toy", 3]),
    ],
  ])("refuses %s", (_, what, events) => {
    const read = () => listedEvents(events, LOG, WHERE);
    expect(read).toThrow(`${what} (${WHERE}`);
    expect(read).not.toThrow("05/02/2024");
    expect(read).not.toThrow("Euro");
  });

  it("says which event is at fault", () => {
    const events = [["2024-05-02", "toy", 3], ["2024-05-02"]];
    expect(() => listedEvents(events, LOG, WHERE)).toThrow(`(${WHERE}, event 2)`);
  });
});

describe("eventsInCell", () => {
  it("reads the JSON of a cell, and no events in an empty one", () => {
    const cell = '[["2024-06-21T10:15:00Z", "toy", 42.9], ["2024-05-02", "boat", -3]]';
    expect(eventsInCell(cell, LOG, WHERE)).toEqual(EVENTS);
    for (const empty of ["", null, "[]"])
      expect(eventsInCell(empty, LOG, WHERE).times).toHaveLength(0);
  });

  it.each(['[["2024-06-21"', "secret", '{"a": 1}', "77"])(
    "refuses %s and does not quote it",
    (cell) => {
      const read = () => eventsInCell(cell, LOG, WHERE);
      expect(read).toThrow(`data.events (${WHERE})`);
      expect(read).not.toThrow(cell);
    },
  );
});

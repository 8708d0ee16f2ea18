import { expect, it } from "vitest";
import { recodingLoss } from "../../../client/report/recoding-loss.ts";
import { DAY_MS } from "../../../shared/contract/days.ts";
import { gathered, logOf, type Written } from "../../support/written-people.ts";

const CUT_OFF = Date.UTC(2024, 5, 30);
const COLUMNS = `email: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1, unseen: other }
work: { role: insensitive, vocabulary: [shop, farm], unseen: other }
visits: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 2, amount: { clip: [0, 50] } }`;
const parts = (rest: string) => ({
  columns: COLUMNS,
  target: "{ name: back, event: visits, within: 30 }",
  features:
    'spent: { formula: "sum(visits.amount)", bounds: [10, 60] }\nband: { formula: "oneHot(age)" }',
  rest,
});

const daysBefore = (days: number, amount: number) => [CUT_OFF - days * DAY_MS, amount] as const;
const person = (
  age: string,
  city: string,
  work: string,
  ...events: (readonly [number, number])[]
): Written => ({
  cells: ["x@example.com", age, city, work, null],
  logs: { visits: logOf(...events) },
});

/** Three alike at 20 in the south, one alone at 60 in the north, one of an unknown city. */
const PEOPLE = [
  // Two of four events before the cut-off are kept: one is too old, one is one too many.
  person(
    "20",
    "Rome",
    "shop",
    daysBefore(1, 30),
    daysBefore(2, 70),
    daysBefore(3, 5),
    daysBefore(91, 9),
  ),
  person("21", "Rome", "mine", daysBefore(5, 20)),
  // Nothing before the cut-off: a sum of 0, which the feature's bounds raise to 10.
  person("22", "Rome", "", [CUT_OFF, 40]),
  person("60", "Oslo", "farm", daysBefore(1, 11), daysBefore(1, 12), daysBefore(1, 13)),
  person("23", "Lima", "shop", daysBefore(1, 60)),
];

it("counts what became other or missing, was clipped, or was left out of a log", async () => {
  const { people, rows, required, contract } = await gathered(parts(""), PEOPLE);
  expect(recodingLoss(people, rows, required, contract)).toMatchObject({
    suppressedRows: 0,
    other: { city: 1, work: 1 },
    missing: { city: 0, work: 1 },
    // Sums of 80, 20, 0, 25 (13 and 12 are kept) and 50, once amounts are clipped to 50.
    clipped: { spent: 2 },
    // Of the first person two, of the fourth one.
    eventsLeftOut: 3,
  });
});

it("counts no row that a requirement has suppressed, but for its information, which is all lost", async () => {
  const rest = "anonymity: { mode: suppress, k: 3 }";
  const { people, rows, required, contract } = await gathered(parts(rest), PEOPLE);
  const loss = recodingLoss(people, rows, required, contract);
  expect(loss).toMatchObject({
    suppressedRows: 2,
    other: { city: 0, work: 1 },
    missing: { city: 0, work: 1 },
    clipped: { spent: 2 },
    eventsLeftOut: 2,
  });
  // Three rows of a band of 20 years in 120 and of one city in two, two rows of nothing.
  const { age, city } = loss.information.per_column;
  expect(age?.ncp).toBeCloseTo((3 * (20 / 120) + 2) / 5, 12);
  expect(city?.ncp).toBeCloseTo((3 * 0 + 2) / 5, 12);
  expect(loss.information.gcp_ncp).toBeCloseTo(((age?.ncp ?? 0) + (city?.ncp ?? 0)) / 2, 12);
});

it("tells of one client's own rows, and of those in the population alone", async () => {
  const { people, required, contract } = await gathered(parts(""), PEOPLE);
  const some = Int32Array.of(1, 4);
  const kept = Uint8Array.of(1, 1);
  const own = { ...required, kept, person: (slot: number) => required.person(some[slot] ?? 0) };
  expect(recodingLoss(people, some, own, contract)).toMatchObject({
    other: { city: 1, work: 1 },
    missing: { city: 0, work: 0 },
    clipped: { spent: 0 },
    eventsLeftOut: 0,
  });
  // The last is outside the population: its place is no row that counts, nor one suppressed.
  const outside = { ...people, counted: Uint8Array.of(1, 1, 1, 1, 0) };
  const without = { ...own, kept: Uint8Array.of(1, 0) };
  const loss = recodingLoss(outside, some, without, contract);
  expect(loss).toMatchObject({ suppressedRows: 0, other: { city: 0, work: 1 } });
  expect(loss.information.per_column.age?.ncp).toBeCloseTo(20 / 120, 12);
});

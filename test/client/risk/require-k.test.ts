import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allRows, type PeopleTable } from "../../../client/data/people-table.ts";
import { requireK } from "../../../client/risk/require-k.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { type PlainRow, peopleTable } from "../../support/people.ts";
import { personAt } from "../../support/person-at.ts";

const scenario = peopleScenario({
  columns: `age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38, 58] }
city: { role: quasiIdentifier, vocabulary: [Rome, Oslo], unseen: other }
height: { role: quasiIdentifier, type: integer, bounds: [0, 300] }
id: { role: insensitive, type: integer, bounds: [0, 100000] }
bought: { role: target }`,
  features: 'height: { formula: "height" }',
});
const plain = await contractFor({
  ...scenario,
  data: { ...scenario.data, source: { ...scenario.data.source, where: "id != 99999" } },
});
const QUASI = ["age", "city", "height"];

type Mode = Contract["anonymity"]["mode"];
const asked = (mode: Mode, k: number): Contract => ({
  ...plain,
  anonymity: { ...plain.anonymity, mode, k },
});

const row = fc.record({
  age: fc.constantFrom(10, 20, 40, 60),
  city: fc.constantFrom("Rome", "Oslo", "Bari"),
  height: fc.integer({ min: 150, max: 158 }),
});
const table = fc
  .array(row, { maxLength: 60, size: "max" })
  .map((rows) => rows.map((one, id): PlainRow => ({ ...one, id, bought: "no" })));
const k = fc.integer({ min: 2, max: 6 });

/** What the quasi-identifiers of a slot's person are now, as one text; undefined: suppressed. */
function outcome(people: PeopleTable, contract: Contract, rows = allRows(people)) {
  const required = requireK(people, rows, contract);
  const slots = [...rows.keys()];
  const keys = slots.map((slot) => {
    const { values } = required.person(slot);
    return required.kept[slot] ? QUASI.map((name) => values.get(name)).join() : undefined;
  });
  const ids = slots.map((slot) => required.person(slot).values.get("id"));
  return { ...required, keys, ids };
}

function classSizes(keys: readonly (string | undefined)[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const key of keys) if (key !== undefined) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  return sizes;
}

describe("requireK, mode report", () => {
  it("leaves everybody as they are, however few are alike", async () => {
    const rows = [
      { age: 10, city: "Rome", height: 150, id: 3, bought: "no" },
      { age: 40, city: "x", height: 7, id: 99_999, bought: "no" },
    ];
    const people = await peopleTable(plain, rows);
    const { kept, person, parts } = requireK(people, allRows(people), asked("report", 5));
    expect(kept).toEqual(Uint8Array.of(1, 0));
    expect(parts).toBeNull();
    expect(person(0)).toEqual(personAt(people.table, 0));
  });
});

describe("requireK, mode suppress", () => {
  it("keeps whom at least k - 1 others are like, unchanged, and nobody else", async () => {
    await fc.assert(
      fc.asyncProperty(table, k, async (rows, least) => {
        const people = await peopleTable(plain, rows);
        const before = classSizes(outcome(people, asked("report", least)).keys);
        const raw = outcome(people, asked("report", least)).keys;
        const { keys, kept } = outcome(people, asked("suppress", least));
        expect([...classSizes(keys).values()].every((size) => size >= least)).toBe(true);
        for (const [slot, key] of raw.entries()) {
          expect(kept[slot]).toBe(Number((before.get(key ?? "") ?? 0) >= least));
          if (kept[slot]) expect(keys[slot]).toBe(key);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("counts nobody who is outside the population, nor another client's", async () => {
    const one = { age: 10, city: "Rome", height: 150, bought: "no" };
    const people = await peopleTable(
      plain,
      [1, 2, 99_999, 4, 5].map((id) => ({ ...one, id })),
    );
    const kept = (least: number, rows: number[]) => [
      ...requireK(people, Int32Array.from(rows), asked("suppress", least)).kept,
    ];
    expect(kept(3, [0, 1, 2])).toEqual([0, 0, 0]);
    expect(kept(2, [0, 1, 2])).toEqual([1, 1, 0]);
    expect(kept(4, [4, 3, 2, 1, 0])).toEqual([1, 1, 0, 1, 1]);
    expect(kept(2, [])).toEqual([]);
  });
});

describe("requireK, mode mondrian", () => {
  it("makes parts of at least k and at most its bound, within whose ranges all lay", async () => {
    let cuts = 0;
    await fc.assert(
      fc.asyncProperty(table, k, async (rows, least) => {
        const people = await peopleTable(plain, rows);
        const { keys, parts, kept, person } = outcome(people, asked("mondrian", least));
        if (rows.length < least) {
          expect(kept.every((one) => one === 0)).toBe(true);
          return;
        }
        expect(kept.every((one) => one === 1)).toBe(true);
        expect([...classSizes(keys).values()].every((size) => size >= least)).toBe(true);
        const raw = rows.map((_, slot) => personAt(people.table, slot).values);
        const points = classSizes(raw.map((one) => QUASI.map((name) => one.get(name)).join()));
        const bound = 2 * QUASI.length * (least - 1) + Math.max(...points.values());
        const sizes = classSizes([...(parts?.partOf ?? [])].map(String));
        expect([...sizes.values()].every((size) => size >= least && size <= bound)).toBe(true);
        cuts += Number(sizes.size > 1);
        for (const [slot, own] of raw.entries()) {
          const ranges = parts?.ranges[parts.partOf[slot] ?? -1];
          for (const name of QUASI) {
            const [low = NaN, high = NaN] = ranges?.get(name) ?? [];
            expect(own.get(name)).toBeGreaterThanOrEqual(low);
            expect(own.get(name)).toBeLessThanOrEqual(high);
            if (low === high) expect(person(slot).values.get(name)).toBe(low);
          }
          // A formula relies on it that whole numbers are whole.
          expect(Number.isInteger(person(slot).values.get("height"))).toBe(true);
          expect(person(slot).values.get("id")).toBe(own.get("id"));
        }
      }),
      { numRuns: 60 },
    );
    expect(cuts).toBeGreaterThan(30);
  });

  it("puts the middle for a range of numbers or bands, and other for several categories", async () => {
    const rows = [
      { age: 10, city: "Rome", height: 150, id: 1, bought: "no" },
      { age: 60, city: "Oslo", height: 153, id: 2, bought: "no" },
    ];
    const people = await peopleTable(plain, rows);
    const { person, parts } = requireK(people, allRows(people), asked("mondrian", 2));
    expect(parts?.ranges).toEqual([
      new Map([
        ["age", [0, 3]],
        ["city", [0, 1]],
        ["height", [150, 153]],
      ]),
    ]);
    const values = new Map([
      ["age", 1],
      ["city", 2],
      ["height", 151],
    ]);
    for (const slot of [0, 1])
      for (const [name, value] of values) expect(person(slot).values.get(name)).toBe(value);
  });
});

it.each<Mode>(["suppress", "mondrian"])(
  "requireK, mode %s, does not look at the order of rows",
  async (mode) => {
    const shuffled = table.chain((rows) =>
      fc.tuple(
        fc.constant(rows),
        fc.shuffledSubarray([...rows.keys()], { minLength: rows.length }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, k, async ([rows, order], least) => {
        const people = await peopleTable(plain, rows);
        const told = ({ ids, keys }: { ids: unknown[]; keys: unknown[] }) =>
          new Map(ids.map((id, i) => [id, keys[i]]));
        const one = told(outcome(people, asked(mode, least)));
        const other = told(outcome(people, asked(mode, least), Int32Array.from(order)));
        expect(new Map([...other].sort())).toEqual(new Map([...one].sort()));
      }),
      { numRuns: 60 },
    );
  },
);

import { describe, expect, it } from "vitest";
import { requiredTable } from "../../../client/report/required-table.ts";
import { classesOf } from "../../../client/risk/models/equivalence-classes.ts";
import {
  quasiIdentifiers,
  rawTable,
  recodedTable,
  sensitiveNames,
} from "../../../client/risk/risk-table.ts";
import { gathered } from "../../support/written-people.ts";

const COLUMNS = `email: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
work: { role: sensitive, hierarchy: { cook: [food], baker: [food], nurse: [care] }, level: 1, unseen: other }
grade: { role: sensitive, vocabulary: [low, middle, high] }
health: { role: sensitive, type: integer, bounds: [0, 100], bands: [50] }
bought: { role: target }`;
const parts = (rest = "") => ({
  columns: COLUMNS,
  features: 'age: { formula: "oneHot(age)" }',
  rest: rest && `anonymity: { ${rest} }`,
});
const PEOPLE = [
  ["a@x.com", "17", "cook", "low", "10", "yes"],
  ["b@x.com", "16", "baker", "high", "90", "no"],
  ["c@x.com", "20", "nurse", "low", "49", "yes"],
  ["d@x.com", "21", "pilot", "middle", "50", "no"],
  ["e@x.com", "17", "cook", "low", "51", "no"],
];
const codes = (column: { readonly codes: ArrayLike<number> } | undefined) =>
  Array.from(column?.codes ?? []);

describe("rawTable and recodedTable", async () => {
  const { people, rows, contract } = await gathered(parts(), PEOPLE);
  const before = rawTable(people, rows, contract);
  const after = recodedTable(people, rows, contract);

  it("have the contract's quasi-identifiers, and its sensitive columns with the label", () => {
    for (const table of [before, after]) {
      expect(table.rows).toBe(5);
      expect(table.quasiIdentifiers.map(({ name }) => name)).toEqual(["age"]);
      expect(table.sensitive.map(({ name }) => name)).toEqual([
        "work",
        "grade",
        "health",
        "bought",
      ]);
    }
    expect(quasiIdentifiers(contract).map(({ name }) => name)).toEqual(["age"]);
  });

  it("tell people apart by what the cells were, then by what is kept of them", () => {
    expect(classesOf(before.quasiIdentifiers, 5).sizes.toSorted()).toEqual(
      Int32Array.of(1, 1, 1, 2),
    );
    expect(codes(after.quasiIdentifiers[0])).toEqual([0, 0, 1, 1, 0]);
    expect(codes(before.sensitive[0])).toEqual([0, 1, 2, 3, 0]);
    // food, care, other, missing
    expect(codes(after.sensitive[0])).toEqual([0, 0, 1, 2, 0]);
    expect(codes(before.sensitive[3])).toEqual([0, 1, 0, 1, 1]);
    expect(codes(after.sensitive[3])).toEqual(codes(before.sensitive[3]));
  });

  it("have an order where the contract declares one, missing and other no part of it", () => {
    expect(after.sensitive[2]?.order).toEqual([0, 1]);
    expect(after.sensitive[1]?.order).toEqual([0, 1, 2]);
    expect(after.sensitive[0]?.order).toBeUndefined();
    // A closed vocabulary keeps its values: it has its order before as after.
    expect(before.sensitive[1]).toEqual(after.sensitive[1]);
    expect(before.sensitive[2]?.order).toBeUndefined();
  });

  it("has a tree for a hierarchy, other and missing beside its values under one root", () => {
    const tree = after.sensitive[0]?.tree;
    const leaves = [0, 1, 2, 3].map((code) => tree?.leafOf.get(code) ?? -1);
    expect(new Set(leaves).size).toBe(4);
    const root = (tree?.parents.length ?? 0) - 1;
    expect(leaves.map((leaf) => tree?.parents[leaf])).toEqual([root, root, root, root]);
    expect(tree?.heights[root]).toBe(1);
  });

  it("has no level of that tree above the lowest root, whatever it is called", async () => {
    const work = `work: { role: sensitive, hierarchy: { cook: [food, all], nurse: [care, all] }, level: 1 }
age: { role: drop }
bought: { role: target }`;
    const features = 'one: { formula: "1", bounds: [0, 1] }';
    const rows = [
      ["cook", "17", "yes"],
      ["nurse", "18", "no"],
    ];
    const made = await gathered({ columns: work, features }, rows);
    const tree = recodedTable(made.people, made.rows, made.contract).sensitive[0]?.tree;
    const root = (tree?.parents.length ?? 0) - 1;
    const parents = [0, 1, 2, 3].map((code) => tree?.parents[tree.leafOf.get(code) ?? -1]);
    expect(parents).toEqual([root, root, root, root]);
    // Two values are then as far apart as can be: 1, and not a half.
    expect(tree?.heights[root]).toBe(1);
  });

  it("take the rows that are asked for, in their order", () => {
    const some = Int32Array.of(3, 0);
    expect(codes(rawTable(people, some, contract).quasiIdentifiers[0])).toEqual([
      codes(before.quasiIdentifiers[0])[3],
      codes(before.quasiIdentifiers[0])[0],
    ]);
    expect(codes(recodedTable(people, some, contract).sensitive[2])).toEqual([1, 0]);
  });
});

describe("requiredTable", () => {
  it("is without suppressed rows, and without those outside the population", async () => {
    const { people, rows, required, contract } = await gathered(
      parts("mode: suppress, k: 3"),
      PEOPLE,
    );
    const { table, kept } = requiredTable(people, rows, required, contract);
    expect([...kept]).toEqual([1, 1, 0, 0, 1]);
    expect(codes(table.quasiIdentifiers[0])).toEqual([0, 0, 1, 1, 0]);
    const outside = { ...people, counted: Uint8Array.of(1, 1, 0, 1, 1) };
    const less = requiredTable(outside, rows, required, contract);
    expect(less.table.rows).toBe(4);
    expect([...less.kept]).toEqual([1, 1, 0, 1]);
  });

  it("holds rows of one of mondrian's parts for alike, whatever they were", async () => {
    const { people, rows, required, contract } = await gathered(
      parts("mode: mondrian, k: 2"),
      PEOPLE,
    );
    const { table, kept } = requiredTable(people, rows, required, contract);
    expect([...kept]).toEqual([1, 1, 1, 1, 1]);
    expect(table.quasiIdentifiers.map(({ name }) => name)).toEqual(["part"]);
    expect(classesOf(table.quasiIdentifiers, 5).sizes.toSorted()).toEqual(Int32Array.of(2, 3));
    expect(codes(table.sensitive[2])).toEqual([0, 1, 0, 1, 1]);
  });
});

describe("sensitiveNames", async () => {
  const { contract } = await gathered(parts(), []);

  it("has each column once, the target under its column's name", () => {
    const anonymity = { ...contract.anonymity, sensitive: ["age", "buys", "work"] };
    expect(sensitiveNames({ ...contract, anonymity })).toEqual([
      "work",
      "grade",
      "health",
      "age",
      "bought",
    ]);
  });

  it("counts an event's label as sensitive, by the target's own name", () => {
    const target = { kind: "event", name: "back", log: "visits", withinDays: 30 } as const;
    expect(sensitiveNames({ ...contract, target }).at(-1)).toBe("back");
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type HierarchyOptions,
  type HierarchySource,
  resolveHierarchy,
} from "../../../shared/contract/hierarchy.ts";

const OPTIONS: HierarchyOptions = { level: 1, normalise: [], unseen: "error", missing: "category" };

const file = (text: string): HierarchySource => ({ kind: "file", name: "h.csv", text });
const inline = (tree: Record<string, string[]>): HierarchySource => ({ kind: "inline", tree });

function resolved(source: HierarchySource, options: Partial<HierarchyOptions> = {}) {
  return resolveHierarchy(source, { ...OPTIONS, ...options }, "people.yaml, data.columns.city");
}

const CITIES = "Rome;south;IT;*\nOslo;north;NO;*\nBari;south;IT;*\n";

describe("resolveHierarchy", () => {
  it.each([
    [0, ["Rome", "Oslo", "Bari"], [0, 1, 2], ["south", "IT", "*"]],
    [1, ["south", "north"], [0, 1, 0], ["IT", "*"]],
    [2, ["IT", "NO"], [0, 1, 0], ["*"]],
    [3, ["*"], [0, 0, 0], []],
  ])("gives the values of level %d, and what lies above", (level, labels, values, above) => {
    const recoding = resolved(file(CITIES), { level });
    expect(recoding.labels).toEqual([...labels, "other", "missing"]);
    expect(recoding.leaves.map(([, value]) => value)).toEqual(values);
    expect(recoding).toMatchObject({ level, height: 3 });
    expect(recoding.above[0]).toEqual(above);
  });

  it("takes a level by the name that the first line gives it", () => {
    const named = file(`city;area;country;all\n${CITIES}`);
    expect(resolved(named, { level: "country" }).labels).toEqual(["IT", "NO", "other", "missing"]);
    expect(() => resolved(named, { level: "region" })).toThrow("one of city, area, country, all");
  });

  it("reads commas, quotes, a byte order mark and lines of Windows", () => {
    const { leaves } = resolved(file('\ufeff"Rome, old",south,*\r\nOslo,north,*\r\n'));
    expect(leaves).toEqual([
      ["Rome, old", 0],
      ["Oslo", 1],
    ]);
  });

  it("puts an unwritten root above an inline tree, and above leaves that stand alone", () => {
    expect(resolved(inline({ a: ["x"], b: ["y"] }), { level: 2 }).labels).toEqual([
      "*",
      "other",
      "missing",
    ]);
    expect(resolved(file("a\nb\n"), { level: 1 }).labels).toEqual(["*", "other", "missing"]);
    expect(resolved(inline({ a: ["x", "*"], b: ["y", "*"] })).height).toBe(2);
  });

  it.each<[string, string, HierarchySource, Partial<HierarchyOptions>]>([
    ["a hole in a file", "hierarchyIncomplete", file("a;x;*\nb;*\n"), {}],
    ["an empty level", "hierarchyIncomplete", file("a;x;*\nb;;*\n"), {}],
    ["a hole in an inline tree", "hierarchyIncomplete", inline({ a: ["x", "y"], b: ["x"] }), {}],
    ["a hole at the end", "hierarchyIncomplete", inline({ a: ["x", "y"], b: ["x", ""] }), {}],
    ["no leaf at all", "hierarchyIncomplete", file(""), {}],
    ["two parents", "hierarchyInconsistent", file("a;x;p;*\nb;x;q;*\n"), {}],
    ["a leaf twice, apart", "hierarchyInconsistent", file("a;x;*\na;y;*\n"), {}],
    ["two roots", "hierarchyManyRoots", file("a;x;*\nb;y;all\n"), {}],
    ["a header taken for a leaf", "hierarchyManyRoots", file("city;area;all\na;x;*\n"), {}],
    ["a level above the root", "level", file(CITIES), { level: 4 }],
    ["an inline level by its name", "level", inline({ a: ["x"] }), { level: "area" }],
    ["a value called other", "hierarchyReserved", inline({ a: ["other"] }), {}],
    ["a value called missing", "hierarchyReserved", inline({ a: ["missing"] }), {}],
    ["what is no CSV", "hierarchy", file('a;"x\nb;y'), {}],
    ["more than a mebibyte", "hierarchySize", file("a;x;*\n".repeat(200_000)), {}],
    [
      "leaves that normalise to one",
      "hierarchyInconsistent",
      inline({ Ab: ["x"], aB: ["y"] }),
      { normalise: ["caseFold"] },
    ],
  ])("refuses %s as %s, at the column", (_, what, source, options) => {
    expect(() => resolved(source, options)).toThrow(`${what} (people.yaml, data.columns.city`);
  });

  it("takes names of a prototype for names", () => {
    const { labels, leaves } = resolved(file("constructor;toString;*\n__proto__;valueOf;*\n"));
    expect(labels).toEqual(["toString", "valueOf", "other", "missing"]);
    expect(new Map(leaves).get("__proto__")).toBe(1);
  });

  it("only ever joins as the level rises: equal at one level is equal at the next", () => {
    // Any numbers to base 3, their digits cut off one by one, make a tree.
    const tree = fc.uniqueArray(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(tree, (numbers) => {
        const path = (n: number) => [0, 1, 2, 3].map((cut) => `${cut}:${Math.floor(n / 3 ** cut)}`);
        const text = numbers.map((n) => [...path(n), "*"].join(";")).join("\n");
        const levels = [0, 1, 2, 3, 4].map((level) => resolved(file(text), { level }).leaves);
        for (const [level, leaves] of levels.entries()) {
          const above = levels[level + 1] ?? leaves;
          const parents = new Map<number, number | undefined>();
          for (const [i, [, value]] of leaves.entries()) {
            const parent = above[i]?.[1];
            expect(parents.get(value) ?? parent).toBe(parent);
            parents.set(value, parent);
          }
        }
        expect(new Set(levels[4]?.map(([, value]) => value)).size).toBe(1);
      }),
    );
  });
});

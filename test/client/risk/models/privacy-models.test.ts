import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { categoryTree } from "../../../../client/risk/models/category-tree.ts";
import type { CodedTable } from "../../../../client/risk/models/coded-table.ts";
import { classesOf } from "../../../../client/risk/models/equivalence-classes.ts";
import { privacyModels } from "../../../../client/risk/models/privacy-models.ts";
import { suppressBelow } from "../../../../client/risk/suppress.ts";
import { adultBytes, adultTable, recodedAdult } from "../../../support/adult.ts";
import {
  codedTables,
  differences,
  GOLDEN_KS,
  GOLDEN_TAUS,
  goldenTables,
} from "../../../support/anonymity-vectors.ts";
import { codeValues } from "../../../support/coded-values.ts";

const GOLDEN = { ks: GOLDEN_KS, taus: GOLDEN_TAUS } as const;

/** uint8[rows], 0 at each of `suppressed`. */
function without(rows: number, suppressed: readonly number[]): Uint8Array {
  const kept = new Uint8Array(rows).fill(1);
  for (const row of suppressed) kept[row] = 0;
  return kept;
}

it.each(goldenTables.table_cases)("gives the golden metrics of table $id", (golden) => {
  const { table, population } = codedTables(golden, golden.population);
  const kept = without(table.rows, golden.suppressed_row_indexes);
  const metrics = privacyModels(table, { ...GOLDEN, population, kept });
  expect(differences(metrics, golden.expected)).toEqual([]);
});

it.each(goldenTables.recoding_cases)("gives the golden metrics of recoding $id", (golden) => {
  const { table } = codedTables({ ...golden, rows: golden.expected_rows });
  const classes = classesOf(table.quasiIdentifiers, table.rows);
  const kept = suppressBelow(classes, golden.suppress_below_k);
  expect(kept).toEqual(without(table.rows, golden.expected_suppressed_row_indexes));
  const { information_loss: _, ...expected } = golden.expected;
  expect(differences(privacyModels(table, { ...GOLDEN, kept }), expected)).toEqual([]);
});

it.each(goldenTables.hierarchical_t_cases)("gives the golden hierarchical t of $id", (golden) => {
  const cells = golden.classes.flat();
  const { codes, values } = codeValues(cells, Object.keys(golden.tree));
  const tree = categoryTree(new Map(values.map((value, code) => [code, golden.tree[value] ?? []])));
  const classOf = golden.classes.flatMap((own, id) => own.map(() => id));
  const table: CodedTable = {
    rows: cells.length,
    quasiIdentifiers: [{ name: "class", codes: Int32Array.from(classOf) }],
    sensitive: [{ name: "disease", codes, tree }],
  };
  const { disease } = privacyModels(table, GOLDEN).sensitive ?? {};
  expect(disease?.t_hierarchical).toBeCloseTo(golden.expected.t_hierarchical, 12);
  expect(disease).not.toHaveProperty("t_ordered");
});

describe("on Adult", () => {
  const tables = { "adult.data": adultTable("adult"), "adult.test": adultTable("adult-test") };

  it.each([
    ["adult", "8fb550d41c43de9dba884c297067639ef94ae5aced00c30275ea52b97eb87efc"],
    ["adult-test", "bf12783929c4da32ae2ac55190fcbe1b389ebf589fe0d32def2b05d9bfd79fc6"],
  ] as const)("reads the rows of %s that its README tells of", (file, digest) => {
    expect(createHash("sha256").update(adultBytes(file)).digest("hex")).toBe(digest);
  });

  it.each(goldenTables.adult_cases)("gives the golden metrics of $id", (golden) => {
    const { rows, cellsOf, columns } = recodedAdult(golden, tables[golden.dataset]);
    const quasiIdentifiers = columns.map(({ name, recoded }) => ({
      name,
      codes: codeValues(recoded).codes,
    }));
    const sensitive = golden.sensitive.map((name) => {
      const declared = golden.sensitive_order[name];
      const cells = cellsOf(name);
      const order = [...new Set(cells)].sort(
        declared?.includes("numeric") ? (a, b) => Number(a) - Number(b) : undefined,
      );
      const { codes } = codeValues(cells, order);
      return { name, codes, ...(declared && { order: order.map((_, code) => code) }) };
    });
    const table: CodedTable = { rows, quasiIdentifiers, sensitive };
    const metrics = privacyModels(table, { ...GOLDEN, ks: golden.ks, listClassSizes: false });
    const { information_loss: _, ...expected } = golden.expected;
    expect(differences(metrics, expected)).toEqual([]);
    const { discernibility: printed = metrics.discernibility } = golden.published;
    expect(metrics.discernibility).toBe(printed);
    const { discernibility_at_5: at5 = metrics.discernibility_at_k["5"] } = golden.published;
    expect(metrics.discernibility_at_k["5"]).toBe(at5);
  });
});

it("tells the class sizes of few classes, and of many only when asked", () => {
  const rows = 1001;
  const codes = Int32Array.from({ length: rows }, (_, row) => row);
  const table = { rows, quasiIdentifiers: [{ name: "id", codes }], sensitive: [] };
  const options = { ks: [2], taus: [] };
  expect(privacyModels(table, options).class_sizes_sorted).toBeUndefined();
  const asked = privacyModels(table, { ...options, listClassSizes: true });
  expect(asked.class_sizes_sorted).toEqual(new Array(rows).fill(1));
  const kept = Uint8Array.from(codes, (row) => +(row > 0));
  expect(privacyModels(table, { ...options, kept }).class_sizes_sorted).toHaveLength(1000);
});

/** Rows of two quasi-identifiers and a sensitive value, few of each. */
const anyRows = fc.array(fc.tuple(fc.nat(3), fc.nat(2), fc.nat(4)), {
  minLength: 1,
  maxLength: 60,
});
type Rows = readonly (readonly [number, number, number])[];

function coded(rows: Rows, order?: readonly number[]): CodedTable {
  const column = (index: 0 | 1 | 2) => Int32Array.from(rows, (row) => row[index]);
  return {
    rows: rows.length,
    quasiIdentifiers: [
      { name: "a", codes: column(0) },
      { name: "b", codes: column(1) },
    ],
    sensitive: [{ name: "s", codes: column(2), order }],
  };
}

const ORDER = [0, 1, 2, 3, 4] as const;

const TREE = categoryTree(
  new Map(ORDER.map((code) => [code, [`leaf ${code}`, `group ${code >> 1}`, "*"]])),
);

it("gives the same to the last digit in any order of rows", () => {
  const shuffled = fc.tuple(anyRows, anyRows).chain(([rows, others]) =>
    fc.record({
      rows: fc.constant(rows),
      order: fc.shuffledSubarray([...rows.keys()], { minLength: rows.length }),
      population: fc.constant([...rows, ...others]),
      marks: fc.array(fc.nat(3), { minLength: rows.length, maxLength: rows.length }),
    }),
  );
  const withTree = (rows: Rows): CodedTable => {
    const { sensitive, ...table } = coded(rows, ORDER);
    return { ...table, sensitive: sensitive.map((column) => ({ ...column, tree: TREE })) };
  };
  fc.assert(
    fc.property(shuffled, ({ rows, order, population, marks }) => {
      const [plain, moved] = [[...rows.keys()], order].map((places) =>
        privacyModels(withTree(places.map((place) => rows[place] ?? [0, 0, 0])), {
          ...GOLDEN,
          population: coded(population),
          kept: Uint8Array.from(places, (place) => marks[place] ?? 0),
        }),
      );
      expect(moved).toEqual(plain);
    }),
  );
});

it("gives the same to the last digit under other names of values", () => {
  fc.assert(
    fc.property(
      anyRows,
      fc.shuffledSubarray([-7, 0.5, 3, 1e9, 2 ** 40], { minLength: 5 }),
      (rows, names) => {
        const rename = (codes: Int32Array | Float64Array) =>
          Float64Array.from(codes, (code) => names[code] ?? 0);
        const table = coded(rows);
        const renamed = {
          ...table,
          quasiIdentifiers: table.quasiIdentifiers.map((column) => ({
            ...column,
            codes: rename(column.codes),
          })),
          sensitive: table.sensitive.map((column) => ({ ...column, codes: rename(column.codes) })),
        };
        expect(privacyModels(renamed, GOLDEN)).toEqual(privacyModels(table, GOLDEN));
      },
    ),
  );
});

it("gives zeros against the whole table where it is one class", () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { sensitive } = coded(rows, ORDER);
      const table = { rows: rows.length, quasiIdentifiers: [], sensitive };
      expect(privacyModels(table, GOLDEN).sensitive?.s).toMatchObject({
        t_equal: 0,
        t_ordered: 0,
        delta_nats: 0,
        delta_bits: 0,
        delta_strict_infinite: false,
        beta_basic: 0,
      });
    }),
  );
});

it("keeps the inequalities between metrics", () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { sensitive, risk, ...sizes } = privacyModels(coded(rows, ORDER), GOLDEN);
      const of = sensitive?.s;
      expect(of?.t_ordered).toBeLessThanOrEqual(of?.t_equal ?? NaN);
      expect(of?.entropy_l).toBeLessThanOrEqual((of?.distinct_l ?? NaN) + 1e-9);
      expect(risk?.prosecutor.average).toBe(sizes.equivalence_classes / rows.length);
      expect(risk?.marketer.average).toBe(risk?.prosecutor.average);
    }),
  );
});

it("never finds a journalist surer than the prosecutor", () => {
  fc.assert(
    fc.property(anyRows, anyRows, (rows, others) => {
      const population = coded([...rows, ...others]);
      const { risk } = privacyModels(coded(rows), { ...GOLDEN, population });
      expect(risk?.journalist.max).toBeLessThanOrEqual(risk?.prosecutor.max ?? NaN);
      expect(risk?.marketer.average).toBeLessThanOrEqual(risk?.prosecutor.average ?? NaN);
    }),
  );
});

it("never raises t, beta or alpha by merging classes, nor lowers k or distinct l", () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const fine = privacyModels(coded(rows, ORDER), GOLDEN);
      const merged = rows.map(([a, b, s]) => [Math.min(a, 1), b, s] as const);
      const coarse = privacyModels(coded(merged, ORDER), GOLDEN);
      expect(coarse.equivalence_classes).toBeLessThanOrEqual(fine.equivalence_classes);
      expect(coarse.k).toBeGreaterThanOrEqual(fine.k);
      const [before, after] = [fine.sensitive?.s, coarse.sensitive?.s];
      expect(after?.distinct_l).toBeGreaterThanOrEqual(before?.distinct_l ?? NaN);
      expect(after?.t_equal).toBeLessThanOrEqual(before?.t_equal ?? NaN);
      expect(after?.t_ordered).toBeLessThanOrEqual((before?.t_ordered ?? NaN) + 1e-15);
      expect(after?.beta_basic).toBeLessThanOrEqual(before?.beta_basic ?? NaN);
      expect(after?.alpha).toBeLessThanOrEqual(before?.alpha ?? NaN);
    }),
  );
});

describe("at the edges", () => {
  const options = { ks: [2, 7], taus: [0.5] };

  it("tells of an empty table its sizes only", () => {
    const none = privacyModels(coded([], ORDER), options);
    expect(none).toMatchObject({ rows: 0, k: 0, equivalence_classes: 0, discernibility: 0 });
    expect(none.suppression_needed_fraction).toEqual({ 2: 0, 7: 0 });
    expect(none).not.toHaveProperty("risk");
    expect(none).not.toHaveProperty("sensitive");
  });

  it("tells the same of a table that is suppressed whole, and what that cost", () => {
    const kept = new Uint8Array(3);
    const none = privacyModels(
      coded([
        [0, 0, 1],
        [0, 0, 2],
        [1, 0, 1],
      ]),
      { ...options, kept },
    );
    expect(none).toMatchObject({
      rows: 0,
      k: 0,
      suppressed_rows: 3,
      suppressed_fraction: 1,
      discernibility_with_suppressed: 9,
    });
    expect(none).not.toHaveProperty("sensitive");
  });

  it("suppresses all where k is more than the rows", () => {
    const few = privacyModels(
      coded([
        [0, 0, 1],
        [0, 0, 2],
        [1, 0, 1],
      ]),
      options,
    );
    expect(few.records_below_k).toEqual({ 2: 1, 7: 3 });
    expect(few.suppression_needed_fraction[7]).toBe(1);
    expect(few.discernibility_at_k).toEqual({ 2: 4 + 3, 7: 9 });
    expect(few.after_suppression[7]).toEqual({
      rows: 0,
      equivalence_classes: 0,
      k: 0,
      average_class_size: 0,
    });
  });

  it("finds no diversity in a single sensitive value, and no distance either", () => {
    const { sensitive } = privacyModels(
      coded(
        [
          [0, 0, 3],
          [1, 0, 3],
          [1, 0, 3],
        ],
        [3],
      ),
      options,
    );
    expect(sensitive?.s).toMatchObject({
      distinct_l: 1,
      entropy_l: 1,
      recursive_c_bound: { 2: null },
      t_equal: 0,
      t_ordered: 0,
      delta_nats: 0,
      beta_basic: 0,
      enhanced_beta_satisfied: { 1: true },
      alpha: 1,
    });
  });

  it("tells no ordered t where a value, as of a missing cell, is not in the order", () => {
    const rows = [
      [0, 0, 1],
      [0, 0, 2],
      [1, 0, 4],
    ] as const;
    const of = (order: readonly number[]) =>
      privacyModels(coded(rows, order), options).sensitive?.s;
    expect(of([1, 2])).not.toHaveProperty("t_ordered");
    expect(of([1, 2, 4])).toHaveProperty("t_ordered");
    expect(of([1, 2])?.t_equal).toBe(of([1, 2, 4])?.t_equal);
  });

  it("refuses marks that are not the rows'", () => {
    expect(() =>
      privacyModels(coded([[0, 0, 1]]), { ...options, kept: new Uint8Array(2) }),
    ).toThrow(RangeError);
  });

  it("lists columns by any name", () => {
    const { sensitive, ...table } = coded([[0, 0, 1]]);
    const named = { ...table, sensitive: sensitive.map((s) => ({ ...s, name: "__proto__" })) };
    const metrics = privacyModels(named, options).sensitive ?? {};
    expect(Object.keys(metrics)).toEqual(["__proto__"]);
  });
});

/** Whole columns: verdicts, chance hits, real tables without people, and cells beyond what is kept. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { generatePurchases } from "../../../client/data/purchases.ts";
import { columnTally, peopleFound } from "../../../client/scan/scan-column.ts";
import type { Cell } from "../../../client/source/table-source.ts";
import { ROOT } from "../../support/murmur.ts";
import { piiVectors } from "../../support/pii-vectors.ts";

function verdictOf(column: string, cells: Iterable<Cell>) {
  const tally = columnTally(column);
  for (const cell of cells) tally.add(cell);
  return tally.verdict();
}

function range<T>(length: number, cell: (i: number) => T): T[] {
  return Array.from({ length }, (_, i) => cell(i));
}

describe.each([
  ["pii.json", 55],
  ["pii-more.json", 104],
  ["pii-siblings.json", 234],
])("on the columns of %s", (name, length) => {
  const { column_cases: columns } = piiVectors(name);

  it("judges at least 98 of 100 right, and names what it found", () => {
    expect(columns).toHaveLength(length);
    const wrong = columns.filter(({ column, values, expected }) => {
      const { verdict, type } = verdictOf(column, values);
      if (verdict !== expected.verdict) return !expected.also_acceptable.includes(verdict);
      return expected.type !== undefined && type !== expected.type;
    });
    process.stdout.write(
      `${name}: ${columns.length - wrong.length} of ${columns.length} columns right\n`,
    );
    expect(wrong.map(({ id }) => id).slice(Math.floor(0.02 * length))).toEqual([]);
  });

  it("judges a column the same whatever the order of its cells", () => {
    for (const { column, values, id } of columns)
      expect(verdictOf(column, values.toReversed()), id).toEqual(verdictOf(column, values));
  });
});

function table(file: string): ReadonlyMap<string, readonly string[]> {
  const bytes = readFileSync(join(ROOT, "scenarios/data", file));
  const lines = gunzipSync(bytes).toString().trimEnd().split("\n");
  const rows = lines.map((line) => line.split(","));
  const [header = []] = rows.splice(0, 1);
  return new Map(header.map((column, i) => [column, rows.map((row) => row[i] ?? "")]));
}

/** Whole numbers with Luhn's digit behind them, worked out the long way. */
function withLuhn(digits: string): string {
  const sum = [...digits].reverse().reduce((total, digit, i) => {
    const twice = Number(digit) * (i % 2 === 0 ? 2 : 1);
    return total + (twice > 9 ? twice - 9 : twice);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

describe("without a header, of whole columns", () => {
  const some = (length: number, digits: number) =>
    range(length, (i) =>
      String(10 ** (digits - 1) + (((i * 7919 + 13) * 104_729) % 10 ** (digits - 1))),
    );
  const direct = (type: string) => ({ verdict: "direct_identifier", type, certain: false });

  it.each([9, 10, 11])(
    "takes numbers of %i digits that all pass Luhn's check for people's",
    (n) => {
      const numbers = some(8, n - 1).map(withLuhn);
      expect(verdictOf("c4", numbers)).toMatchObject(direct("national_id"));
      // Seven of eight pass by chance once in a million, four of five in two thousand.
      expect(verdictOf("c4", numbers.slice(0, 7)).verdict).toBe("harmless");
      expect(verdictOf("product", numbers).verdict).toBe("harmless");
    },
  );

  it("leaves numbers alone of which a tenth pass, or three quarters", () => {
    const chance = some(2_000, 12);
    expect(verdictOf("c4", chance).verdict).toBe("harmless");
    const mixed = some(40, 11).map((digits, i) =>
      i % 4 === 0 ? `${digits}${(Number(withLuhn(digits).at(-1)) + 1) % 10}` : withLuhn(digits),
    );
    expect(verdictOf("c4", mixed).verdict).toBe("harmless");
  });

  it("knows British insurance numbers by how they are parted, and no other code of as many signs", () => {
    const parted = range(8, (i) => `ZZ ${10 + i} ${40 + i} ${70 + i} T`);
    expect(verdictOf("c4", parted)).toMatchObject(direct("uk_nino"));
    expect(verdictOf("c4", parted.slice(0, 4)).verdict).toBe("harmless");
    expect(verdictOf("sku", parted).verdict).toBe("harmless");
    const codes = parted.map((text) => text.replaceAll(" ", ""));
    expect(verdictOf("c4", codes).type).not.toBe("uk_nino");
  });
});

describe("on real tables", () => {
  const QUASI = /^(age|workclass|education|education-num|marital-status|occupation|relationship)$/;

  it.each(["adult/adult.csv.gz", "adult/adult-test.csv.gz"])("finds no people in %s", (file) => {
    const columns = table(file);
    expect(columns.size).toBe(15);
    for (const [column, cells] of columns) {
      const verdict = verdictOf(column, cells);
      expect(peopleFound(verdict), column).toBe(false);
      if (QUASI.test(column)) expect(verdict.verdict, column).toBe("quasi_identifier");
    }
  });

  it("finds people in no column of the invoices but their customer's number", () => {
    const found = [...table("online-retail/invoices.csv.gz")].filter(([column, cells]) =>
      peopleFound(verdictOf(column, cells)),
    );
    expect(found.map(([column]) => column)).toEqual(["customer_id"]);
  });

  it("finds generated customers by name and e-mail, under any header", () => {
    const people = [...generatePurchases(7, 300, "person")];
    const names = verdictOf(
      "x",
      people.map(({ name }) => name),
    );
    const emails = verdictOf(
      "y",
      people.map(({ email }) => email),
    );
    const places = verdictOf(
      "z",
      people.map(({ location }) => location),
    );
    expect(names).toMatchObject({ type: "person_name", verdict: "direct_identifier" });
    expect(emails).toMatchObject({ type: "email", certain: true, hits: 300, looked: 300 });
    expect(peopleFound(names) && peopleFound(emails)).toBe(true);
    expect(places.verdict).toBe("quasi_identifier");
  });
});

describe("chance", () => {
  // Every tenth number passes Luhn; they begin as Visa's do.
  const references = range(2_000, (i) => String(4_000_000_000_000_000 + i * 7919));

  it("is no card number among as many that fail", () => {
    expect(verdictOf("reference", references).verdict).toBe("harmless");
    expect(verdictOf("reference", ["4242424242424242", ...references]).verdict).toBe("harmless");
  });

  it("is not what makes all pass", () => {
    const cards = range(20, (i) => (i % 2 ? "4242424242424242" : "5555555555554444"));
    expect(verdictOf("reference", cards).type).toBe("credit_card");
  });

  it("is no insurance number among codes of its form", () => {
    const letters = "EFGHIJKLMNOPQRSTUVWXYZABCD";
    const codes = range(200, (i) => `AB${100_000 + i}${letters[i % letters.length]}`);
    expect(verdictOf("voucher", codes).verdict).toBe("harmless");
  });
});

describe("one sure hit", () => {
  it.each([
    ["late@example.org", "email"],
    ["DE89370400440532013000", "iban"],
    ["5 Test Road, Leeds LS1 1AA", "street_address"],
    ["SSN 457-55-5462", "us_ssn"],
  ])("is found behind more distinct cells than are memoize: %s", (cell, type) => {
    const cells = range(70_000, (i) => `part ${i}`);
    const verdict = verdictOf("remark", [...cells, cell]);
    expect(verdict).toMatchObject({ verdict: "direct_identifier", type, hits: 1, looked: 70_001 });
    expect(peopleFound(verdict)).toBe(true);
  });

  it("counts each cell that repeats it", () => {
    expect(
      verdictOf(
        "x",
        range(50, () => "a.b@example.org"),
      ),
    ).toMatchObject({ hits: 50 });
  });
});

it("stops to look once a column is proven", () => {
  const { hits, looked, certain } = verdictOf(
    "x",
    range(5_000, (i) => `u${i}@example.org`),
  );
  expect({ hits, looked, certain }).toEqual({ hits: 1_000, looked: 1_000, certain: true });
});

it("takes neither empty cells, nor flags, nor what is counted about a thing, for the thing", () => {
  expect(verdictOf("email", [null, "", null])).toMatchObject({ verdict: "harmless", looked: 0 });
  expect(verdictOf("email_verified", [true, false]).verdict).toBe("harmless");
  expect(
    verdictOf(
      "phone_calls",
      range(40, (i) => i),
    ).verdict,
  ).toBe("harmless");
});

it("tells a header that says name from one that says whose", () => {
  const products = ["Desk Lamp", "Rain Jacket", "Yoga Mat", "Bath Towel", "Hand Soap"];
  const people = ["Emma Lind", "Noah Costa", "Wei Chen", "Omar Haddad", "Maja Berg"];
  expect(verdictOf("name", products).verdict).toBe("harmless");
  expect(verdictOf("product_name", people).verdict).toBe("harmless");
  expect(verdictOf("name", people).type).toBe("person_name");
});

it("does not let a number of nobody stop a client", () => {
  expect(
    peopleFound(
      verdictOf(
        "order_id",
        range(50, (i) => `ORD-${1000 + i}`),
      ),
    ),
  ).toBe(false);
  expect(
    peopleFound(
      verdictOf(
        "patient_id",
        range(50, (i) => `P-${1000 + i}`),
      ),
    ),
  ).toBe(true);
});

it("says nothing of what a cell held", () => {
  const said = JSON.stringify(verdictOf("note", ["ring 020 7946 0123", "zed@example.org", "ok"]));
  expect(said).not.toMatch(/7946|zed|ring/);
});

it("takes ages that are written 59.0 for ages, and versions for no addresses", () => {
  const ages = range(40, (i) => `${20 + i}.0`);
  expect(verdictOf("age", ages)).toMatchObject({ verdict: "quasi_identifier", type: "age" });
  const versions = range(40, (i) => `4.${i % 7}.${i % 11}.${i % 13}`);
  expect(verdictOf("c4", versions).verdict).toBe("harmless");
  const hosts = range(40, (i) => `10.0.3.${i}`);
  expect(verdictOf("c4", hosts).type).toBe("ipv4");
});

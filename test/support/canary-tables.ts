/**
 * The shipped purchases and Adult scenarios on private files, a file a client, of which some hold
 * nothing but canaries: each of their cells is a value that occurs nowhere else.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { type Customer, generatePurchases } from "../../client/data/purchases.ts";
import { adultTable } from "./adult.ts";
import { SCENARIOS } from "./contracts.ts";
import type { Canary } from "./needles.ts";

export interface CanaryTables {
  /** By path, the scenario as scenario.yaml among them. */
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly canaries: readonly Canary[];
  /** Names of the columns that hold some. */
  readonly columns: ReadonlySet<string>;
}

/** Eight digits of a kind that follow from the name alone. */
function digits(name: string, radix: 10 | 16): string {
  const hex = createHash("sha256").update(`canary ${name}`).digest("hex");
  if (radix === 16) return hex.slice(0, 8);
  return String(Number.parseInt(hex.slice(0, 12), 16) % 1e8).padStart(8, "7");
}

/** Plants canaries, and remembers them. */
export class Planter {
  readonly canaries: Canary[] = [];
  readonly columns = new Set<string>();

  /** @param form with % where the value's own digits go */
  text(column: string, row: string, form: string): string {
    const name = `${row}, ${column}`;
    const value = form.replace("%", digits(name, 16));
    this.#keep(column, { kind: "text", name, value });
    return value;
  }

  /** `whole` and eight digits behind the point; the last is no zero. */
  number(column: string, row: string, whole: number): number {
    const name = `${row}, ${column}`;
    const value = Number(`${whole}.${digits(name, 10)}3`);
    this.#keep(column, { kind: "number", name, value });
    return value;
  }

  /** In the second and millisecond that follow from the name, of a day before the cut-off or after. */
  time(column: string, row: string, day: string): string {
    const name = `${row}, ${column}`;
    const ms = 12_345_678 + (Number(digits(name, 10)) % 60_000_000);
    const value = new Date(Date.parse(`${day}T00:00:00Z`) + ms).toISOString();
    this.#keep(column, { kind: "time", name, value });
    return value;
  }

  #keep(column: string, canary: Canary): void {
    this.canaries.push(canary);
    this.columns.add(column);
  }
}

/** Private, and a file a client: no row is moved from one to another. */
export function onFiles(
  name: string,
  source: { readonly files: readonly string[]; readonly testFile: string; missing?: string },
  changes: (scenario: ReturnType<typeof parse>) => void,
): string {
  const scenario = parse(readFileSync(join(SCENARIOS, `${name}.yaml`), "utf8"));
  scenario.data.source = source;
  scenario.data.partition = { kind: "files" };
  const count = source.files.length;
  scenario.clients = { count, minCohort: count - 1 };
  scenario.training = { rounds: 3, learningRate: 0.5, clipNorm: 1 };
  scenario.privacy = { epsilon: 1, delta: 1e-4, population: 400 };
  changes(scenario);
  return stringify(scenario);
}

export const LOCATIONS = {
  "data/locations.csv": readFileSync(join(SCENARIOS, "data/locations.csv")),
};
const ROWS = ["row 1", "row 2", "row 3"] as const;
/** Before the cut-off; on it and after, where the label is told; too old. */
const EVENT_DAYS = ["2024-03-17", "2024-06-29", "2024-07-04", "2021-02-03"] as const;

/** A client's people as CSV, another's as JSON lines, and two clients of generated people. */
export function purchasesTables(): CanaryTables {
  const planter = new Planter();
  const csv = ROWS.map((row) => plantedCustomer(planter, `CSV ${row}`));
  const lines = ROWS.map((row) => plantedCustomer(planter, `JSON ${row}`));
  const plain = [...generatePurchases(5, 90, "person")].map(plainCustomer);
  const scenario = onFiles(
    "purchases",
    { files: ["canaries.csv", "canaries.jsonl", "b.csv", "c.csv"], testFile: "held-out.csv" },
    (changed) => {
      const { columns } = changed.data;
      // Wide enough for digits that chance does not find.
      columns.age.type = "number";
      columns.purchaseHistory.category = { vocabulary: ["books", "games"], unseen: "other" };
      changed.statistics = { noiseMultiplier: 20, classCounts: true, quantiles: { recency: 4 } };
      changed.evaluation = { federated: { noiseMultiplier: 20 } };
    },
  );
  return {
    files: {
      ...LOCATIONS,
      "scenario.yaml": scenario,
      "canaries.csv": customersCsv(csv),
      "canaries.jsonl": lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
      "b.csv": customersCsv(plain.slice(0, 30)),
      "c.csv": customersCsv(plain.slice(30, 60)),
      "held-out.csv": customersCsv(plain.slice(60)),
    },
    canaries: planter.canaries,
    columns: planter.columns,
  };
}

type Row = Readonly<Record<string, unknown>>;

function plantedCustomer(planter: Planter, row: string): Row {
  return {
    name: planter.text("name", row, "Zoë  Qvist-%"),
    age: planter.number("age", row, 47),
    location: planter.text("location", row, "Vlim %"),
    purchaseHistory: EVENT_DAYS.map((day, i) => [
      planter.time("purchaseHistory date", `${row}, event ${i}`, day),
      planter.number("purchaseHistory amount", `${row}, event ${i}`, 123 + i),
      planter.text("purchaseHistory category", `${row}, event ${i}`, "Sorb %"),
    ]),
    email: planter.text("email", row, "Zoe.%@Example.NET"),
  };
}

export function plainCustomer({ name, age, location, times, amounts, email }: Customer): Row {
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const events = Array.from(times, (time, i) => [
    day(time),
    amounts[i] ?? 0,
    i % 2 ? "books" : "games",
  ]);
  return { name, age, location, purchaseHistory: events, email };
}

export function customersCsv(rows: readonly Row[]): string {
  return csvText(
    ["name", "age", "location", "purchaseHistory", "email"],
    rows.map((row) => Object.values(row)),
  );
}

export function csvText(header: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const cell = (value: unknown) => {
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

/** Of numbers that the contract bounds, whole parts within the bounds. */
const ADULT_NUMBERS: Readonly<Record<string, number>> = {
  age: 53,
  fnlwgt: 771_516,
  "education-num": 13,
  "capital-gain": 71_234,
  "capital-loss": 4_321,
  "hours-per-week": 37,
};

/** Two clients of real rows, and one of canaries. */
export function adultTables(): CanaryTables {
  const planter = new Planter();
  const { header, rows } = adultTable("adult");
  const planted = ROWS.map((row) =>
    header.map((column) => {
      const whole = ADULT_NUMBERS[column];
      return whole === undefined
        ? planter.text(column, row, "Vlim-%")
        : planter.number(column, row, whole);
    }),
  );
  const hierarchies = ["workclass", "marital-status", "sex"].map((name) => {
    const path = `data/adult/hierarchies/${name}.csv`;
    return [path, readFileSync(join(SCENARIOS, path))] as const;
  });
  const source = {
    files: ["a.csv", "canaries.csv", "c.csv"],
    testFile: "held-out.csv",
    missing: "?",
  };
  const scenario = onFiles("adult", source, ({ data: { columns } }) => {
    columns.age.type = "number";
    columns.hoursPerWeek.type = "number";
    // Any label, so that one can be a canary.
    delete columns.salaryClass.vocabulary;
  });
  return {
    files: {
      ...Object.fromEntries(hierarchies),
      "scenario.yaml": scenario,
      "a.csv": csvText(header, rows.slice(0, 150)),
      "canaries.csv": csvText(header, planted),
      "c.csv": csvText(header, rows.slice(150, 300)),
      "held-out.csv": csvText(header, adultTable("adult-test").rows.slice(0, 80)),
    },
    canaries: planter.canaries,
    columns: planter.columns,
  };
}

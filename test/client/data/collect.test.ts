import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { anonymizeLog } from "../../../client/anonymize/event-log.ts";
import { collectFile } from "../../../client/data/collect.ts";
import { collectGenerated } from "../../../client/data/collect-generated.ts";
import { generatePurchases } from "../../../client/data/purchases.ts";
import type { RawPerson } from "../../../client/persons/raw-person.ts";
import { eventLogColumn } from "../../../shared/contract/check.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import { contractFor, peopleScenario, shippedScenario } from "../../support/contracts.ts";
import { everybody } from "../../support/worked-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-collect-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Cell by column, as it was read. */
function cellsOf(person: RawPerson | undefined, { columns }: Contract) {
  return Object.fromEntries(columns.map(({ name }, i) => [name, person?.cells[i]]));
}

describe("collectFile, of people", async () => {
  const scenario = peopleScenario();
  const contract = await contractFor(scenario);

  async function collected(text: string, person: string | null = null, missing?: string) {
    writeFileSync(join(folder, "people.csv"), text);
    const keyed = { ...contract, table: { kind: "people", person } } as const;
    const source = missing === undefined ? {} : { missing };
    const read = await collectFile(keyed, source, folder, "people.csv");
    return { read, people: await everybody(read) };
  }

  it("puts cells by the contract's columns, whatever the order of the file", async () => {
    const { read, people } = await collected("city,bought,email,income,age\nRome,yes,a@b.c,5,17\n");
    expect(cellsOf(people[0], contract)).toEqual({
      email: "a@b.c",
      age: "17",
      city: "Rome",
      income: "5",
      bought: "yes",
    });
    expect(people[0]).toMatchObject({ source: "people.csv", line: 2 });
    expect([read.records(), read.recordColumns[0], read.typed]).toEqual([1, "city", false]);
    expect(read.columns).toEqual(["email", "age", "city", "income", "bought"]);
  });

  it("takes the mark of what is missing for an empty cell, the whole of a cell only", async () => {
    const text = "email,age,city,income,bought\n?,1,a?,?,yes\n";
    const { people } = await collected(text, null, "?");
    expect(people[0]?.cells).toEqual([null, "1", "a?", null, "yes"]);
    expect((await collected(text)).people[0]?.cells).toEqual(["?", "1", "a?", "?", "yes"]);
  });

  it("shows each row to whoever watches, before anybody has it", async () => {
    const rows = Array.from({ length: 2_500 }, (_, i) => `p${i},${i % 90},Rome,5,yes`);
    writeFileSync(join(folder, "many.csv"), ["email,age,city,income,bought", ...rows].join("\n"));
    const seen: unknown[] = [];
    const watch = (header: readonly string[]) => (row: { cells: readonly unknown[] }) =>
      seen.push(row.cells[header.indexOf("email")]);
    const read = await collectFile(contract, {}, folder, "many.csv", { watch });
    let had = 0;
    for await (const batch of read.people) {
      had += batch.length;
      // Batches, not the whole: what is not asked for is not read.
      expect(seen).toHaveLength(had);
    }
    expect([had, read.records()]).toEqual([2_500, 2_500]);
    expect(seen).toEqual(rows.map((row) => row.split(",")[0]));
  });

  it("refuses a column of the file that nobody declared", async () => {
    const read = collected("email,age,city,income,bought,phone\na,1,Rome,5,yes,555\n");
    await expect(read).rejects.toThrow(/^data.undeclaredColumn \(data.columns, phone\)/);
  });

  it("refuses a declared column that the file lacks", async () => {
    const read = collected("email,age,city,bought\na,1,Rome,yes\n");
    await expect(read).rejects.toThrow(/^data.missingColumn \(data.columns, income\)/);
  });

  it("refuses a second row of one person, where the person is named", async () => {
    const text =
      "email,age,city,income,bought\na@b.c,1,Rome,5,yes\nx@y.z,2,Rome,5,no\na@b.c,3,Rome,5,no\n";
    const read = collected(text, "email");
    await expect(read).rejects.toThrow("data.duplicatePerson (people.csv, line 4, email)");
    await expect(read).rejects.not.toThrow("a@b.c");
    expect((await collected(text)).people).toHaveLength(3);
  });
});

describe("collectFile, of events", async () => {
  const scenario = parseScenario(
    `
format: 1
name: visits
data:
  source:
    file: visits.csv
    person: patient
    events: { visits: { time: day, fields: [amount, paid], where: "paid >= amount / 2" } }
    testRows: 1
  columns:
    patient: { role: directIdentifier }
    town: { role: quasiIdentifier, take: first, hierarchy: { Rome: [south], Oslo: [north] }, level: 0, unseen: other }
    visits: { role: eventLog, time: day, cutOff: 2024-06-30, maxAgeDays: 99, maxEvents: 5, amount: { clip: [0, 50] } }
  target: { name: back, event: visits, within: 10 }
features: { count: { formula: "count(visits)", bounds: [0, 5] } }
privacy: { epsilon: 1, delta: 1e-5, population: 3 }
clients: { count: 2, minCohort: 2 }
`,
    "visits.yaml",
  );
  const contract = await contractFor(scenario);
  const HEADER = "day,patient,paid,town,amount";

  async function collected(...rows: string[]) {
    writeFileSync(join(folder, "visits.csv"), [HEADER, ...rows, ""].join("\n"));
    const read = await collectFile(contract, {}, folder, "visits.csv");
    return { ...read, people: await everybody(read) };
  }
  const day = (text: string) => Date.parse(`${text}T00:00:00Z`);

  it("joins the rows of a person, with the fields that events carry", async () => {
    const { people, columns } = await collected(
      "2024-06-02,p1,20,Rome,21",
      "2024-06-01,p2,40,Oslo,41",
      "2024-06-01,p1,10,Rome,11",
    );
    expect(people.map((person) => cellsOf(person, contract).patient)).toEqual(["p1", "p2"]);
    expect(people[0]?.logs.get("visits")).toEqual({
      times: Float64Array.of(day("2024-06-02"), day("2024-06-01")),
      fields: new Map([
        ["amount", Float64Array.of(21, 11)],
        ["paid", Float64Array.of(20, 10)],
      ]),
    });
    expect(columns).toEqual(["patient", "town", "visits"]);
  });

  it("leaves out rows that are no events, and keeps the person", async () => {
    const { people } = await collected("2024-06-02,p1,4,Rome,10", "2024-06-03,p1,5,Rome,10");
    expect(people[0]?.logs.get("visits")?.times).toEqual(Float64Array.of(day("2024-06-03")));
    const none = await collected("2024-06-02,p1,4,Rome,10");
    expect(none.people[0]?.logs.get("visits")?.times).toHaveLength(0);
  });

  it("takes the first value by time, in any order of the file, ties by the value", async () => {
    const rows = ["2024-06-03,p1,1,Rome,1", "2024-06-01,p1,1,Zug,1", "2024-06-01,p1,1,Oslo,1"];
    for (const order of [rows, [...rows].reverse()]) {
      expect(cellsOf((await collected(...order)).people[0], contract).town).toBe("Oslo");
    }
  });

  it("takes no value from a row at or after the cut-off", async () => {
    const { people } = await collected(
      "2024-06-30,p1,1,Rome,1",
      "2024-06-29,p2,1,Oslo,1",
      "2024-07-01,p2,1,Rome,1",
    );
    expect(people.map((person) => cellsOf(person, contract).town)).toEqual([null, "Oslo"]);
  });

  it.each([
    ["data.notANumber (visits.csv, line 3, amount)", "2024-06-02,p1,1,Rome,7 euros"],
    ["data.invalidDate (visits.csv, line 3, day)", "02.06.2024,p1,1,Rome,7"],
    ["data.timestampWithoutZone (visits.csv, line 3, day)", "2024-06-02T08:00:00,p1,1,Rome,7"],
  ])("refuses %s", async (message, row) => {
    await expect(collected("2024-06-02,p1,1,Rome,1", row)).rejects.toThrow(message);
    await expect(collected("2024-06-02,p1,1,Rome,1", row)).rejects.not.toThrow(
      /euros|02\.06|08:00/,
    );
  });
});

describe("collectGenerated", async () => {
  const scenario = shippedScenario("purchases");
  const contract = await contractFor(scenario);

  it("gives the generator's people in batches, under the contract's names", async () => {
    const read = collectGenerated(contract, 7, 2_500, "person");
    const batches: number[] = [];
    const people: RawPerson[] = [];
    for await (const batch of read.people) {
      batches.push(batch.length);
      people.push(...batch);
    }
    expect(batches).toEqual(Array.from({ length: 25 }, () => 100));
    const customers = [...generatePurchases(7, 2_500, "person")];
    const last = customers.at(-1);
    expect(people.at(-1)).toMatchObject({ source: "generated person", line: 2_500 });
    expect(cellsOf(people.at(-1), contract)).toMatchObject({
      name: last?.name,
      email: last?.email,
      age: String(last?.age),
      location: last?.location,
    });
    expect(last?.amounts.length).toBeGreaterThan(0);
    expect(people.at(-1)?.logs.get("purchaseHistory")?.times).toEqual(last?.times);
    expect([read.records(), read.typed]).toEqual([2_500, false]);
  });

  it("works out the amounts that a log can keep, and no others", async () => {
    const log = eventLogColumn(contract.columns, "purchaseHistory");
    if (!log) throw new Error("no log");
    const customers = [...generatePurchases(7, 300, "person")];
    let skipped = 0;
    let row = 0;
    for await (const batch of collectGenerated(contract, 7, 300, "person", { whole: 9 }).people)
      for (const { logs } of batch) {
        const [raw, all] = [logs.get("purchaseHistory"), customers[row++]];
        if (!raw || !all) throw new Error("no purchases");
        const whole = { times: all.times, fields: new Map([["amount", all.amounts]]) };
        if (row <= 9) expect(raw).toEqual(whole);
        expect(anonymizeLog(raw, log)).toEqual(anonymizeLog(whole, log));
        skipped += raw.fields.get("amount")?.filter(Number.isNaN).length ?? 0;
      }
    expect(row).toBe(300);
    expect(skipped).toBeGreaterThan(10_000);
  });

  it("refuses a contract that does not fit the generator", async () => {
    const { email: _, ...columns } = scenario.data.columns;
    const without = { ...scenario, data: { ...scenario.data, columns } };
    const unfit = await contractFor(without);
    expect(() => collectGenerated(unfit, 7, 3, "person")).toThrow(
      "data.undeclaredColumn (data.columns, email)",
    );
  });
});

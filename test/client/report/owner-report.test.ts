import { describe, expect, it } from "vitest";
import { contractHash } from "../../../client/data/person-keys.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { ownerPage } from "../../../client/report/owner-page.ts";
import { ownerReport } from "../../../client/report/owner-report.ts";
import { assignmentFor, contractFor, shippedScenario } from "../../support/contracts.ts";
import { gathered, logOf } from "../../support/written-people.ts";

const CUT_OFF = Date.UTC(2024, 5, 30);
const COLUMNS = `email: { role: directIdentifier }
card: { role: directIdentifier, action: pseudonym, dropAfterJoin: false }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1, unseen: other }
wage: { role: sensitive, vocabulary: [low, high] }
note: { role: drop }
visits: { role: eventLog, time: date, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 2, amount: { clip: [0, 50] } }`;
const parts = (rest: string) => ({
  columns: COLUMNS,
  target: "{ name: back, event: visits, within: 30 }",
  features: 'count: { formula: "count(visits)", bounds: [0, 2] }\nage: { formula: "oneHot(age)" }',
  rest,
});
const person = (age: string, city: string, wage: string, ...times: number[]) => ({
  cells: ["x@example.com", "card", age, city, wage, "secret", null],
  logs: { visits: logOf(...times.map((time) => [time, 5] as const)) },
});
/** Two alike at 20 in Rome, three at 50 in Oslo of raw ages 50, 50 and 51, one alone in Rome. */
const PEOPLE = [
  person("20", "Rome", "low", CUT_OFF - 1),
  person("20", "Rome", "high", CUT_OFF),
  person("50", "Oslo", "low"),
  person("50", "Oslo", "low"),
  person("51", "Oslo", "low", CUT_OFF - 1, CUT_OFF),
  person("60", "Rome", "high"),
];
const KEY_SOURCES = new Map([["card", "the environment, CARD_KEY"]]);

function sourceOf({
  people,
  contract,
}: Pick<Awaited<ReturnType<typeof gathered>>, "people" | "contract">) {
  const hash = contractHash(contract);
  return { people, contract, hash, seed: 3, keySources: KEY_SOURCES, findings: [] };
}

async function reported(rest: string, rows?: Int32Array) {
  const { people, contract, required, rows: all } = await gathered(parts(rest), PEOPLE);
  const source = sourceOf({ people, contract });
  return { contract, report: ownerReport(source, rows ?? all, required) };
}

describe("ownerReport", () => {
  it("says which columns came in, and how each is kept", async () => {
    const { report, contract } = await reported("");
    expect(report.contract.hash).toBe(contractHash(contract));
    expect(report.contract.unsafe).toBe(false);
    const kept = report.contract.columns.map(({ name, role, kept: how }) => [name, role, how]);
    expect(kept).toEqual([
      ["email", "directIdentifier", "dropped"],
      ["card", "directIdentifier", "a keyed pseudonym"],
      ["age", "quasiIdentifier", "3 bands"],
      ["city", "quasiIdentifier", "4 categories, level 1 of 2"],
      ["wage", "sensitive", "4 categories"],
      ["note", "drop", "dropped"],
      ["visits", "eventLog", expect.stringContaining("the newest 2 events of 90 days")],
    ]);
    expect(report.pseudonyms).toEqual([
      {
        column: "card",
        algorithm: "HMAC-SHA-256, its key by HKDF-SHA-256",
        key: "the environment, CARD_KEY",
      },
    ]);
  });

  it("counts rows and columns stage by stage", async () => {
    const { report } = await reported("");
    expect(report.stages).toEqual([
      { name: "collect", rows: 6, columns: 7 },
      // card, age, city, wage and visits; a count and three bands.
      { name: "anonymize", rows: 6, columns: 5 },
      { name: "engineer", rows: 6, columns: 4 },
    ]);
    expect(report.requirement).toEqual({ mode: "report", k: 5 });
  });

  it("tells how alike the rows were, and are", async () => {
    const { report } = await reported("");
    // Raw: 2 + 2 + 1 + 1. Recoded: 2 + 3 + 1.
    expect(report.before).toMatchObject({ rows: 6, class_sizes_sorted: [1, 1, 2, 2], k: 1 });
    expect(report.after).toMatchObject({ rows: 6, class_sizes_sorted: [1, 2, 3], k: 1 });
    expect(Object.keys(report.after.records_below_k)).toEqual(["2", "3", "5", "10", "20", "100"]);
    expect(report.after.records_below_k["3"]).toBe(3);
    expect(report.before.records_below_k["3"]).toBe(6);
    expect(report.after.risk?.prosecutor).toMatchObject({ max: 1, average: 3 / 6 });
    expect(report.after.risk?.unique_rows_share).toBeCloseTo(1 / 6, 12);
    // Both are declared sensitive, the label of an event by itself.
    expect(Object.keys(report.after.sensitive ?? {})).toEqual(["wage", "back"]);
    expect(report.after.sensitive?.wage?.distinct_l).toBe(1);
    // Of six wages two are high; of the two in Rome at 20 one is: 1/2 - 1/3.
    expect(report.after.sensitive?.wage?.t_equal).toBeCloseTo(2 / 3, 12);
    expect(report.after.sensitive?.back?.alpha).toBe(1);
  });

  it("tells what a requirement took, and asks for its k among the others", async () => {
    const { report } = await reported("anonymity: { mode: suppress, k: 4 }");
    expect(report.requirement).toEqual({ mode: "suppress", k: 4 });
    expect(report.stages.map(({ rows }) => rows)).toEqual([6, 0, 0]);
    expect(Object.keys(report.before.records_below_k)).toContain("4");
    const three = (await reported("anonymity: { mode: suppress, k: 3 }")).report;
    expect(three.stages.map(({ rows }) => rows)).toEqual([6, 3, 3]);
    expect(three.after).toMatchObject({ rows: 3, k: 3, suppressed_rows: 3 });
    expect(three.before).toMatchObject({ rows: 6, k: 1 });
    expect(three.loss.suppressedRows).toBe(3);
    // Suppressed or not, their events can single them out before that.
    expect(three.unicity.visits?.[2]?.people).toBe(6);
  });

  it("tells of nothing but counts: no cell, no label, no pseudonym", async () => {
    const { report } = await reported("");
    const text = JSON.stringify({ ...report, contract: null });
    for (const value of ["example.com", "secret", "Rome", "south", "high"])
      expect(text).not.toContain(value);
  });

  it("holds for a client without rows", async () => {
    const { people, contract } = await gathered(parts(""), PEOPLE);
    const source = sourceOf({ people, contract });
    const none = {
      kept: new Uint8Array(),
      person: () => ({ values: new Map(), texts: new Map(), images: new Map(), logs: new Map() }),
      parts: null,
    };
    const report = ownerReport(source, new Int32Array(), none);
    expect(report.before).toMatchObject({ rows: 0, k: 0, equivalence_classes: 0 });
    expect(report.stages.map(({ rows }) => rows)).toEqual([0, 0, 0]);
  });
});

it("each client's report is of its own rows, whoever else is there", async () => {
  const scenario = shippedScenario("purchases");
  const contract = await contractFor(scenario);
  const { clients } = await prepare(contract, assignmentFor(scenario));
  const rows = [...clients.values()].map(({ report, examples }) => {
    expect(report.stages.map((stage) => stage.rows)).toEqual(Array(3).fill(examples.count));
    return report.before.rows;
  });
  expect(rows.reduce((sum, own) => sum + own, 0)).toBe(1_000);
  expect(new Set(rows).size).toBeGreaterThan(5);
});

it("says on its page that risks count rows, where a person has several", async () => {
  const { report } = await reported("");
  const file = {
    ...report,
    narrowFeatures: [],
    client: "c1",
    rowsBeyondThePopulation: null,
    privacy: null,
    egress: null,
  };
  const said = (persons: typeof report.persons) => ownerPage({ ...file, persons });
  const words = "count rows, not persons";
  const one = { column: "email", persons: 6, repeated: 0, mostRows: 1 };
  expect(said({ repeats: [one], used: null })).not.toContain(words);
  expect(said({ repeats: [{ ...one, repeated: 1, mostRows: 2 }], used: null })).toContain(words);
  const used = { persons: 2, rows: 6, rowsUsed: 4, mostOfOne: 5 };
  expect(said({ repeats: [], used })).toContain(words);
  expect(said({ repeats: [], used: { ...used, mostOfOne: 1 } })).not.toContain(words);
});

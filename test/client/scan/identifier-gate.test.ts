import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { prepare } from "../../../client/prepare/prepare.ts";
import { IdentifierGate } from "../../../client/scan/identifier-gate.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-gate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PEOPLE = [
  ["ann.lee@example.com", "Ann Lee", "17", "Rome"],
  ["bob.ray@example.com", "Bob Ray", "40", "Oslo"],
  ["cem.oz@example.com", "Cem Oz", "41", "Rome"],
  ["dee.fox@example.com", "Dee Fox", "20", "Oslo"],
  ["eve.orr@example.com", "Eve Orr", "22", "Rome"],
  ["fay.kim@example.com", "Fay Kim", "60", "Oslo"],
];
const HEADER = ["contact", "name", "age", "city"];

/** The gate of one more column, after all rows have passed it. */
async function gateOf(column: string, cells: readonly string[], from = "extra") {
  const columns = `it: { from: ${from}, ${column} }\nbought: { role: target }`;
  const features = 'one: { formula: "1", bounds: [0, 1] }';
  const contract = await contractFor(peopleScenario({ columns, features }));
  const gate = new IdentifierGate(contract.columns);
  const see = gate.watch([from, "bought"]);
  for (const [i, cell] of cells.entries()) see({ line: i + 2, cells: [cell, "yes"] });
  return gate;
}
const emails = PEOPLE.map(([email = ""]) => email);

describe("IdentifierGate", () => {
  it.each(["insensitive", "quasiIdentifier", "sensitive"])(
    "stops a column of role %s that holds people, telling neither whom nor how many",
    async (role) => {
      const gate = await gateOf(`role: ${role}`, emails);
      expect(() => gate.check()).toThrow(ScenarioError);
      expect(() => gate.check()).toThrow(
        /^identifierInHarmlessColumn \(data.columns.it\): got cells that hold e-mail/,
      );
      expect(() => gate.check()).not.toThrow(/example\.com|\b6\b/);
      const [finding] = gate.findings;
      expect(finding).toMatchObject({
        column: "it",
        type: "email",
        hits: 6,
        looked: 6,
        overruled: null,
      });
    },
  );

  it("stops for one address among many cells that hold none", async () => {
    const cells = Array.from({ length: 300 }, (_, i) =>
      i === 217 ? (emails[0] ?? "") : "as agreed",
    );
    const gate = await gateOf("role: insensitive", cells, "remark");
    expect(() => gate.check()).toThrow("identifierInHarmlessColumn");
    expect(gate.findings[0]).toMatchObject({ hits: 1, looked: 300 });
  });

  it("lets a column pass that the file overrules by name, and keeps the finding with the reason", async () => {
    const gate = await gateOf('role: insensitive, identifiersKnown: "shared mailboxes"', emails);
    expect(() => gate.check()).not.toThrow();
    expect(gate.findings).toMatchObject([
      { type: "email", hits: 6, overruled: "shared mailboxes" },
    ]);
  });

  it("of another's contract stops for a share of the cells, and has the owner's reason alone", async () => {
    const scenario = peopleScenario({
      columns:
        'it: { role: insensitive, identifiersKnown: "so they say" }\nbought: { role: target }',
      features: 'one: { formula: "1", bounds: [0, 1] }',
    });
    const { columns } = await contractFor(scenario);
    const gateFor = (known: ReadonlyMap<string, string>, harmless: number) => {
      const gate = new IdentifierGate(columns, known);
      const see = gate.watch(["it"]);
      see({ line: 2, cells: [emails[0] ?? ""] });
      for (let i = 0; i < harmless; i++) see({ line: i + 3, cells: [`word${i}`] });
      return gate;
    };
    expect(() => gateFor(new Map(), 9).check()).toThrow("--identifiers-known");
    expect(() => gateFor(new Map(), 10).check()).not.toThrow();
    expect(gateFor(new Map(), 10).findings).toMatchObject([
      { hits: 1, looked: 11, overruled: null },
    ]);
    const known = gateFor(new Map([["it", "mine"]]), 0);
    expect(() => known.check()).not.toThrow();
    expect(known.findings).toMatchObject([{ overruled: "mine" }]);
  });

  it.each(["role: directIdentifier", "role: directIdentifier, action: pseudonym", "role: drop"])(
    "does not watch what goes no further anyway: %s",
    async (column) => {
      const gate = await gateOf(column, emails);
      expect(() => gate.check()).not.toThrow();
      expect(gate.findings).toEqual([]);
    },
  );

  it.each([
    ["order numbers", ["10234", "10235", "10240", "10261"], "order"],
    ["amounts", ["12.50", "3.99", "107.00", "8"], "amount"],
    ["timestamps", ["2024-01-05", "2024-02-11", "2024-03-30"], "shipped"],
    ["words", ["red", "green", "blue", "red"], "colour"],
    ["nothing", ["", "", ""], "extra"],
  ])("finds no people in %s", async (_, cells, from) => {
    const gate = await gateOf("role: insensitive", cells, from);
    expect(() => gate.check()).not.toThrow();
  });

  it("looks at an event log's category, for its text stays in some form", async () => {
    const scenario = peopleScenario({
      columns: `patient: { role: directIdentifier }
visits: { role: eventLog, time: day, cutOff: 2024-06-30, maxAgeDays: 9, maxEvents: 5, category: { from: ward, vocabulary: [a, b], unseen: other } }`,
      target: "{ name: back, event: visits, within: 10 }",
      features: 'count: { formula: "count(visits)", bounds: [0, 5] }',
    });
    const { columns } = await contractFor(scenario);
    const found = (ward: string) => {
      const gate = new IdentifierGate(columns);
      const see = gate.watch(["patient", "ward"]);
      for (const email of emails) see({ line: 2, cells: [email, ward === "" ? email : ward] });
      return gate;
    };
    expect(() => found("").check()).toThrow("identifierInHarmlessColumn (data.columns.visits)");
    expect(() => found("a").check()).not.toThrow();
  });

  it("adds up over several files of one source", async () => {
    const { columns } = await contractFor(
      peopleScenario({
        columns: "it: { role: insensitive }\nbought: { role: target }",
        features: 'one: { formula: "1", bounds: [0, 1] }',
      }),
    );
    const gate = new IdentifierGate(columns);
    gate.watch(["it"])({ line: 2, cells: [emails[0] ?? ""] });
    gate.watch(["bought", "it"])({ line: 2, cells: ["yes", emails[1] ?? ""] });
    expect(gate.findings).toMatchObject([{ column: "it", hits: 2, looked: 2 }]);
  });
});

describe("prepare", () => {
  const run = async (contact: string) => {
    const columns = `contact: ${contact}
name: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1, unseen: other }
bought: { role: target }`;
    const scenario = peopleScenario({ columns });
    const rows = PEOPLE.map((cells, i) => [...cells, i % 2 ? "yes" : "no"].join(","));
    writeFileSync(
      join(folder, "people.csv"),
      [[...HEADER, "bought"].join(","), ...rows, ""].join("\n"),
    );
    return prepare(await contractFor(scenario), assignmentFor(scenario, { folder, population: 4 }));
  };

  it("stops the client before any row is used", async () => {
    await expect(run("{ role: insensitive }")).rejects.toThrow(
      "identifierInHarmlessColumn (data.columns.contact)",
    );
    await expect(run("{ role: insensitive }")).rejects.not.toThrow("example.com");
  });

  it("goes on where it is a direct identifier, and where the file says that it is known", async () => {
    const dropped = [...(await run("{ role: directIdentifier }")).clients.values()];
    expect(dropped.flatMap(({ report }) => report.scan.findings)).not.toContainEqual(
      expect.objectContaining({ column: "contact" }),
    );
    const known = await run('{ role: insensitive, identifiersKnown: "test addresses" }');
    for (const { report } of known.clients.values()) {
      expect(report.scan.lookedFor).toContain("email");
      expect(report.scan.findings).toContainEqual(
        expect.objectContaining({ column: "contact", type: "email", overruled: "test addresses" }),
      );
      expect(JSON.stringify(report)).not.toContain("example.com");
    }
  });

  it("tells a client that has a file of its own what was found there, and nothing of the others'", async () => {
    const columns = `contact: { role: insensitive, identifiersKnown: "test addresses" }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
bought: { role: target }`;
    const features = 'age: { formula: "oneHot(age)" }';
    const scenario = peopleScenario({ columns, features });
    const write = (name: string, contacts: readonly string[]) => {
      const rows = contacts.map((contact, i) => `${contact},${20 + i},${i % 2 ? "yes" : "no"}`);
      writeFileSync(join(folder, name), ["contact,age,bought", ...rows, ""].join("\n"));
    };
    const addresses = PEOPLE.map(([contact = ""]) => contact);
    write("a.csv", ["none", "of", "those"]);
    write("b.csv", addresses);
    write("c.csv", ["x", ...addresses.slice(0, 2)]);
    const { clients } = await prepare(
      await contractFor(scenario),
      assignmentFor(scenario, {
        folder,
        source: { files: ["a.csv", "b.csv", "c.csv"], testRows: 0, public: false },
        partition: { kind: "files" },
        clients: ["x", "y", "z"],
        mine: ["z", "x", "y"],
        heldOut: false,
        population: null,
      }),
    );
    const hits = (name: string) => {
      const findings = clients.get(name)?.report.scan.findings ?? [];
      return findings.filter(({ column }) => column === "contact").map(({ hits: cells }) => cells);
    };
    expect(hits("x")).toEqual([]);
    expect(hits("y")).toEqual([6]);
    expect(hits("z")).toEqual([2]);
  });
});

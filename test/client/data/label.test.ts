import { describe, expect, it } from "vitest";
import { labeller } from "../../../client/data/label.ts";
import type { RawPerson } from "../../../client/persons/raw-person.ts";
import type { Cell } from "../../../client/source/table-source.ts";
import type { Contract } from "../../../shared/contract/contract.ts";
import { contractFor, peopleScenario, shippedScenario } from "../../support/contracts.ts";
import { imageScenario } from "../../support/image-files.ts";

describe("labeller, of events", async () => {
  const label = labeller(await contractFor(shippedScenario("purchases")));
  const cutOff = Date.UTC(2024, 5, 30);
  const end = Date.UTC(2024, 6, 30);

  it.each<[string, number[], 0 | 1]>([
    ["no event", [], 0],
    ["an event just before the cut-off", [cutOff - 1], 0],
    ["an event at the cut-off", [cutOff], 1],
    ["an event just before the window's end", [end - 1], 1],
    ["an event at the window's end", [end], 0],
    ["events on both sides of the window", [cutOff - 1, end], 0],
  ])("gives %s its label", (_, times, expected) => {
    const log = { times: Float64Array.from(times), fields: new Map() };
    const logs = new Map([["purchaseHistory", log]]);
    expect(label({ source: "row", line: 1, cells: [], logs })).toBe(expected);
  });

  it("takes a person without a log for one without events", () => {
    expect(label({ source: "row", line: 1, cells: [], logs: new Map() })).toBe(0);
  });
});

describe("labeller, of a column", async () => {
  const plain = await contractFor(peopleScenario());
  const person = (bought: Cell, { columns }: Contract = plain): RawPerson => ({
    source: "people.csv",
    line: 4,
    cells: columns.map(({ name }) => (name === "bought" ? bought : "x")),
    logs: new Map(),
  });

  it("compares text as text", () => {
    const label = labeller(plain);
    expect(["yes", "no", "Yes", "yes "].map((cell) => label(person(cell)))).toEqual([1, 0, 0, 0]);
    for (const cell of ["", null])
      expect(() => label(person(cell))).toThrow("data.missingLabel (people.csv, line 4, bought)");
  });

  it("compares numbers as numbers", async () => {
    const scenario = peopleScenario();
    const target = { ...scenario.data.target, positive: 1 };
    const contract = await contractFor({ ...scenario, data: { ...scenario.data, target } });
    const label = labeller(contract);
    expect(["1", "1.0", "0", "2", 1].map((cell) => label(person(cell)))).toEqual([1, 1, 0, 0, 1]);
    expect(() => label(person("secret"))).toThrow("data.notANumber (people.csv, line 4, bought)");
    expect(() => label(person("secret"))).not.toThrow("secret");
  });

  it("knows no label but those that the column lists", async () => {
    const columns =
      "age: { role: quasiIdentifier, bands: [3] }\nbought: { role: target, vocabulary: [yes, no] }";
    const contract = await contractFor(
      peopleScenario({ columns: columns.replace("[yes, no]", '["yes", "no"]') }),
    );
    const label = labeller(contract);
    expect(["yes", "no"].map((cell) => label(person(cell, contract)))).toEqual([1, 0]);
    const odd = () => label(person("maybe", contract));
    expect(odd).toThrow("data.unknownLabel (people.csv, line 4, bought): got another label");
    expect(odd).not.toThrow("maybe");
  });
});

describe("labeller, of classes", async () => {
  const contract = await contractFor(imageScenario());
  const label = labeller(contract);
  const person = (digit: Cell): RawPerson => ({
    source: "digits",
    line: 4,
    cells: contract.columns.map(({ name }) => (name === "digit" ? digit : new Uint8Array(6))),
    logs: new Map(),
  });

  it("gives a label its place among the classes, whether text or a number", () => {
    expect([4, 7, 9, "9", "4"].map((cell) => label(person(cell)))).toEqual([0, 1, 2, 2, 0]);
  });

  it("refuses any other, and does not quote it", () => {
    for (const cell of ["31", 31, "9.0", " 9"]) {
      const odd = () => label(person(cell));
      expect(odd).toThrow("data.unknownLabel (digits, line 4, digit): got another label");
      expect(odd).not.toThrow(/31|9\.0/);
    }
    for (const cell of ["", null]) expect(() => label(person(cell))).toThrow("data.missingLabel");
    expect(() => label(person(new Uint8Array(6)))).toThrow("data.image (digits, line 4, digit)");
  });
});

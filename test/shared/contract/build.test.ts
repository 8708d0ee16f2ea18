import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildContract } from "../../../shared/contract/build.ts";
import { eventLogColumn } from "../../../shared/contract/check.ts";
import { type Contract, modelInputs } from "../../../shared/contract/contract.ts";
import { isFormulaFeature } from "../../../shared/contract/feature.ts";
import type { Recoding } from "../../../shared/contract/recoding.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import {
  contractFor,
  peopleScenario,
  SCENARIOS,
  shippedScenario,
} from "../../support/contracts.ts";

const purchases = await contractFor(shippedScenario("purchases"));
const retail = await contractFor(shippedScenario("online-retail"));

function recodingOf({ columns }: Contract, name: string): Recoding {
  const column = columns.find((candidate) => candidate.name === name);
  if (column?.role !== "quasiIdentifier") throw new Error(`no quasiIdentifier ${name}`);
  return column.recoding;
}

/** What buildContract says of the purchases scenario with one piece of its text replaced. */
async function refusal(name: string, from: string | RegExp, to: string): Promise<string> {
  const text = await readFile(join(SCENARIOS, `${name}.yaml`), "utf8");
  const changed = text.replace(from, to);
  if (changed === text) throw new Error(`nothing to replace: ${from}`);
  return contractFor(parseScenario(changed, `${name}.yaml`)).then(
    () => "no refusal",
    (error: unknown) => String(error),
  );
}

describe("buildContract", () => {
  it("gives purchases 5 features and 9 model inputs, named", () => {
    expect(modelInputs(purchases)).toBe(9);
    expect(purchases.features.filter(isFormulaFeature).flatMap(({ labels }) => labels)).toEqual([
      "purchaseFrequency",
      "averageSpend",
      "recency",
      "ageBand",
      "locationCategory=metro",
      "locationCategory=town",
      "locationCategory=rural",
      "locationCategory=other",
      "locationCategory=missing",
    ]);
  });

  it("labels bands half-open, with open ends", () => {
    const recoding = recodingOf(purchases, "age");
    expect(recoding).toMatchObject({
      labels: ["(-inf,18)", "[18,38)", "[38,58)", "[58,78)", "[78,inf)"],
    });
  });

  it("resolves a hierarchy to leaf and value, in the file's order, other and missing last", () => {
    const recoding = recodingOf(purchases, "location");
    expect(recoding).toMatchObject({ labels: ["metro", "town", "rural", "other", "missing"] });
    expect(recoding).toHaveProperty("leaves.0", ["paris", 0]);
    expect(recoding).toHaveProperty("leaves.8", ["riquewihr", 2]);
  });

  it("derives an ordinal's bounds from its bands", () => {
    expect(purchases.features[3]).toMatchObject({ name: "ageBand", bounds: [0, 4], width: 1 });
  });

  it("resolves an event table, its person, fields and filters", () => {
    expect(retail.table).toMatchObject({
      kind: "events",
      person: "customer_id",
      log: "invoices",
      time: "date",
      fields: ["amount"],
      where: {
        postfix: [
          ["name", "amount"],
          ["number", 0],
          ["call", ">", 2],
        ],
      },
    });
    expect(retail.where?.postfix).toEqual([
      ["name", "invoices"],
      ["call", "count", 1],
      ["number", 0],
      ["call", ">", 2],
    ]);
    expect(eventLogColumn(retail.columns, "invoices")?.cutOffMs).toBe(Date.UTC(2011, 10, 9));
  });

  it("takes a level by its number from a file without a header, and a comma for a semicolon", async () => {
    const columns =
      "city: { role: quasiIdentifier, hierarchy: h.csv, level: 1 }\nbought: { role: target }";
    const scenario = peopleScenario({ columns, features: 'city: { formula: "oneHot(city)" }' });
    const contract = await buildContract(
      scenario,
      async () => "Rome,south,*\nOslo,north,*\nBari,south,*\n",
    );
    expect(recodingOf(contract, "city")).toMatchObject({
      leaves: [
        ["Rome", 0],
        ["Oslo", 1],
        ["Bari", 0],
      ],
      labels: ["south", "north", "other", "missing"],
      unseen: "error",
    });
  });

  it.each<[string, string, string, RegExp, string]>([
    [
      "an unknown column in a formula",
      "purchases",
      "features.recency.formula",
      /min\(purchaseHistory\.daysBefore/,
      "min(purchases.daysBefore",
    ],
    [
      "a direct identifier in a formula",
      "purchases",
      "features.ageBand.formula",
      /ordinal\(age\)/,
      "oneHot(email)",
    ],
    [
      "a dropped column in a formula",
      "online-retail",
      "features.tenure.formula",
      /max\(invoices\.daysBefore, 0\)/,
      "items",
    ],
    [
      "a mean without its value for an empty log",
      "purchases",
      "features.averageSpend.formula",
      /mean\(purchaseHistory\.amount, 0\)/,
      "mean(purchaseHistory.amount)",
    ],
    [
      "a divisor that may be 0",
      "purchases",
      "features.averageSpend.formula",
      /mean\(purchaseHistory\.amount, 0\)/,
      "1 / count(purchaseHistory)",
    ],
    [
      "a whole series as a feature",
      "purchases",
      "features.averageSpend.formula",
      /mean\(purchaseHistory\.amount, 0\)/,
      "data.columns.purchaseHistory.amount",
    ],
    [
      "amounts in bands that overlap",
      "purchases",
      "data.columns.purchaseHistory.amount.bands",
      /round: 5/,
      "bands: [50, 20]",
    ],
    [
      "amounts in bands beyond their bounds",
      "purchases",
      "data.columns.purchaseHistory.amount.bands",
      /round: 5/,
      "bands: [20, 500]",
    ],
    [
      "amounts both rounded and in bands",
      "purchases",
      "data.columns.purchaseHistory.amount",
      /round: 5/,
      "round: 5, bands: [20]",
    ],
    [
      "amounts that are not kept",
      "purchases",
      "features.averageSpend.formula",
      /\n *amount: \{ clip: \[0, 500\], round: 5 \}/,
      "",
    ],
    ["the time itself", "purchases", "features.recency.formula", /daysBefore, 360/, "date, 360"],
    [
      "log scale of what may be -1",
      "purchases",
      "features.recency.bounds",
      /bounds: \[0, 360\]/,
      "bounds: [-1, 360]",
    ],
    [
      "bounds beside a oneHot",
      "purchases",
      "features.locationCategory.bounds",
      /"oneHot\(location\)"/,
      '"oneHot(location)", bounds: [0, 1]',
    ],
    [
      "a constant, which has no bounds",
      "purchases",
      "features.ageBand.bounds",
      /ordinal\(age\)/,
      "3",
    ],
    [
      "a quotient without bounds",
      "purchases",
      "features.ageBand.bounds",
      /ordinal\(age\)/,
      "div(1, mean(purchaseHistory.amount, 0), 0)",
    ],
    [
      "a level that the hierarchy lacks",
      "purchases",
      "data.columns.location.level",
      /level: area/,
      "level: region",
    ],
    ["a header taken for a leaf", "purchases", "data.columns.location", /level: area/, "level: 1"],
    [
      "an inline level by name",
      "online-retail",
      "data.columns.country.level",
      /level: 1/,
      "level: land",
    ],
    [
      "bands that do not ascend",
      "purchases",
      "data.columns.age.bands",
      /\[18, 38, 58, 78\]/,
      "[18, 38, 38, 78]",
    ],
    [
      "bands outside the bounds",
      "purchases",
      "data.columns.age.bands",
      /\[18, 38, 58, 78\]/,
      "[18, 38, 58, 178]",
    ],
    [
      "a day that no calendar has",
      "purchases",
      "data.columns.purchaseHistory.cutOff",
      /2024-06-30/,
      "2024-06-31",
    ],
    [
      "a target that is no event log",
      "purchases",
      "data.target.event",
      /event: purchaseHistory/,
      "event: age",
    ],
    [
      "a partition by an unrecoded column",
      "purchases",
      "data.partition.column",
      /kind: dirichlet, alpha: 0.5/,
      "kind: byColumn, column: email",
    ],
    [
      "a sensitive column that is none",
      "purchases",
      "data.anonymity.sensitive",
      /sensitive: \[boughtWithin30Days\]/,
      "sensitive: [boughtSoon]",
    ],
    [
      "several rows a person without take",
      "online-retail",
      "data.columns.country.take",
      /take: first/,
      "",
    ],
    [
      "an event filter that sees more than its row",
      "online-retail",
      "data.source.events.invoices.where",
      /amount > 0/,
      "count(invoices) > 0",
    ],
    [
      "a person filter that sees a direct identifier",
      "online-retail",
      "data.source.where",
      /count\(invoices\) > 0/,
      "customerId > 0",
    ],
    [
      "a person filter that is no number",
      "online-retail",
      "data.source.where",
      /count\(invoices\) > 0/,
      "oneHot(country)",
    ],
    [
      "a time that is not the log's",
      "online-retail",
      "data.source.events.invoices.time",
      /invoices: \{ time: date/,
      "invoices: { time: invoice",
    ],
    [
      "a person column that stays in the table",
      "online-retail",
      "data.source.person",
      /person: customer_id/,
      "person: country",
    ],
    [
      "fields without the amount that is kept",
      "online-retail",
      "data.source.events.invoices.fields",
      /fields: \[amount\], where: "amount > 0"/,
      "fields: []",
    ],
  ])("refuses %s", async (_, scenario, place, from, to) => {
    const message = await refusal(scenario, from, to);
    expect(message).toMatch(/^ScenarioError: /);
    expect(message).toContain(`${scenario}.yaml, ${place}`);
  });

  it.each([
    [
      "a hierarchy without level",
      "job: { role: quasiIdentifier, hierarchy: { a: [b] } }",
      "data.columns.job.level",
    ],
    [
      "a level beyond the root",
      "job: { role: quasiIdentifier, hierarchy: { a: [b] }, level: 3 }",
      "data.columns.job.level",
    ],
    [
      "a leaf that lacks a level",
      "job: { role: quasiIdentifier, hierarchy: { a: [b, c], d: [b] }, level: 1 }",
      "data.columns.job.hierarchy",
    ],
    [
      "a value with two parents",
      "job: { role: quasiIdentifier, hierarchy: { a: [b, c], d: [b, e] }, level: 1 }",
      "data.columns.job.hierarchy",
    ],
    [
      "a value named other",
      "job: { role: quasiIdentifier, hierarchy: { a: [other] }, level: 1 }",
      "data.columns.job",
    ],
    [
      "leaves that normalise to one",
      "job: { role: quasiIdentifier, normalise: [caseFold], hierarchy: { a: [b], A: [c] }, level: 1 }",
      "data.columns.job",
    ],
    ["two columns from one", "job: { role: drop, from: bought }", "data.columns"],
    ["a second label", "job: { role: target }", "data.columns"],
  ])("refuses %s", async (_, extra, place) => {
    const columns = `bought: { role: target }\nage: { role: quasiIdentifier, bands: [18] }\n${extra}`;
    const built = contractFor(peopleScenario({ columns }));
    await expect(built).rejects.toThrow(`people.yaml, ${place}`);
  });

  it("looks labels up in the columns, for features and for the filter of people", async () => {
    const formula = `if(age == "[18,38)" and city != "north", income, 3)`;
    const scenario = peopleScenario({ features: `f: { formula: '${formula}' }` });
    const source = { ...scenario.data.source, where: 'city == "south"' };
    const contract = await contractFor({ ...scenario, data: { ...scenario.data, source } });
    expect(contract.where?.postfix).toEqual([
      ["name", "city"],
      ["number", 0],
      ["call", "is", 2],
    ]);
    expect(contract.features[0]).toMatchObject({ kind: "number", bounds: [0, 1000] });
  });

  it.each([
    ["age", "[18,39)"],
    ["city", "west"],
  ])("refuses a label that %s does not have", async (column, label) => {
    const features = `f: { formula: '${column} == "${label}"' }`;
    const built = contractFor(peopleScenario({ features }));
    await expect(built).rejects.toThrow("people.yaml, features.f.formula");
  });

  it("asks for a feature's bounds where its column has none", async () => {
    const columns = "bought: { role: target }\nwage: { role: insensitive, type: number }";
    const feature = (more: string) => ({ columns, features: `f: { formula: "wage * 2"${more} }` });
    const unbounded = contractFor(peopleScenario(feature("")));
    await expect(unbounded).rejects.toThrow("bounds (people.yaml, features.f.bounds)");
    const bounded = await contractFor(peopleScenario(feature(", bounds: [0, 5000]")));
    expect(bounded.features[0]).toMatchObject({ bounds: [0, 5000] });
  });

  it("refuses a feature that reads its own label, and says so", async () => {
    const built = contractFor(peopleScenario({ features: 'peek: { formula: "oneHot(bought)" }' }));
    await expect(built).rejects.toThrow("no target: a formula must not see the label");
  });
});

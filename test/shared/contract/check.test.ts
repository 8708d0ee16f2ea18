import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../shared/canonical.ts";
import { contractSchema } from "../../../shared/contract/check.ts";
import { contractFor, peopleScenario, shippedScenario } from "../../support/contracts.ts";

const purchases = await contractFor(shippedScenario("purchases"));
const retail = await contractFor(shippedScenario("online-retail"));

describe("contractSchema", () => {
  const wire = (): unknown => JSON.parse(JSON.stringify(purchases));

  /** The message for a contract with one value replaced, or undefined if it is taken. */
  function fault(path: string, value: unknown): string | undefined {
    const contract = wire();
    // "columns.age": the scenario may list its columns in any order.
    const index = purchases.columns.findIndex(({ name }) => path.startsWith(`columns.${name}.`));
    const keys = path.split(".").map((key, i) => (i === 1 && index >= 0 ? String(index) : key));
    const last = keys.pop() ?? "";
    let at: unknown = contract;
    for (const key of keys) at = typeof at === "object" && at ? Reflect.get(at, key) : undefined;
    if (typeof at !== "object" || at === null) throw new Error(`no ${path}`);
    Reflect.set(at, last, value);
    const result = contractSchema.safeParse(contract);
    return result.success ? undefined : result.error.issues.map(({ message }) => message).join();
  }

  it("takes back what was built, unchanged", () => {
    for (const contract of [purchases, retail]) {
      const parsed = contractSchema.parse(JSON.parse(JSON.stringify(contract)));
      expect(canonicalJson(parsed)).toBe(canonicalJson(contract));
    }
  });

  it.each<[string, string, unknown]>([
    ["a formula that reads an unknown column", "features.3.postfix", [["name", "height"]]],
    [
      "a formula that reads a direct identifier",
      "features.4.postfix",
      [
        ["name", "email"],
        ["call", "oneHot", 1],
      ],
    ],
    [
      "a formula that leaves two values",
      "features.0.postfix",
      [
        ["number", 1],
        ["number", 2],
      ],
    ],
    [
      "a formula with another arity",
      "features.0.postfix",
      [
        ["name", "purchaseHistory"],
        ["call", "count", 3],
      ],
    ],
    [
      "a function of the prototype",
      "features.0.postfix",
      [
        ["name", "age"],
        ["call", "constructor", 1],
      ],
    ],
    [
      "a divisor that may be 0",
      "features.0.postfix",
      [
        ["number", 1],
        ["name", "purchaseHistory"],
        ["call", "count", 1],
        ["call", "/", 2],
      ],
    ],
    ["a width that does not follow", "features.4.width", 6],
    ["a label that does not follow", "features.4.labels.0", "locationCategory=metropolis"],
    ["bounds of no width", "features.0.bounds", [50, 50]],
    ["no bounds for a number", "features.0.bounds", null],
    ["a kind that does not follow", "features.4.kind", "number"],
    ["a leaf with a value beyond the labels", "columns.location.recoding.leaves.0.1", 5],
    ["a domain without missing", "columns.location.recoding.labels.4", "none"],
    ["band labels that do not follow", "columns.age.recoding.labels.0", "[0,18)"],
    ["a role that does not exist", "columns.name.role", "insensitive"],
    ["an amount that is kept and not listed", "columns.purchaseHistory.listed", []],
    ["a field listed twice", "columns.purchaseHistory.listed", ["amount", "amount"]],
    ["days cut to more than there are", "columns.purchaseHistory.truncateDays", 361],
    ["amounts in too small a step", "columns.purchaseHistory.amount.round", 1e-300],
    ["an amount clip of no width", "columns.purchaseHistory.amount.clip", [500, 500]],
    ["an unknown key", "extra", 1],
    ["a target that reads another log", "target.log", "age"],
    [
      "a filter that reads a direct identifier",
      "where",
      { formula: "x", postfix: [["name", "email"]] },
    ],
  ])("refuses %s", (_, path, value) => {
    expect(fault(path, value)).toBeDefined();
  });

  it.each([
    ["open text", "zip: { role: quasiIdentifier, type: code }", "mondrian over zip"],
    ["nothing", "zip: { role: insensitive, type: code }", "no quasi-identifier"],
  ])("refuses mondrian over %s, which has no order to cut along", async (_, zip, words) => {
    const columns = `${zip}\nage: { role: insensitive, bands: [3] }\nbought: { role: target }`;
    const contract = await contractFor(peopleScenario({ columns }));
    const anonymity = { ...contract.anonymity, mode: "mondrian" };
    expect(contractSchema.safeParse(contract).success).toBe(true);
    const { error } = contractSchema.safeParse({ ...contract, anonymity });
    expect(error?.message).toContain("data.anonymity.mode");
    expect(error?.message).toContain(words);
    expect(fault("anonymity.mode", "mondrian")).toBeUndefined();
  });
});

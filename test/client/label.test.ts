import { describe, expect, it } from "vitest";
import { labeller } from "../../client/label.ts";
import { contractFor, peopleScenario, shippedScenario } from "../support/contracts.ts";

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
    const logs = new Map([
      ["purchaseHistory", { times: Float64Array.from(times), fields: new Map() }],
    ]);
    expect(label({ place: "row", values: new Map(), logs })).toBe(expected);
  });
});

describe("labeller, of a column", async () => {
  const person = (bought: string) => ({
    place: "row",
    values: new Map([["bought", bought]]),
    logs: new Map(),
  });

  it("compares text as text", async () => {
    const label = labeller(await contractFor(peopleScenario()));
    expect(["yes", "no", "Yes", "yes "].map((cell) => label(person(cell)))).toEqual([1, 0, 0, 0]);
    expect(() => label(person(""))).toThrow("data.missingLabel (row, bought)");
  });

  it("compares numbers as numbers", async () => {
    const scenario = peopleScenario();
    const target = { ...scenario.data.target, positive: 1 };
    const label = labeller(await contractFor({ ...scenario, data: { ...scenario.data, target } }));
    expect(["1", "1.0", "0", "2"].map((cell) => label(person(cell)))).toEqual([1, 1, 0, 0]);
    expect(() => label(person("secret"))).toThrow("data.notANumber (row, bought)");
    expect(() => label(person("secret"))).not.toThrow("secret");
  });
});

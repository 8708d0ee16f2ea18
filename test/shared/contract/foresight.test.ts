/** No formula sees past the cut-off of the label: refused by its tree, and tried on random ones. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anonymizer } from "../../../client/anonymize/anonymizer.ts";
import { labeller } from "../../../client/data/label.ts";
import type { RawPerson } from "../../../client/persons/raw-person.ts";
import { contractSchema } from "../../../shared/contract/check.ts";
import { type Contract, modelInputs } from "../../../shared/contract/contract.ts";
import { DAY_MS } from "../../../shared/contract/days.ts";
import { checkFormula } from "../../../shared/contract/formula/check.ts";
import { compileFormula } from "../../../shared/contract/formula/compile.ts";
import type { Postfix } from "../../../shared/contract/formula/formula.ts";
import { parseFormula } from "../../../shared/contract/formula/parse.ts";
import { personScope } from "../../../shared/contract/formulas.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { formulaText } from "../../support/formulas.ts";

const CUT_OFF = Date.UTC(2024, 5, 30);

/** Two logs, the label's own and another, which ends at `visitsEnd`; a date up to `lastDay`. */
function scenario(visitsEnd: string, formula: string, lastDay = "2024-06-29", where = "") {
  const log = (end: string) =>
    `{ role: eventLog, time: date, cutOff: ${end}, maxAgeDays: 90, maxEvents: 6, amount: { clip: [-20, 300] } }`;
  const columns = `age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
size: { role: quasiIdentifier, bands: [3, 8] }
joined: { role: insensitive, type: date, reference: 2024-06-30, bounds: [2020-01-01, ${lastDay}] }
orders: ${log("2024-06-30")}
visits: ${log(visitsEnd)}`;
  const target = "{ name: returns, event: orders, within: 30 }";
  const features = `f: { formula: "${formula}", bounds: [0, 9] }`;
  const built = peopleScenario({ columns, target, features });
  if (where === "") return contractFor(built);
  const source = { ...built.data.source, where };
  return contractFor({ ...built, data: { ...built.data, source } });
}

describe("checkForesight", () => {
  it.each([
    ["a log that ends later, counted", "2024-07-01", "count(visits)", "2024-06-29"],
    ["its field, however deep", "2024-07-01", "min(age, 1 + sum(visits.amount * 2))", "2024-06-29"],
    ["a date that may be as late", "2024-06-30", "daysBefore(joined)", "2024-06-30"],
  ])("refuses %s", async (_, visitsEnd, formula, lastDay) => {
    const built = scenario(visitsEnd, formula, lastDay);
    await expect(built).rejects.toThrow("futureEvent (people.yaml, features.f.formula)");
  });

  it("refuses a filter of people that reads later events, for who is in it would tell", async () => {
    const built = scenario("2024-07-01", "count(orders)", "2024-06-29", "count(visits) > 0");
    await expect(built).rejects.toThrow("futureEvent (people.yaml, data.source.where)");
  });

  it.each([
    ["a log that ends with the label's own", "2024-06-30", "count(visits)"],
    ["a log that ends earlier", "2024-05-01", "sum(visits.amount)"],
    ["a later log that no formula reads", "2024-07-01", "count(orders) + age"],
    ["a date before it", "2024-07-01", "daysBefore(joined)"],
  ])("takes %s", async (_, visitsEnd, formula) => {
    expect(modelInputs(await scenario(visitsEnd, formula))).toBe(1);
  });

  it("is asked again of a contract that came from elsewhere", async () => {
    const contract = await scenario("2024-06-30", "count(visits)");
    const columns = contract.columns.map((column) =>
      column.name === "visits" ? { ...column, cutOffMs: CUT_OFF + 1 } : column,
    );
    expect(contractSchema.safeParse(contract).success).toBe(true);
    const result = contractSchema.safeParse({ ...contract, columns });
    expect(result.error?.message).toContain("futureEvent");
  });

  it("asks nothing of a label that is a column, which has no moment", async () => {
    const columns = `bought: { role: target }
joined: { role: insensitive, type: date, reference: 2024-06-30, bounds: [2020-01-01, 2099-01-01] }`;
    const features = 'f: { formula: "daysBefore(joined)" }';
    await expect(contractFor(peopleScenario({ columns, features }))).resolves.toBeDefined();
  });
});

describe("a formula that is taken", async () => {
  /** Whole days and odd instants around the cut-off, ends included. */
  const time = (from: number, to: number) =>
    fc.oneof(
      fc.integer({ min: from * DAY_MS, max: to * DAY_MS - 1 }),
      fc.integer({ min: from, max: to - 1 }).map((day) => day * DAY_MS),
    );
  const events = (from: number, to: number, maxLength: number) =>
    fc.array(fc.tuple(time(from, to), fc.integer({ min: -60, max: 900 })), { maxLength });
  const past = events(-120, 0, 12);
  const future = events(0, 60, 6);

  type Events = readonly (readonly [number, number])[];
  function person(columns: Contract["columns"], orders: Events, visits: Events): RawPerson {
    const log = (of: Events) => ({
      times: Float64Array.from(of, ([at]) => CUT_OFF + at),
      fields: new Map([["amount", Float64Array.from(of, ([, amount]) => amount)]]),
    });
    const own = new Map([
      ["age", "34"],
      ["size", "5"],
      ["joined", "2022-02-03"],
    ]);
    const cells = columns.map(({ name }) => own.get(name) ?? null);
    return {
      source: "test",
      line: 1,
      cells,
      logs: new Map([
        ["orders", log(orders)],
        ["visits", log(visits)],
      ]),
    };
  }

  async function accepted(text: string, contract: Contract): Promise<Postfix | undefined> {
    const scope = personScope(contract.columns);
    try {
      const postfix = await parseFormula(text, "test", scope);
      const { kind } = checkFormula(postfix, scope, "test");
      return kind === "number" || kind === "oneHot" ? postfix : undefined;
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError);
      return undefined;
    }
  }

  const contract = await scenario("2024-06-30", "count(visits)");
  const { columns } = contract;
  const anonymize = anonymizer(columns);

  it("never changes when events at or after the cut-off come, go, or change; the label does", async () => {
    const label = labeller(contract);
    let [tried, labels, earlier] = [0, 0, 0];
    await fc.assert(
      fc.asyncProperty(
        formulaText(personScope(columns)),
        fc.tuple(past, past, past),
        fc.tuple(future, future, future, future),
        async (text, [orders, visits, others], [a, b, c, d]) => {
          const postfix = await accepted(text, contract);
          if (!postfix) return;
          tried++;
          const feature = compileFormula(postfix);
          const one = person(columns, [...orders, ...a], [...b, ...visits]);
          const two = person(columns, [...c, ...orders], [...visits, ...d]);
          expect(feature(anonymize(one)), text).toBe(feature(anonymize(two)));
          labels += Number(label(one) !== label(two));
          // Not in vain: what comes before the cut-off does count.
          const three = person(columns, [...others, ...a], [...b, ...visits]);
          earlier += Number(feature(anonymize(one)) !== feature(anonymize(three)));
        },
      ),
      { numRuns: 700 },
    );
    expect(tried).toBeGreaterThan(350);
    expect(labels).toBeGreaterThan(35);
    expect(earlier).toBeGreaterThan(35);
  });
});

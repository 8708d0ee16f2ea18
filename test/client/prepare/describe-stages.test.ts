import { describe, expect, it } from "vitest";
import { describeStages } from "../../../client/prepare/describe-stages.ts";
import { assignmentFor } from "../../support/contracts.ts";
import { gathered, writtenSource } from "../../support/written-people.ts";

const PEOPLE = [
  ["a@x.com", "17", "Rome", "5", "yes"],
  ["b@x.com", "16", "Rome", "7", "no"],
  ["c@x.com", "20", "Oslo", "5", "no"],
  ["d@x.com", "21", "Oslo", "5", "yes"],
  ["e@x.com", "90", "Rome", "9", "no"],
  ["f@x.com", "91", "Rome", "9", "no"],
];

/** Row 5 is held out; the others are two clients'. */
async function staged(rest = "", source: object = {}) {
  const { people, contract, scenario } = await gathered({ rest }, PEOPLE);
  return {
    first: [],
    sources: [
      writtenSource(
        contract,
        PEOPLE.map((cells) => ({ cells })),
      ),
    ],
    people,
    own: Int32Array.of(0, 1, 2, 3, 4),
    shares: new Map([
      ["client-0", Int32Array.of(0, 1, 4)],
      ["client-1", Int32Array.of(2, 3)],
    ]),
    contract,
    assignment: assignmentFor(scenario, { source: { ...scenario.data.source, ...source } }),
  };
}

describe("describeStages", () => {
  it("tells rows and columns of each stage", async () => {
    const all = ["email", "age", "city", "income", "bought"];
    const kept = ["age", "city", "income"];
    const [collect, anonymize, engineer] = describeStages(await staged());
    expect(collect).toEqual({
      name: "collect",
      rowsIn: 6,
      namesIn: all,
      rowsOut: 5,
      namesOut: all,
      note: "6 people in the file, 6 in the population, 1 of them held out",
    });
    expect(anonymize).toMatchObject({ rowsIn: 5, namesIn: all, rowsOut: 5, namesOut: kept });
    expect(anonymize?.note).toBeUndefined();
    expect(engineer).toMatchObject({ rowsIn: 5, namesIn: kept, rowsOut: 5, namesOut: ["age"] });
    expect(engineer?.note).toBe("3 model inputs");
  });

  it("counts what suppression takes at each client apart", async () => {
    // Alike in age, city and income: nobody. In band and area alone: 0 and 1; 2 and 3.
    const columns = "anonymity: { mode: suppress, k: 2 }";
    const made = await staged(columns);
    const income = made.people.table.columns.get("income")?.values ?? [];
    for (const row of made.own) income[row] = 5;
    const [collect, anonymize, engineer] = describeStages(made);
    expect(collect?.rowsOut).toBe(5);
    expect(anonymize).toMatchObject({ rowsIn: 5, rowsOut: 4 });
    expect(anonymize?.note).toMatch(/^1 rows .* suppressed$/);
    expect(engineer).toMatchObject({ rowsIn: 4, rowsOut: 4 });
    // At another client 4 would find no more of its like; 0 and 1 lose each other.
    const shares = new Map([
      ["client-0", Int32Array.of(0, 2, 3)],
      ["client-1", Int32Array.of(1, 4)],
    ]);
    expect(describeStages({ ...made, shares })[1]).toMatchObject({ rowsIn: 5, rowsOut: 2 });
  });

  it("tells no row of a private source, nor in a note", async () => {
    for (const rest of [
      "",
      "anonymity: { mode: suppress, k: 2 }",
      "anonymity: { mode: mondrian, k: 2 }",
    ]) {
      const stages = describeStages(await staged(rest, { public: false }));
      expect(stages.map(({ rowsIn, rowsOut }) => [rowsIn, rowsOut])).toEqual([
        [null, null],
        [null, null],
        [null, null],
      ]);
      expect(stages[0]?.namesIn).toHaveLength(5);
      expect(stages.map(({ note }) => note)).toEqual([undefined, undefined, "3 model inputs"]);
    }
  });

  it("counts no one outside the population, and says whence held-out people come", async () => {
    const made = await staged("", { testFile: "others.csv", testRows: undefined });
    const people = { ...made.people, counted: Uint8Array.of(1, 0, 1, 1, 1, 1) };
    const [collect, anonymize] = describeStages({ ...made, people });
    expect(collect).toMatchObject({ rowsIn: 6, rowsOut: 4 });
    expect(collect?.note).toBe(
      "6 people in the file, 5 in the population, others in others.csv held out",
    );
    expect(anonymize).toMatchObject({ rowsIn: 4, rowsOut: 4 });
    const source = { generator: "purchases", rows: 6, testRows: 40, public: false } as const;
    const generated = { ...made, assignment: { ...made.assignment, source } };
    expect(describeStages(generated)[0]?.note).toBe("40 more people are held out");
  });
});

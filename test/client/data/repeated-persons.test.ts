import { describe, expect, it } from "vitest";
import { RepeatWatch, repeatLines } from "../../../client/data/repeated-persons.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";

const contract = await contractFor(peopleScenario());
const HEADER = ["age", "email", "city", "income", "bought"];

function watched(ids: readonly (string | null)[], table = contract.table) {
  const watch = new RepeatWatch({ ...contract, table });
  const see = watch.watch(HEADER);
  for (const [i, id] of ids.entries()) see({ line: i + 2, cells: ["30", id, "Rome", "5", "no"] });
  return watch.repeats;
}

describe("RepeatWatch", () => {
  it("counts whom a column names in several rows, whatever stands around the name", () => {
    const ids = ["a@x.com", " a@x.com", "b@x.com", "", null, "c@x.com", "c@x.com", "a@x.com"];
    const repeats = watched(ids);
    expect(repeats).toEqual([{ column: "email", persons: 3, repeated: 2, mostRows: 3 }]);
    const [line] = repeatLines(repeats);
    expect(line).toContain("email names 3 persons, 2 of them in several rows, one in 3");
    // No name is in it.
    expect(JSON.stringify(repeats)).not.toContain("@");
  });

  it("has nothing to say where everybody has one row, or where a person key sees to it", () => {
    expect(repeatLines(watched(["a@x.com", "b@x.com"]))).toEqual([]);
    const table = { kind: "people", person: "email" } as const;
    expect(watched(["a@x.com", "a@x.com"], table)).toEqual([]);
  });
});

import { expect, it } from "vitest";
import { describeColumn } from "../../../shared/contract/describe-column.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";

/** How a column of those keys is kept. */
async function kept(keys: string): Promise<string> {
  const columns = `it: { ${keys} }
visits: { role: eventLog, time: day, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 3 }`;
  const target = "{ name: back, event: visits, within: 10 }";
  const features = 'count: { formula: "count(visits)", bounds: [0, 5] }';
  const [it] = (await contractFor(peopleScenario({ columns, target, features }))).columns;
  if (!it) throw new Error("no column");
  return describeColumn(it);
}

const QUASI = "role: quasiIdentifier";
it.each([
  ["role: drop", "dropped"],
  ["role: directIdentifier", "dropped"],
  ["role: directIdentifier, action: pseudonym", "a keyed pseudonym"],
  [
    "role: directIdentifier, action: pseudonym, dropAfterJoin: true",
    "a keyed pseudonym, dropped once rows are joined",
  ],
  [`${QUASI}, type: integer, bounds: [0, 120], bands: [18, 38]`, "3 bands"],
  [`${QUASI}, type: number, bounds: [0, 9]`, "a number"],
  [`${QUASI}, type: number, clip: [0, 9], round: 5`, "a number, round to 5, cut to [0, 9]"],
  [`${QUASI}, type: number, bounds: [0, 9], floor: 0.5`, "a number, floor to 0.5"],
  [`${QUASI}, vocabulary: [a, b]`, "4 categories"],
  [`${QUASI}, hierarchy: { a: [x], b: [y] }, level: 1`, "4 categories, level 1 of 2"],
  [`${QUASI}, hierarchy: { a: [x], b: [y] }, level: 2`, "3 categories, level 2 of 2"],
  [`${QUASI}, type: date, level: quarter`, "dates by quarter"],
  [`${QUASI}, type: date, level: "*"`, "nothing: all dates are one"],
  [`${QUASI}, type: code, length: 5, level: 2`, "a code, its last 2 characters masked"],
  [`${QUASI}, type: code, length: 5`, "a code as it is"],
  ["role: insensitive", "text as it is"],
])("%s: %s", async (keys, words) => {
  expect(await kept(keys)).toBe(words);
});

it("tells a label, and a log with the fields that it keeps", async () => {
  const log = async (keys: string) => {
    const columns = `id: { role: drop }
visits: { role: eventLog, time: day, cutOff: 2024-06-30, maxAgeDays: 90, maxEvents: 3${keys} }`;
    const target = "{ name: back, event: visits, within: 10 }";
    const features = 'count: { formula: "count(visits)", bounds: [0, 5] }';
    const { columns: built } = await contractFor(peopleScenario({ columns, target, features }));
    return built.slice(1).map(describeColumn);
  };
  expect(await log("")).toEqual(["the newest 3 events of 90 days before the cut-off"]);
  expect(
    await log(", truncateDays: 7, amount: { clip: [0, 5] }, category: { vocabulary: [a] }"),
  ).toEqual([
    "the newest 3 events of 90 days before the cut-off, days before it by 7; amounts clipped, categories",
  ]);
  const { columns } = await contractFor(peopleScenario());
  expect(columns.map(describeColumn).at(-1)).toBe("the label alone, for training and evaluation");
});

/** `bounds: private` by every way there is: served, and cut off amid the bounds and gone on with, it has a simulation's bytes. */
import { afterAll, describe, expect, it } from "vitest";
import type { Death } from "../support/mortal-record.ts";
import { Study, withoutRows } from "../support/study-ways.ts";

const settingsOf = (trust: string) => ({
  "privacy.trust": trust,
  "data.columns.income.bounds": "[0, 100000]",
  "features.income.bounds": "private",
  "privacy.epsilon": 30,
  "privacy.delta": 1e-4,
});
type Settings = ReturnType<typeof settingsOf>;
const study = new Study(200);
afterAll(() => study.end());

/** The same settings each time, by which a study knows its simulation again. */
const CASES = ["central", "local", "distributed", "none"].map((trust) => {
  return { trust, set: settingsOf(trust) };
});
const setOf = (trust: string): Settings =>
  CASES.find((one) => one.trust === trust)?.set ?? settingsOf(trust);

it.each(CASES)("$trust: on two hosts, and served", async ({ set }) => {
  const { bytes, trace } = await study.simulated(set);
  const [income] = trace.bounds?.features ?? [];
  expect(income?.name).toBe("income");
  // Of incomes below 1,000 that may be 100,000.
  expect(income?.bounds[1]).toBeLessThan(2_000);
  expect(await study.onHosts(set, 2), "on 2 hosts").toEqual(bytes);
  const served = await study.served(set);
  expect(served.bytes, "served").toEqual({ ...bytes, trace: served.bytes.trace });
  expect(withoutRows(served.trace), "the trace served").toBe(withoutRows(trace));
});

const DEATHS: readonly Death[] = [
  { after: "charge", count: 1 },
  { after: "charge", count: 2 },
  { after: "releaseBounds", count: 1 },
  { after: "releaseBounds", count: 2 },
  { after: "releaseBounds", count: 3 },
];

describe("the coordinator dies, seeded, and another goes on to the same bytes:", () => {
  it.each(DEATHS)("row 14: behind $after $count", async (death) => {
    const set = setOf("central");
    const { bytes } = await study.simulated(set);
    expect(await study.resumed(set, death)).toEqual(bytes);
  });

  it.each([
    { trust: "local", after: "charge", count: 2 },
    { trust: "distributed", after: "charge", count: 2 },
    { trust: "distributed", after: "releaseBounds", count: 2 },
  ] as const)("row 14: $trust, behind $after $count, with clients that wait", async (one) => {
    const { trust, ...death } = one;
    const set = setOf(trust);
    const { bytes, trace } = await study.simulated(set);
    const served = await study.servedAndResumed(set, death);
    expect(served.bytes).toEqual({ ...bytes, trace: served.bytes.trace });
    expect(withoutRows(served.trace)).toBe(withoutRows(trace));
  });

  it("after a round too: its bounds are those of before", async () => {
    const set = setOf("local");
    const { bytes, trace } = await study.simulated(set);
    expect(await study.resumed(set)).toEqual(bytes);
    const served = await study.servedAndResumed(set);
    expect(withoutRows(served.trace)).toBe(withoutRows(trace));
  });
});

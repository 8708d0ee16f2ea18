/** `bounds: heldOut`: what the held-out rows say, and nothing of the clients' own. */
import { expect, it } from "vitest";
import { lint } from "../../../run/lint/lint.ts";
import { planScenario } from "../../../run/plan-scenario.ts";
import { simulate } from "../../../run/simulate.ts";
import { canonicalJson, sha256 } from "../../../shared/canonical.ts";
import { type LedgerLine, lastRelease } from "../../../shared/ledger/ledger-line.ts";
import { openPlan } from "../../../shared/plan/plan.ts";
import { refusalOf } from "../../support/refusal.ts";

const MISSING = -1;
const row = (age: number | null, paid = "yes") => ({ age, paid });
/** Thirty people of 1 to 30 who pay, thirty of 31 to 60 who do not. */
const ROWS = Array.from({ length: 60 }, (_, i) => row(i + 1, i < 30 ? "yes" : "no"));
/** Of 21 to 40, and ten who did not say. */
const HELD_OUT = [
  ...Array.from({ length: 20 }, (_, i) => row(i + 21, i < 10 ? "yes" : "no")),
  ...Array.from({ length: 10 }, () => row(null, "no")),
];

function scenarioOf(bounds: unknown, source: object = { testFile: HELD_OUT }, more: object = {}) {
  return {
    format: 1,
    name: "ages",
    data: {
      source: { file: ROWS, public: true, ...source },
      columns: {
        age: { role: "insensitive", type: "integer", missing: MISSING },
        paid: { role: "target" },
      },
      target: { name: "pays", column: "paid", positive: "yes" },
    },
    features: { age: { formula: "age", bounds, ...more } },
    training: { rounds: 5, learningRate: 1 },
    privacy: { trust: "none", delta: 1e-3, population: 60 },
    clients: { count: 2 },
  };
}

const hashOf = ({ ledger }: { readonly ledger: readonly LedgerLine[] }) =>
  lastRelease(ledger)?.modelHash ?? "none";

it("writes quantiles of the held-out rows into the plan, missing ones not counted", async () => {
  const { plan } = await planScenario(scenarioOf("heldOut"));
  // Of 21 … 40 the 2nd and the 19th, 17 apart.
  expect(plan.contract.features).toMatchObject([{ name: "age", bounds: [22 - 8.5, 39 + 8.5] }]);
  expect(JSON.stringify(plan)).not.toContain("learned");
});

it("is the run of a file with those bounds written down, byte for byte", async () => {
  const read = await simulate(scenarioOf("heldOut"));
  const written = await simulate(scenarioOf([13.5, 47.5]));
  expect(hashOf(read)).toBe(hashOf(written));
  const other = await simulate(scenarioOf([13.5, 48]));
  expect(hashOf(other)).not.toBe(hashOf(read));
});

it("reads rows that are held out of the table itself, and none of the others", async () => {
  const boundsOf = async (source: object) => {
    const scenario = scenarioOf("heldOut", source);
    const { plan } = await planScenario({
      ...scenario,
      privacy: { ...scenario.privacy, population: 50 },
    });
    const [feature] = plan.contract.features;
    if (feature?.kind !== "number") throw new TypeError("no number");
    return feature.bounds;
  };
  const before = await boundsOf({ testRows: 10 });
  expect(before[0]).toBeLessThan(before[1]);
  // Which ten are held out follows from seed and line: each of the others may say anything.
  const moved = await Promise.all(
    ROWS.map((_, changed) =>
      boundsOf({ testRows: 10, file: ROWS.map((one, i) => (i === changed ? row(5_000) : one)) }),
    ),
  );
  const same = moved.filter((bounds) => bounds.join() === before.join()).length;
  expect(same).toBeGreaterThanOrEqual(50);
  expect(same).toBeLessThan(60);
});

it("is in what lint says", async () => {
  expect((await lint(scenarioOf("heldOut"))).heldOutBounds).toEqual({ age: [13.5, 47.5] });
  expect(await lint(scenarioOf([0, 60]))).not.toHaveProperty("heldOutBounds");
});

it("is refused of a formula that reaches -1 by the logarithm", async () => {
  const log = scenarioOf("heldOut", undefined, { scale: "log" });
  await expect(planScenario(log)).rejects.toThrow("a lower bound above -1 with scale: log");
  const above = scenarioOf("heldOut", undefined, { scale: "log", formula: "max(age, 0)" });
  expect((await planScenario(above)).plan.contract.features[0]).toMatchObject({ scale: "log" });
});

it("leaves no plan without bounds that a client would take", async () => {
  const { plan } = await planScenario(scenarioOf([0, 2 ** 21]));
  const [feature] = plan.contract.features;
  const without = {
    ...plan,
    contract: {
      ...plan.contract,
      features: [{ ...feature, bounds: [-(2 ** 21), 2 ** 21], learned: true }],
    },
  };
  const text = canonicalJson(without);
  const open = () => openPlan(Buffer.from(text), sha256(text));
  expect(refusalOf(open)).toBe("plan.contract.features");
});

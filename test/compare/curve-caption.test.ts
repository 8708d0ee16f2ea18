/** What stands below a curve holds for every run that it is made of. */
import { expect, it } from "vitest";
import { curvesOf } from "../../compare/curve.ts";
import { curveCaption, epsilonCaption } from "../../compare/curve-caption.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { planWith } from "../support/plans.ts";
import { RESULTS } from "../support/sweep-results.ts";

const curves = (results = RESULTS) =>
  curvesOf(results, (curve) => stream(seededRoot(1), "bootstrap", curve));
const named = (name: string, terms: Parameters<typeof planWith>[0], deltas = [1e-5]) => ({
  ...{ name, deltas },
  plan: planWith(terms),
});
const central = named("trust=central", { trust: "central" });
const local = named("trust=local", { trust: "local" });
const rdp = named("trust=local", { trust: "local", accountant: "rdp" });

it("says once what all ε are of, and by curve where accountants differ", () => {
  const [same = ""] = curveCaption([central, local], curves(), [400], [5]);
  expect(same).toMatch(/^δ .*, unit record, adjacency .*, accountant exact Gaussian/);
  const [first = "", second = ""] = curveCaption([central, rdp], curves(), [400], [5]);
  expect(first).toMatch(/^trust=central: δ .*accountant exact Gaussian/);
  expect(second).toMatch(/^trust=local: δ .*accountant RDP/);
});

it("says whom ε is about, once or by curve", () => {
  const perRow = { ...central, unit: ["per row, not per person"] };
  const caption = epsilonCaption([perRow, { ...local, unit: perRow.unit }]);
  expect(caption.filter((line) => line === "per row, not per person")).toHaveLength(1);
  expect(epsilonCaption([perRow, local]).join("\n")).toContain(
    "trust=central: per row, not per person",
  );
});

it("counts rows, clients and rounds", () => {
  const { clients } = central.plan;
  const text = curveCaption([central], curves(), [400, 300, 400], [50, 200, 50]).join("\n");
  expect(text).toContain(`300 to 400 held-out rows; ${clients} clients, 50 to 200 rounds`);
});

it("does not say that seeds are the same where a run is missing", () => {
  expect(curveCaption([central], curves(), [400], [5]).join("\n")).toContain(
    "means over 3 seeds, the same at every point",
  );
  const missing = curveCaption([central], curves(RESULTS.slice(1)), [400], [5]).join("\n");
  expect(missing).toContain("means over 2 to 3 seeds; bars");
  const others = RESULTS.map((one, i) => (i === 0 ? { ...one, seed: 70 } : one));
  expect(curveCaption([central], curves(others), [400], [5]).join("\n")).toContain(
    "means over 3 seeds; bars",
  );
});

it("promises no interval where there is one seed", () => {
  const text = (seeds: readonly number[]) =>
    curveCaption(
      [central],
      curves(RESULTS.filter(({ seed }) => seeds.includes(seed))),
      [400],
      [5],
    ).at(-1);
  expect(text([7])).toBe("one seed, the same at every point: no interval");
  expect(text([7, 8])).toContain("bars: 95 % interval (Student's t)");
  const some = RESULTS.filter(({ seed }, i) => seed === 7 || i % 5 === 0);
  expect(curveCaption([central], curves(some), [400], [5]).at(-1)).toMatch(
    /^means over 1 to 3 seeds; bars: .*, none where there is one seed$/,
  );
});

it("says of seeded noise that it was", () => {
  const seeded = named("", { noise: "seeded" });
  const secure = named("", { noise: "secure" });
  expect(curveCaption([seeded], curves(), [400], [5]).join("\n")).toContain("it was seeded");
  expect(curveCaption([secure], curves(), [400], [5]).join("\n")).not.toContain("seeded");
});

it("says by curve on what its ε rests, and that a trusted coordinator has none", () => {
  const text = epsilonCaption([
    central,
    local,
    named("d", { trust: "distributed", accountant: "zcdp", colluders: 1 }),
  ]);
  const trusts = text.filter((line) => line.includes("provided that"));
  expect(trusts).toHaveLength(3);
  expect(trusts[0]).toMatch(
    /^trust=central: provided that .*against the coordinator ε ∞, no guarantee/,
  );
  expect(trusts[1]).toMatch(/^trust=local: .*noises its own update/);
  expect(trusts[2]).toMatch(/^d: .*2 honest clients reach each sum/);
  expect(epsilonCaption([central])[1]).toMatch(/^trust central, provided that the coordinator/);
  for (const line of trusts.slice(1)) expect(line).not.toContain("∞");
  for (const line of trusts)
    expect(line).toContain("that no row decides whether an update is in time");
});

it("says of which table ε and δ are, where rows were suppressed or recoded together", () => {
  expect(epsilonCaption([central]).join("\n")).not.toContain("raw table");
  const suppressed = named("", { rawFactor: 5 }, [6e-5, 8.571e-4]);
  const [counted = "", ...rest] = epsilonCaption([suppressed]);
  expect(counted).toMatch(/^δ at most 8.58e-4, unit record/);
  expect(counted, "the plan's own δ holds of the anonymized table alone").not.toContain("1e-5");
  expect(rest.join("\n")).toMatch(/ε and δ are against the raw table: .*may move 5 rows/);
  const recoded = epsilonCaption([central, named("m", { rawFactor: null })]).join("\n");
  expect(recoded).toContain("m: no ε holds against the raw table");
});

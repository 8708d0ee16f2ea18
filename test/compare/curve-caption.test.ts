/** What stands below a curve holds for every run that it is made of. */
import { expect, it } from "vitest";
import { curvesOf } from "../../compare/curve.ts";
import { curveCaption } from "../../compare/curve-caption.ts";
import { seededRoot, stream } from "../../shared/random.ts";
import { planWith } from "../support/plans.ts";
import { RESULTS } from "../support/sweep-results.ts";

const curves = (results = RESULTS) =>
  curvesOf(results, (curve) => stream(seededRoot(1), "bootstrap", curve));
const central = { name: "trust=central", plan: planWith({ trust: "central" }) };
const local = { name: "trust=local", plan: planWith({ trust: "local" }) };
const rdp = { name: "trust=local", plan: planWith({ trust: "local", accountant: "rdp" }) };

it("says once what all ε are of, and by curve where accountants differ", () => {
  const [same = ""] = curveCaption([central, local], curves(), [400]);
  expect(same).toMatch(/^δ .*, unit record, adjacency .*, accountant exact Gaussian/);
  const [first = "", second = ""] = curveCaption([central, rdp], curves(), [400]);
  expect(first).toMatch(/^trust=central: δ .*accountant exact Gaussian/);
  expect(second).toMatch(/^trust=local: δ .*accountant RDP/);
});

it("counts rows, clients and rounds", () => {
  const { clients, rounds } = central.plan;
  const text = curveCaption([central], curves(), [400, 300, 400]).join("\n");
  expect(text).toContain(`300 to 400 held-out rows; ${clients} clients, ${rounds} rounds`);
});

it("does not say that seeds are the same where a run is missing", () => {
  expect(curveCaption([central], curves(), [400]).join("\n")).toContain(
    "means over 3 seeds, the same at every point",
  );
  const missing = curveCaption([central], curves(RESULTS.slice(1)), [400]).join("\n");
  expect(missing).toContain("means over 2 to 3 seeds; bars");
  const others = RESULTS.map((one, i) => (i === 0 ? { ...one, seed: 70 } : one));
  expect(curveCaption([central], curves(others), [400]).join("\n")).toContain(
    "means over 3 seeds; bars",
  );
});

it("says of seeded noise that it was", () => {
  const seeded = { name: "", plan: planWith({ noise: "seeded" }) };
  const secure = { name: "", plan: planWith({ noise: "secure" }) };
  expect(curveCaption([seeded], curves(), [400]).join("\n")).toContain("it was seeded");
  expect(curveCaption([secure], curves(), [400]).join("\n")).not.toContain("seeded");
});

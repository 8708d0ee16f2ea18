import { describe, expect, it } from "vitest";
import { hidesCohort, secrecyText, tellsRounds } from "../../../shared/privacy/cohort-secrecy.ts";

const SAMPLED = { kind: "poisson" } as const;
const FULL = { kind: "full" } as const;
const drawn = { unit: "client", trust: "central", sampling: SAMPLED } as const;

describe("a secret cohort", () => {
  it("is of sampled clients under central, and of nobody else", () => {
    expect(hidesCohort(drawn)).toBe(true);
    expect(hidesCohort({ ...drawn, sampling: { kind: "fixedSize" } })).toBe(true);
    expect(hidesCohort({ ...drawn, unit: "record" })).toBe(false);
    expect(hidesCohort({ ...drawn, sampling: FULL })).toBe(false);
    for (const trust of ["none", "local", "distributed"] as const)
      expect(hidesCohort({ ...drawn, trust }), trust).toBe(false);
  });

  it("leaves rounds untold under secure noise alone", () => {
    expect(tellsRounds({ ...drawn, noise: "secure" })).toBe(false);
    expect(tellsRounds({ ...drawn, noise: "seeded" })).toBe(true);
    expect(tellsRounds({ ...drawn, noise: "secure", sampling: FULL })).toBe(true);
  });

  it("is a line of its own by what keeps it: nothing, no time at all, or the round clock", () => {
    expect(secrecyText({ ...drawn, noise: "secure", sampling: FULL })).toBeUndefined();
    expect(secrecyText({ ...drawn, noise: "seeded", roundSeconds: 5 })).toMatch(
      /a simulation may say/,
    );
    const timeless = secrecyText({ ...drawn, noise: "secure" });
    expect(timeless).toMatch(/not against who watches releases arrive.*privacy\.roundSeconds does/);
    const clocked = secrecyText({ ...drawn, noise: "secure", roundSeconds: 5 });
    expect(clocked).toMatch(
      /rounds end by the clock, every 5 s.*and who watches releases arrive; not/,
    );
  });
});

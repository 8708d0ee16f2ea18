/** Peers in which a setting is not what its author wrote. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { privacyLines } from "../../cli/screen/print-trace.ts";
import { plannedClaims } from "../../shared/claims/claim.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { makePlan } from "../../shared/plan/plan.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { contractFor } from "../support/contracts.ts";
import { ROOT } from "../support/murmur.ts";
import { planWith } from "../support/plans.ts";
import { smallScenario } from "../support/small-scenario.ts";

describe("defect 14: PAIR, noise without a clip bound, and a 0 that becomes the default", () => {
  it.each(["0", "-1", ".inf", ".nan", "null", '""', "false"])(
    "refuses a clip norm of %s",
    (clipNorm) => {
      const noised = { "privacy.trust": "central", "privacy.noiseMultiplier": "3" };
      const scenario = () => smallScenario({ ...noised, "training.clipNorm": clipNorm });
      expect(scenario).toThrow(ScenarioError);
      expect(scenario).toThrow("training.clipNorm");
    },
  );

  it("keeps 0 and false where they are allowed", async () => {
    const scenario = smallScenario({
      seed: "0",
      "training.momentum": "0",
      "privacy.spareAttempts": "0",
      "data.source.public": "false",
    });
    expect(scenario.seed).toBe(0);
    expect(scenario.data.source.public).toBe(false);
    const { plan } = makePlan(scenario, await contractFor(scenario), "fused");
    expect(scenario.training.momentum).toBe(0);
    expect(plan.training.optimizer).toEqual({ kind: "sgd" });
    expect(plan.privacy.spareAttempts).toBe(0);
  });

  it.each([
    ["training.rounds", "0"],
    ["training.learningRate", "0"],
    ["privacy.noiseMultiplier", "0"],
    ["privacy.epsilon", "0"],
    ["privacy.delta", "0"],
    ["clients.count", "0"],
    ["clients.minCohort", "0"],
    ["training.learningRate", "false"],
    ["privacy.trust", '""'],
  ])("refuses %s: %s, rather than run with the default", (path, value) => {
    const scenario = () => smallScenario({ "privacy.trust": "central", [path]: value });
    expect(scenario).toThrow(ScenarioError);
    expect(scenario).toThrow(path);
  });

  it("has every scenario that the documents name, and each parses", () => {
    const documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"];
    const texts = documents.map((file) => readFileSync(join(ROOT, file), "utf8"));
    const found = (pattern: RegExp) =>
      texts.flatMap((text) => [...text.matchAll(pattern)].map(([, path = ""]) => path));
    // What a command of the document writes need not be there beforehand.
    const written = found(/> (scenarios\/[\w-]+\.yaml)/g);
    const named = found(/(scenarios\/[\w-]+\.yaml)/g);
    const paths = [...new Set(named)].filter((path) => !written.includes(path));
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) {
      expect(parseScenario(readFileSync(join(ROOT, path), "utf8"), path).format).toBe(1);
    }
  });
});

describe("defect 10: pfl's epsilon for a sampler that is not the one in use", () => {
  const poisson = { kind: "poisson", rate: 0.25 } as const;

  it.each([
    [planWith(), ["adjacency zeroOut", "every record in every round", "exact Gaussian"]],
    [planWith({ sampling: poisson, accountant: "rdp" }), ["adjacency zeroOut", "0.25", "RDP"]],
  ])("names adjacency, sampler and accountant beside epsilon (%#)", (plan, parts) => {
    const text = privacyLines(plan, plannedClaims(plan, 3), false).join("\n");
    for (const part of parts) expect(text).toContain(part);
  });

  it("refuses a sampler whose epsilon no accountant here proves", () => {
    expect(() => planWith({ sampling: poisson, accountant: "gdp" })).toThrow(ScenarioError);
    const fixed = () => smallScenario({ "training.sampling.kind": "fixedSize" });
    expect(fixed).toThrow(ScenarioError);
  });
});

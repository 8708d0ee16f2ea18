/** What must be said beside every epsilon: it is no claim without. */
import type { PrivacyPlan } from "./privacy-plan.ts";
import { deltaText } from "./trace.ts";

/** In one line. */
export function claimText(plan: PrivacyPlan): string {
  return claimParts(plan).join(", ");
}

/** What is counted and how; then whom one trusts. */
export function claimParts(plan: PrivacyPlan): readonly string[] {
  if (plan.trust === "none") return ["trust none: no privacy"];
  const { delta, unit, adjacency, sampling, accountant, trust, noise } = plan;
  const sampler =
    sampling.kind === "full" ? "every record in every round" : `Poisson, rate ${sampling.rate}`;
  const by = accountant === "gdp" ? "exact Gaussian, a bound for its rounding" : "RDP";
  const seeded =
    noise === "seeded" ? ", if the noise were secure: seeded noise protects nobody" : "";
  return [
    `δ ${deltaText(delta)}, unit ${unit}, adjacency ${adjacency}, sampler ${sampler}, accountant ${by}`,
    `trust ${trust}${seeded}`,
  ];
}

/** At population^-1.1 a delta is no longer small for a single record; below 1 / population it must be. */
export function isLargeDelta({ delta, population }: PrivacyPlan): boolean {
  return delta >= population ** -1.1;
}

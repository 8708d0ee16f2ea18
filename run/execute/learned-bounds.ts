/** Bounds that a run has learned before its first round: as it tells of them, and held-out rows brought to them. */
import { boundPerson } from "../../client/features/bound-person.ts";
import { boundExamples } from "../../shared/bounds/bound-rows.ts";
import { learnedFeatures } from "../../shared/bounds/learned-features.ts";
import type { Learned } from "../../shared/bounds/learned-ranges.ts";
import type { PreparedReport } from "../../shared/events/host-report.ts";
import type { BoundsTrace } from "../../shared/events/trace.ts";
import type { Plan } from "../../shared/plan/plan.ts";
import { BOUNDS_RELEASES, countDeviation } from "../../shared/privacy/bounds-terms.ts";

/** As a run tells of it. */
export function boundsTrace(
  { privacy, contract }: Pick<Plan, "privacy" | "contract">,
  { ranges }: Learned,
): BoundsTrace {
  const features = learnedFeatures(contract).map(({ feature }, i) => ({
    name: feature.name,
    bounds: ranges[i] ?? feature.bounds,
  }));
  const { share = 0 } = privacy.bounds ?? {};
  return { features, releases: BOUNDS_RELEASES, share, noiseStddev: countDeviation(privacy) };
}

/** The held-out rows and the person. */
export function boundReport(
  prepared: PreparedReport,
  { contract }: Pick<Plan, "contract">,
  { ranges }: Learned,
): PreparedReport {
  const features = learnedFeatures(contract);
  return {
    ...prepared,
    heldOut: boundExamples(prepared.heldOut, features, ranges),
    person: boundPerson(prepared.person, features, ranges),
  };
}

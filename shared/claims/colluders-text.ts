/**
 * How many clients may put together what they know before a claim fails, in words that stand beside every
 * ε: of masks, whose noise the others must bring; of a sample of fixed size, in which those who know that
 * they were not drawn leave fewer among whom the rest hides.
 */
import type { Adversary } from "../accounting/mechanisms/event.ts";
import { countedSampling } from "../privacy/events.ts";
import type { PrivacyPlan } from "../privacy/plan.ts";
import { holdsAgainstMalice } from "../secagg/terms.ts";

type Terms = Pick<PrivacyPlan, "unit" | "trust" | "sampling" | "clients" | "colluders">;

/** One line beside the claim; undefined where it rests on no number of them. */
export function colludersText(plan: Terms): string | undefined {
  const { trust, colluders } = plan;
  if (trust === "distributed")
    return `ε holds even if ${collude(colluders ?? 0)}${holdsAgainstMalice(plan.clients) ? ", with the coordinator too" : ""}`;
  if (!drawsFixedSize(plan)) return undefined;
  return colluders === undefined
    ? "ε against other clients holds if no two of them collude, and against whoever gets the model if none of them is a client (privacy.colluders counts more)"
    : `ε holds even if ${collude(colluders)} and know which of them were drawn, against whoever gets the model too`;
}

/** Who may know a part of a sample of fixed size; undefined where its size tells nobody anything. */
export function knownDrawText(plan: Terms, adversary: Adversary): string | undefined {
  if (!drawsFixedSize(plan)) return undefined;
  const { colluders } = plan;
  if (colluders !== undefined) return `but for ${colluders} that collude`;
  return adversary === "otherClients" ? "but each for itself" : "and no client is among them";
}

function drawsFixedSize(plan: Terms): boolean {
  return plan.trust === "central" && countedSampling(plan).kind === "fixedSize";
}

function collude(count: number): string {
  return count === 1 ? "1 client colludes" : `${count} clients collude`;
}

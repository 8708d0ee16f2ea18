/** What a run's updates are, for its report and each client's file. */

import { updateLength } from "../privacy/tasks.ts";
import type { Plan } from "./plan.ts";

/** One client's, in one round. */
export function updateText({ privacy }: Pick<Plan, "privacy">): string {
  const numbers = `one list of ${updateLength(privacy)} whole numbers`;
  return privacy.trust === "distributed" ? `${numbers}, each under masks` : numbers;
}

/** What a client sends besides updates, that its updates' bytes do not count. */
export function besidesText({ privacy: { trust, counts } }: Pick<Plan, "privacy">): string {
  const counted =
    counts.statistics || counts.evaluation
      ? ["Among the lists are counts of a client's own rows, with all the noise on them."]
      : [];
  const masks =
    trust === "distributed"
      ? "Beside them went keys, sealed shares, signatures and shares of masks: none is made of a row."
      : "Beside them went what it takes to join.";
  return [...counted, masks].join(" ");
}

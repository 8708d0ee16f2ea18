/** What is said of the weights that a run starts from, beside every epsilon that counts them in. */
import { countsRowsAlone } from "../accounting/compose-histories.ts";
import { type ModelPast, type SpendingRules, spentWithPast } from "../accounting/model-past.ts";
import { epsilonText } from "../epsilon-text.ts";

/** Said wherever runs of unit client are composed: nothing but their numbers says which client is which. */
export const SAME_CLIENTS =
  "unit client after unit client: a client is taken to be the same one, with the same rows, in all these runs";

/** What an epsilon that counts the past in rests on besides, in a few words. */
export function pastAssumption({ histories, trainedOn }: ModelPast): string {
  const isStated = histories.length > 0 || trainedOn.length === 0;
  const sources = [
    ...(isStated ? ["the provenance of model.file"] : []),
    ...(trainedOn.length > 0 ? ["what is declared of model.file"] : []),
  ];
  return `${sources.join(" and ")} ${sources.length > 1 ? "are" : "is"} true`;
}

/** Lines, empty without a past: what the weights bring along, on whose word, and what nobody counts. */
export function pastParts(plan: SpendingRules): string[] {
  const { past, unit } = plan;
  if (past === undefined) return [];
  return [
    ...(past.unknown
      ? [
          "model.file came without provenance, and any private row may be in its weights: no ε is claimed (model.trainedOn says so where none is)",
        ]
      : []),
    ...historiesText(plan, past),
    ...(unit === "client" && past.histories.some((one) => one.unit === "client")
      ? [SAME_CLIENTS]
      : []),
    ...past.trainedOn.map((words) => `model.file, as declared and by nothing proven: ${words}`),
    "not covered: clip norms, bounds and learning rates that were chosen in view of earlier runs",
  ];
}

function historiesText(
  plan: SpendingRules,
  { histories, trainedOn, unknown }: ModelPast,
): string[] {
  if (histories.length === 0) {
    const isSaid = unknown || trainedOn.length > 0;
    return isSaid ? [] : ["no private row is in model.file, as its provenance states"];
  }
  const runs = histories.length === 1 ? "1 run" : `${histories.length} runs`;
  const spent = spentWithPast(plan, [], "modelRecipients");
  const alone = Number.isFinite(spent) ? `ε ${epsilonText(spent)} by themselves` : "no bound";
  const ofRows = plan.rowsPerPerson !== undefined && histories.some(countsRowsAlone);
  return [
    `model.file comes from ${runs} on private rows, as its provenance states (${alone}): composed into every ε here`,
    ...(ofRows
      ? [
          "one of these runs counts rows and not persons, of whom it bounds nothing (privacy.rowsPerPerson there does)",
        ]
      : []),
  ];
}

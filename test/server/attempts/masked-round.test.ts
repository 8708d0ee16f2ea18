/** When a masked attempt is charged. */
import { expect, it } from "vitest";
import { MaskedAttempt } from "../../../server/attempts/masked-attempt.ts";
import { openMaskedSum } from "../../../server/attempts/masked-round.ts";
import { packKeys } from "../../../shared/secagg/step-lists.ts";
import { type SecaggTerms, secaggTerms } from "../../../shared/secagg/terms.ts";
import { attemptOf, clientsOf } from "../../support/masked-attempt.ts";

const ids = { round: 0, attempt: 0 };
const RING: SecaggTerms = { clients: 9, threshold: 4, degree: 6, leastSurvivors: 7, quorum: 7 };
const EVERYBODY = secaggTerms(9, { minCohort: 7, colluders: 1 });

/** What happens, in order, in an attempt whose clients say their keys and then no more. */
async function abandoned(terms: SecaggTerms): Promise<string[]> {
  const happened: string[] = [];
  const inputs = Array.from({ length: terms.clients }, () => Int32Array.of(1));
  const { setup, ...rest } = attemptOf(terms, inputs, ids);
  const asked = inputs.map((_, u) => u);
  const attempt = new MaskedAttempt(ids, asked, { ...setup, parameters: 1, largestSum: 2 ** 31 });
  const begin = () => {
    for (const [clientIndex, client] of clientsOf({ setup, ...rest }).entries())
      attempt.offer({
        ...{ kind: "step", ...ids, vclient: clientIndex, step: "keys" },
        bytes: packKeys(client.advertise()),
      });
  };
  const wire = {
    ...{ begin, toAll: (step: string) => happened.push(step), toOne: () => {} },
    ...{ unreachable: [], timing: { stepMs: 5, trainMs: 5, awayMs: 5 } },
    ended: new AbortController().signal,
  };
  const sum = openMaskedSum(attempt, wire, () => happened.push("charge"));
  await expect(sum).rejects.toThrow("secagg.below-threshold");
  return happened;
}

it("charges a ring before anybody sees the keys that draw it: another one is not for nothing", async () => {
  expect(await abandoned(RING)).toEqual(["charge", "keys"]);
});

it("charges nothing where nobody masked and no ring was drawn", async () => {
  expect(await abandoned(EVERYBODY)).toEqual(["keys"]);
});

/** Which attempts may be given back: those in which nothing left that anybody could learn from. */
import { expect, it } from "vitest";
import { AttemptAnswers } from "../../../client/connection/attempt-answers.ts";
import type { MaskedRequest } from "../../../client/connection/round-request.ts";
import { secaggTerms } from "../../../shared/secagg/terms.ts";
import { ALL_CLIENTS } from "../../../shared/wire/codec.ts";

const at = { round: 2, attempt: 1 } as const;
const list = { ...at, clientIndex: ALL_CLIENTS, bytes: Buffer.alloc(0) } as const;

/** Keys were shown in a masked attempt of so many clients, and nothing else has happened. */
function shown(clients: number): AttemptAnswers {
  const request: MaskedRequest = {
    ...{ kind: "masked", ...at, task: "train", clipNorm: 1, cohort: [0], lacking: null },
    parameters: new Float32Array(3),
    terms: secaggTerms(clients, { minCohort: clients - 2, colluders: 1 }),
    roster: [],
    places: new Map([[0, 0]]),
  };
  const answers = new AttemptAnswers(request);
  expect(answers.isHarmless).toBe(false);
  answers.keepStep({ clientIndex: 0, step: "keys", bytes: Buffer.alloc(0) }, undefined);
  return answers;
}

it("is harmless while keys were shown and no ring was drawn by them", () => {
  const ring = shown(101);
  expect(ring.request).toHaveProperty("terms.degree", expect.any(Number));
  expect(ring.isHarmless).toBe(true);
  ring.hear({ ...list, step: "survivors" });
  expect(ring.isHarmless).toBe(true);
  ring.hear({ ...list, step: "keys" });
  expect(ring.isHarmless).toBe(false);
});

it("is harmless without a ring until a masked update leaves", () => {
  const all = shown(5);
  expect(all.request).toHaveProperty("terms.degree", null);
  all.hear({ ...list, step: "keys" });
  expect(all.isHarmless).toBe(true);
  const update = new Uint32Array(3);
  all.keepUpdate({ clientIndex: 0, update, named: at, settle: () => {} });
  expect(all.isHarmless).toBe(false);
});

it("takes what is to be made once more for forgotten no longer", () => {
  const all = shown(5);
  const update = new Uint32Array(3);
  all.keepUpdate({ clientIndex: 0, update, named: at, settle: () => {} });
  all.judged(0);
  expect(all.forgottenOf([0])).toEqual([0]);
  all.redo([0]);
  expect(all.forgottenOf([0])).toEqual([]);
});

/** Which attempts may be given back: those in which nothing left that anybody could learn from. */
import { expect, it } from "vitest";
import { AttemptAnswers } from "../../../client/connection/attempt-answers.ts";
import type { MaskedRequest, RoundRequest } from "../../../client/connection/round-request.ts";
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

const plain = (cohort: readonly number[]): RoundRequest => ({
  ...{ kind: "plain", ...at, task: "train", clipNorm: 1, cohort },
  parameters: new Float32Array(3),
});
/** @param settled gets what of the client's update had left */
const updateOf = (clientIndex: number, settled: number[] = [], named: object = at) => ({
  ...{ clientIndex, update: new Int32Array(3), named: { ...at, ...named } },
  settle: (bytes: number) => void settled.push(bytes),
});

it("is of the attempt of its round alone", () => {
  const answers = new AttemptAnswers(plain([0]));
  expect(answers.isOf({ round: 2, attempt: 1 })).toBe(true);
  expect(answers.isOf({ round: 2, attempt: 0 })).toBe(false);
  expect(answers.isOf({ round: 1, attempt: 1 })).toBe(false);
});

it("is open to a plain request that comes again, to a masked one only as the object it was", () => {
  const answers = new AttemptAnswers(plain([0]));
  expect(answers.isOpen(plain([0]))).toBe(true);
  expect(answers.isOpen({ ...plain([0]), attempt: 2 })).toBe(false);
  const masked = shown(5);
  expect(masked.isOpen(masked.request)).toBe(true);
  expect(masked.isOpen({ ...masked.request })).toBe(false);
});

it("knows a word on its update by its attempt, or by what the update was announced as", () => {
  const answers = new AttemptAnswers(plain([0, 1]));
  answers.keepUpdate(updateOf(0, [], { round: 1 }));
  expect(answers.isAbout(0, at)).toBe(true);
  expect(answers.isAbout(1, at)).toBe(true);
  expect(answers.isAbout(0, { round: 1, attempt: 1 })).toBe(true);
  expect(answers.isAbout(1, { round: 1, attempt: 1 })).toBe(false);
  expect(answers.isAbout(0, { round: 1, attempt: 0 })).toBe(false);
});

it("hands a list on once, however often it comes, and one of each step and client", async () => {
  const answers = shown(5);
  const lists = [
    { ...list, step: "survivors" },
    { ...list, step: "keys" },
    { ...list, step: "survivors", clientIndex: 0 },
  ] as const;
  for (const one of [...lists, ...lists]) answers.hear(one);
  answers.end();
  const handed = [];
  for (let one = await answers.steps.next(); one; one = await answers.steps.next())
    handed.push(one);
  expect(handed).toEqual(lists);
});

it("sends again what it is asked for and still has, until it is judged", () => {
  const settled: number[] = [];
  const answers = new AttemptAnswers(plain([0, 1, 2]));
  const [first, other] = [updateOf(0, settled), updateOf(1, settled)];
  for (const one of [first, other]) answers.keepUpdate(one);
  answers.keepDecline(2, { reason: "budget" });
  expect(answers.updatesOf([2, 1, 0])).toEqual([other, first]);
  expect(answers.declinesOf([0, 2])).toEqual([[2, { reason: "budget" }]]);
  expect(answers.declinesOf([0, 1])).toEqual([]);
  expect(answers.forgottenOf([0, 1, 2])).toEqual([]);
  answers.judged(0);
  expect(settled).toEqual([12]);
  expect(answers.updatesOf([0, 1])).toEqual([other]);
  answers.judged(0);
  expect(settled).toEqual([12]);
  answers.end();
  expect(settled).toEqual([12, 0]);
});

it("sends a step's answer again by another link than it went by last, and by none twice", () => {
  const answers = shown(5);
  const [before, now] = [{}, {}];
  const second = { clientIndex: 1, step: "keys", bytes: Buffer.of(1) } as const;
  answers.keepStep(second, before);
  answers.keepStep({ clientIndex: 1, step: "unmask", bytes: Buffer.of(2) }, before);
  expect(answers.stepsOf("keys", [1], before)).toEqual([]);
  expect(answers.stepsOf("keys", [1], now)).toEqual([second]);
  expect(answers.stepsOf("keys", [1], now)).toEqual([]);
  expect(answers.stepsOf("keys", [0, 1], now).map(({ clientIndex }) => clientIndex)).toEqual([0]);
});

import { expect, it } from "vitest";
import { Silences } from "../../../server/connections/silences.ts";

const AWAY_MS = 60;
const ALL = [0, 1, 2, 3];

/** Rounds 1 … in which client 3 is asked, if it answers in those alone. */
function askedIn(rounds: number, answers: readonly number[] = [], least = 3): number[] {
  const silences = new Silences(AWAY_MS);
  return Array.from({ length: rounds }, (_, i) => i + 1).filter((round) => {
    const asked = silences.toAsk(ALL, least, 0);
    const isAsked = asked.includes(3);
    silences.note({ asked, silent: isAsked && !answers.includes(round) ? [3] : [] }, 0);
    return isAsked;
  });
}

it("lets a silent client sit out 2, 4, 8 … rounds after the second without an answer", () => {
  expect(askedIn(40)).toEqual([1, 2, 5, 10, 19, 36]);
});

it("begins anew after an answer", () => {
  expect(askedIn(14, [5])).toEqual([1, 2, 5, 6, 7, 10]);
});

it("never asks whoever answers any less often, nor after one silent round", () => {
  expect(askedIn(8, [1, 3, 5, 7])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it("says who sits out, and for how long", () => {
  const silences = new Silences(AWAY_MS);
  const attempt = { asked: ALL, silent: [1, 3] };
  expect(silences.note(attempt, 0)).toEqual([]);
  expect(silences.note(attempt, 0)).toEqual([
    { vclient: 1, silent: 2, rounds: 2 },
    { vclient: 3, silent: 2, rounds: 2 },
  ]);
  silences.answered(1);
  expect(silences.toAsk(ALL, 2, 0)).toEqual([0, 1, 2]);
});

it("asks one that has connected anew, and lets it out for longer if it is silent again", () => {
  const silences = new Silences(AWAY_MS);
  for (const _ of [1, 2]) silences.note({ asked: ALL, silent: [3] }, 0);
  silences.back([3]);
  expect(silences.toAsk(ALL, 2, 0)).toEqual(ALL);
  expect(silences.note({ asked: ALL, silent: [3] }, 0)).toEqual([
    { vclient: 3, silent: 3, rounds: 4 },
  ]);
});

it("asks it where too few are left without it, but not before its time", () => {
  const silences = new Silences(AWAY_MS);
  for (const _ of [1, 2]) silences.note({ asked: ALL, silent: [3] }, 1_000);
  expect(silences.toAsk(ALL, 4, 1_000 + AWAY_MS - 1)).toEqual([0, 1, 2]);
  expect(silences.toAsk(ALL, 4, 1_000 + AWAY_MS)).toEqual(ALL);
  silences.note({ asked: ALL, silent: [3] }, 2_000);
  expect(silences.toAsk(ALL, 4, 2_000 + 2 * AWAY_MS - 1)).toEqual([0, 1, 2]);
  expect(silences.toAsk(ALL, 4, 2_000 + 2 * AWAY_MS)).toEqual(ALL);
});

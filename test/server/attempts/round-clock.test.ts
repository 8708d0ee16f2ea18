import { expect, it } from "vitest";
import { RoundClock } from "../../../server/attempts/round-clock.ts";

it("ends attempts at ticks of the first one's clock, however long the work between them took", () => {
  const clock = new RoundClock(10);
  expect(clock.endOf(1_234)).toBe(11_234);
  for (const late of [0, 3, 1_700, 5_000])
    expect(clock.endOf(11_234 + late), `${late}`).toBe(21_234);
});

it("leaves clients half a step at least", () => {
  const clock = new RoundClock(10);
  clock.endOf(0);
  expect(clock.endOf(15_000.1)).toBe(30_000);
  expect(clock.endOf(29_000)).toBe(40_000);
});

import { expect, it } from "vitest";
import { Arena } from "../../../../shared/engine/fused/arena.ts";
import { ScenarioError } from "../../../../shared/errors.ts";

it("places each buffer at a cache line's start, none at address 0, and has room for the last", () => {
  const arena = new Arena();
  const places = [arena.floats(1), arena.floats(16), arena.floats(17), arena.doubles(9)];
  expect(places).toEqual([64, 128, 192, 320]);
  const last = arena.doubles(8192 - 56);
  expect(last).toBe(448);
  const { floats, doubles, words } = arena.build();
  // 448 + 8 × 8136 = 65 536 bytes: one page, to its last byte.
  expect([floats.length, doubles.length, words.length]).toEqual([16_384, 8192, 16_384]);
  doubles[8191] = 1;
  expect(floats[16_383]).toBe(1.875);
});

it("refuses what no WebAssembly memory holds, and says how much it is", () => {
  const arena = new Arena();
  arena.doubles(2 ** 29);
  expect(() => arena.build()).toThrow(ScenarioError);
  expect(() => arena.build()).toThrow("4097 MiB to lay out");
  expect(() => arena.build()).toThrow("engine fused, its memory");
});

it("lets through what is no lack of memory", () => {
  const arena = new Arena();
  arena.doubles(2 ** 60);
  expect(() => arena.build()).toThrow(TypeError);
});

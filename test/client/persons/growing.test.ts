import fc from "fast-check";
import { expect, it } from "vitest";
import { Growing } from "../../../client/persons/growing.ts";

it("gives back what was pushed, in order, whatever its number", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: 400, size: "max" }), (numbers) => {
      const growing = new Growing((length) => new Float64Array(length));
      for (const number of numbers) growing.push(number);
      expect(growing.take()).toEqual(Float64Array.from(numbers));
    }),
  );
});

it("is of the kind that was asked for, and holds nothing of what was taken", () => {
  const growing = new Growing((length) => new Uint8Array(length));
  growing.push(3);
  expect(growing.take()).toEqual(Uint8Array.of(3));
  growing.push(4);
  expect(growing.take()).toEqual(Uint8Array.of(4));
  expect(growing.take()).toEqual(new Uint8Array());
});

it("grows beyond its longest part", () => {
  const growing = new Growing((length) => new Int32Array(length));
  for (let i = 0; i < 300_000; i++) growing.push(i);
  expect(growing.take()).toEqual(new Int32Array(300_000).map((_, i) => i));
});

it("takes many at once, across its parts, and forgets none", () => {
  const lengths = fc.array(fc.nat({ max: 200 }), { maxLength: 12 });
  fc.assert(
    fc.property(lengths, (all) => {
      const growing = new Growing((length) => new Uint8Array(length));
      const pushed: number[] = [];
      for (const [i, length] of all.entries()) {
        const bytes = Uint8Array.from({ length }, (_, at) => (i * 50 + at) % 256);
        pushed.push(...bytes, i);
        growing.pushAll(bytes);
        growing.push(i);
      }
      expect(growing.take()).toEqual(Uint8Array.from(pushed));
    }),
  );
});

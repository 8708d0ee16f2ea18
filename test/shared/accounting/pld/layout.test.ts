import { expect, it } from "vitest";
import { roomFor } from "../../../../shared/accounting/pld/layout.ts";

it("lays a grid out for the next power of two's sixteenth root, powers of two for themselves", () => {
  for (let count = 1; count < 32; count++) expect(roomFor(count)).toBe(count);
  for (let k = 5; k <= 40; k++) expect(roomFor(2 ** k)).toBe(2 ** k);
  for (let count = 33; count < 1e9; count = Math.ceil(count * 1.037)) {
    const room = roomFor(count);
    expect(room).toBeGreaterThanOrEqual(count);
    expect(room).toBeLessThanOrEqual(Math.ceil(count * 2 ** (1 / 16)));
  }
});

/** Roles that `murmur init` writes for its reader. */
import { expect, it } from "vitest";
import { proposeRole } from "../../../client/scan/propose-role.ts";
import { columnTally } from "../../../client/scan/scan-column.ts";
import type { Cell } from "../../../client/source/table-source.ts";

const ROWS = 40;

function proposed(name: string, cell: (i: number) => Cell) {
  const tally = columnTally(name);
  for (let i = 0; i < ROWS; i++) tally.add(cell(i));
  const { distinct, forms, images } = tally;
  return proposeRole({ name, verdict: tally.verdict(), distinct, forms, rows: ROWS, images });
}

it.each<[string, (i: number) => Cell, string]>([
  ["email", (i) => `u${i}@example.org`, "directIdentifier"],
  ["customer_id", (i) => 4000 + i, "directIdentifier"],
  ["id", (i) => i + 1, "directIdentifier"],
  ["code", (i) => `QX-${1000 + i}`, "directIdentifier"],
  ["remark", (i) => `came back ${i} times to ask for it`, "directIdentifier"],
  ["age", (i) => 20 + i, "quasiIdentifier"],
  ["zip", (i) => `0${1000 + i}`, "quasiIdentifier"],
  ["sex", (i) => (i % 2 ? "F" : "M"), "quasiIdentifier"],
  ["birth_date", (i) => `19${50 + i}-03-04`, "quasiIdentifier"],
  ["visited", (i) => `2024-03-${10 + (i % 20)}`, "quasiIdentifier"],
  ["diagnosis", (i) => (i % 3 ? "flu" : "asthma"), "sensitive"],
  ["salary", (i) => 30_000 + 531 * i, "sensitive"],
  ["religion", (i) => (i % 2 ? "none" : "other"), "sensitive"],
  ["amount", (i) => (i * 1.37).toFixed(2), "insensitive"],
  ["rating", (i) => i % 5, "insensitive"],
  ["empty", () => null, "insensitive"],
  ["face", () => new Uint8Array(16), "insensitive"],
])("proposes for %s", (name, cell, role) => {
  expect(proposed(name, cell).role).toBe(role);
});

it("says where a column holds images", () => {
  expect(proposed("face", () => new Uint8Array(16)).why).toContain("images");
});

it("gives a reason without a value in it", () => {
  const { why } = proposed("contact", (i) => `zed${i}@example.org`);
  expect(why).toBe("holds e-mail addresses");
});

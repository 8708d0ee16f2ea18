/** What prepared rows are recognised by. A function of private rows: it stays where they are. */
import { createHash } from "node:crypto";
import type { ClientRows } from "./client-rows.ts";

/** SHA-256 over each client's inputs, labels and gaps, 64 hex digits. */
export function rowsHash(clients: readonly ClientRows[]): string {
  const hash = createHash("sha256");
  for (const { examples, present } of clients) {
    const { count, width, inputs, labels } = examples;
    hash.update(`${count} × ${width} ${present !== undefined}\n`);
    for (const { buffer, byteOffset, byteLength } of [inputs, labels, present ?? new Uint8Array()])
      hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

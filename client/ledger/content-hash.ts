/** IO: a file's bytes → their SHA-256: by it another content shows. A function of private rows: it stays beside them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** @param path absolute. @returns 64 hex digits */
export async function contentHash(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes);
  return hash.digest("hex");
}

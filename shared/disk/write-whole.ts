/** IO: a file in the place of another at once: whoever reads it finds the new one whole, or the old one. */
import { renameSync } from "node:fs";
import { writeFresh } from "./no-links.ts";

/**
 * The name in its folder is not synced (`syncFolder`). Where a link is, it gives way to a file.
 *
 * @param mode of the file, where others may not read it
 * @param flush false: its bytes come to the disk when they may, and a power cut may cost it
 * @throws what the file system says; the file is as it was
 */
export function writeWhole(
  path: string,
  content: string | Uint8Array,
  { mode, flush = true }: { readonly mode?: number | undefined; readonly flush?: boolean } = {},
): void {
  writeFresh(`${path}.tmp`, content, { flush, mode });
  renameSync(`${path}.tmp`, path);
}

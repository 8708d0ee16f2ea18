/** IO: the names in a folder, on the disk: a file that was made or renamed is only there once they are. */
import { closeSync, fsyncSync, openSync } from "node:fs";

export function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

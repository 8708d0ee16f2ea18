/**
 * IO: writes that stay where they are meant to. A folder that somebody handed over may hold a link under a
 * name that is about to be written; what it points to must not be.
 */
import {
  closeSync,
  constants,
  ftruncateSync,
  lstatSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** Windows knows no such flag; making links there takes an administrator. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;
/** Behind what is in the file; begun if it is not there. Where a link is, it fails (ELOOP). */
export const APPENDING = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW;
/** The same, of a file that is read too. */
export const ADDING = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | NO_FOLLOW;

/** Adds that to a file, in one write where the system takes it so. */
export function appendTo(path: string, content: string | Uint8Array, flush: boolean): void {
  const file = openSync(path, APPENDING);
  try {
    writeFileSync(file, content, { flush });
  } finally {
    closeSync(file);
  }
}

/** Cuts a file of that name off behind so many bytes. */
export function cutTo(path: string, bytes: number): void {
  const file = openSync(path, constants.O_RDWR | NO_FOLLOW);
  try {
    ftruncateSync(file, bytes);
  } finally {
    closeSync(file);
  }
}

/**
 * A new file in the place of whatever is there; a link is replaced, not followed.
 *
 * @param flush false: its bytes come to the disk when they may
 */
export function writeFresh(
  path: string,
  content: string | Uint8Array,
  { mode, flush = true }: { readonly mode?: number | undefined; readonly flush?: boolean } = {},
): void {
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode, flush, flag: "wx" });
}

/**
 * The first entry below a folder that leads out of it, or could: a link, a second name of a file that is
 * elsewhere, or what is neither file nor folder. undefined: there is none.
 *
 * @param isOdd names that may have a second one: a lock is linked into place
 */
export function linkIn(folder: string, isOdd: (name: string) => boolean): string | undefined {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const at = lstatSync(path, { throwIfNoEntry: false });
    // Gone again meanwhile.
    if (at === undefined) continue;
    if (at.isDirectory()) {
      const below = linkIn(path, isOdd);
      if (below !== undefined) return below;
    } else if (!at.isFile() || (at.nlink > 1 && !isOdd(name))) return path;
  }
  return undefined;
}

/**
 * IO: files that say nothing of when they were written. Where a claim counts on a secret cohort, a file's
 * time would say how long a round took, and so who was in it. A file system keeps times that no program
 * can set (of an inode's birth and last change): only files made anew at one moment are rid of those.
 */
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { syncFolder } from "./sync-folder.ts";

/** The time that such a file bears. */
export const NO_TIME = new Date(Date.UTC(2000, 0, 1));

/** Takes the times off what lies in a folder, and off the folder itself; off folders below it where `deep`. */
export function takeTimesOff(folder: string, deep = false): void {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (deep) takeTimesOff(path, deep);
    } else lutimesSync(path, NO_TIME, NO_TIME);
  }
  utimesSync(folder, NO_TIME, NO_TIME);
}

/**
 * A copy in which each file was made now, in the order of names, on the disk when this returns. What is
 * neither file nor folder is left out: no link leads anywhere.
 *
 * @param to must not be there
 */
export function copyTimeFree(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 });
  for (const entry of entriesOf(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTimeFree(source, target);
    else if (entry.isFile()) {
      const { mode } = statSync(source);
      writeFileSync(target, readFileSync(source), { flush: true, flag: "wx", mode });
      utimesSync(target, NO_TIME, NO_TIME);
    }
  }
  chmodSync(to, statSync(from).mode);
  syncFolder(to);
  utimesSync(to, NO_TIME, NO_TIME);
}

function entriesOf(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

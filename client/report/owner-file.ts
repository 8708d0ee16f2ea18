/** IO: a client's own report, where its owner finds it and no coordinator looks. */
import { join } from "node:path";
import { writeWhole } from "../../shared/disk/write-whole.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import { ownerPage } from "./owner-page.ts";
import type { OwnerFile } from "./owner-report.ts";

/**
 * Writes `<folder>/<client>.json` anew, and once the client has taken part the same as a page.
 *
 * @throws ScenarioError `disk.full`
 */
export function writeOwnerFile(folder: string, report: OwnerFile): void {
  write(join(folder, `${report.client}.json`), `${JSON.stringify(report, null, 2)}\n`);
  if (report.egress) write(join(folder, `${report.client}.html`), ownerPage(report));
}

function write(path: string, text: string): void {
  try {
    writeWhole(path, text, { mode: 0o600, flush: false });
  } catch (cause) {
    const got = reasonOf(cause);
    const [expected, fix] = ["a disk that takes it", "Free some of it."];
    throw new ScenarioError({ what: "disk.full", where: path, got, expected, fix }, { cause });
  }
}

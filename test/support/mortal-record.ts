/** A run's folder whose coordinator dies at a line of its ledger that is on the disk: as if killed there, but in this process. */
import type { FolderRecord } from "../../run/folder/folder-record.ts";

export const BROKEN_OFF = new Error("broken off");

/** Behind which line: the so-many-th charge, or release of bounds. */
export interface Death {
  readonly after: "charge" | "releaseBounds";
  readonly count: number;
}

/** @param death undefined: it lives */
export function mortal(record: FolderRecord, death: Death | undefined): FolderRecord {
  if (death === undefined) return record;
  const open = record.openLedger.bind(record);
  record.openLedger = (sealed, beginning) => {
    const ledger = open(sealed, beginning);
    let left = death.count;
    const dying =
      <Args extends unknown[]>(append: (...args: Args) => void) =>
      (...args: Args): void => {
        append(...args);
        left -= 1;
        if (left === 0) throw BROKEN_OFF;
      };
    if (death.after === "charge") ledger.charge = dying(ledger.charge.bind(ledger));
    else ledger.releaseBounds = dying(ledger.releaseBounds.bind(ledger));
    return ledger;
  };
  return record;
}

/** @throws what it ended by, but for that death; where it did not end so, an error that says it */
export async function brokenOff(running: PromiseLike<unknown>): Promise<void> {
  const why = await running.then(
    () => new Error("it ended"),
    (error: unknown) => error,
  );
  if (why !== BROKEN_OFF) throw why;
}

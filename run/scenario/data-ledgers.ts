/**
 * IO: the ledgers of the files of private rows that a run trains on, each in `<file>.murmur` beside it, where
 * `murmur join` keeps its own too: one ledger a file, of all runs on this machine. An attempt is charged
 * there before the run's own ledger has it, and so before anything of it can be sent.
 */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { sourceFolder } from "../../client/data/source-folder.ts";
import { checkLimits } from "../../client/join/agreement.ts";
import { ClientLedger } from "../../client/ledger/client-ledger.ts";
import { LIMITS_FILE, readLimits } from "../../client/ledger/client-limits.ts";
import { contentHash } from "../../client/ledger/content-hash.ts";
import { runEntry, soFarOf } from "../../client/ledger/file-runs.ts";
import { openInside } from "../../client/source/source-file.ts";
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import type { SoFarFile } from "../../shared/events/trace.ts";
import type { AttemptEvents, OwnersLedgers } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { hidesCohort } from "../../shared/privacy/cohort-secrecy.ts";
import { taskTerms } from "../../shared/privacy/tasks.ts";
import { sourceFiles } from "../../shared/scenario/data-schema.ts";
import { isPublicData, type Scenario } from "../../shared/scenario/schema.ts";

export interface DataFile {
  /** Of the file itself, links followed. */
  readonly path: string;
  /** Where its ledger is. */
  readonly folder: string;
}

/**
 * Files of private rows that clients of the scenario train on, each once; none of public or generated data.
 *
 * @param file the scenario's own path
 * @throws ScenarioError `path.…` for one that is not there
 */
export async function dataFiles(scenario: Scenario, file: string): Promise<readonly DataFile[]> {
  if (isPublicData(scenario)) return [];
  const { source } = scenario.data;
  const folder = await sourceFolder(resolve(dirname(file)), source);
  const paths = new Set<string>();
  for (const name of sourceFiles(source)) {
    await (await openInside(folder, name, basename(file))).close();
    paths.add(await realpath(resolve(folder, name)));
  }
  return [...paths].map((path) => ({ path, folder: `${path}.murmur` }));
}

interface OpenFile extends DataFile {
  readonly ledger: ClientLedger;
}

export class DataLedgers implements OwnersLedgers {
  readonly #files: readonly OpenFile[];
  readonly #sealed: SealedPlan;
  readonly #runId: string;

  private constructor(files: readonly OpenFile[], sealed: SealedPlan, runId: string) {
    this.#files = files;
    this.#sealed = sealed;
    this.#runId = runId;
  }

  /**
   * Opens the ledger of each file, holds the whole plan against what its owner set beforehand, and notes that
   * the run begins.
   *
   * @throws BudgetError `dataLedger.limits` where the run would pass a limit: no file has been read then
   * @throws ScenarioError `dataLedger.folder`
   */
  static async open(
    files: readonly DataFile[],
    sealed: SealedPlan,
    runId: string,
  ): Promise<DataLedgers> {
    const open: OpenFile[] = [];
    const ledgers = new DataLedgers(open, sealed, runId);
    try {
      for (const file of files) {
        checkWritable(file);
        const ledger = ClientLedger.ofFile(file.folder, readLimits(file.folder), false);
        open.push({ ...file, ledger });
        checkLimits(sealed.plan.privacy, runId, ledger, join(basename(file.folder), LIMITS_FILE));
      }
      const run = runEntry(sealed, runId);
      for (const { path, ledger } of open) ledger.beginsRun(run, await contentHash(path));
      return ledgers;
    } catch (error) {
      ledgers.close();
      throw error;
    }
  }

  /**
   * Charges what the run's own ledger holds and a file's does not: its ledger was kept from then on, or put
   * back.
   */
  catchUp(lines: readonly LedgerLine[]): void {
    for (const { ledger } of this.#files) {
      for (const { entry } of lines) {
        if (entry.kind !== "charge") continue;
        const { round, attempt, task = "train", events } = entry;
        if (ledger.isCharged({ runId: this.#runId, round, attempt })) continue;
        this.#chargeOne(ledger, round, attempt, task, events);
      }
    }
  }

  affords(task: Task): boolean {
    return this.#files.every(({ ledger }) => ledger.affords(this.#terms(task)));
  }

  charge(round: number, attempt: number, events: AttemptEvents, task: Task): void {
    for (const { ledger } of this.#files) this.#chargeOne(ledger, round, attempt, task, events);
  }

  get soFar(): readonly SoFarFile[] {
    return this.#files.flatMap(
      ({ path, ledger }) => soFarOf(basename(path), ledger.entries, ledger.limits) ?? [],
    );
  }

  close(): void {
    for (const { ledger } of this.#files) ledger.close();
  }

  #chargeOne(
    ledger: ClientLedger,
    round: number,
    attempt: number,
    task: Task,
    events: AttemptEvents,
  ): void {
    const at = { planHash: this.#sealed.hash, runId: this.#runId, round, attempt, task, events };
    ledger.charge(at, this.#terms(task));
    // When a round began says nothing of who was in it; when the next did says how long that one took.
    if (hidesCohort(this.#sealed.plan.privacy)) ledger.hideTimes();
  }

  #terms(task: Task) {
    const { privacy } = this.#sealed.plan;
    return { ...taskTerms(privacy, task), rawFactor: privacy.rawFactor };
  }
}

/** Before anything is read: where a ledger can be kept, or the statement that none is. */
export function checkWritable({ path, folder }: DataFile): void {
  const isThere = existsSync(folder);
  try {
    if (isThere && !statSync(folder).isDirectory()) throw new Error("not a folder");
    accessSync(isThere ? folder : dirname(folder), constants.W_OK);
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "dataLedger.folder",
        where: join(basename(dirname(path)), basename(folder)),
        got: reasonOf(cause),
        expected:
          "a folder beside the private rows that can be written to: what all runs on them cost is kept there",
        fix: "Make it writable, or put the file where you may write (a copy begins anew); else --no-data-ledger, which every report of the run then says.",
      },
      { cause },
    );
  }
}

/** What the ledgers beside those files say, as far as there are any; no row is read, and nothing written. */
export function soFarBeside(files: readonly DataFile[]): SoFarFile[] {
  return files.flatMap(({ path, folder }) => {
    const entries = ClientLedger.read(folder);
    if (!entries) return [];
    return soFarOf(basename(path), entries, readLimits(folder)) ?? [];
  });
}

/**
 * IO: what one client has given away, over all runs and coordinators: nothing else sums that up. It
 * believes no coordinator: each update that leaves is charged by the noise of the plan that the
 * client itself has checked, whatever that plan says of rounds or sampling, and an update that would
 * pass the limit is refused beforehand.
 */
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import { makeFolder } from "../../shared/disk/make-folder.ts";
import { type Holder, takeLock } from "../../shared/disk/process-lock.ts";
import { NO_TIME } from "../../shared/disk/time-free.ts";
import { BudgetError, type Problem, reasonOf, ScenarioError } from "../../shared/errors.ts";
import { type Anchor, checkAnchor, wholeBytes } from "../../shared/ledger/chain.ts";
import {
  ChainFile,
  checkAnchored,
  readAnchor,
  readMended,
} from "../../shared/ledger/chain-file.ts";
import type { AttemptEvents } from "../../shared/ledger/ledger.ts";
import { SharedChainFile } from "../../shared/ledger/shared-chain-file.ts";
import {
  type ClientEntry,
  type ClientTerms,
  type Cost,
  costIn,
  costOf,
  epsilonOf,
  formatOf,
  mostOf,
  NOTHING,
  sumOf,
  timesOf,
} from "./client-ledger-line.ts";
import type { ClientLimits } from "./client-limits.ts";
import type { RunEntry } from "./run-entry.ts";

/** One participation, by what names it. */
export interface Participation {
  /** 64 hex digits. */
  readonly planHash: string;
  /** 32 hex digits. */
  readonly runId: string;
  readonly round: number;
  readonly attempt: number;
  /** Absent: an update of the model. */
  readonly task?: Task | undefined;
  /** As the run charges it: kept in the ledger of a file. */
  readonly events?: AttemptEvents | undefined;
}

/** Where lines are kept: one process's file, or one that several append to. */
type Store = Pick<ChainFile<ClientEntry>, "lines" | "close"> & {
  readonly append: (entry: ClientEntry, durable: boolean) => void;
  readonly exclusively: <T>(work: () => T) => T;
};

/** The ledger's name in the folder of a file: its owner's, whatever a coordinator calls the client. */
const OWN = "own";

/** What a client has done in one run, by its ledger: what a guard against replays goes on from. */
export interface PastAttempts {
  /** In the order in which they were charged. */
  readonly charged: readonly { round: number; attempt: number; task: Task }[];
  /** Masked attempts that it has begun, charged or not. */
  readonly begun: readonly { round: number; attempt: number }[];
}

export class ClientLedger {
  readonly #chain: Store;
  readonly #place: ReturnType<typeof placeOf>;
  readonly #isOfFile: boolean;
  /** Lines of the chain that are counted. */
  #read = 0;
  readonly #limits: ClientLimits | null;
  readonly #unlock: () => void;
  readonly #seen = new Map<string, Anchor>();
  /** Attempts charged, by run, round and attempt. */
  readonly #charged = new Map<string, Omit<Participation, "planHash">>();
  /** Masked attempts begun, by the same. */
  readonly #begun = new Map<string, Omit<Participation, "planHash">>();
  readonly #rows = new Map<string, string>();
  readonly #spentIn = new Map<string, Cost>();
  #spent = NOTHING;

  private constructor(
    chain: Store,
    place: ReturnType<typeof placeOf>,
    limits: ClientLimits | null,
    unlock: () => void,
    isOfFile = false,
  ) {
    this.#chain = chain;
    this.#place = place;
    this.#isOfFile = isOfFile;
    this.#limits = limits;
    this.#unlock = unlock;
    this.#readOn();
  }

  /** What stands in the chain beyond the lines that were counted: this process's, or others'. */
  #readOn(): void {
    for (const { entry } of this.#chain.lines.slice(this.#read)) {
      if (entry.kind === "participation") this.#count(entry, costIn(entry));
      if (entry.kind === "begun") this.#begun.set(nameOf(entry), entry);
      if (entry.kind === "rows") this.#rows.set(entry.runId, entry.rowsHash);
      if (entry.kind === "seen") this.#seen.set(entry.runId, entry.ledger);
    }
    this.#read = this.#chain.lines.length;
  }

  /**
   * Goes on with `<folder>/<client>.jsonl`, or begins it.
   *
   * @throws BudgetError `ledger.…` if it is damaged, another client's, or older than its anchor
   * @throws ScenarioError if the folder cannot be used, or another process is at it
   */
  static open(folder: string, client: string, limits: ClientLimits | null): ClientLedger {
    const unlock = inFolder(folder, () => {
      makeFolder(folder, 0o700);
      return takeLock(join(folder, `${client}.lock`), locked);
    });
    try {
      const chain = inFolder(folder, () => openChain(folder, client, limits));
      const ledger = new ClientLedger(ownedBy(chain), placeOf(folder, client), limits, unlock);
      const { droppedBytes } = chain;
      if (droppedBytes > 0) ledger.#append({ kind: "mended", droppedBytes });
      if (!sameLimits(ledger.#lastLimits, limits)) ledger.#append({ kind: "limits", limits });
      return ledger;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /**
   * The ledger of a file, `<folder>/own.jsonl`: of all runs on its rows, those that its owner starts and those
   * that it joins. Several processes may have it open: each line is written under a lock of its own.
   *
   * @param joins holds it against another process that joins with the same rows
   * @throws BudgetError `ledger.…`; ScenarioError as `open`
   */
  static ofFile(folder: string, limits: ClientLimits | null, joins: boolean): ClientLedger {
    const fix = joins
      ? "Name another with --ledger."
      : "Put there a folder that can be written to.";
    const inOwn = <T>(work: () => T) => inFolder(folder, work, fix);
    const unlock = inOwn(() => {
      makeFolder(folder, 0o700);
      return joins ? takeLock(join(folder, `${OWN}.lock`), locked) : () => {};
    });
    try {
      const place = { ...placeOf(folder, OWN), lockPath: join(folder, `${OWN}.append.lock`) };
      const chain = inOwn(
        () =>
          new SharedChainFile<ClientEntry>(place, {
            ...formatOf(OWN),
            first: () => ({ kind: "open", client: OWN, limits }),
            cutOff: (droppedBytes) => ({ kind: "mended", droppedBytes }),
            held: locked,
          }),
      );
      const ledger = new ClientLedger(chain, place, limits, unlock, true);
      ledger.#exclusively(() => {
        if (!sameLimits(ledger.#lastLimits, limits)) ledger.#append({ kind: "limits", limits });
      });
      return ledger;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /**
   * What the ledger of a file says, as far as there is one; nothing is written.
   *
   * @throws BudgetError `ledger.…` if it is damaged, or gone and its anchor is not
   */
  static read(folder: string): readonly ClientEntry[] | undefined {
    const place = placeOf(folder, OWN);
    const isThere = existsSync(place.path);
    const lines = isThere ? readMended(place, formatOf(OWN)).lines : [];
    checkAnchored(lines, place);
    return isThere ? lines.map(({ entry }) => entry) : undefined;
  }

  /** What was charged in each run, as it stands in the ledger of a file. */
  get entries(): readonly ClientEntry[] {
    return this.#exclusively(() => this.#chain.lines.map(({ entry }) => entry));
  }

  /**
   * In the ledger of a file: what a run's events are composed by, and of what content it is. Once a run is
   * enough; no update has left before.
   *
   * @throws ScenarioError `clientLedger.run` for another plan under the id of a run that is here: by the
   *   first one's rules its charges would count for less than they cost
   */
  beginsRun(run: RunEntry, sha256: string): void {
    this.#exclusively(() => {
      const entries = this.#chain.lines.map(({ entry }) => entry);
      const runs = entries.filter((entry) => entry.kind === "run");
      const known = runs.find(({ runId }) => runId === run.runId);
      if (known && known.planHash !== run.planHash) throw otherPlan(known, run);
      const last = entries.findLast((entry) => entry.kind === "content");
      if (last?.sha256 !== sha256) this.#append({ kind: "content", sha256 });
      if (known === undefined) this.#append(run);
    });
  }

  /** Rho of all participations, rounded up; Infinity once one had no bound. */
  get rho(): number {
    return this.#spent.rho;
  }

  /** Epsilon of all participations at the limit's delta; null without a limit. */
  get epsilon(): number | null {
    return this.#limits && epsilonOf(this.#spent, this.#limits);
  }

  /** True if one more update under `plan` stays within the limit. */
  affords(plan: ClientTerms): boolean {
    const limits = this.#limits;
    if (limits === null) return true;
    return this.#exclusively(
      () => epsilonOf(sumOf(this.#spent, costOf(plan)), limits) <= limits.epsilon,
    );
  }

  /** True if that attempt was charged, by this process or one before it. */
  isCharged(participation: Omit<Participation, "planHash">): boolean {
    return this.#charged.has(nameOf(participation));
  }

  /** All that this client was asked for in one run and has answered, by this process or one before it. */
  past(runId: string): PastAttempts {
    const ofRun = (all: ReadonlyMap<string, Omit<Participation, "planHash">>) =>
      [...all.values()].filter((one) => one.runId === runId);
    return {
      charged: ofRun(this.#charged).map(({ round, attempt, task = "train" }) => ({
        ...{ round, attempt, task },
      })),
      begun: ofRun(this.#begun).map(({ round, attempt }) => ({ round, attempt })),
    };
  }

  /** Notes that a masked attempt begins: on the disk when this returns, before its keys are shown. */
  begins({ runId, round, attempt }: Omit<Participation, "planHash" | "task">): void {
    this.#append({ kind: "begun", runId, round, attempt });
  }

  /**
   * Epsilon of all runs once that one is over, null without a limit: what it has charged so far is part
   * of what the whole of it costs, but one more of its updates is always still to come.
   */
  epsilonAfter(
    runId: string,
    whole: readonly { readonly terms: ClientTerms; readonly count: number }[],
    next: ClientTerms,
  ): number | null {
    const others = [...this.#spentIn].flatMap(([run, cost]) => (run === runId ? [] : [cost]));
    const due = whole.map(({ terms, count }) => timesOf(costOf(terms), count)).reduce(sumOf);
    const atLeast = sumOf(this.#spentIn.get(runId) ?? NOTHING, costOf(next));
    return this.#limits && epsilonOf([...others, mostOf(due, atLeast)].reduce(sumOf), this.#limits);
  }

  /** What its owner has set; null: no limit. */
  get limits(): ClientLimits | null {
    return this.#limits;
  }

  /**
   * Charges one update: on the disk when this returns, so call it just before that update leaves.
   *
   * @throws BudgetError `clientLedger.budget` if the limit does not hold it
   */
  charge(participation: Participation, plan: ClientTerms): void {
    this.#exclusively(() => this.#chargeNow(participation, plan));
  }

  #chargeNow(participation: Participation, plan: ClientTerms): void {
    const { planHash, runId, round, attempt, task = "train", events } = participation;
    const { rho, distance } = costOf(plan);
    if (!this.affords(plan))
      throw new BudgetError({
        what: "clientLedger.budget",
        where: `round ${round}, attempt ${attempt}`,
        got: rho === Infinity ? "an update without any bound" : "one update more than it holds",
        expected: `epsilon of at most ${this.#limits?.epsilon} over all participations`,
        fix: "Decline; only the client's owner can set another limit.",
      });
    const bound = Number.isFinite(rho) ? rho : null;
    const at = { planHash, runId, round, attempt, trust: plan.trust };
    const asked = task === "train" ? {} : { task };
    const charged = this.#isOfFile && events ? { events } : {};
    this.#append({ kind: "participation", ...at, ...asked, rho: bound, distance, ...charged });
  }

  /**
   * Checks that an update which the coordinator has counted was charged here.
   *
   * @throws BudgetError `ledger.rollback` if it was not
   */
  holds(counted: Omit<Participation, "planHash">): void {
    if (this.isCharged(counted)) return;
    const { runId, round, attempt } = counted;
    throw new BudgetError({
      what: "ledger.rollback",
      where: `this client's own ledger, run ${runId}`,
      got: `no charge of round ${round}, attempt ${attempt}`,
      expected: "that charge, for the coordinator has counted its update",
      fix: "Put the newest copy of the ledger's folder back and join again; if there is none, take no further part in this run.",
    });
  }

  /**
   * Notes where the coordinator says that its ledger stands. Nothing rests on that line.
   *
   * @throws BudgetError `ledger.rollback` if it stood further on before, or held another line there
   */
  saw(run: string, { seq, hash }: Anchor): void {
    const before = this.#seen.get(run);
    if (before?.seq === seq && before.hash === hash) return;
    if (before && before.seq >= seq)
      throw new BudgetError({
        what: "ledger.rollback",
        where: `the coordinator's ledger, line ${seq + 1}`,
        got: `seq ${seq}`,
        expected: `a line after ${before.seq}, which this client has seen`,
        fix: "Take no further part: this coordinator has forgotten what it charged.",
      });
    const ledger = { seq, hash };
    this.#append({ kind: "seen", runId: run, ledger }, false);
  }

  /**
   * Notes of which rows a run is. No update has left before.
   *
   * @param rowsHash 64 hex digits
   * @throws ScenarioError `data.changed` if it was of others before
   */
  holdsRows(runId: string, rowsHash: string): void {
    const before = this.#rows.get(runId);
    if (before === rowsHash) return;
    if (before !== undefined)
      throw new ScenarioError({
        what: "data.changed",
        where: "this client's rows",
        got: "other rows than this run began with",
        expected: "the same, for one run's noise is of one table",
        fix: "Put them back to go on with this run; what changed is for the next one.",
      });
    this.#append({ kind: "rows", runId, rowsHash });
  }

  /** Its files, and their folder, then do not say when it was last written. */
  hideTimes(): void {
    const { path, anchorPath } = this.#place;
    for (const one of [path, anchorPath, dirname(path)]) utimesSync(one, NO_TIME, NO_TIME);
  }

  close(): void {
    this.#chain.close();
    this.#unlock();
  }

  get #lastLimits(): ClientLimits | null {
    const entries = this.#chain.lines.map(({ entry }) => entry);
    const last = entries.findLast((entry) => entry.kind === "open" || entry.kind === "limits");
    return last?.limits ?? null;
  }

  #count(participation: Omit<Participation, "planHash">, cost: Cost): void {
    const { runId } = participation;
    this.#charged.set(nameOf(participation), participation);
    this.#spent = sumOf(this.#spent, cost);
    this.#spentIn.set(runId, sumOf(this.#spentIn.get(runId) ?? NOTHING, cost));
  }

  /** Holds the ledger while it works, with all in view that other processes have written. */
  #exclusively<T>(work: () => T): T {
    return this.#chain.exclusively(() => {
      this.#readOn();
      return work();
    });
  }

  /** @param durable false for a line that nothing rests on */
  #append(entry: ClientEntry, durable = true): void {
    this.#exclusively(() => {
      this.#chain.append(entry, durable);
      this.#readOn();
    });
  }
}

/** A chain that no other process writes: its lock is held throughout. */
function ownedBy(chain: ChainFile<ClientEntry>): Store {
  return {
    get lines() {
      return chain.lines;
    },
    close: () => chain.close(),
    exclusively: (work) => work(),
    append: (entry, durable) => {
      chain.append(entry, undefined, durable);
      if (durable) chain.anchor(true);
    },
  };
}

function nameOf({ runId, round, attempt }: Omit<Participation, "planHash">): string {
  return `${runId}/${round}/${attempt}`;
}

function openChain(
  folder: string,
  client: string,
  limits: ClientLimits | null,
): ChainFile<ClientEntry> {
  const place = placeOf(folder, client);
  const format = formatOf(client);
  const { path } = place;
  // A file without one whole line was never begun, unless its anchor knows better.
  if (existsSync(path) && wholeBytes(readFileSync(path)) > 0)
    return ChainFile.reopen(place, format);
  const anchor = readAnchor(place.anchorPath);
  if (anchor) checkAnchor([], anchor, path, "its anchor");
  rmSync(path, { force: true });
  const chain = ChainFile.create<ClientEntry>(place, format, { kind: "open", client, limits });
  chain.anchor(true);
  return chain;
}

/**
 * What the ledgers in a folder say of one run's: where it stood when each client last heard of it.
 *
 * @throws BudgetError for a ledger that is damaged
 * @throws ScenarioError for a folder that is none
 */
export function seenByClients(
  folder: string,
  run: string,
): { readonly client: string; readonly anchor: Anchor }[] {
  const names = inFolder(folder, () => readdirSync(folder)).filter((name) => /\.jsonl$/.test(name));
  return names.sort().flatMap((name) => {
    const client = basename(name, ".jsonl");
    const { lines } = readMended(placeOf(folder, client), formatOf(client));
    const seen = lines.map(({ entry }) => entry).filter((entry) => entry.kind === "seen");
    const last = seen.findLast(({ runId }) => runId === run);
    return last ? [{ client, anchor: last.ledger }] : [];
  });
}

function placeOf(folder: string, client: string) {
  const at = (name: string) => join(folder, `${client}.${name}`);
  return { path: at("jsonl"), anchorPath: at("anchor.json") };
}

function sameLimits(a: ClientLimits | null, b: ClientLimits | null): boolean {
  return a?.epsilon === b?.epsilon && a?.delta === b?.delta;
}

function otherPlan(known: RunEntry, run: RunEntry): ScenarioError {
  return new ScenarioError({
    what: "clientLedger.run",
    where: `the ledger of the rows, run ${run.runId}`,
    got: `plan ${run.planHash}`,
    expected: `plan ${known.planHash}, by which that run is counted here`,
    fix: "Take no part: a run has one plan, and another plan is another run, with an id of its own.",
  });
}

function locked(where: string, { pid, host }: Holder): Problem {
  return {
    what: "clientLedger.locked",
    where,
    got: `process ${pid} on ${host}`,
    expected: "no other process at this client's ledger",
    fix: "Wait until it ends. If it is on another machine that is gone, delete that file.",
  };
}

/** @throws ScenarioError for what the folder does not allow */
function inFolder<T>(
  folder: string,
  work: () => T,
  fix = "Name another with --client-ledgers.",
): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof BudgetError || cause instanceof ScenarioError) throw cause;
    const [got, expected] = [reasonOf(cause), "a folder that can be used"];
    throw new ScenarioError(
      { what: "clientLedger.folder", where: folder, got, expected, fix },
      { cause },
    );
  }
}

/** The client's stages before training, once a run: collect → anonymize → engineer. */
import { setImmediate } from "node:timers/promises";
import type { Contract } from "../../shared/contract/contract.ts";
import type { Examples } from "../../shared/engine/core/engine.ts";
import type {
  ClientSeconds,
  ClientStage,
  PreparedPerson,
} from "../../shared/events/host-report.ts";
import type { StageTrace } from "../../shared/events/trace.ts";
import { sourceFiles } from "../../shared/scenario/data-schema.ts";
import { isPublicSource } from "../../shared/scenario/schema.ts";
import { StageTimer } from "../../shared/stage-timer.ts";
import { anonymizer, keptColumns } from "../anonymize/anonymizer.ts";
import { personReader } from "../anonymize/table.ts";
import type { DataAssignment } from "../data/assignment.ts";
import { type Collected, collectFile, type RowWatcher } from "../data/collect.ts";
import { collectGenerated } from "../data/collect-generated.ts";
import { dealRows, splitHeldOut } from "../data/deal.ts";
import {
  allRows,
  countedRows,
  gatherPeople,
  type PeopleTable,
  riskColumns,
} from "../data/people-table.ts";
import { contractHash, type PersonKeys, personKeys } from "../data/person-keys.ts";
import { personFromRow } from "../data/person-row.ts";
import { RepeatWatch } from "../data/repeated-persons.ts";
import { NONE_ASIDE, RowsAside } from "../data/rows-aside.ts";
import { sourceFolder } from "../data/source-folder.ts";
import type { ClientRows } from "../features/client-rows.ts";
import { engineer, preparedPerson } from "../features/engineer.ts";
import { narrowFeatures } from "../features/range-use.ts";
import { slotsOfPersons } from "../persons/person-rows.ts";
import { type OwnerReport, ownerReport, type ReportSource } from "../report/owner-report.ts";
import { type RequiredRows, requireK } from "../risk/require-k.ts";
import type { IdentifierGate, KnownIdentifiers } from "../scan/identifier-gate.ts";
import type { MemoryFiles } from "../source/memory-files.ts";
import { checkLabels, checkRows } from "./check-rows.ts";
import { checkDeclaredClasses, LabelSpellings } from "./declared-classes.ts";
import { describeStages } from "./describe-stages.ts";
import { EXAMPLES, watchFirst } from "./example-rows.ts";

/** One client's engineered rows, and what stays with it. */
export class PreparedClient implements ClientRows {
  readonly examples: Examples;
  readonly present: Uint8Array | undefined;
  #made: OwnerReport | (() => OwnerReport);

  constructor({ examples, present }: ClientRows, makeReport: () => OwnerReport) {
    this.examples = examples;
    this.present = present;
    this.#made = makeReport;
  }

  /** A function of its private rows, for its owner alone; made once, when it is first asked for. */
  get report(): OwnerReport {
    // What it is made of, all rows of the table, is not held any longer.
    if (typeof this.#made === "function") this.#made = this.#made();
    return this.#made;
  }
}

export interface Prepared {
  /** By name, those of `assignment.mine`; a client without rows has zero examples. */
  readonly clients: ReadonlyMap<string, PreparedClient>;
  /** null unless the assignment asks for them. */
  readonly heldOut: Examples | null;
  readonly person: PreparedPerson | null;
  /** The client-side stages; rows are null where the data are private. */
  readonly stages: readonly StageTrace[];
  /** A function of private rows: it leaves this process for public ones alone. */
  readonly seconds: ClientSeconds;
}

export interface PrepareOptions {
  /**
   * Of the clients' rows to engineer: the clients that would begin beyond it are left out, and of the held-out rows
   * all but the first. For a dry run, which looks at no more.
   */
  readonly most?: number;
  /** Of an owner who follows somebody else's contract: in place of what that says of identifiers. */
  readonly identifiersKnown?: KnownIdentifiers | undefined;
  /** False where no owner will read of their rows' risks: they are worked out only if somebody asks after all. */
  readonly reports?: boolean;
  /** Are read in the place of files of their names; absent: there are none. */
  readonly memory?: MemoryFiles | undefined;
}

/**
 * Of private rows none stops it: one that cannot be used is set aside (rows-aside.ts), and people where none
 * are declared are in the owner's report; in an owner's own process, `identifiersKnown` given, they do stop it.
 *
 * @throws ScenarioError where the data do not fit the contract or the assignment
 */
export async function prepare(
  contract: Contract,
  assignment: DataAssignment,
  {
    most = Number.POSITIVE_INFINITY,
    identifiersKnown,
    reports = true,
    memory,
  }: PrepareOptions = {},
): Promise<Prepared> {
  const clock = new StageTimer<ClientStage>();
  const opened = await openSources(contract, assignment, identifiersKnown, memory);
  // Of private people nobody is kept as they were.
  const shown = assignment.heldOut && isPublicSource(assignment.source);
  const watched = opened.map(({ collected }) => watchFirst(collected, shown ? EXAMPLES : 0));
  const spellings = new LabelSpellings(contract);
  const sources = watched.map(({ source }) => (shown ? spellings.watch(source) : source));
  const people = await gatherPeople(contract, sources, riskColumns(contract), clock);
  // Of private rows that one person launches, its owner's report alone says so.
  const mayStop = isPublicSource(assignment.source) || identifiersKnown !== undefined;
  if (mayStop) for (const { gate } of opened) gate?.check();
  const { own, heldOut } = splitHeldOut(people, assignment);
  checkRows(people, { own, heldOut }, assignment);
  const shares = dealRows(people, own, contract, assignment);
  const hash = contractHash(contract);
  clock.lap("collect");
  const clients = new Map<string, PreparedClient>();
  let engineered = 0;
  for (const name of assignment.mine) {
    if (engineered > most) break;
    const rows = shares.get(name) ?? new Int32Array();
    const facts = factsOf(opened, assignment, name);
    const source = { people, contract, hash, seed: assignment.seed, ...facts };
    clients.set(name, await prepareClient(source, rows, reports, clock));
    engineered += rows.length;
    // Between two clients the event loop turns, so that heartbeats go on.
    await setImmediate();
  }
  const evaluated = assignment.heldOut
    ? await evaluatedRows(people, heldOut, contract, assignment, { most, memory }, clock)
    : null;
  if (shown) await checkClasses(contract, assignment, { people, own, evaluated, spellings });
  const first = watched[0]?.first ?? [];
  const staged = { sources, first, people, own, shares, contract, assignment };
  return {
    clients,
    heldOut: evaluated?.examples ?? null,
    person: evaluated?.person ?? null,
    // One host tells of them.
    stages: assignment.heldOut ? describeStages(staged) : [],
    seconds: clock.seconds,
  };
}

/** Of the whole table, where its host has it: clients that join from elsewhere have their own rows. */
async function checkClasses(
  contract: Contract,
  { source, population }: DataAssignment,
  {
    people,
    own,
    evaluated,
    spellings,
  }: {
    readonly people: PeopleTable;
    readonly own: Int32Array;
    readonly evaluated: HeldOutRows | null;
    readonly spellings: LabelSpellings;
  },
): Promise<void> {
  if (people.labels.length === 0) return;
  const labels = new Set(people.labels);
  for (const label of evaluated?.labels ?? []) labels.add(label);
  await checkDeclaredClasses(contract, labels, source.generator !== undefined, spellings);
  if (population !== null) checkLabels(people, own, contract);
}

interface OpenSource {
  readonly collected: Collected;
  /** To which each of its rows is shown on its way; null: nobody is in there, for all are made up. */
  readonly gate: IdentifierGate | null;
  readonly keys: PersonKeys;
  /** Counts whom its columns name twice, of private rows. */
  readonly repeats: RepeatWatch | null;
}

async function prepareClient(
  source: ReportSource,
  rows: Int32Array,
  reports: boolean,
  clock: StageTimer<ClientStage>,
): Promise<PreparedClient> {
  const { people, contract } = source;
  const required = requireK(people, rows, contract);
  clock.lap("anonymize");
  const made = await rowsOf(people, rows, required, contract);
  const client = new PreparedClient(made, () => ({
    ...ownerReport(source, rows, required),
    narrowFeatures: narrowFeatures(contract, [made]),
  }));
  clock.lap("engineer");
  if (reports && client.report) clock.lap("risk");
  return client;
}

/** What the reading of a client's source has found, for the report to its owner. */
function factsOf(
  opened: readonly OpenSource[],
  { source: { files }, clients }: DataAssignment,
  client: string,
) {
  // Where each client has a file, what is in the others' is none of its owner's business.
  const source = opened[files ? clients.indexOf(client) : 0];
  return {
    ...{ keySources: source?.keys.sources ?? new Map(), findings: source?.gate?.findings ?? [] },
    repeats: source?.repeats?.repeats ?? [],
    aside: source?.collected.aside?.report ?? NONE_ASIDE,
  };
}

/** A file, a file a client, or one that is generated; none where clients join from elsewhere. */
async function openSources(
  contract: Contract,
  assignment: DataAssignment,
  known: KnownIdentifiers | undefined,
  memory: MemoryFiles | undefined,
): Promise<OpenSource[]> {
  const { source, seed, clients } = assignment;
  if (source.generator !== undefined) {
    if (source.rows === undefined) return [];
    const keys = await personKeys(contract, assignment);
    const { pseudonyms } = keys;
    const collected = collectGenerated(contract, seed, source.rows, "person", {
      pseudonyms,
      whole: EXAMPLES,
    });
    return [{ collected, gate: null, keys, repeats: null }];
  }
  // The scanner takes longer to load than a small run's rows to prepare.
  const { IdentifierGate } = await import("../scan/identifier-gate.ts");
  const folder = await sourceFolder(assignment.folder, source);
  const opened: OpenSource[] = [];
  // One after another: of a file a client there may be more than a process may hold open.
  for (const [i, path] of sourceFiles(source).entries()) {
    const gate = new IdentifierGate(contract.columns, known);
    // Nothing is joined across clients, so that a person has another pseudonym at each.
    const keys = await personKeys(contract, assignment, source.files && clients[i]);
    const { join: personKey, pseudonyms, person } = keys;
    const repeats = isPublicSource(source) ? null : new RepeatWatch(contract);
    const watch: RowWatcher = (header) => {
      const [looksThrough, counts] = [gate.watch(header), repeats?.watch(header)];
      return (row) => {
        looksThrough(row);
        counts?.(row);
      };
    };
    // What stops a client for a private row would tell of it.
    const aside = new RowsAside(isPublicSource(source));
    const options = { watch, personKey, pseudonyms, person, aside, memory };
    const collected = await collectFile(contract, source, folder, path, options);
    opened.push({ collected, gate, keys, repeats });
  }
  return opened;
}

/** In their slots; a row that does not count is a zero there. */
async function rowsOf(
  { labels, persons, counted }: PeopleTable,
  rows: Int32Array,
  { kept, person }: RequiredRows,
  contract: Contract,
): Promise<ClientRows> {
  if (persons) {
    const slots = slotsOfPersons(rows, counted, persons);
    const own = Float64Array.from(slots, (at) => labels[rows[at] ?? -1] ?? 0);
    const present = Uint8Array.from(slots, (at) => kept[at] ?? 0);
    const inSlot = (slot: number) => (present[slot] === 1 ? person(slots[slot] ?? 0) : null);
    return { examples: await engineer(inSlot, own, contract), present };
  }
  const own = Float64Array.from(rows, (row) => labels[row] ?? 0);
  const present = kept.every((one) => one === 1) ? undefined : kept;
  const examples = await engineer(person, own, contract);
  const { inputs, width } = examples;
  // Where a row was set aside stands nobody, of whom a formula may make what is no number.
  for (const [slot, row] of rows.entries())
    if (counted[row] === 0) inputs.fill(0, slot * width, (slot + 1) * width);
  return { examples, present };
}

interface HeldOutRows {
  readonly examples: Examples;
  readonly person: PreparedPerson | null;
  /** Of all rows of a table of their own; empty where they are some of the source's. */
  readonly labels: Float64Array;
}

/** Held-out rows are recoded like any others; none is suppressed, for they are public. */
async function evaluatedRows(
  people: PeopleTable,
  heldOut: Int32Array,
  contract: Contract,
  assignment: DataAssignment,
  { most, memory }: { readonly most: number } & Pick<PrepareOptions, "memory">,
  clock: StageTimer<ClientStage>,
): Promise<HeldOutRows> {
  const separate = await separateHeldOut(contract, assignment, memory, clock);
  const table = separate ?? people;
  const all = separate ? countedRows(separate, allRows(separate)) : heldOut;
  const rows = most === Number.POSITIVE_INFINITY ? all : all.slice(0, 1);
  const read = personReader(table.table);
  const person = (slot: number) => read(rows[slot] ?? 0);
  const labels = Float64Array.from(rows, (row) => table.labels[row] ?? 0);
  const { predictRow } = assignment;
  const first = () =>
    rows.length > 0 ? preparedPerson(person(0), keptNames(contract), contract) : null;
  const examples = await engineer(person, labels, contract);
  clock.lap("engineer");
  return {
    examples,
    labels: separate?.labels ?? new Float64Array(),
    person: predictRow === undefined ? first() : preparePerson(predictRow, contract, "predict.row"),
  };
}

/** null where held-out people are some of the source's own. */
async function separateHeldOut(
  contract: Contract,
  { source, seed, folder: scenarioFolder }: DataAssignment,
  memory: MemoryFiles | undefined,
  clock: StageTimer<ClientStage>,
): Promise<PeopleTable | null> {
  if (source.generator !== undefined) {
    const drawn = collectGenerated(contract, seed, source.testRows ?? 0, "heldOut");
    return gatherPeople(contract, [drawn], new Set(), clock);
  }
  if (source.testFile === undefined) return null;
  const folder = await sourceFolder(scenarioFolder, source);
  const test = await collectFile(contract, source, folder, source.testFile, { memory });
  return gatherPeople(contract, [test], new Set(), clock);
}

/**
 * One person, as an object of raw columns, through the client's own stages.
 *
 * @param where the key or flag that gave the row, for the refusal
 * @throws ScenarioError where the row does not fit the contract
 */
export function preparePerson(
  row: Readonly<Record<string, unknown>>,
  contract: Contract,
  where: string,
): PreparedPerson {
  const person = anonymizer(contract.columns)(personFromRow(row, contract, where));
  return preparedPerson(person, keptNames(contract), contract);
}

function keptNames(contract: Contract): string[] {
  return keptColumns(contract).map(({ name }) => name);
}

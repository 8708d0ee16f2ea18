/**
 * Raw people → an anonymized table, straight into its columns. What it makes of a person is what
 * `anonymizer` makes; only that nothing is held of one person after another.
 */
import type { ContractColumn, EventLogColumn } from "../../shared/contract/contract.ts";
import type { EventLog } from "../../shared/contract/formula/formula.ts";
import { imageBytes } from "../../shared/contract/recoding.ts";
import { isTextRecoding } from "../../shared/contract/text-rules/rules.ts";
import { valueCell } from "../persons/cells.ts";
import { Growing } from "../persons/growing.ts";
import { cellPlace, NO_EVENTS, type RawPerson } from "../persons/raw-person.ts";
import type { Cell, Value } from "../source/table-source.ts";
import { cellRecoders, imageKeepers, isKeptPseudonym } from "./anonymizer.ts";
import { anonymizeLog } from "./event-log.ts";
import type { Recoder } from "./recode.ts";
import type { AnonymizedTable, KeptColumn, KeptImages, KeptLog } from "./table.ts";

/** People come in one after another; `finish` gives what they make. */
export class TableBuilder {
  #rows = 0;
  readonly #contract: readonly ContractColumn[];
  readonly #columns: readonly ColumnBuilder[];
  readonly #logs: readonly LogBuilder[];
  /** By their column's name. */
  readonly #images: ReadonlyMap<string, ImageBuilder>;

  /** @param rawOf the columns whose raw cells are told apart */
  constructor(columns: readonly ContractColumn[], rawOf: ReadonlySet<string>) {
    this.#contract = columns;
    this.#columns = columns.map((column, index) => new ColumnBuilder(column, index, rawOf));
    this.#logs = columns.flatMap((column) =>
      column.role === "eventLog" ? [new LogBuilder(column)] : [],
    );
    this.#images = new Map(
      columns.flatMap((column) => {
        if (!("recoding" in column) || column.recoding.kind !== "image") return [];
        return [[column.name, new ImageBuilder(imageBytes(column.recoding.shape))] as const];
      }),
    );
  }

  /**
   * @param typed true where the source's cells have types of their own
   * @param pseudonyms of the columns that keep one; where none is given, nothing is kept
   * @returns takes a source's next person
   * @throws ScenarioError, the function, for a cell that the contract has no place for
   */
  adder(
    typed = false,
    pseudonyms: ReadonlyMap<string, Recoder> = new Map(),
  ): (person: RawPerson) => void {
    let person: RawPerson = NOBODY;
    const recoders = cellRecoders(this.#contract, typed, pseudonyms);
    const writers = this.#columns.flatMap(({ column: { name }, index, writer }) => {
      const where = () => cellPlace(person, name);
      const recode = recoders.find((one) => one.index === index)?.recode ?? nothing;
      const write = writer((cell) => recode(cell, where), where);
      return write ? [{ index, write }] : [];
    });
    const keepers = imageKeepers(this.#contract).map(({ index, name, keep }) => {
      const where = () => cellPlace(person, name);
      return { index, write: (cell: Cell) => this.#images.get(name)?.add(keep(cell, where)) };
    });
    return (next) => {
      person = next;
      for (const { index, write } of writers) write(next.cells[index] ?? null);
      for (const { index, write } of keepers) write(next.cells[index] ?? null);
      for (const log of this.#logs) log.add(next);
      this.#rows++;
    };
  }

  /**
   * A person of whom nothing can be kept, in their place: what was taken of them before it showed is
   * forgotten. What stands there is nobody's, and no stage may count it.
   */
  addNobody(): undefined {
    for (const column of this.#columns) column.blank(this.#rows);
    for (const images of this.#images.values()) images.blank(this.#rows);
    for (const log of this.#logs) log.blank(this.#rows);
    this.#rows++;
  }

  /** People so far. */
  get rows(): number {
    return this.#rows;
  }

  /** Forgets the last person, of whom the rest of a row could not be used. */
  takeBack(): void {
    this.#rows--;
  }

  /** Hands the columns over: nothing is left here, so that none is held twice. */
  finish(): AnonymizedTable {
    const kept = this.#columns.map((column) => [column.column.name, column.takeKept()] as const);
    const raw = this.#columns.map((column) => [column.column.name, column.takeRaw()] as const);
    return {
      rows: this.#rows,
      columns: new Map(kept.flatMap(([name, one]) => (one ? [[name, one] as const] : []))),
      logs: new Map(this.#logs.map((log) => [log.name, log.take()])),
      images: new Map([...this.#images].map(([name, images]) => [name, images.take()])),
      raw: new Map(raw.flatMap(([name, one]) => (one ? [[name, one] as const] : []))),
    };
  }
}

const NOBODY: RawPerson = { source: "", line: 0, cells: [], logs: new Map() };
const nothing: Recoder = () => null;

type Integers = Int32Array<ArrayBuffer>;
type Numbers = Float64Array<ArrayBuffer> | Integers;

const floats = (length: number) => new Float64Array(length);
const integers = (length: number) => new Int32Array(length);

/** Takes a column's next cell. */
type Write = (cell: Cell) => void;

class ColumnBuilder {
  readonly column: ContractColumn;
  readonly index: number;
  readonly #kept: { readonly values: Growing<Numbers>; readonly texts: Codes | null } | null;
  readonly #raw: { readonly values: Growing<Integers>; readonly codes: Codes } | null;

  constructor(column: ContractColumn, index: number, rawOf: ReadonlySet<string>) {
    this.column = column;
    this.index = index;
    this.#kept = keptBuilder(column);
    const told = rawOf.has(column.name);
    this.#raw = told ? { values: new Growing<Integers>(integers), codes: new Codes() } : null;
  }

  takeKept(): KeptColumn | null {
    const kept = this.#kept;
    return kept && { values: kept.values.take(), texts: kept.texts?.cells ?? null };
  }

  takeRaw(): Int32Array | null {
    return this.#raw?.values.take() ?? null;
  }

  /** Nothing in the place of row `at`, which may have been begun. */
  blank(at: number): void {
    const [kept, raw] = [this.#kept, this.#raw];
    if (kept) {
      kept.values.cut(at);
      kept.values.push(kept.texts?.of(null) ?? 0);
    }
    if (!raw) return;
    raw.values.cut(at);
    raw.values.push(raw.codes.of(null));
  }

  /** null: nothing of the column stays. A cell that is told apart is recoded when it first comes. */
  readonly writer = (recode: (cell: Cell) => Value, where: () => string): Write | null => {
    const [kept, raw] = [this.#kept, this.#raw];
    const codeOf = (codes: Codes, cell: Cell) => codes.of(valueCell(cell, where));
    if (!kept) return raw && ((cell) => raw.values.push(codeOf(raw.codes, cell)));
    const { values, texts } = kept;
    const recoded = (cell: Cell): number => {
      const value = recode(cell);
      if (texts) return texts.of(value);
      return typeof value === "number" ? value : Number.NaN;
    };
    if (!raw) return (cell) => values.push(recoded(cell));
    const known: number[] = [];
    return (cell) => {
      const code = codeOf(raw.codes, cell);
      const value = known[code] ?? recoded(cell);
      known[code] = value;
      values.push(value);
      raw.values.push(code);
    };
  };
}

function keptBuilder(column: ContractColumn) {
  if (isKeptPseudonym(column))
    return { values: new Growing<Numbers>(integers), texts: new Codes() };
  if (!("recoding" in column)) return null;
  const { recoding } = column;
  if (recoding.kind === "image") return null;
  const indices = recoding.kind !== "number" && recoding.kind !== "date";
  return {
    values: new Growing<Numbers>(indices ? integers : floats),
    texts: isTextRecoding(recoding) ? new Codes() : null,
  };
}

/** Each cell once, numbered by first appearance. Types count: 1 and "1" differ. */
class Codes {
  readonly #codes = new Map<Value, number>();

  of(cell: Value): number {
    const known = this.#codes.get(cell);
    if (known !== undefined) return known;
    const code = this.#codes.size;
    this.#codes.set(cell, code);
    return code;
  }

  get cells(): readonly Value[] {
    return [...this.#codes.keys()];
  }
}

/** Bytes alone: an object a pixel would take forty times the memory. */
class ImageBuilder {
  readonly #size: number;
  readonly #bytes = new Growing<Uint8Array<ArrayBuffer>>((length) => new Uint8Array(length));

  constructor(size: number) {
    this.#size = size;
  }

  add(image: Uint8Array): void {
    this.#bytes.pushAll(image);
  }

  /** A black one in the place of image `at`. */
  blank(at: number): void {
    this.#bytes.cut(at * this.#size);
    this.#bytes.pushAll(new Uint8Array(this.#size));
  }

  take(): KeptImages {
    return { size: this.#size, bytes: this.#bytes.take() };
  }
}

class LogBuilder {
  readonly #column: EventLogColumn;
  readonly #starts = new Growing<Integers>(integers);
  readonly #fields = new Map<string, Growing<Float64Array<ArrayBuffer>>>();
  #events = 0;

  constructor(column: EventLogColumn) {
    this.#column = column;
    this.#starts.push(0);
  }

  get name(): string {
    return this.#column.name;
  }

  add({ logs }: RawPerson): void {
    const log: EventLog = anonymizeLog(logs.get(this.name) ?? NO_EVENTS, this.#column);
    for (const [field, values] of log) {
      const all = this.#fields.get(field) ?? new Growing(floats);
      this.#fields.set(field, all);
      all.pushAll(values);
    }
    this.#events += log.values().next().value?.length ?? 0;
    this.#starts.push(this.#events);
  }

  /** No event in the place of log `at`. */
  blank(at: number): void {
    this.#starts.cut(at + 1);
    this.#events = this.#starts.last;
    for (const values of this.#fields.values()) values.cut(this.#events);
    this.#starts.push(this.#events);
  }

  take(): KeptLog {
    const fields = [...this.#fields].map(([name, values]) => [name, values.take()] as const);
    return { starts: this.#starts.take(), fields: new Map(fields) };
  }
}

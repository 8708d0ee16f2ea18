/**
 * A column's cells, one by one → what it holds. Each distinct cell is scanned once, while there is room
 * to remember it. No cell is left out of the search for what one hit proves (an address, an IBAN): it
 * is the shares (names, forms) that are taken from the first distinct cells and then from every 64th.
 * Once a column is proven, whatever else it holds, the rest is not looked at.
 */
import { isImage } from "../persons/cells.ts";
import type { Cell } from "../source/table-source.ts";
import { type CellForm, cellForm } from "./cell-form.ts";
import type { ColumnForms, LabelCount } from "./column-count.ts";
import type { ColumnVerdict } from "./column-kind.ts";
import type { Label } from "./detect/finding.ts";
import { nameLikeness } from "./detect/name-likeness.ts";
import { numberShapes } from "./detect/person-number.ts";
import { type HeaderSays, labelsOf, readHeader } from "./header-words.ts";
import { judgeColumn } from "./judge-column.ts";
import { scanExpecting } from "./scan-value.ts";

/** Distinct cells whose findings are remembered; later ones are scanned as often as they come. */
const MOST_REMEMBERED = 65_536;
const LONGEST_REMEMBERED = 256;
/** Distinct cells whose form is taken, before only every 64th is. */
const FORMS_IN_FULL = 4_096;
const FORM_STRIDE = 64;
/** Shares of cells for which a column is said to hold a form. */
const MOST = 0.9;
const MANY = 0.3;
const WHOLE_NUMBER = /^-?\d{1,15}(?:\.0+)?$/;
/** Whole numbers a row, from the least to the largest, in a column that counts its rows. */
const SPARSEST = 2;
/** Cells of one sure kind, most of all cells so far, that prove a column. */
const PROOF = 1_000;

interface Found {
  readonly label: Label;
  readonly sure: boolean;
  readonly whole: boolean;
}

const NOTHING: readonly Found[] = [];

export interface ColumnTally {
  add(cell: Cell): void;
  verdict(): ColumnVerdict;
  /** Distinct cells so far; a lower bound beyond what is remembered. */
  readonly distinct: number;
  /** What most cells look like, for proposing a role. */
  readonly forms: ColumnForms;
  /** Cells that are images: no text is looked for in them. */
  readonly images: number;
}

/** @param column its header, or "" */
export function columnTally(column: string): ColumnTally {
  return new Tally(column);
}

/** Whether a column that is declared harmless must stop the client. */
export function peopleFound({ verdict }: ColumnVerdict): boolean {
  return verdict === "direct_identifier";
}

/** Holds what it has seen of one column. */
class Tally implements ColumnTally {
  readonly #header: HeaderSays;
  readonly #expected: ReadonlySet<Label>;
  readonly #seen = new Map<string, readonly Found[]>();
  readonly #labels = new Map<Label, LabelCount>();
  readonly #shaped = new Map<Label, number>();
  readonly #firstParts = new Set<string>();
  readonly #forms = new Map<string, number>();
  #images = 0;
  #looked = 0;
  #distinct = 0;
  #formed = 0;
  #mixed = 0;
  #proven = false;
  /** Distinct whole numbers, and where they lie. */
  #whole = 0;
  #least = Number.POSITIVE_INFINITY;
  #largest = Number.NEGATIVE_INFINITY;

  constructor(column: string) {
    this.#header = readHeader(column);
    this.#expected = labelsOf(this.#header);
  }

  get distinct(): number {
    return this.#distinct;
  }

  get forms(): ColumnForms {
    const most = (form: keyof CellForm) => (this.#forms.get(form) ?? 0) >= MOST * this.#formed;
    const any = this.#formed > 0;
    return {
      number: any && most("number"),
      date: any && most("date"),
      code: any && most("code") && !most("number") && !most("date"),
      phrase: any && (this.#forms.get("phrase") ?? 0) >= MANY * this.#formed,
      sequence: any && this.#countsRows(),
    };
  }

  get images(): number {
    return this.#images;
  }

  add(cell: Cell): void {
    if (isImage(cell)) {
      this.#images += 1;
      return;
    }
    if (this.#proven || cell === null || typeof cell === "boolean") return;
    const text = typeof cell === "number" ? String(cell) : cell;
    if (text === "") return;
    this.#looked += 1;
    let found = this.#seen.get(text);
    if (found === undefined) found = this.#firstLook(text);
    if (found.length > 0) this.#count(found);
  }

  verdict(): ColumnVerdict {
    return judgeColumn({
      header: this.#header,
      looked: this.#looked,
      distinct: this.#distinct,
      labels: this.#labels,
      mixed: this.#mixed,
      formed: this.#formed,
      forms: this.#forms,
      shaped: this.#shaped,
      firstParts: this.#firstParts,
      likeness: () => nameLikeness([...this.#seen.keys()].slice(0, OF_LIKENESS)),
    });
  }

  #firstLook(text: string): readonly Found[] {
    const found = findings(text, this.#expected);
    this.#distinct += 1;
    if (WHOLE_NUMBER.test(text)) {
      this.#whole += 1;
      this.#least = Math.min(this.#least, Number(text));
      this.#largest = Math.max(this.#largest, Number(text));
    }
    if (this.#seen.size < MOST_REMEMBERED && text.length <= LONGEST_REMEMBERED)
      this.#seen.set(text, found);
    if (this.#distinct <= FORMS_IN_FULL || this.#distinct % FORM_STRIDE === 0) this.#form(text);
    for (const { label } of found) labelCount(this.#labels, label).distinct += 1;
    return found;
  }

  #countsRows(): boolean {
    const unique = this.#whole === this.#looked;
    return unique && this.#largest - this.#least < SPARSEST * this.#whole;
  }

  #form(text: string): void {
    this.#formed += 1;
    for (const [form, is] of Object.entries(cellForm(text)))
      if (is) this.#forms.set(form, (this.#forms.get(form) ?? 0) + 1);
    const shaped = checksummedShape(text);
    for (const label of numberShapes(text))
      this.#shaped.set(label, (this.#shaped.get(label) ?? 0) + 1);
    if (shaped) this.#shaped.set(shaped, (this.#shaped.get(shaped) ?? 0) + 1);
    if (shaped === "ipv4" && this.#firstParts.size < FEW_PARTS)
      this.#firstParts.add(text.slice(0, text.indexOf(".")));
  }

  #count(found: readonly Found[]): void {
    if (found.length > 1) this.#mixed += 1;
    for (const { label, sure, whole } of found) {
      const count = labelCount(this.#labels, label);
      count.cells += 1;
      if (sure) count.sure += 1;
      if (whole) count.whole += 1;
      if (whole && count.sure >= PROOF && count.whole * 2 > this.#looked) this.#proven = true;
    }
  }
}

const FEW_PARTS = 64;
/** Cells that say enough of their column. */
const OF_LIKENESS = 1_024;

/** One for each label: its surest and longest. */
function findings(text: string, expected: ReadonlySet<Label>): readonly Found[] {
  const all = scanExpecting(text, expected);
  if (all.length === 0) return NOTHING;
  const found = new Map<Label, Found>();
  const length = text.trim().length;
  for (const { label, start, end, sure } of all) {
    const before = found.get(label);
    const whole = end - start >= WHOLE * length;
    found.set(label, {
      label,
      sure: sure || (before?.sure ?? false),
      whole: whole || (before?.whole ?? false),
    });
  }
  return [...found.values()];
}

/** Share of a cell that is all of it, but for brackets and the like. */
const WHOLE = 0.8;

/** A whole cell that has the form, so that chance can be told by how many of them pass. */
function checksummedShape(text: string): Label | undefined {
  if (/^\d(?:[ .-]?\d){11,18}$/.test(text)) return "credit_card";
  if (/^[A-Z]{2} ?\d\d ?\d\d ?\d\d ?[A-Z]$/i.test(text)) return "uk_nino";
  if (/^[A-Z]{2}\d{2}(?: ?[A-Z\d]){11,30}$/i.test(text)) return "iban";
  if (/^\d+(?:\.\d+){3}$/.test(text)) return "ipv4";
  return undefined;
}

function labelCount(counts: Map<Label, LabelCount>, label: Label): LabelCount {
  let count = counts.get(label);
  if (!count) {
    count = { cells: 0, sure: 0, whole: 0, distinct: 0 };
    counts.set(label, count);
  }
  return count;
}

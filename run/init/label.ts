/** Which column is to be predicted: the one that is named, or the one whose name says so. */
import { ScenarioError } from "../../shared/errors.ts";
import type { ColumnProposal } from "./columns.ts";
import { wholeRange } from "./number-bounds.ts";
import { LONGEST_VALUE } from "./recode-column.ts";

/** Names that say it, those first that say it most: where several columns have one the first of these counts, not the file's. */
const LABEL_NAMES = [
  /^(label|labels|target|class|outcome)$/i,
  /^(churn(ed)?|default(ed)?|salary[-_ ]?class|diagnosis|disease|survived|species|response|approved|fraud)$/i,
  /^(income|purchase|quality|result)$/i,
  /^(is|has)[-_ ]?.*$/i,
  /^(y|num)$/i,
] as const;
const MOST_CLASSES = 20;
/** Of a number: more distinct values than that are measured, and no classes. */
const MOST_NUMBERS = 20;
/** Columns that a refusal or a question names. */
const MOST_NAMED = 12;

/** What is to be predicted, and the labels there are. */
export interface Label {
  readonly column: ColumnProposal;
  /** All of them; numbers ascending, text by how often it occurs. */
  readonly classes: readonly string[];
  /** Of a number, which has no classes: from its least to its largest, rounded outward; null: it has classes. */
  readonly bounds: readonly [low: number, high: number] | null;
}

/**
 * @param target a column's raw name or key; undefined: the one column whose name says that it is a label
 * @throws ScenarioError where the one that is named can be none, or none is found
 */
export function labelOf(columns: readonly ColumnProposal[], target: string | undefined): Label {
  if (target !== undefined) {
    const named = columns.find(({ from, key }) => from === target || key === target);
    if (!named) throw cannot("--target", "a column that is not there", hint(columns));
    const fault = unfit(named);
    if (fault !== null) throw cannot("--target", fault, hint(columns));
    return labelled(named);
  }
  const found = fitByName(columns);
  if (found) return labelled(found);
  throw cannot("--target", "no column whose name says that it is the label", hint(columns));
}

/** Raw names of the columns among which only a person can choose the label; none where a name says it, or no column fits. */
export function openChoice(columns: readonly ColumnProposal[]): readonly string[] {
  if (fitByName(columns)) return [];
  return labelCandidates(columns).map(({ from }) => from);
}

/** A number goes by such a name where nothing with classes does. */
function fitByName(columns: readonly ColumnProposal[]): ColumnProposal | undefined {
  const named = LABEL_NAMES.flatMap((names) => columns.filter(({ from }) => names.test(from)));
  const fitting = named.filter((column) => unfit(column) === null);
  return fitting.find(({ shape }) => !isMeasured(shape)) ?? fitting[0];
}

/** Columns that could be it, for a question or a refusal: those with classes, or where there is none those of numbers. */
function labelCandidates(columns: readonly ColumnProposal[]): readonly ColumnProposal[] {
  const fitting = columns.filter((column) => unfit(column) === null);
  const listed = fitting.filter(({ shape }) => !isMeasured(shape));
  return listed.length > 0 ? listed : fitting;
}

/** Why a column can be no label; null: it can. */
function unfit({ shape }: ColumnProposal): string | null {
  const { distinct, values, empty, rows } = shape;
  if (empty === rows) return "an empty column";
  if (empty > 0) return `a column with ${empty} empty cells, and every row needs a label`;
  if (distinct < 2) return "a column of one value";
  if (isMeasured(shape)) return null;
  if (distinct > MOST_CLASSES || values.length === 0)
    return `a column of more than ${MOST_CLASSES} values`;
  if (values.some(([text]) => text.length > LONGEST_VALUE)) return "a column of long text";
  return null;
}

function isMeasured({ type, distinct }: ColumnProposal["shape"]): boolean {
  return (type === "number" || type === "integer") && distinct > MOST_NUMBERS;
}

function labelled(column: ColumnProposal): Label {
  const { type, values, numbers } = column.shape;
  if (isMeasured(column.shape)) {
    const kept = { role: "target", type: type === "integer" ? "integer" : "number" } as const;
    const proposal = { ...column, column: kept, why: "the number to predict", feature: null };
    return { column: proposal, classes: [], bounds: wholeRange(numbers) };
  }
  const texts = values.map(([text]) => text);
  const numeric = type === "integer" || type === "number";
  return {
    column: { ...column, column: { role: "target" }, why: "the label", feature: null },
    classes: numeric ? texts.toSorted((a, b) => Number(a) - Number(b)) : texts.toSorted(),
    bounds: null,
  };
}

function hint(columns: readonly ColumnProposal[]): string {
  const named = labelCandidates(columns).map(({ from }) => from);
  if (named.length === 0)
    return "Bring a table with a column of 2 to 20 values or of numbers, none of them empty.";
  const more = named.length > MOST_NAMED ? " …" : "";
  return `Name it: --target ${named.slice(0, MOST_NAMED).join(" | ")}${more}`;
}

function cannot(where: string, got: string, fix: string): ScenarioError {
  return new ScenarioError({
    what: "init",
    where,
    got,
    expected: `a table with a row a person and a label: a column of 2 to ${MOST_CLASSES} values or of numbers, none of them empty`,
    fix,
  });
}

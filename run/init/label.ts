/** Which column is to be predicted: the one that is named, or the one whose name says so. */
import { ScenarioError } from "../../shared/errors.ts";
import type { ColumnProposal } from "./columns.ts";
import { LONGEST_VALUE } from "./recode-column.ts";

const LABEL_NAMES =
  /^(label|labels|target|class|outcome|y|churn(ed)?|default(ed)?|income|salary[-_ ]?class|diagnosis|disease|survived|species|response|approved|fraud|num|purchase|quality|result|is[-_ ]?.*|has[-_ ]?.*)$/i;
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
  const numeric = measuredByName(columns);
  if (numeric) throw cannot("--from", unfit(numeric) ?? "", hint(columns));
  throw cannot("--target", "no column whose name says that it is the label", hint(columns));
}

/**
 * Raw names of the columns among which only a person can choose the label; none where a name says it, says that it
 * cannot be learned, or no column fits.
 */
export function openChoice(columns: readonly ColumnProposal[]): readonly string[] {
  if (fitByName(columns) || measuredByName(columns)) return [];
  return labelCandidates(columns).map(({ from }) => from);
}

function fitByName(columns: readonly ColumnProposal[]): ColumnProposal | undefined {
  return columns.find((column) => LABEL_NAMES.test(column.from) && unfit(column) === null);
}

function measuredByName(columns: readonly ColumnProposal[]): ColumnProposal | undefined {
  return columns.find(({ from, shape }) => LABEL_NAMES.test(from) && isMeasured(shape));
}

/** Columns that could be it, for a question or a refusal. */
function labelCandidates(columns: readonly ColumnProposal[]): readonly ColumnProposal[] {
  return columns.filter((column) => unfit(column) === null);
}

/** Why a column can be no label; null: it can. */
function unfit({ shape }: ColumnProposal): string | null {
  const { distinct, values, empty, rows } = shape;
  if (isMeasured(shape))
    return "a column of many numbers: predicting a number (regression) is not supported yet, only classes";
  if (empty === rows) return "an empty column";
  if (empty > 0) return `a column with ${empty} empty cells, and every row needs a label`;
  if (distinct < 2) return "a column of one value";
  if (distinct > MOST_CLASSES || values.length === 0)
    return `a column of more than ${MOST_CLASSES} values`;
  if (values.some(([text]) => text.length > LONGEST_VALUE)) return "a column of long text";
  return null;
}

function isMeasured({ type, distinct }: ColumnProposal["shape"]): boolean {
  return (type === "number" || type === "integer") && distinct > MOST_NUMBERS;
}

function labelled(column: ColumnProposal): Label {
  const { type, values } = column.shape;
  const texts = values.map(([text]) => text);
  const numeric = type === "integer" || type === "number";
  return {
    column: { ...column, column: { role: "target" }, why: "the label", feature: null },
    classes: numeric ? texts.toSorted((a, b) => Number(a) - Number(b)) : texts.toSorted(),
  };
}

function hint(columns: readonly ColumnProposal[]): string {
  const named = labelCandidates(columns).map(({ from }) => from);
  if (named.length === 0)
    return "Bring a table with a column of 2 to 20 values, none of them empty.";
  const more = named.length > MOST_NAMED ? " …" : "";
  return `Name it: --target ${named.slice(0, MOST_NAMED).join(" | ")}${more}`;
}

function cannot(where: string, got: string, fix: string): ScenarioError {
  return new ScenarioError({
    what: "init",
    where,
    got,
    expected: `a table with a row a person and a label: a column of 2 to ${MOST_CLASSES} values, none of them empty`,
    fix,
  });
}

/** Proposals → a scenario's text, each line of it with its reason. */
import type { CsvForm } from "../../client/source/table-part.ts";
import { flow } from "../../shared/scenario/flow.ts";
import { SCHEMA_LINE } from "../editor/scenario-schema.ts";
import type { ColumnProposal } from "./columns.ts";
import type { Label } from "./label.ts";

const POSITIVE =
  /^(1|y|yes|true|t|positive|pos|>50k\.?|malignant|churned|default(ed)?|fraud|sick|disease|died|dead|survived)$/i;
/** One row in so many is held out. */
const HELD_OUT = 5;

export interface ScenarioDraft {
  readonly name: string;
  /** Of the table, beside the scenario. */
  readonly file: string;
  /** Of the held-out rows, where they have a table of their own; null: some of the table's are held out. */
  readonly testFile: string | null;
  /** How the tables are written, where a scenario must say it. */
  readonly form: CsvForm;
  readonly rows: number;
  /** What stands for nothing in a cell. */
  readonly marks: readonly string[];
  /** The label's among them. */
  readonly columns: readonly ColumnProposal[];
  readonly label: Label;
  /** True where the rows are public, so that what was read off them tells nobody anything. */
  readonly isPublic: boolean;
}

export function scenarioText(draft: ScenarioDraft): string {
  const { name, file, testFile, form, rows, marks, columns, label, isPublic } = draft;
  const features = columns.filter(({ feature }) => feature !== null);
  const heldOut = Math.max(1, Math.floor(rows / HELD_OUT));
  const population = testFile === null ? Math.max(1, rows - heldOut) : rows;
  const clients = Math.max(1, Math.min(10, Math.floor(population / 20)));
  return `${SCHEMA_LINE}
# Proposed by murmur init from a table of ${columns.length} columns. Read every line: roles and levels are
# public, the same for all clients, and under the plan's hash. Then: npx murmur-fl lint scenario.yaml
format: 1
name: ${name}
seed: 1
data:
  source:
    file: ${flow(file)}${isPublic ? "\n    public: true # as --public said: nobody's privacy hangs on these rows" : ""}${formLines(form)}${missingLine(marks)}
    ${
      testFile === null
        ? `testRows: ${heldOut} # people held out; their rows go to the coordinator, in no epsilon. Or name a testFile`
        : `testFile: ${flow(testFile)} # people held out; their rows go to the coordinator, in no epsilon`
    }
  columns: # every column has one role; to change one, change its word
${columns.map(columnLine).join("\n")}
  target: { ${targetKeys(label)} } # what is predicted
  partition: { kind: iid }
${anonymityLines(isPublic)}
features: # of one person each, clipped to public bounds and scaled to [-1, 1]; oneHot is 0 or 1
${featureLines(features)}
${trainingLines(label)}
privacy: { unit: record, trust: central, epsilon: 1, delta: ${deltaFor(population)}, population: ${population} } # people of all clients, a public number
# A person with several rows? data.person: COLUMN and privacy.rowsPerPerson: 3, else each row is a unit.
clients: { count: ${clients} }
`;
}

function anonymityLines(isPublic: boolean): string {
  if (isPublic) return "  anonymity: { mode: report, k: 5 }";
  return `  # Private rows: what is written \`auto\` is read off them in every run, and labels and the population were by init.
  # Type in their place what is public anyway (bounds: [0, 500], vocabulary: [a, b]), then drop unsafe: until then no
  # epsilon holds against the table.
  anonymity: { mode: report, k: 5, unsafe: true }`;
}

function targetKeys({ column: { key }, classes, bounds }: Label): string {
  // The label and its column have names of their own.
  const name = `name: ${key.slice(0, 40)}Label, column: ${key}`;
  if (bounds) return `${name}, bounds: ${flow(bounds)}`;
  if (classes.length > 2) return `${name}, classes: ${flow(classes)}`;
  return `${name}, positive: ${flow(positiveOf(classes))}`;
}

/** What sounds like a yes; else the last. */
function positiveOf(classes: readonly string[]): string {
  return classes.find((text) => POSITIVE.test(text)) ?? classes.at(-1) ?? "";
}

function trainingLines({ classes, bounds }: Label): string {
  const kind = bounds ? "linear" : classes.length > 2 ? "softmax" : "logistic";
  return `model: { kind: ${kind} }
training: auto # rounds, rate and clip norm by ε, people and model, as \`murmur lint\` prints them; or a block of your own`;
}

function featureLines(features: readonly ColumnProposal[]): string {
  if (features.length === 0)
    return '  nothing: { formula: "1", bounds: [0, 2] } # no column can be an input as it is kept: give one a level that can';
  return features.map(({ key, feature }) => `  ${key}: ${flow(feature)}`).join("\n");
}

function formLines({ delimiter, decimal }: CsvForm): string {
  const parted = delimiter && `\n    delimiter: ${flow(delimiter)}`;
  const comma =
    decimal && `\n    decimal: ${flow(decimal)} # what stands before the tenths of a number`;
  return `${parted ?? ""}${comma ?? ""}`;
}

function missingLine(marks: readonly string[]): string {
  const [first, ...others] = marks;
  if (first === undefined) return "";
  const text = others.length === 0 ? flow(first) : flow(marks);
  return `\n    missing: ${text} # a cell that says so is empty`;
}

function columnLine({ key, from, column, why }: ColumnProposal): string {
  return `    ${key}: ${flow({ ...(from === key ? {} : { from }), ...column })} # ${why}`;
}

/** Below 1 / population, and never above 1e-5. */
function deltaFor(population: number): string {
  const exponent = Math.max(5, Math.ceil(1.1 * Math.log10(population + 1)) + 1);
  return `1e-${exponent}`;
}

/** Proposals → a scenario's text, each line of it with its reason. */
import { Document, visit } from "yaml";
import { ScenarioError } from "../../shared/errors.ts";
import { type ColumnProposal, LONGEST_VALUE } from "./columns.ts";

const LABEL_NAMES =
  /^(label|target|class|outcome|y|churn(ed)?|default(ed)?|income|salary[-_ ]?class|diagnosis|survived|response|approved|fraud|is[-_ ]?.*)$/i;
const POSITIVE = /^(1|y|yes|true|positive|pos|>50k\.?)$/i;
/** A label needs people on both sides. */
const MOST_LABELS = 10;
const HELD_OUT = 5;

export interface ScenarioDraft {
  readonly name: string;
  /** Of the table, beside the scenario. */
  readonly file: string;
  readonly rows: number;
  /** What stands for nothing in a cell. */
  readonly mark: string | null;
  readonly columns: readonly ColumnProposal[];
  /** One of them. */
  readonly label: ColumnProposal;
}

export function scenarioText({ name, file, rows, mark, columns, label }: ScenarioDraft): string {
  const others = columns.filter((column) => column !== label);
  const features = others.filter(({ feature }) => feature !== null);
  const positive = positiveValue(label);
  const heldOut = Math.max(1, Math.floor(rows / HELD_OUT));
  const population = Math.max(1, rows - heldOut);
  const clients = Math.max(1, Math.min(10, Math.floor(population / 20)));
  return `# Proposed by murmur init from a table of ${columns.length} columns. Read every line: roles and levels are
# public, the same for all clients, and under the plan's hash. Then: npx murmur-fl lint scenario.yaml
format: 1
name: ${name}
seed: 1
data:
  source:
    file: ${flow(file)}${missingLine(mark)}
    testRows: ${heldOut} # people held out; their rows go to the coordinator, in no epsilon. Or name a testFile
  columns: # every column has one role; to change one, change its word
${columns.map(columnLine).join("\n")}
  target: { name: ${labelName(label)}, column: ${label.key}, positive: ${flow(positive)} } # what is predicted
  partition: { kind: iid }
  # Vocabularies, bounds and the population were read off this very table: whoever gets the plan learns
  # them. Put in their place what is public anyway, then drop unsafe: until then no ε holds against the table.
  anonymity: { mode: report, k: 5, unsafe: true }
features: # of one person each, clipped to public bounds
${featureLines(features)}
model: { kind: logistic }
training: { algorithm: dpSgd, rounds: 30, learningRate: 1, momentum: 0.5, clipNorm: 1, sampling: { kind: full } }
privacy: { unit: record, trust: central, epsilon: 1, delta: ${deltaFor(population)}, population: ${population} } # people of all clients, a public number
# A person with several rows? data.person: COLUMN and privacy.rowsPerPerson: 3, else each row is a unit.
clients: { count: ${clients} }
`;
}

function featureLines(features: readonly ColumnProposal[]): string {
  if (features.length === 0)
    return '  nothing: { formula: "1", bounds: [0, 2] } # no column can be an input as it is kept: give one a level that can';
  return features.map(({ key, feature }) => `  ${key}: { formula: ${flow(feature)} }`).join("\n");
}

function missingLine(mark: string | null): string {
  return mark === null ? "" : `\n    missing: ${flow(mark)} # a cell that says so is empty`;
}

function columnLine({ key, from, column, why }: ColumnProposal): string {
  return `    ${key}: ${flow({ ...(from === key ? {} : { from }), ...column })} # ${why}`;
}

/**
 * The columns, one of them as the label.
 *
 * @param target its raw name or key; undefined: one is proposed
 * @throws ScenarioError where the one that is named can be none, or all are identifiers
 */
export function withLabel(
  columns: readonly ColumnProposal[],
  target: string | undefined,
): { readonly columns: readonly ColumnProposal[]; readonly label: ColumnProposal } {
  const found = labelColumn(columns, target);
  const chosen = found ?? columns.findLast(({ column }) => column.role !== "directIdentifier");
  if (!chosen) throw cannot("nothing but identifiers of people");
  const vocabulary = chosen.shape.values.map(([text]) => text);
  const label: ColumnProposal = {
    ...chosen,
    column: found ? { role: "target", vocabulary } : { role: "target" },
    why: found
      ? "the label: for training and evaluation alone"
      : "NO COLUMN LOOKS LIKE A LABEL: name one of few values, none of them empty, and its positive",
    feature: null,
  };
  return { columns: columns.map((column) => (column === chosen ? label : column)), label };
}

function labelColumn(
  columns: readonly ColumnProposal[],
  target: string | undefined,
): ColumnProposal | undefined {
  const able = columns.filter(
    ({ shape: { distinct, values, empty } }) =>
      distinct >= 2 &&
      distinct <= MOST_LABELS &&
      empty === 0 &&
      values.length > 0 &&
      values.every(([text]) => text.length <= LONGEST_VALUE),
  );
  if (target !== undefined) {
    const named = able.find(({ from, key }) => from === target || key === target);
    if (named) return named;
    throw cannot("--target that no column of 2 to 10 values, none of them empty, is called");
  }
  return (
    able.find(({ from }) => LABEL_NAMES.test(from)) ??
    able.findLast(({ shape }) => shape.distinct === 2) ??
    able.at(-1)
  );
}

/** What sounds like a yes; else the rarest; of a column that is no label yet, no cell of it. */
function positiveValue({ column, shape: { values } }: ColumnProposal): string {
  if (column.vocabulary === undefined) return "yes";
  const said = values.find(([text]) => POSITIVE.test(text)) ?? values.at(-1);
  return said?.[0] ?? "yes";
}

/** The label and its column have names of their own. */
function labelName({ key }: ColumnProposal): string {
  return `${key.slice(0, 40)}Label`;
}

/** Below 1 / population, and never above 1e-5. */
function deltaFor(population: number): string {
  const exponent = Math.max(5, Math.ceil(1.1 * Math.log10(population + 1)) + 1);
  return `1e-${exponent}`;
}

/** On one line: what has a line break in it is quoted, and the break written \n. */
function flow(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === "string" && /[\r\n]/.test(node.value)) node.type = "QUOTE_DOUBLE";
    },
  });
  const oneLine = { lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER };
  return document.toString({ collectionStyle: "flow", ...oneLine }).trim();
}

function cannot(got: string): ScenarioError {
  return new ScenarioError({
    what: "init",
    where: "--from",
    got,
    expected: "a table of people, a row each, one column of which is a label",
    fix: "Name the label's column with --target, or write the scenario by hand.",
  });
}

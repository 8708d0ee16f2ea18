/** What a new user gets wrong, and the study that it is done to: a table of sixty made-up people and its scenario. */

/** One thing done wrong to a study that runs. */
export interface Mistake {
  readonly name: string;
  /** As typed, `{dir}` the study's folder; `murmur run` of the scenario unless it says so. */
  readonly args?: readonly string[];
  /** Done to the scenario's text. */
  readonly scenario?: (text: string) => string;
  /** Done to the table's text. */
  readonly table?: (text: string) => string | Uint8Array;
  /** Further files, by name; a name that ends in / is a folder. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Stands in the one error: place, what was there, what is wanted, what to do. */
  readonly says: readonly string[];
}

export const SCENARIO_FILE = "study.yaml";
export const TABLE_FILE = "people.csv";

const ROWS = 60;
/** Held out, by number. */
const TEST_ROWS = 12;

/** Ids, ages, cities, what they spent, whether they came back. */
export const TABLE = [
  "id,age,city,spent,returned",
  ...Array.from(
    { length: ROWS },
    (_, i) =>
      `p${i + 100},${20 + ((i * 7) % 50)},${["Lyon", "Bonn", "Oslo"][i % 3]},${(i * 37) % 90}.5,${i % 2 ? "yes" : "no"}`,
  ),
  "",
].join("\n");

export const SCENARIO = `format: 1
name: study
seed: 3
data:
  source:
    file: ${TABLE_FILE}
    person: id
    testRows: ${TEST_ROWS}
    public: true
  columns:
    id: { role: directIdentifier }
    age: { role: quasiIdentifier, type: integer, bounds: [18, 80], bands: [30, 40, 50] }
    city: { role: quasiIdentifier, type: category, vocabulary: [Lyon, Bonn, Oslo] }
    spent: { role: insensitive, type: number, bounds: [0, 100] }
    returned: { role: target, vocabulary: ["yes", "no"] }
  target: { name: returns, column: returned, positive: "yes" }
features:
  age: { formula: "oneHot(age)" }
  spent: { formula: "spent", bounds: [0, 100] }
model: { kind: logistic }
training:
  algorithm: dpSgd
  rounds: 2
  learningRate: 1
  clipNorm: 1
privacy:
  unit: record
  epsilon: 3
  delta: 1e-4
  population: ${ROWS - TEST_ROWS}
clients:
  count: 4
`;

/** A line of the scenario taken out, the one that holds `text`. */
export function without(text: string): (scenario: string) => string {
  return (scenario) => {
    if (!scenario.includes(text)) throw new TypeError(`no line with ${text}`);
    return scenario
      .split("\n")
      .filter((line) => !line.includes(text))
      .join("\n");
  };
}

/** The first `from` made `to`. */
export function swap(from: string, to: string): (text: string) => string {
  return (text) => {
    if (!text.includes(from)) throw new TypeError(`no ${from}`);
    return text.replace(from, to);
  };
}

/** Both, one after the other. */
export function both(
  first: (text: string) => string,
  second: (text: string) => string,
): (text: string) => string {
  return (text) => second(first(text));
}

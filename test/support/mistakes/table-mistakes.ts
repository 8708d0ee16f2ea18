/** What a new user gets wrong in a table, or in what the scenario says of it. No error shows a cell. */
import { gzipSync } from "node:zlib";
import { both, type Mistake, swap, TABLE, without } from "./mistake.ts";

type Row = readonly [name: string, table: (text: string) => string | Uint8Array, ...says: string[]];

/** One line of the table, from 1, its cells changed. */
function line(at: number, change: (cells: string[]) => string[]): (text: string) => string {
  return (text) => {
    const lines = text.split("\n");
    return lines.with(at - 1, change(lines[at - 1]?.split(",") ?? []).join(",")).join("\n");
  };
}

const AGE = 1;
const CITY = 2;
const SPENT = 3;
const LABEL = 4;

/** One cell of line 5. */
const cell = (column: number, to: string) => line(5, (cells) => cells.with(column, to));
/** Each line with a cell more. */
const wider = (head: string, more: string) => (text: string) =>
  text.trimEnd().replace(/.+/g, (one) => `${one}${one.startsWith("id,") ? head : more}`);

/** Of a cell that is no good in itself. */
const CELLS: readonly Row[] = [
  [
    "an empty number",
    cell(SPENT, ""),
    ...["data.notANumber (people.csv, line 5, spent)", "got an empty cell", "missing: 0"],
  ],
  [
    "a NaN",
    cell(SPENT, "NaN"),
    ...["(people.csv, line 5, spent)", 'got "NaN"', 'data.source.missing: "NaN"'],
  ],
  [
    "a decimal comma",
    cell(SPENT, '"12,5"'),
    ...["(people.csv, line 5, spent)", "got a number with a comma", "Write it with a point."],
  ],
  [
    "a currency",
    cell(SPENT, "$12"),
    ...["(people.csv, line 5, spent)", "got text that is no number", "a number such as 12.5"],
  ],
  [
    "a fraction among whole numbers",
    cell(AGE, "33.5"),
    ...["data.notAnInteger (people.csv, line 5, age)", "a whole number"],
  ],
  [
    "a number above its bounds",
    cell(AGE, "99"),
    ...["data.aboveDeclaredMaximum (people.csv, line 5, age)", "at most 80", "outside: clip"],
  ],
  [
    "a number below its bounds",
    cell(AGE, "7"),
    ...["data.belowDeclaredMinimum (people.csv, line 5, age)", "at least 18", "outside: clip"],
  ],
  [
    "a category that is not on the list",
    cell(CITY, "Rome"),
    ...["data.unseen (people.csv, line 5, city)", "unseen: other takes the rest"],
  ],
  [
    "an unknown label",
    cell(LABEL, "perhaps"),
    ...["data.unknownLabel (people.csv, line 5, returned)", "expected yes or no"],
  ],
  [
    "an empty label",
    cell(LABEL, ""),
    ...["data.missingLabel (people.csv, line 5, returned)", "got an empty cell", "a label"],
  ],
  [
    "an id twice",
    cell(0, "p100"),
    ...["data.duplicatePerson (people.csv, line 5, id)", "one row a person", "rowsPerPerson"],
  ],
  [
    "no id",
    cell(0, ""),
    ...["data.missingIdentifier (people.csv, line 5, id)", "got an empty cell", "an identifier"],
  ],
];

/** Of rows, columns, the file as a whole. */
const TABLES: readonly Row[] = [
  [
    "a short row",
    line(5, (cells) => cells.slice(1)),
    ...["data.ragged (people.csv, line 5)", "got 4 cells", "5, as the header has"],
  ],
  [
    "a comma within a cell",
    cell(CITY, "Lyon, France"),
    ...["data.ragged (people.csv, line 5)", "got 6 cells", "stands in double quotes"],
  ],
  [
    "an odd quote",
    cell(CITY, '"Lyon'),
    ...["data.quote (people.csv, line 5)", "an odd quote", "quotes around a cell"],
  ],
  [
    "a column by nearly its name",
    swap("spent", "Spend"),
    ...["data.missingColumn (data.columns, spent)", "but Spend, which is not", "from: Spend"],
  ],
  [
    "a column by another name",
    swap("returned", "outcome"),
    ...[
      "data.missingColumn (data.columns, returned)",
      "but outcome, which is not",
      "from: outcome",
    ],
  ],
  [
    "a column that is not declared",
    wider(",height", ",1"),
    ...["data.undeclaredColumn (data.columns, height)", "of people.csv", "role: drop"],
  ],
  [
    "a column that is not there",
    (text) => text.replaceAll(/,[^,\n]*(?=,[^,\n]*$)/gm, ""),
    ...["data.missingColumn (data.columns, spent)", "no such column in people.csv"],
  ],
  [
    "pandas' index",
    (text) => text.trimEnd().replace(/.+/g, (one) => `${one.startsWith("id,") ? "" : "1"},${one}`),
    ...["data.header (people.csv)", "a column without a name, number 1", "index=False"],
  ],
  [
    "a name twice",
    swap("spent", "age"),
    ...["data.duplicateColumn (people.csv)", "one name for columns 2 and 4", "each name once"],
  ],
  [
    "no header",
    (text) => text.slice(text.indexOf("\n") + 1),
    ...["data.header (people.csv)", "none of the declared names", "data.source.header"],
  ],
  ["nothing in it", () => "", "data.empty (people.csv)", "a header line, then rows"],
  [
    "a header alone",
    (text) => text.slice(0, text.indexOf("\n") + 1),
    ...["data.noRows (people.csv)", "a header without rows", "rows"],
  ],
  [
    "bytes of Latin-1",
    (text) => Buffer.from(text.replace("Lyon", "Orléans"), "latin1"),
    ...["data.encoding (people.csv, line 2)", "UTF-8", "iconv -f LATIN1"],
  ],
  [
    "one label alone",
    (text) => text.replaceAll(",no\n", ",yes\n"),
    ...["data.oneLabel (data.target)", "one label for all people", "two labels at least"],
  ],
];

/** Files of another kind in the table's place: name, bytes, and what is said. */
const FILES: readonly (readonly [name: string, bytes: string | Uint8Array, ...says: string[]])[] = [
  ["people.xlsx", "PK\u0003\u0004…", "a workbook", "its sheet as CSV", "pandas.read_excel"],
  ["people.zip", "PK\u0003\u0004…", "a zip or tar archive", "Unpack it."],
  ["people.json", "[{}]", "got JSON", "JSON lines", "lines=True"],
  ["people.csv.gz", TABLE, "no gzip archive", "gzip, as the name says"],
  ["cut.csv.gz", gzipSync(TABLE).subarray(0, 200), "a broken or truncated archive", "gzip"],
];

/** The scenario says of the table what it is not. */
const NUMBERS: readonly Mistake[] = [
  {
    name: "a population below the rows",
    scenario: swap("population: 48", "population: 40"),
    says: ["privacy.population", "got 40", "the number of people, 48", "privacy.population: 48"],
  },
  {
    name: "a population above the rows",
    scenario: swap("population: 48", "population: 60"),
    says: ["privacy.population", "got 60", "the number of people, 48", "privacy.population: 48"],
  },
  {
    name: "a population below the rows, nobody named",
    scenario: both(without("person: id"), swap("population: 48", "population: 40")),
    says: ["privacy.population", "got 40", "the number of people, 48"],
  },
  {
    name: "a population below the rows, before a run",
    args: ["lint", "{dir}/study.yaml"],
    scenario: swap("population: 48", "population: 40"),
    says: ["privacy.population", "got 40", "the number of people, 48"],
  },
  {
    name: "more people held out than there are",
    scenario: swap("testRows: 12", "testRows: 100"),
    says: ["data.source.testRows", "got 100", "at least one person held out, and one left"],
  },
  {
    name: "a label in other letters",
    scenario: both(
      swap(', vocabulary: ["yes", "no"]', ""),
      swap('positive: "yes"', 'positive: "Yes"'),
    ),
    says: ["data.absentClass (data.target.positive)", '"Yes"', '"no", "yes"'],
  },
  {
    name: "people in a column that is kept",
    scenario: swap(
      "vocabulary: [Lyon, Bonn, Oslo]",
      "vocabulary: [Lyon, Bonn, Oslo], unseen: other",
    ),
    table: (text) => text.replaceAll(/,(Lyon|Bonn|Oslo),/g, ",$1@example.org,"),
    says: ["(data.columns.city)", "cells that hold e-mail addresses", "directIdentifier or drop"],
  },
];

/** Tables that a command is given by itself. */
const BY_THEMSELVES: readonly Mistake[] = [
  {
    name: "scan, an empty file",
    args: ["scan", "{dir}/people.csv"],
    table: () => "",
    says: ["data.empty (people.csv)", "an empty file", "a header line, then rows"],
  },
  {
    name: "scan, a workbook",
    args: ["scan", "{dir}/people.xlsx"],
    files: { "people.xlsx": "PK\u0003\u0004…" },
    says: ["data.format (people.xlsx)", "a workbook", "its sheet as CSV"],
  },
  {
    name: "init, a header alone",
    args: ["init", "{dir}/out", "--from", "{dir}/people.csv"],
    table: (text) => text.slice(0, text.indexOf("\n") + 1),
    says: ["data.noRows (people.csv)", "a header without rows", "rows"],
  },
  {
    name: "init, a label that is no column",
    args: ["init", "{dir}/out", "--from", "{dir}/people.csv", "--target", "outcome"],
    says: ["init (--target)", "a column that is not there", "--target city | returned"],
  },
  {
    name: "init, no label",
    args: ["init", "{dir}/out", "--from", "{dir}/people.csv"],
    table: swap("returned", "xyz"),
    says: ["init (--target)", "no column whose name says", "Name it: --target city | xyz"],
  },
  {
    name: "init, into a folder with files",
    args: ["init", "{dir}", "--from", "{dir}/people.csv"],
    says: ["init (the folder)", "a folder with files in it", "new or empty"],
  },
  {
    name: "anonymize, a table by a table",
    args: ["anonymize", "{dir}/people.csv", "--schema", "{dir}/people.csv", "--out", "{dir}/out"],
    says: ["the scenario (people.csv)", "text without a key", "murmur init DIR"],
  },
  {
    name: "anonymize, over the table itself",
    args: [
      ...["anonymize", "{dir}/people.csv", "--schema", "{dir}/study.yaml"],
      ...["--out", "{dir}/people.csv"],
    ],
    says: ["--out (--out)", "a file that is read", "another one"],
  },
  {
    name: "anonymize, a renamed column",
    args: ["anonymize", "{dir}/people.csv", "--schema", "{dir}/study.yaml", "--out", "{dir}/out"],
    table: swap("spent", "spend"),
    says: ["data.missingColumn (data.columns, spent)", "but spend, which is not declared"],
  },
];

export const TABLE_MISTAKES: readonly Mistake[] = [
  ...[...CELLS, ...TABLES].map(([name, table, ...says]) => ({
    name: `a table with ${name}`,
    table,
    says,
  })),
  ...FILES.map(([name, bytes, ...says]) => ({
    name: `${name} as a table`,
    scenario: swap("people.csv", name),
    files: { [name]: bytes },
    says: [`data.format (${name})`, ...says],
  })),
  ...NUMBERS,
  ...BY_THEMSELVES,
];

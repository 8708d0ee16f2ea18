/** Tables and archives that are no good: refused while they are streamed, by what is wrong, no cell told. */
import { gzipSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";
import { prepare } from "../../client/prepare/prepare.ts";
import { isRefusal } from "../../shared/errors.ts";
import { assignmentFor, contractFor, peopleScenario } from "../support/contracts.ts";
import { TableFiles } from "../support/table-files.ts";

const files = new TableFiles();
afterAll(() => files.remove());

const HEAD = "email,age,city,income,bought";
const rows = Array.from(
  { length: 12 },
  (_, i) => `p${i}@x.org,${20 + i},${i % 2 ? "Rome" : "Oslo"},${10 * i},${i % 3 ? "yes" : "no"}`,
);
const table = (...more: string[]) => `${[HEAD, ...rows, ...more].join("\n")}\n`;
/** In no message may it stand: a cell. */
const SECRET = "Zebedee";

/** From a file to engineered rows, as a client goes. @returns "kind what", or that it was taken */
async function outcomeOf(
  content: string | Uint8Array,
  file = "people.csv",
  population: number | null = null,
  scenario = peopleScenario({ rest: "" }),
): Promise<string> {
  const data = assignmentFor(scenario, {
    folder: files.folder,
    population,
    source: { file: files.write(file, content), testRows: 2, public: true },
  });
  try {
    await prepare(await contractFor(scenario), data);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    expect(error.message).not.toContain(SECRET);
    return `${error.name} ${error.problem.what}`;
  }
  return "taken";
}

it.each([
  { input: "as it should be", content: table() },
  { input: "UTF-16", content: Buffer.from(`\ufeff${table()}`, "utf16le") },
  { input: "semicolons", content: table().replaceAll(",", ";") },
  { input: "lines that end in CR alone", content: table().replaceAll("\n", "\r") },
  { input: "mixed line ends", content: table().replaceAll("no\n", "no\r\n") },
  { input: "a cell that a spreadsheet would run", content: table("=cmd(),40,Rome,5,yes") },
  { input: "bidi and control characters", content: table("\u202e\u0007,40,Rome,5,yes") },
])("input CSV: $input → taken", async ({ content }) => {
  expect(await outcomeOf(content)).toBe("taken");
});

const CSV: readonly [input: string, content: string | Uint8Array, what: string][] = [
  ["empty", "", "data.empty"],
  ["a header alone", `${HEAD}\n`, "data.noRows"],
  ["a header with one name twice", table().replace("income", "age"), "data.duplicateColumn"],
  ["a row of another length", table("q,30,Rome"), "data.ragged"],
  ["a quote that never ends", table(`"${SECRET},30,Rome,5,yes`), "data.quote"],
  ["a NUL byte", table(`${SECRET}\0,30,Rome,5,yes`), "data.nul"],
  [
    "UTF-16 cut within a character",
    Buffer.from(`\ufeff${table()}`, "utf16le").subarray(0, -1),
    "data.encoding",
  ],
  ["a field of 10 MB", table(`"${SECRET.repeat(1_500_000)}",30,Rome,5,yes`), "data.fieldSize"],
  ["a hundred thousand columns", `${HEAD}${",x".repeat(100_000)}\n`, "data.columns"],
  ["a decimal comma", table('q,30,Rome,"1,5",yes'), "data.notANumber"],
  ["1e999", table("q,30,Rome,1e999,yes"), "data.nonFiniteNumber"],
  ["NaN", table("q,30,Rome,NaN,yes"), "data.notANumber"],
  ["a number behind a space", table("q,30,Rome, 7,yes"), "data.notANumber"],
  ["a number out of its bounds", table("q,121,Rome,5,yes"), "data.aboveDeclaredMaximum"],
  [
    "a column that is missing",
    table().replaceAll(/,[^,\n]*(,[^,\n]*)$/gm, "$1"),
    "data.missingColumn",
  ],
];

it.each(CSV.map(([input, content, what]) => ({ input, content, what })))(
  "input CSV: $input → $what",
  async ({ content, what }) => {
    expect(await outcomeOf(content)).toBe(`ScenarioError ${what}`);
  },
);

it("input CSV: a value outside its hierarchy → data.unseen", async () => {
  const columns = `email: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1 }
income: { role: quasiIdentifier, type: number, bounds: [0, 1000] }
bought: { role: target }`;
  const scenario = peopleScenario({ rest: "", columns });
  const city = table(`q,30,${SECRET},5,yes`);
  expect(await outcomeOf(city, "people.csv", null, scenario)).toBe("ScenarioError data.unseen");
  expect(await outcomeOf(table(), "people.csv", null, scenario)).toBe("taken");
});

it("input CSV: labels of one class, where rows are public → data.oneLabel", async () => {
  const one = table().replaceAll(",no\n", ",yes\n");
  expect(await outcomeOf(one, "people.csv", 10)).toBe("ScenarioError data.oneLabel");
  // Of private rows nobody may be told.
  expect(await outcomeOf(one)).toBe("taken");
});

const packed = gzipSync(table());
const idx = (...bytes: number[]) => Uint8Array.from(bytes);
const ARCHIVES: readonly [input: string, file: string, content: Uint8Array, what: string][] = [
  [
    "a gzip bomb",
    "people.csv.gz",
    gzipSync(Buffer.concat([Buffer.from(table()), Buffer.alloc(4_000_000, "q,30,Rome,5,yes\n")])),
    "data.ratio",
  ],
  ["a gzip that is cut off", "people.csv.gz", packed.subarray(0, packed.length - 9), "data.format"],
  [
    "bytes behind a gzip",
    "people.csv.gz",
    Buffer.concat([packed, Buffer.from("x")]),
    "data.format",
  ],
  ["a second member in a gzip", "people.csv.gz", Buffer.concat([packed, packed]), "data.format"],
  ["a zip", "people.zip", Buffer.from("PK\u0003\u0004rest of it, whatever it is"), "data.format"],
  [
    "a tar",
    "people.tar",
    Buffer.concat([Buffer.alloc(257, 97), Buffer.from("ustar\u000000"), Buffer.alloc(248)]),
    "data.format",
  ],
  [
    "a Parquet footer that points outside",
    "x.parquet",
    Buffer.from("PAR1\u0015\u0000\u00ff\u00ff\u00ff\u007fPAR1"),
    "data.format",
  ],
];

it.each(ARCHIVES.map(([input, file, content, what]) => ({ input, file, content, what })))(
  "input archive: $input → $what",
  async ({ file, content, what }) => {
    expect(await outcomeOf(content, file)).toBe(`ScenarioError ${what}`);
  },
);

const IMAGES: readonly [input: string, content: Uint8Array, what: string][] = [
  ["an IDX of an unknown type", idx(0, 0, 7, 1, 0, 0, 0, 1, 5), "data.format"],
  ["an IDX of fewer bytes than it says", idx(0, 0, 8, 1, 0, 0, 0, 9, 5), "data.format"],
  ["an IDX of negative size", idx(0, 0, 8, 1, 255, 255, 255, 255, 5), "data.format"],
];

it.each(IMAGES.map(([input, content, what]) => ({ input, content, what })))(
  "input archive: $input → $what",
  async ({ content, what }) => {
    const problem = await files.refusal(files.write("x-idx1-ubyte", content), { header: ["x"] });
    expect(problem.what).toBe(what);
  },
);

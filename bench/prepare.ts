/**
 * IO: what preparing costs beside reading, and what memory a long table takes. First Adult's 48,842
 * rows through collect, anonymize and engineer, the scan for identifiers included, against reading the
 * same two CSV files, both in this process. Then 10⁶ rows through all that a client does before it
 * trains, its owner's report too, in a process of their own.
 *
 *     node dist/bench/prepare.js 21
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { personReader } from "../client/anonymize/table.ts";
import { dataAssignmentSchema } from "../client/data/assignment.ts";
import { collectFile } from "../client/data/collect.ts";
import { gatherPeople, riskColumns } from "../client/data/people-table.ts";
import { engineer } from "../client/features/engineer.ts";
import { prepare } from "../client/prepare/prepare.ts";
import { IdentifierGate } from "../client/scan/identifier-gate.ts";
import { openTable } from "../client/source/open-table.ts";
import { buildContract } from "../shared/contract/build.ts";
import { contractSchema } from "../shared/contract/check.ts";
import type { Contract } from "../shared/contract/contract.ts";
import { seededRoot, stream } from "../shared/noise/random.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";

const SELF = fileURLToPath(import.meta.url);
// Of the sources: nothing but code is built into dist.
const SCENARIOS = fileURLToPath(new URL("../../scenarios", import.meta.url));
const ADULT = ["data/adult/adult.csv.gz", "data/adult/adult-test.csv.gz"];
const ADULT_ROWS = 48_842;
const WARM_UPS = 3;
const LONG_ROWS = 1_000_000;
const LIMIT_MIB = 512;
/** Of the second run: what is garbage by then cannot make up for what is held. */
const SMALL_HEAP_MIB = 192;

function contractOf(text: string, name: string): Promise<Contract> {
  const readText = (path: string) => readFile(join(SCENARIOS, path), "utf8");
  return buildContract(parseScenario(text, name), readText, name);
}

async function readAdult(): Promise<number> {
  let rows = 0;
  for (const path of ADULT)
    for await (const batch of (await openTable(SCENARIOS, path)).batches) rows += batch.length;
  return rows;
}

async function prepareAdult(contract: Contract): Promise<number> {
  const gate = new IdentifierGate(contract.columns);
  const [source, options] = [{ missing: "?" }, { watch: gate.watch }];
  const sources = await Promise.all(
    ADULT.map((path) => collectFile(contract, source, SCENARIOS, path, options)),
  );
  const { table, labels } = await gatherPeople(contract, sources, riskColumns(contract));
  gate.check();
  return (await engineer(personReader(table), labels, contract)).count;
}

async function millisecondsOf(work: () => Promise<number>): Promise<number> {
  const start = performance.now();
  const rows = await work();
  if (rows !== ADULT_ROWS) throw new Error(`${rows} rows, not ${ADULT_ROWS}`);
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function besideReading(pairs: number): Promise<string> {
  const text = readFileSync(join(SCENARIOS, "adult.yaml"), "utf8");
  const contract = await contractOf(text, "adult.yaml");
  const measured: { readMs: number; preparedMs: number }[] = [];
  // Each pair in the same second, so that whatever else the machine does slows both.
  for (let i = 0; i < WARM_UPS + pairs; i++) {
    const readMs = await millisecondsOf(readAdult);
    measured.push({ readMs, preparedMs: await millisecondsOf(() => prepareAdult(contract)) });
  }
  const warm = measured.slice(WARM_UPS);
  const ratio = median(warm.map(({ readMs, preparedMs }) => preparedMs / readMs));
  const [readMs, preparedMs] = [
    median(warm.map((pair) => pair.readMs)),
    median(warm.map((pair) => pair.preparedMs)),
  ];
  return (
    `Adult is prepared in ${ratio.toFixed(2)} × the time of reading it: ${preparedMs.toFixed(0)} ms ` +
    `against ${readMs.toFixed(0)} (${ADULT_ROWS} rows, medians of ${pairs} pairs)\n`
  );
}

/** An identifier, bands, a hierarchy, a code, a date, categories, three numbers, a label. */
const PEOPLE = `
format: 1
name: people
data:
  source: { file: people.csv, testRows: 1, public: true }
  columns:
    email: { role: directIdentifier }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38, 58, 78] }
    city: { role: quasiIdentifier, hierarchy: data/locations.csv, level: area, unseen: other }
    zip: { role: quasiIdentifier, type: code, length: 5, level: 3 }
    since: { role: quasiIdentifier, type: date, reference: 2025-01-01, bounds: [2000-01-01, 2024-12-31], level: month }
    plan: { role: sensitive, vocabulary: [basic, plus, family, business] }
    income: { role: insensitive, type: number, bounds: [0, 1000000], clip: [0, 200000] }
    visits: { role: insensitive, type: integer, bounds: [0, 10000] }
    spend: { role: insensitive, type: number, bounds: [0, 100000], missing: 0 }
    bought: { role: target, vocabulary: ["yes", "no"] }
  target: { name: buys, column: bought, positive: "yes" }
features:
  age: { formula: "ordinal(age)" }
  city: { formula: "oneHot(city)" }
  since: { formula: "daysBefore(since)", bounds: [0, 9200] }
  plan: { formula: "oneHot(plan)" }
  income: { formula: "income", bounds: [0, 200000], scale: log }
  visits: { formula: "visits", bounds: [0, 100], scale: log }
  spendEach: { formula: "div(spend, visits, 0)", bounds: [0, 1000], scale: log }
privacy: { epsilon: 1, delta: 1e-6, population: ${LONG_ROWS - 1} }
clients: { count: 1, minCohort: 1 }
`;
const CITIES = ["Paris", "Lyon", "Marseille", "Annecy", "Colmar", "Vannes", "Conques", "Gordes"];
const PLANS = ["basic", "plus", "family", "business"];

async function writePeople(path: string): Promise<void> {
  const out = createWriteStream(path);
  const random = stream(seededRoot(1), "simulate", "bench");
  const one = (values: readonly string[]) => values[random.below(values.length)];
  const digits = (most: number, length: number) =>
    String(1 + random.below(most)).padStart(length, "0");
  out.write("email,age,city,zip,since,plan,income,visits,spend,bought\n");
  for (let row = 0; row < LONG_ROWS; row++) {
    const date = `${2000 + random.below(25)}-${digits(12, 2)}-${digits(28, 2)}`;
    const money = (most: number) => (most * random.uniform()).toFixed(2);
    const line = [
      ...[`person${row}@example.com`, random.below(100), one(CITIES), digits(99_999, 5), date],
      ...[
        one(PLANS),
        money(100_000),
        random.below(300),
        one(["", money(1_000)]),
        one(["yes", "no"]),
      ],
    ].join(",");
    if (!out.write(`${line}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

const orderSchema = z.object({ contract: contractSchema, assignment: dataAssignmentSchema });
const peakSchema = z.object({ peakMib: z.number(), seconds: z.number() });
type Peak = z.infer<typeof peakSchema>;

/** In a process that is told what a host is told. */
async function peakOf(folder: string, flags: readonly string[]): Promise<Peak> {
  const [contract, { data }] = [
    await contractOf(PEOPLE, "people.yaml"),
    parseScenario(PEOPLE, "people.yaml"),
  ];
  const shared = { source: data.source, folder, partition: data.partition, keys: {}, seed: 1 };
  const own = { population: LONG_ROWS - 1, clients: ["c1"], mine: ["c1"], heldOut: true };
  const child = fork(SELF, ["child"], { execArgv: [...flags] });
  child.send({ contract, assignment: { ...shared, ...own } });
  const [answer] = await Promise.race([once(child, "message"), once(child, "exit")]);
  return peakSchema.parse(answer);
}

async function prepareInChild(): Promise<void> {
  const [message] = await once(process, "message");
  const { contract, assignment } = orderSchema.parse(message);
  const start = performance.now();
  const { clients } = await prepare(contract, assignment);
  const seconds = (performance.now() - start) / 1000;
  if (clients.get("c1")?.examples.count !== LONG_ROWS - 1) throw new Error("rows are missing");
  process.send?.({ peakMib: process.resourceUsage().maxRSS / 1024, seconds });
  process.disconnect();
}

async function memoryOfLongTable(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));
  try {
    await writePeople(join(folder, "people.csv"));
    const { peakMib, seconds } = await peakOf(folder, []);
    const small = await peakOf(folder, [`--max-old-space-size=${SMALL_HEAP_MIB}`]);
    return (
      `10⁶ rows of ten columns take ${peakMib.toFixed(0)} MiB at most, of ${LIMIT_MIB}, and ` +
      `${seconds.toFixed(1)} s; with a heap of ${SMALL_HEAP_MIB} MiB ${small.peakMib.toFixed(0)} MiB ` +
      `and ${small.seconds.toFixed(1)} s\n`
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (process.argv[2] === "child") await prepareInChild();
else {
  process.stdout.write(await besideReading(Number(process.argv[2] ?? 21)));
  process.stdout.write(await memoryOfLongTable());
}

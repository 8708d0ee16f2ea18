/**
 * A cell that cannot be read stops a client of public rows, and the refusal is printed by the coordinator;
 * of private rows it is in the owner's report alone. Either names the place, never what stands there. Each
 * fault here is in a cell that is a canary.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { prepare } from "../../client/prepare/prepare.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { refusedReport } from "../../shared/events/host-report.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { LOCATIONS, onFiles } from "../support/canary-tables.ts";
import { capturedRun, haystacksOf } from "../support/captured-run.ts";
import { assignmentFor, contractFor } from "../support/contracts.ts";
import { Detector, needlesOf } from "../support/needles.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-quoted-cells-"));
afterAll(() => rmSync(folder, { recursive: true }));

const CANARY = "Zoe.7da166e1";
const DIGITS = "7412983.65021";
const WHOLE = "7412983650";
const detector = new Detector([
  ...needlesOf({ kind: "text", name: "text", value: CANARY }),
  ...needlesOf({ kind: "number", name: "number", value: Number(DIGITS) }),
  ...needlesOf({ kind: "number", name: "whole", value: Number(WHOLE) }),
  ...needlesOf({ kind: "time", name: "time", value: "2024-03-17T13:28:05.292Z" }),
]);

const HEADER = "name,age,location,purchaseHistory,email";
const GOOD = ["Ann", "34", "Lyon", "[]", "ann@example.org"] as const;
const LINE =
  '{"name":"Ann","age":34,"location":"Lyon","purchaseHistory":[],"email":"a@example.org"}';

/** The shipped purchases columns on files, strict where they would take anything. */
function scenarioOf(path: string, unseen: "error" | "other" = "error") {
  const source = { files: ["b.csv", path], testFile: "b.csv" };
  return onFiles("purchases", source, ({ data: { columns } }) => {
    columns.location.unseen = unseen;
    columns.purchaseHistory.category = { vocabulary: ["books"], unseen };
  });
}

/** Of the table as a public one; of the same as a private one, what its owner is told is looked through. */
async function refusalOf(path: string, content: string | Buffer): Promise<ScenarioError> {
  writeFileSync(join(folder, path), content);
  writeFileSync(join(folder, "b.csv"), `${HEADER}\n${GOOD.join(",")}\n`);
  const scenario = parseScenario(scenarioOf(path), "scenario.yaml");
  const contract = await contractFor(scenario);
  const { source } = scenario.data;
  const only = { folder, population: null, mine: ["client-1"] };
  const assignment = assignmentFor(scenario, { ...only, source: { ...source, public: true } });
  const reported = await prepare(contract, assignmentFor(scenario, only)).catch(() => undefined);
  const aside = reported?.clients.get("client-1")?.report.aside;
  if (reported) expect(aside?.rows).toBe(1);
  expect(
    detector.find([{ place: "report", bytes: Buffer.from(JSON.stringify(aside ?? "")) }]),
  ).toEqual([]);
  const error: unknown = await prepare(contract, assignment).then(
    () => "no refusal",
    (reason: unknown) => reason,
  );
  if (error instanceof ScenarioError) return error;
  throw new Error("no refusal, or a bug", { cause: error });
}

/** All that its parent is told, and could print. */
function expectUnquoted(error: ScenarioError): void {
  const texts = [JSON.stringify(refusedReport(error)), String(error.stack), String(error.cause)];
  const haystacks = texts.map((text) => ({ place: text, bytes: Buffer.from(text) }));
  expect(detector.find(haystacks)).toEqual([]);
}

const quoted = (value: string) => `"${value.replaceAll('"', '""')}"`;

it.each<readonly [fault: string, column: number, value: string]>([
  ["data.notANumber", 1, CANARY],
  ["data.notANumber", 1, `${DIGITS},5`],
  ["data.notAnInteger", 1, DIGITS],
  ["data.aboveDeclaredMaximum", 1, WHOLE],
  ["data.belowDeclaredMinimum", 1, `-${WHOLE}`],
  ["data.nonFiniteNumber", 1, WHOLE.repeat(40)],
  ["data.unseen", 2, CANARY],
  ["data.events", 3, CANARY],
  ["data.events", 3, `{"${CANARY}": "${CANARY}"}`],
  ["data.events", 3, `[["2024-03-17", 5, "books"], "${CANARY}"]`],
  ["data.events", 3, `[{"date": "2024-03-17", "amount": 5, "${CANARY}": "books"}]`],
  ["data.invalidDate", 3, `[["${CANARY}", 5, "books"]]`],
  ["data.invalidDate", 3, '[["2024-03-17T13:28:05.292Zz", 5, "books"]]'],
  ["data.timestampWithoutZone", 3, '[["2024-03-17T13:28:05.292", 5, "books"]]'],
  ["data.notANumber", 3, `[["2024-03-17", "${CANARY}", "books"]]`],
  ["data.unseen", 3, `[["2024-03-17", 5, "${CANARY}"]]`],
])("%s tells no cell, column %i holding %s", async (fault, column, value) => {
  const row = GOOD.map((good, i) => (i === column ? quoted(value) : good)).join(",");
  const error = await refusalOf("cells.csv", `${HEADER}\n${GOOD.join(",")}\n${row}\n`);
  expect(error.problem.what).toBe(fault);
  expectUnquoted(error);
});

it.each<readonly [fault: string, rows: string | Buffer]>([
  ["data.ragged", `${HEADER}\n${GOOD.join(",")},${CANARY}\n`],
  ["data.quote", `${HEADER}\n${GOOD.join(",")}\n"${CANARY},3\n`],
  ["data.quote", `${HEADER}\nAnn,34,"Lyon"${CANARY},[],x\n`],
  ["data.nul", `${HEADER}\n${CANARY}\0,34,Lyon,[],x\n`],
  ["data.encoding", Buffer.from(`${HEADER}\n${CANARY}\xff,34,Lyon,[],x\n`, "latin1")],
  ["data.header", `${CANARY},34,Lyon,,x\n${GOOD.join(",")}\n`],
  // No header line: the first row would be taken for one.
  ["data.header", `${CANARY},34,Lyon,[],${DIGITS}\n${GOOD.join(",")}\n`],
  ["data.duplicateColumn", `${CANARY},34,Lyon,[],${CANARY}\n${GOOD.join(",")}\n`],
  // A header line of one name, which is several.
  ["data.delimiter", `"${CANARY};34;Lyon;[];x"\n"${GOOD.join(";")}"\n`],
  ["data.header", `${CANARY};34;Lyon;[];x\n${GOOD.join(";")}\n`],
])("%s of a CSV file tells none of it", async (fault, rows) => {
  const error = await refusalOf("rows.csv", rows);
  expect(error.problem.what).toBe(fault);
  expectUnquoted(error);
});

it.each<readonly [fault: string, line: string]>([
  ["data.format", `{"name": "${CANARY}`],
  ["data.format", `["${CANARY}"]`],
  ["data.format", `"${CANARY}"`],
  ["data.unknownColumn", LINE.replace("{", `{"${CANARY}":1,`)],
  ["data.duplicateColumn", LINE.replace("{", `{"name":"${CANARY}",`)],
  ["data.nested", LINE.replace('"Lyon"', `{"${CANARY}":"${CANARY}"}`)],
  ["data.nonFiniteNumber", LINE.replace("34", `${DIGITS}e30`)],
  ["data.notANumber", LINE.replace("34", `"${DIGITS}"`)],
  ["data.encoding", LINE.replace("Lyon", `${CANARY}\\ud800`)],
  ["data.nul", LINE.replace("Lyon", `${CANARY}\\u0000`)],
  ["data.nested", LINE.replace("[]", `[[{"${CANARY}":1}]]`)],
])("%s of a JSON line tells none of it", async (fault, line) => {
  const error = await refusalOf("lines.jsonl", `${LINE}\n${line}\n`);
  expect(error.problem.what).toBe(fault);
  expectUnquoted(error);
});

it.each<readonly [fault: string, content: string]>([
  ["data.header", `${CANARY},34,Lyon,[],${DIGITS}\n${GOOD.join(",")}\n`],
])(
  "a run that %s ends tells no cell by any way, and leaves nothing",
  async (fault, content) => {
    const run = await capturedRun({
      ...LOCATIONS,
      "scenario.yaml": scenarioOf("cells.csv"),
      "cells.csv": content,
      "b.csv": `${HEADER}\n${GOOD.join(",")}\n`,
    });
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(new RegExp(`^ScenarioError: ${fault} .*\\n$`));
    expect(run.ipc.length).toBeGreaterThan(0);
    expect(detector.find(haystacksOf(run))).toEqual([]);
    // But for the log that was asked for, and ledgers: of clients, and beside the rows.
    expect([...run.shared.keys()]).toEqual(["log.jsonl"]);
    expect([...run.owned.keys()].filter((path) => !/^ledgers\/|\.murmur\//.test(path))).toEqual([]);
  },
  60_000,
);

it.each<readonly [fault: string, content: string, unseen: "error" | "other"]>([
  ["data.unseen", `${HEADER}\nAnn,34,${CANARY},[],x\n`, "error"],
  ["people in a harmless column", `${HEADER}\nAnn,34,${CANARY}@example.org,[],x\n`, "other"],
])(
  "a run of private rows with %s goes on, and tells no cell by any way",
  async (_, content, unseen) => {
    const run = await capturedRun({
      ...LOCATIONS,
      "scenario.yaml": scenarioOf("cells.csv", unseen),
      "cells.csv": content,
      "b.csv": `${HEADER}\n${GOOD.join(",")}\n`,
    });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(detector.find(haystacksOf(run))).toEqual([]);
  },
  60_000,
);

/** What the ledger of a file adds up, by a closed form of its own; several processes at it; what a death leaves. */
import { spawnSync } from "node:child_process";
import { appendFileSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ClientLedger } from "../../../client/ledger/client-ledger.ts";
import { fileRuns, runEntry, soFarOf } from "../../../client/ledger/file-runs.ts";
import { byAdversary } from "../../../shared/accounting/mechanisms/event.ts";
import { gaussianEpsilon } from "../../../shared/accounting/mechanisms/gaussian.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { ledgerOpening } from "../../../shared/plan/plan.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import { scratch } from "../../support/murmur.ts";
import { sealedWith } from "../../support/plans.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const RUN = (digit: number) => `0${digit}`.repeat(16);
const sealed = (targetEpsilon: number) => sealedWith({ noise: "secure", targetEpsilon });
const CONTENT = "cd".repeat(32);
const open = (limits: { epsilon: number; delta: number } | null = null) =>
  ClientLedger.ofFile(join(folder.path, "rows.csv.murmur"), limits, false);
const file = () => join(folder.path, "rows.csv.murmur", "own.jsonl");

/** So many attempts of one run, charged as a launcher does. */
function charge(ledger: ClientLedger, digit: number, plan = sealed(1), times = 7): void {
  ledger.beginsRun(runEntry(plan, RUN(digit)), CONTENT);
  const { privacy } = plan.plan;
  const events = attemptEvents(privacy);
  for (let round = 0; round < times; round++) {
    const at = { planHash: plan.hash, runId: RUN(digit), round, attempt: 0, events };
    ledger.charge(at, privacy);
  }
}

const soFar = (ledger: ClientLedger) => soFarOf("rows.csv", ledger.entries, ledger.limits);

it("is one run's epsilon after one, and of two the closed form of all their sums", () => {
  const ledger = open();
  charge(ledger, 1);
  const alone = soFar(ledger)?.epsilon.modelRecipients ?? 0;
  expect(alone).toBeLessThanOrEqual(1);
  expect(alone).toBeGreaterThan(0.999);
  charge(ledger, 2, sealed(2));
  ledger.close();
  const both = soFar(open());
  const multipliers = [sealed(1), sealed(2)].map(({ plan }) => plan.privacy.noiseMultiplier);
  const mu = Math.sqrt(multipliers.reduce((sum, z) => sum + 7 / z ** 2, 0));
  expect(both).toMatchObject({ runs: 2, contents: 1, delta: 1e-5, limit: null });
  expect(both?.epsilon.modelRecipients).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 6);
  // Two runs at ε 1 and 2 are more than either and less than their sum.
  expect(both?.epsilon.modelRecipients).toBeGreaterThan(2);
  expect(both?.epsilon.modelRecipients).toBeLessThan(3);
  // Under central the coordinator sees exact updates.
  expect(both?.epsilon.coordinator).toBeNull();
});

it("bounds nothing for persons once a run has counted rows, of which a person may have any number", () => {
  const ledger = open();
  const persons = sealedWith({
    ...{ noise: "secure", targetEpsilon: 1, rowsPerPerson: 2, rows: 800 },
  });
  charge(ledger, 1, persons);
  expect(soFar(ledger)?.epsilon.modelRecipients).toBeGreaterThan(0.999);
  charge(ledger, 2, sealed(1));
  // The last run's unit is a row, and that is of a person.
  expect(soFar(ledger)?.epsilon.modelRecipients).toBeGreaterThan(1);
  charge(ledger, 3, persons);
  expect(soFar(ledger)?.epsilon.modelRecipients).toBeNull();
});

it("takes no other plan under the id of a run: its charges would be composed by the first one's rules", () => {
  const ledger = open();
  charge(ledger, 1, sealed(1));
  const other = { ...sealedWith({ noise: "secure", rawFactor: 10 }), hash: "ef".repeat(32) };
  expect(() => charge(ledger, 1, other)).toThrow("clientLedger.run");
  expect(ledger.entries.filter(({ kind }) => kind === "run")).toHaveLength(1);
  // The same plan goes on.
  ledger.beginsRun(runEntry(sealed(1), RUN(1)), CONTENT);
});

it("of a run that a later one started from counts what either says, where they differ", () => {
  const own = open();
  charge(own, 1, sealed(1), 2);
  const entries = own.entries;
  const [run] = fileRuns(entries);
  if (!run) throw new Error("no run");
  // The weights' provenance says that it had charged 7: the ledger is an older copy.
  const { events } = run.history;
  const more = byAdversary((one) => events[one].map(({ event }) => ({ event, count: 7 })));
  const past = { histories: [{ ...run.history, events: more }], trainedOn: [], unknown: false };
  charge(own, 2, sealedWith({ noise: "secure", targetEpsilon: 3, past }), 1);
  const z = [sealed(1), sealedWith({ noise: "secure", targetEpsilon: 3, past })].map(
    ({ plan }) => plan.privacy.noiseMultiplier,
  );
  const least = gaussianEpsilon(Math.sqrt(7 / (z[0] ?? 0) ** 2 + 1 / (z[1] ?? 0) ** 2), 1e-5);
  expect(soFar(own)?.epsilon.modelRecipients).toBeGreaterThanOrEqual(least * (1 - 1e-9));
});

it("takes off its delta what the noise table of every attempt of a run is from the exact noise, by task", () => {
  const ledger = open();
  const entry = runEntry(sealed(1), RUN(1));
  const { train, evaluation } = entry.distances;
  expect(train).toBeGreaterThan(0);
  charge(ledger, 1, sealed(1), 7);
  const [alone] = fileRuns(ledger.entries);
  expect(alone?.history.distance).toBeGreaterThanOrEqual(7 * train);
  expect(alone?.history.distance).toBeCloseTo(7 * train, 25);
  // An attempt at counts draws other noise.
  const { privacy } = sealed(1).plan;
  const at = { planHash: entry.planHash, runId: RUN(1), round: 7, attempt: 0 };
  ledger.charge({ ...at, task: "evaluation", events: attemptEvents(privacy) }, privacy);
  const [both] = fileRuns(ledger.entries);
  expect(both?.history.distance).toBeCloseTo(7 * train + evaluation, 25);
});

it("of two histories of a run takes the one that is further from exact noise, events alike", () => {
  const ledger = open();
  charge(ledger, 1, sealed(1), 2);
  const [run] = fileRuns(ledger.entries);
  if (!run) throw new Error("no run");
  const epsilonWith = (distance: number) => {
    const past = { histories: [{ ...run.history, distance }], trainedOn: [], unknown: false };
    const entries = ledger.entries.map((one) => (one.kind === "run" ? { ...one, past } : one));
    return soFarOf("rows.csv", entries, null)?.epsilon.modelRecipients ?? 0;
  };
  // Of delta 1e-5 what is left is some 8e-6.
  expect(epsilonWith(1e-6)).toBeGreaterThan(1.01 * epsilonWith(0));
});

it("counts a run once where its ledger and the weights that came of it say the same, or one less", () => {
  const z = (plan: ReturnType<typeof sealed>) => plan.plan.privacy.noiseMultiplier;
  for (const [own, said] of [
    [5, 2],
    [2, 5],
    [5, 5],
  ] as const) {
    const ledger = ClientLedger.ofFile(join(folder.path, `${own}-${said}.murmur`), null, false);
    charge(ledger, 1, sealed(1), own);
    const [run] = fileRuns(ledger.entries);
    if (!run) throw new Error("no run");
    const { history } = run;
    const events = byAdversary((one) =>
      history.events[one].map(({ event }) => ({ event, count: said })),
    );
    const distance = (history.distance * said) / own;
    const past = { histories: [{ ...history, events, distance }], trainedOn: [], unknown: false };
    const next = sealedWith({ noise: "secure", targetEpsilon: 3, past });
    charge(ledger, 2, next, 1);
    const mu = Math.sqrt(5 / z(sealed(1)) ** 2 + 1 / z(next) ** 2);
    expect(soFar(ledger)?.epsilon.modelRecipients).toBeCloseTo(gaussianEpsilon(mu, 1e-5), 6);
    ledger.close();
  }
});

it("is at a δ below 1 / the population of the runs that weights come from, too", () => {
  const ledger = open();
  charge(ledger, 1, sealedWith({ noise: "secure", targetEpsilon: 1, population: 90_000 }));
  const [first] = fileRuns(ledger.entries);
  const past = { histories: first ? [first.history] : [], trainedOn: [], unknown: false };
  ledger.close();
  const other = ClientLedger.ofFile(join(folder.path, "other.csv.murmur"), null, false);
  charge(other, 2, sealedWith({ noise: "secure", targetEpsilon: 3, past }));
  charge(other, 3, sealedWith({ noise: "secure", delta: 2e-3 }));
  expect(soFar(other)).toMatchObject({ runs: 2, delta: 1e-5 });
});

it("counts what two open ledgers write in turns, each in view of the other", () => {
  const [first, second] = [open(), open()];
  charge(first, 1, sealed(1), 3);
  charge(second, 2, sealed(1), 2);
  charge(first, 3, sealed(1), 2);
  for (const ledger of [first, second]) expect(soFar(ledger)?.runs).toBe(3);
  const lines = readFileSync(file(), "utf8").trimEnd().split("\n");
  expect(lines.filter((line) => line.includes('"participation"'))).toHaveLength(7);
  expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_, i) => i));
});

it("loses no line where four processes append at once", () => {
  charge(open(), 1, sealed(1), 0);
  const outfile = join(folder.path, "append.mjs");
  const ledgerModule = join(import.meta.dirname, "../../../client/ledger/client-ledger.ts");
  const contents = `
    import { ClientLedger } from ${JSON.stringify(ledgerModule)};
    const ledger = ClientLedger.ofFile(process.argv[2], null, false);
    for (let round = 0; round < 10; round++) ledger.begins({ runId: "ab".repeat(16), round, attempt: 0 });`;
  const stdin = { contents, resolveDir: import.meta.dirname };
  buildSync({ stdin, outfile, bundle: true, platform: "node", format: "esm" });
  const one = `node ${outfile} ${join(folder.path, "rows.csv.murmur")}`;
  const done = spawnSync("sh", ["-c", `${`${one} & `.repeat(4)} wait`]);
  expect(String(done.stderr)).toBe("");
  expect(open().entries.filter(({ kind }) => kind === "begun")).toHaveLength(40);
});

it("holds a limit over all runs together, whichever process charges", () => {
  const plan = sealed(1);
  const { rho } = (() => {
    const probe = ClientLedger.ofFile(join(folder.path, "probe"), null, false);
    charge(probe, 1, plan, 1);
    return probe;
  })();
  expect(rho).toBeGreaterThan(0);
  const limits = { epsilon: 1.6, delta: 1e-5 };
  const [first, second] = [open(limits), open(limits)];
  charge(first, 1, plan);
  expect(() => charge(second, 2, plan, 20)).toThrow("clientLedger.budget");
  const { limit } = soFar(first) ?? {};
  expect(limit?.used).toBeLessThanOrEqual(1.6);
  expect(first.affords(plan.plan.privacy)).toBe(false);
});

it("drops a line that a dead process left half, and says so; a line that is gone shows", () => {
  charge(open(), 1, sealed(1), 2);
  const before = readFileSync(file(), "utf8");
  appendFileSync(file(), before.slice(-40, -1));
  const mended = open();
  expect(mended.entries.at(-1)).toMatchObject({ kind: "mended", droppedBytes: 39 });
  expect(soFar(mended)?.runs).toBe(1);
  writeFileSync(file(), before);
  expect(() => open()).toThrow("ledger.rollback");
  expect(() => charge(mended, 2)).toThrow("ledger.rollback");
  expect(statSync(file()).mode & 0o777).toBe(0o600);
});

it("shows a reader, too, that it is gone or that its anchor is", () => {
  const ledger = open();
  charge(ledger, 1, sealed(1), 2);
  ledger.close();
  const at = join(folder.path, "rows.csv.murmur");
  const [lines, anchor] = [readFileSync(file(), "utf8"), join(at, "own.anchor.json")];
  const known = readFileSync(anchor);
  // Cut off by those who take the witness with them.
  rmSync(anchor);
  writeFileSync(file(), `${lines.split("\n").slice(0, 4).join("\n")}\n`);
  for (const again of [open, () => ClientLedger.read(at)]) expect(again).toThrow("ledger.anchor");
  writeFileSync(anchor, known);
  rmSync(file());
  for (const again of [open, () => ClientLedger.read(at)]) expect(again).toThrow("ledger.rollback");
  // One that died before its first anchor had charged nothing.
  rmSync(anchor);
  writeFileSync(file(), `${lines.split("\n")[0]}\n`);
  expect(ClientLedger.read(at)).toHaveLength(1);
  expect(open().entries).toHaveLength(1);
});

it("says how much of its limit is used, and bounds nothing once an update did not say what it charged", () => {
  const ledger = open({ epsilon: 3, delta: 1e-5 });
  charge(ledger, 1, sealed(1), 3);
  const before = soFar(ledger);
  expect(before?.limit?.used).toBeGreaterThan(before?.epsilon.modelRecipients ?? Number.NaN);
  charge(ledger, 2, sealed(1), 2);
  expect(soFar(ledger)?.limit?.used).toBeGreaterThan(before?.limit?.used ?? Number.NaN);
  const { plan, hash } = sealed(1);
  ledger.charge({ planHash: hash, runId: RUN(2), round: 2, attempt: 0 }, plan.privacy);
  expect(soFar(ledger)?.epsilon).toEqual(byAdversary(() => null));
});

it("bounds nothing once one of its runs began with weights of unknown rows, and not only where all did", () => {
  const ledger = open();
  charge(ledger, 1, sealed(1), 2);
  charge(ledger, 2, sealed(1), 2);
  const past = { histories: [], trainedOn: ["rows of a stranger"], unknown: true };
  const entries = ledger.entries.map((one) =>
    one.kind === "run" && one.runId === RUN(2) ? { ...one, past } : one,
  );
  expect(soFarOf("rows.csv", entries, null)?.epsilon).toEqual(byAdversary(() => null));
});

it("says that a file has changed, and keeps its history", () => {
  const ledger = open();
  charge(ledger, 1);
  ledger.beginsRun(runEntry(sealed(1), RUN(2)), "ef".repeat(32));
  expect(soFar(ledger)).toMatchObject({ runs: 1, contents: 2 });
  expect(ledger.entries.every((entry) => !("time" in entry))).toBe(true);
});

it("has an attempt before the run's own ledger, whatever dies between the two", () => {
  const plan = sealed(1);
  const runLedger = new Ledger(join(folder.path, "ledger.jsonl"), ledgerOpening(plan, RUN(1)));
  const ledger = open();
  ledger.beginsRun(runEntry(plan, RUN(1)), CONTENT);
  const { privacy } = plan.plan;
  runLedger.charges({
    affords: () => true,
    charge: (round, attempt, events) => {
      ledger.charge({ planHash: plan.hash, runId: RUN(1), round, attempt, events }, privacy);
      if (round === 1) throw new Error("killed");
    },
  });
  const events = attemptEvents(privacy);
  runLedger.charge(0, 0, events);
  expect(() => runLedger.charge(1, 0, events)).toThrow("killed");
  const runCharges = readFileSync(join(folder.path, "ledger.jsonl"), "utf8").match(/"charge"/g);
  expect(runCharges).toHaveLength(1);
  expect(ledger.past(RUN(1)).charged).toHaveLength(2);
});

it("notes limits that its owner has changed, a run and its content once, and says them to a reader", () => {
  const at = join(folder.path, "rows.csv.murmur");
  const limits = { epsilon: 3, delta: 1e-5 };
  charge(open(), 1, sealed(1), 1);
  charge(open(limits), 1, sealed(1), 0);
  const again = open(limits);
  charge(again, 2, sealed(2), 0);
  expect(again.entries.map(({ kind }) => kind)).toEqual([
    ...["open", "content", "run", "participation"],
    ...["limits", "run"],
  ]);
  expect(ClientLedger.read(at)).toEqual(again.entries);
  expect(ClientLedger.read(join(folder.path, "none"))).toBeUndefined();
});

import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ClientLedger, seenByClients } from "../../../client/ledger/client-ledger.ts";
import type { ClientLimits } from "../../../client/ledger/client-limits.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import type { PrivacyPlan } from "../../../shared/privacy/plan.ts";
import { scratch } from "../../support/murmur.ts";
import { planWith } from "../../support/plans.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const open = (limits: ClientLimits | null = null, client = "anna") =>
  ClientLedger.open(folder.path, client, limits);
const file = (name = "anna.jsonl") => join(folder.path, name);
const text = () => readFileSync(file(), "utf8");
const entries = () =>
  text()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const planHash = "ab".repeat(32);
const at = (round: number, runId = "01".repeat(16)) => ({ planHash, runId, round, attempt: 0 });
/** So many updates under one plan, one after another. */
function charged(ledger: ClientLedger, plan: PrivacyPlan, times: number, from = 0): ClientLedger {
  for (let i = 0; i < times; i++) ledger.charge(at(from + i), plan);
  return ledger;
}

/** The smallest of the bounds of Canonne, Kamath & Steinke's proposition 12 on a fine grid. */
function gridEpsilon(rho: number, delta: number): number {
  let best = Infinity;
  for (let logT = -6; logT < 8; logT += 1e-4) {
    const t = Math.exp(logT);
    const alpha = 1 + t;
    const bound = rho * alpha + Math.log(t / alpha) - (Math.log(delta) + Math.log(alpha)) / t;
    best = Math.min(best, bound);
  }
  return best;
}

const central = planWith();
const plans = {
  central,
  local: planWith({ trust: "local" }),
  sampled: planWith({ sampling: { kind: "poisson", rate: 0.25 }, accountant: "rdp" }),
};

describe.each(Object.entries(plans))("under the plan %s", (_, plan) => {
  it.each([1, 10, 100])("adds %i times 1/(2 z²), never a bit less, at rate 1", (times) => {
    const ledger = open();
    // Any double times 2^200 that is at least 2^-147 is a whole number.
    const unit = 2n ** 200n;
    const exact = (rho: number) => BigInt(rho * 2 ** 200);
    let [rho, first] = [0, 0n];
    for (let i = 0; i < times; i++) {
      ({ rho } = charged(ledger, plan, 1, i));
      if (i === 0) first = exact(rho);
      expect(exact(rho) >= BigInt(i + 1) * first, `addition ${i} was rounded down`).toBe(true);
    }
    // The noise multiplier is a ratio of integers: what is due is one too, and compared as such.
    const [step, noise] = [BigInt(plan.sensitivity), BigInt(plan.noiseStddev)];
    const [due, by] = [BigInt(times) * step ** 2n, 2n * noise ** 2n];
    const had = exact(rho);
    expect(had * by >= due * unit, "rho was rounded down").toBe(true);
    expect(Number((had * by * 10n ** 18n) / (due * unit)) / 1e18).toBeLessThan(
      1 + 1e-15 * (30 + times),
    );
  });

  it("refuses what would overspend, and no less", () => {
    const { rho } = charged(open(null, "probe"), plan, 1);
    const delta = 1e-6;
    const limits = { epsilon: gridEpsilon(5 * rho, delta) * (1 + 1e-6), delta };
    const ledger = charged(open(limits), plan, 5);
    expect(ledger.epsilon).toBeGreaterThan(limits.epsilon * (1 - 3e-6));
    expect(ledger.epsilon).toBeLessThanOrEqual(limits.epsilon);
    const before = text();
    expect(ledger.affords(plan)).toBe(false);
    expect(() => ledger.charge(at(5), plan)).toThrow(BudgetError);
    expect(() => ledger.charge(at(5), plan)).toThrow("clientLedger.budget");
    expect(text()).toBe(before);
  });
});

it("gives a coordinator no more for a plan of one round, however often it comes back", () => {
  const plan = planWith({ rounds: 1, targetEpsilon: 1 });
  const limits = { epsilon: 3, delta: 1e-5 };
  let updates = 0;
  for (let run = 0; run < 20; run++) {
    const ledger = open(limits);
    if (ledger.affords(plan)) {
      ledger.charge(at(0, String(run).padStart(32, "0")), plan);
      updates += 1;
    }
    ledger.close();
  }
  // Each run's plan, in good faith, promises ε 1: three in a row would pass for 3 by addition.
  expect(updates).toBeGreaterThanOrEqual(3);
  expect(updates).toBeLessThan(10);
  expect(gridEpsilon(updates / (2 * plan.noiseMultiplier ** 2), 1e-5)).toBeLessThanOrEqual(3);
  expect(gridEpsilon((updates + 1) / (2 * plan.noiseMultiplier ** 2), 1e-5)).toBeGreaterThan(3);
});

it("adds up plans of different noise, over openings", () => {
  const weak = planWith({ targetEpsilon: 0.5 });
  charged(open(), central, 2).close();
  const ledger = charged(open(), weak, 3);
  const due = 1 / central.noiseMultiplier ** 2 + 3 / (2 * weak.noiseMultiplier ** 2);
  expect(ledger.rho).toBeGreaterThanOrEqual(due * (1 - 1e-15));
  expect(ledger.rho).toBeLessThan(due * (1 + 1e-14));
  ledger.close();
  expect(open().rho).toBe(ledger.rho);
});

it("tells a process that comes after what was charged and begun in its run, and for what", () => {
  const ledger = charged(open(), central, 2);
  ledger.charge({ ...at(2), attempt: 1, task: "evaluation" }, central);
  ledger.charge(at(0, "02".repeat(16)), central);
  ledger.begins({ runId: at(0).runId, round: 3, attempt: 0 });
  ledger.close();
  expect(open().past(at(0).runId)).toEqual({
    charged: [
      { round: 0, attempt: 0, task: "train" },
      { round: 1, attempt: 0, task: "train" },
      { round: 2, attempt: 1, task: "evaluation" },
    ],
    begun: [{ round: 3, attempt: 0 }],
  });
});

describe("where nobody adds noise", () => {
  const none = planWith({ trust: "none", targetEpsilon: null });
  it("refuses if there is any limit", () => {
    const ledger = open({ epsilon: 1e6, delta: 0.5 });
    expect(ledger.affords(none)).toBe(false);
    expect(() => ledger.charge(at(0), none)).toThrow("without any bound");
  });

  it("has no bound ever after", () => {
    const ledger = charged(open(), none, 1);
    expect(ledger.rho).toBe(Infinity);
    expect(entries().at(-1).rho).toBeNull();
    ledger.close();
    expect(open({ epsilon: 100, delta: 1e-3 }).affords(central)).toBe(false);
  });
});

it("keeps part of delta for the noise table, and refuses once it is used up", () => {
  const delta = 1e-30;
  const ledger = open({ epsilon: 30, delta });
  // A rounded Gaussian of 128 bits is about sigma · 2^-128 off, for each parameter.
  const { noiseStddev, parameters } = central;
  const least = noiseStddev * parameters * 2 ** -128 * Math.exp(30);
  expect(least).toBeGreaterThan(delta);
  expect(ledger.affords(central)).toBe(false);
  expect(open({ epsilon: 30, delta: 1e-5 }, "bob").affords(central)).toBe(true);
});

it("has each charge on the disk when the call returns, anchored beside", () => {
  const ledger = open();
  ledger.charge(at(4), central);
  expect(entries().at(-1)).toMatchObject({
    kind: "participation",
    planHash,
    round: 4,
    trust: "central",
  });
  const anchor = JSON.parse(readFileSync(file("anna.anchor.json"), "utf8"));
  expect(anchor).toEqual({ seq: 1, hash: entries()[1].hash });
});

it("has neither file nor folder say when it was last written, once asked to", () => {
  const ledger = charged(open(), central, 2);
  const places = [file(), file("anna.anchor.json"), folder.path];
  for (const place of places) expect(statSync(place).mtimeMs).toBeGreaterThan(Date.UTC(2020));
  ledger.hideTimes();
  for (const place of places) {
    const { atimeMs, mtimeMs } = statSync(place);
    expect([atimeMs, mtimeMs]).toEqual([Date.UTC(2000), Date.UTC(2000)]);
  }
  ledger.close();
});

it("follows its owner's limits, and notes each change", () => {
  charged(open({ epsilon: 9, delta: 1e-5 }), central, 3).close();
  const small = open({ epsilon: 0.1, delta: 1e-5 });
  expect(small.affords(central)).toBe(false);
  small.close();
  const large = open({ epsilon: 9, delta: 1e-5 });
  expect(large.affords(central)).toBe(true);
  large.close();
  open({ epsilon: 9, delta: 1e-5 }).close();
  const kinds = entries().map(({ kind }) => kind);
  expect(kinds).toEqual(["open", ...Array(3).fill("participation"), ...Array(2).fill("limits")]);
});

describe("opened again, it refuses", () => {
  const written = () => charged(open(), central, 3).close();
  it("row 11: an older copy of itself, naming the line that is missing", () => {
    charged(open(), central, 2).close();
    const old = text();
    charged(open(), central, 1, 2).close();
    writeFileSync(file(), old);
    expect(() => open()).toThrow(BudgetError);
    expect(() => open()).toThrow(/ledger\.rollback .*anna\.jsonl, line 4\)/);
  });

  it("row 11: an older copy of itself and its anchor, by what the coordinator has counted", () => {
    const counted = (round: number, attempt = 0, runId = "01".repeat(16)) => ({
      ...{ runId, round, attempt },
    });
    charged(open(), central, 2).close();
    const old = [text(), readFileSync(file("anna.anchor.json"))] as const;
    charged(open(), central, 1, 2).close();
    const newest = open();
    for (const round of [0, 1, 2]) expect(() => newest.holds(counted(round))).not.toThrow();
    newest.close();
    writeFileSync(file(), old[0]);
    writeFileSync(file("anna.anchor.json"), old[1]);
    const back = open();
    expect(() => back.holds(counted(1))).not.toThrow();
    expect(() => back.holds(counted(2))).toThrow(BudgetError);
    expect(() => back.holds(counted(2))).toThrow(
      /ledger\.rollback .*no charge of round 2, attempt 0/,
    );
    expect(() => back.holds(counted(1, 1))).toThrow("ledger.rollback");
    expect(() => back.holds(counted(1, 0, "02".repeat(16)))).toThrow("ledger.rollback");
    // One that is lost and began anew is no better.
    const anew = open(null, "anew");
    expect(() => anew.holds(counted(0))).toThrow("Put the newest copy");
    for (const ledger of [back, anew]) ledger.close();
  });

  it.each([
    ["its absence beside its anchor", () => rmSync(file()), "ledger.rollback"],
    ["its emptiness beside its anchor", () => writeFileSync(file(), ""), "ledger.rollback"],
    [
      "a smaller rho",
      () => writeFileSync(file(), text().replace(/"rho":0\./, '"rho":0.0')),
      "line 2",
    ],
    ["a cut amid its last line", () => writeFileSync(file(), text().slice(0, -9)), "line 4"],
    ["another line end", () => writeFileSync(file(), text().replaceAll("\n", "\r\n")), "line 1"],
    ["an anchor that is none", () => writeFileSync(file("anna.anchor.json"), ""), "ledger.anchor"],
  ])("%s", (_, spoil, what) => {
    written();
    spoil();
    expect(() => open()).toThrow(BudgetError);
    expect(() => open()).toThrow(what);
  });

  it("another client's", () => {
    charged(open(null, "bob"), central, 1).close();
    writeFileSync(file(), readFileSync(file("bob.jsonl")));
    expect(() => open()).toThrow(/ledger\.chain .*line 1\)/);
  });

  it.each(["-0.5", "0", "1e999", "NaN", '"0.1"'])("a rho of %s, whatever its hash", (rho) => {
    charged(open(), central, 1).close();
    rmSync(file("anna.anchor.json"));
    const [first, second] = text().split("\n");
    const lied = (second ?? "").replace(/"rho":[^,]*/, `"rho":${rho}`);
    // What the chain would make of it: the hash of the line without its hash.
    const { prev } = entries()[1];
    const body = lied.replace(/"hash":"\w+",/, "");
    const hash = createHash("sha256").update(prev).update(body).digest("hex");
    const line = lied.replace(/"hash":"\w+"/, `"hash":"${hash}"`);
    writeFileSync(file(), `${first}\n${line}\n`);
    expect(() => open()).toThrow(/ledger\.line .*line 2\)/);
  });
});

it("goes on from a last line without its end, and says so", () => {
  charged(open(), central, 1).close();
  const known = text();
  const anchor = readFileSync(file("anna.anchor.json"));
  const ledger = open();
  ledger.saw("0c".repeat(16), { seq: 2, hash: "cd".repeat(32) });
  ledger.close();
  const bytes = text();
  for (const cut of [1, 40, bytes.length - known.length - 1]) {
    writeFileSync(file(), bytes.slice(0, -cut));
    writeFileSync(file("anna.anchor.json"), anchor);
    const again = open();
    expect(again.rho).toBe(ledger.rho);
    expect(entries().at(-1)).toMatchObject({
      kind: "mended",
      droppedBytes: bytes.length - known.length - cut,
    });
    again.close();
  }
});

it("begins anew where it was killed before its first line was whole", () => {
  open().close();
  const first = text();
  rmSync(file("anna.anchor.json"));
  writeFileSync(file(), first.slice(0, 20));
  open().close();
  expect(text()).toBe(first);
});

describe("of a coordinator's ledger", () => {
  const [run, other] = ["0a".repeat(16), "0b".repeat(16)];
  const hash = (digit: string) => digit.repeat(64);
  it("row 11: keeps the last that it has seen, and refuses one that goes back, also later", () => {
    const ledger = open();
    ledger.saw(run, { seq: 2, hash: hash("2") });
    ledger.saw(run, { seq: 4, hash: hash("4") });
    ledger.saw(run, { seq: 4, hash: hash("4") });
    ledger.saw(other, { seq: 2, hash: hash("5") });
    expect(entries()).toHaveLength(4);
    ledger.close();
    const again = open();
    const seen = (seq: number, digit: string) => () => again.saw(run, { seq, hash: hash(digit) });
    expect(seen(2, "2")).toThrow(/ledger\.rollback .*line 3\)/);
    expect(seen(4, "3")).toThrow("ledger.rollback");
    expect(entries()).toHaveLength(4);
    seen(5, "5")();
    expect(entries().at(-1)).toMatchObject({ kind: "seen", runId: run, ledger: { seq: 5 } });
  });

  it("says of a run where it stood when each client last heard of it, and nothing of other runs", () => {
    const [anna, berta] = [open(), open(null, "berta")];
    anna.saw(run, { seq: 2, hash: hash("2") });
    anna.saw(run, { seq: 4, hash: hash("4") });
    anna.saw(other, { seq: 7, hash: hash("7") });
    berta.saw(other, { seq: 5, hash: hash("5") });
    const [lastOfAnna, lastOfBerta] = [
      { client: "anna", anchor: { seq: 7, hash: hash("7") } },
      { client: "berta", anchor: { seq: 5, hash: hash("5") } },
    ];
    expect(seenByClients(folder.path, other)).toEqual([lastOfAnna, lastOfBerta]);
    const seen = [{ client: "anna", anchor: { seq: 4, hash: hash("4") } }];
    expect(seenByClients(folder.path, run)).toEqual(seen);
  });
});

describe("a limit", () => {
  it("holds exactly what it says, and the refusal says what would have been too much", () => {
    const one = open({ epsilon: 50, delta: 1e-5 });
    one.charge(at(0), central);
    const epsilon = one.epsilon ?? Number.NaN;
    one.close();
    const other = open({ epsilon, delta: 1e-5 }, "ben");
    expect(other.affords(central)).toBe(true);
    other.charge(at(0), central);
    expect(() => other.charge(at(1), central)).toThrow("one update more than it holds");
    expect(() => other.charge(at(1), central)).toThrow(`at most ${epsilon}`);
    const none = planWith({ trust: "none", targetEpsilon: null });
    expect(() => other.charge(at(1), none)).toThrow("an update without any bound");
    other.close();
  });

  it("is noted anew where its delta alone has changed, and not where nothing has", () => {
    for (const delta of [1e-5, 1e-5, 1e-6, 1e-6]) open({ epsilon: 2, delta }).close();
    expect(entries().map(({ kind, limits }) => [kind, limits?.delta])).toEqual([
      ["open", 1e-5],
      ["limits", 1e-6],
    ]);
  });
});

it("row 47: holds a run to the rows that it began with, over openings, and other runs to their own", () => {
  const [run, next] = ["01".repeat(16), "02".repeat(16)];
  const [rows, changed] = ["aa".repeat(32), "bb".repeat(32)];
  const ledger = open();
  ledger.holdsRows(run, rows);
  ledger.holdsRows(run, rows);
  ledger.holdsRows(next, changed);
  ledger.close();
  expect(entries().map(({ kind }: { kind: string }) => kind)).toEqual(["open", "rows", "rows"]);
  const again = open();
  again.holdsRows(run, rows);
  expect(() => again.holdsRows(run, changed)).toThrow("data.changed");
  // A refusal tells no hash of anybody's rows.
  expect(() => again.holdsRows(run, changed)).not.toThrow(/aaaa|bbbb/);
  again.close();
});

describe("epsilon once a run is over", () => {
  const [run, other] = ["01".repeat(16), "02".repeat(16)];
  const delta = 1e-5;
  const epsilonOnce = (count: number, limits: ClientLimits | null = { epsilon: 9, delta }) => {
    const ledger = open(limits);
    for (const round of [0, 1]) ledger.charge(at(round, other), central);
    for (const round of [0, 1, 2]) ledger.charge(at(round, run), central);
    const whole = [
      { terms: central, count },
      { terms: central, count: 1 },
    ];
    const epsilon = ledger.epsilonAfter(run, whole, central);
    ledger.close();
    return epsilon;
  };
  const rho = 1 / (2 * central.noiseMultiplier ** 2);
  const close = (epsilon: number | null, updates: number) =>
    expect((epsilon ?? Number.NaN) / gridEpsilon(updates * rho, delta)).toBeCloseTo(1, 5);

  it("is of other runs' charges and all that the run will have charged", () =>
    close(epsilonOnce(7), 2 + 8));

  it("has one more update to come where the run has charged more than it said", () =>
    close(epsilonOnce(1), 2 + 4));

  it("is none without a limit", () => expect(epsilonOnce(7, null)).toBeNull());
});

it("does not note its limits anew where charges came after them", () => {
  const limits = { epsilon: 9, delta: 1e-5 };
  charged(open(limits), central, 1).close();
  open(limits).close();
  expect(entries().map(({ kind }) => kind)).toEqual(["open", "participation"]);
});

it("keeps no events in the ledger of a client, which has its costs", () => {
  const ledger = open();
  ledger.charge({ ...at(0), events: attemptEvents(central) }, central);
  ledger.close();
  expect(entries().at(-1)).not.toHaveProperty("events");
});

it("anchors every line that something rests on, and none that says where another ledger stood", () => {
  const anchor = () => JSON.parse(readFileSync(file("anna.anchor.json"), "utf8"));
  const ledger = open();
  expect(anchor()).toEqual({ seq: 0, hash: entries()[0].hash });
  ledger.begins({ runId: at(0).runId, round: 0, attempt: 0 });
  expect(anchor()).toEqual({ seq: 1, hash: entries()[1].hash });
  ledger.saw("0c".repeat(16), { seq: 2, hash: "cd".repeat(32) });
  expect(anchor().seq).toBe(1);
  ledger.holdsRows(at(0).runId, "aa".repeat(32));
  expect(anchor()).toEqual({ seq: 3, hash: entries()[3].hash });
  ledger.close();
});

it("reads nothing where no ledger of a file ever was, and refuses one that is gone beside its anchor", () => {
  expect(ClientLedger.read(folder.path)).toBeUndefined();
  ClientLedger.ofFile(folder.path, null, false).close();
  expect(ClientLedger.read(folder.path)?.map(({ kind }) => kind)).toEqual(["open"]);
  writeFileSync(file("own.anchor.json"), JSON.stringify({ seq: 0, hash: "22".repeat(32) }));
  rmSync(file("own.jsonl"));
  expect(() => ClientLedger.read(folder.path)).toThrow(/ledger\.rollback .*no such line/);
});

it("reads of the ledgers in a folder those alone, and what was seen even if charges came after", () => {
  const run = "01".repeat(16);
  const anchor = { seq: 2, hash: "22".repeat(32) };
  for (const client of ["berta", "anna", "carla"]) {
    const ledger = open(null, client);
    ledger.saw(run, anchor);
    ledger.charge(at(0, run), central);
    ledger.close();
  }
  writeFileSync(file("anna.jsonl.old"), "no ledger");
  const clients = ["anna", "berta", "carla"];
  expect(seenByClients(folder.path, run)).toEqual(clients.map((client) => ({ client, anchor })));
});

it("row 47: holds a run to its rows, and a coordinator to its ledger, whatever lines came after", () => {
  const { runId } = at(0);
  const ledger = open();
  ledger.holdsRows(runId, "aa".repeat(32));
  ledger.saw(runId, { seq: 4, hash: "44".repeat(32) });
  charged(ledger, central, 1);
  ledger.begins({ runId, round: 1, attempt: 0 });
  const refuses = (one: ClientLedger) => {
    expect(() => one.holdsRows(runId, "bb".repeat(32))).toThrow("data.changed");
    expect(() => one.saw(runId, { seq: 3, hash: "33".repeat(32) })).toThrow("ledger.rollback");
  };
  refuses(ledger);
  ledger.close();
  refuses(open());
});

/**
 * A coordinator that is killed at each step of a round, and goes on: under seeded noise to the bytes of a
 * run that was never cut off; under secure noise with everything charged that may have left a client.
 */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findResumePoint } from "../../../run/folder/resume-point.ts";
import { RunFolder } from "../../../server/run-folder/run-folder.ts";
import { sha256 } from "../../../shared/canonical.ts";
import { type LedgerLine, readLines } from "../../../shared/ledger/ledger-line.ts";
import { openPlan } from "../../../shared/plan/plan.ts";
import { childrenOf, murmur, scratch, sees, startMurmur } from "../../support/murmur.ts";
import { attemptsIn, endOf, participations, witnesses } from "../../support/participations.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const TIMEOUT_MS = 480_000;
const folder = scratch();
afterAll(folder.remove);
const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
/** A few rounds of a few clients on one host: as little as shows it. */
const small = (scenario: string, ...more: string[]) => [
  ...["run", `scenarios/${scenario}.yaml`, "--hosts", "1", "--quiet"],
  ...set("clients.minCohort=2"),
  ...set("data.source.rows=100", "data.source.testRows=20", ...more),
];
/** Records: counts before the rounds and after one, momentum, a clip norm that moves. */
const RECORDS = small(
  "purchases",
  "privacy.trust=central",
  ...["clients.count=2", "training.rounds=3", "privacy.population=100"],
  "training.learningRate=0.1",
  "training.averaging={ kind: ema, decay: 0.5 }",
  "training.adaptiveClipping={ quantile: 0.5, bounds: [0.01, 10], bitNoise: 4 }",
  ...["statistics.noiseMultiplier=10", "statistics.classCounts=true"],
  ...["evaluation.federated.noiseMultiplier=20", "evaluation.federated.every=2"],
);
/** Clients, some of which are drawn, with a state of their own. */
const CLIENTS = small(
  "purchases-clients",
  ...["clients.count=4", "training.rounds=3", "privacy.population=4", "privacy.epsilon=10"],
  ...["training.algorithm=scaffold", "training.batchSize=10", "training.localEpochs=2"],
  ...["training.serverOptimizer=adam", "training.averaging={ kind: mean, from: 2 }"],
  ...["training.serverLearningRate=0.05", "training.adaptiveClipping.bitNoise=1"],
);
/** Under masks, of which no seed exists: two runs of it have no word on the wire in common. */
const MASKED = small(
  "purchases",
  ...["clients.count=4", "training.rounds=3", "privacy.population=100"],
  "training.learningRate=0.25",
);
const secure = (rounds: number) =>
  small(
    "purchases",
    ...["clients.count=2", `training.rounds=${rounds}`, "privacy.population=100"],
    ...["training.learningRate=0.25", "privacy.noise=secure", "privacy.trust=central"],
  );
const at = (name: string) => join(folder.path, name);

/** Runs until the failpoint kills the coordinator; a copy is kept. @returns where it would have been found */
async function killed(args: readonly string[], failpoint: string, name: string): Promise<string> {
  const child = startMurmur([...args, "--out", at(name)], { MURMUR_FAILPOINT: failpoint });
  const signal = await endOf(child);
  expect(signal, `${failpoint} was never reached`).toBe("SIGKILL");
  expect(existsSync(at(name)), "a killed run is no finished run").toBe(false);
  cpSync(`${at(name)}.tmp`, `${at(name)}-then.tmp`, { recursive: true });
  return at(name);
}

async function succeeds(...args: string[]) {
  const { status, stdout, stderr } = await murmur(args);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  return stdout;
}

/** The copy of a run that was killed after the charge of its second round, its newest checkpoint damaged. */
function withOlder(name: string) {
  const run = `${at(name)}-then`;
  const newest = `${run}.tmp/checkpoint-1`;
  const bytes = readFileSync(newest);
  writeFileSync(newest, bytes.fill(1, bytes.length - 9));
  const plan = readFileSync(`${run}.tmp/plan.json`);
  return { folder: RunFolder.reopen(run), sealed: openPlan(plan, sha256(plan)) };
}
const BEHIND = /checkpoint\.behind .* before round 1, expected one of round 2/;

/** One core each. */
async function together<T>(todo: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...todo];
  const next = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await work(one);
  };
  await Promise.all([next(), next()]);
}

const REPEATED = [
  "ledger.jsonl",
  "rounds.jsonl",
  "model/weights.bin",
  "trace.json",
  "manifest.json",
  "anchor.json",
  "scenario.resolved.yaml",
];
/** All but the time that it took. */
const bytesOf = (run: string) =>
  Object.fromEntries(
    REPEATED.map((name) => {
      const text = readFileSync(join(run, name), "latin1");
      return [name, text.replace(/"seconds": \{[^}]*\}|"contentHash": "\w*"/g, "")];
    }),
  );

describe("under seeded noise, a run that was killed and resumed ends in an unbroken one's bytes:", () => {
  // Lines of RECORDS: 1, 2 statistics, 3, 4 round 0, 5, 6 round 1, 7, 8 its evaluation, 9, 10 round 2.
  // Lines of CLIENTS: 1, 2 round 0, 3, 4 round 1.
  const POINTS = [
    { row: 12, of: "records", point: "ledger-before-write:kill:charge-1" },
    { row: 13, of: "records", point: "ledger-mid-write:kill:charge-5" },
    { row: 13, of: "records", point: "ledger-after-write:kill:charge-7" },
    { row: 16, of: "records", point: "checkpoint-mid-write:kill:2" },
    { row: 16, of: "records", point: "checkpoint-before-rename:kill:3" },
    { row: 14, of: "clients", point: "ledger-after-sync:kill:charge-3" },
    { row: 14, of: "clients", point: "ledger-before-write:kill:release-4" },
    { row: 15, of: "clients", point: "anchor-after-rename:kill:4" },
    { row: 17, of: "clients", point: "checkpoint-after-rename:kill:2" },
    { row: 14, of: "masked", point: "ledger-after-sync:kill:charge-3" },
    { row: 14, of: "masked", point: "ledger-before-write:kill:release-4" },
  ] as const;
  const args = { records: RECORDS, clients: CLIENTS, masked: MASKED };
  const errors = new Map<string, string>();
  const nameOf = ({ of, point }: (typeof POINTS)[number]) => `${of}-${point.replaceAll(":", "-")}`;

  beforeAll(async () => {
    await together(["records", "clients", "masked"] as const, async (of) => {
      await succeeds(...args[of], "--out", at(of));
    });
    await together(POINTS, async (one) => {
      const run = await killed(args[one.of], one.point, nameOf(one));
      const { stderr } = await murmur(["resume", run, "--quiet"]);
      errors.set(nameOf(one), stderr);
    });
  }, TIMEOUT_MS);

  it.each(POINTS)("row $row: resumed to the bytes of an unbroken run: $of, $point", (one) => {
    expect(errors.get(nameOf(one))).toBe("");
    expect(bytesOf(at(nameOf(one)))).toEqual(bytesOf(at(one.of)));
    const left = readdirSync(at(nameOf(one))).filter((name) => /checkpoint|launch|lock/.test(name));
    expect(left).toEqual([]);
    const own = readdirSync(at(`${nameOf(one)}/clients-private`));
    expect(own.filter((name) => name.includes("control"))).toEqual([]);
  });

  it("row 17: does not begin at an older checkpoint where clients have a control, which has moved on", () => {
    const { folder, sealed } = withOlder("clients-ledger-after-sync-kill-charge-3");
    expect(() => findResumePoint(folder, sealed, false)).toThrow(BEHIND);
  });

  it(
    "and there is nothing to resume in a run that is finished",
    async () => {
      const { status, stderr } = await murmur(["resume", at("records")]);
      expect(status).toBe(2);
      expect(stderr).toMatch(/^ScenarioError: resume .*a finished run/);
    },
    TIMEOUT_MS,
  );
});

describe("under secure noise, a resumed run", () => {
  const SPARE = set("privacy.spareAttempts=1");
  const CASES = [
    {
      row: 14,
      point: "ledger-after-sync:kill:charge-3",
      more: SPARE,
      charges: 4,
      rounds: 3,
      model: 3,
    },
    // Released, then killed before the checkpoint: the round is released twice.
    { row: 15, point: "anchor-after-rename:kill:4", more: SPARE, charges: 4, rounds: 3, model: 4 },
    // A torn release; nothing was reserved for another attempt, and the budget ends a round earlier.
    {
      row: 14,
      point: "ledger-mid-write:kill:release-4",
      more: [],
      charges: 3,
      rounds: 2,
      model: 2,
    },
  ];
  const linesOf = (run: string): LedgerLine[] =>
    readLines(readFileSync(join(run, "ledger.jsonl"), "utf8"), run);
  const nameOf = (point: string) => `secure-${point.replaceAll(":", "-")}`;

  beforeAll(async () => {
    await together(CASES, async ({ point, more }) => {
      const own = witnesses(point, at(`${nameOf(point)}-ledgers`));
      const run = await killed([...secure(3), ...more, ...own], point, nameOf(point));
      await succeeds("verify", `${run}.tmp`, "--quiet");
      await succeeds("resume", `${run}.tmp`, "--quiet");
      await succeeds("verify", run, "--quiet");
    });
  }, TIMEOUT_MS);

  it.each(CASES)("row $row: charges every attempt: $point", ({ point, charges, rounds, model }) => {
    const run = at(nameOf(point));
    const entries = linesOf(run).map(({ entry }) => entry);
    const of = (kind: string) => entries.filter((entry) => entry.kind === kind);
    expect(of("charge")).toHaveLength(charges);
    expect(of("release")).toHaveLength(model);
    expect(of("resumed")).toHaveLength(1);
    expect(entries.at(-1)).toEqual({ kind: "close", reason: rounds === 3 ? "done" : "budget" });
    // No attempt has been used twice.
    const names = entries.flatMap((e) => (e.kind === "charge" ? [`${e.round}/${e.attempt}`] : []));
    expect(new Set(names).size).toBe(charges);
    // Whatever left a client, by the clients' own ledgers, is charged.
    const sent = participations(at(`${nameOf(point)}-ledgers`));
    if (!point.startsWith("anchor")) expect(sent?.length).toBeGreaterThanOrEqual(model);
    expect(names, "left, and not charged").toEqual(expect.arrayContaining(sent ?? []));
    const plan = JSON.parse(readFileSync(join(run, "plan.json"), "utf8")).privacy;
    // By a bisection of the test's own: what so many exact Gaussians cost.
    const due = exactGaussianEpsilon(Math.sqrt(charges) / plan.noiseMultiplier, plan.chargedDelta);
    const told = readFileSync(join(run, "rounds.jsonl"), "utf8").trimEnd().split("\n");
    const spent = told.map((line) => JSON.parse(line).epsilon.modelRecipients);
    expect(spent).toHaveLength(rounds);
    expect(spent.at(-1)).toBeGreaterThanOrEqual(due);
    expect(spent.at(-1)).toBeLessThan(due * (1 + 1e-6));
  });

  it("row 17: begins at an older checkpoint with clients of its own, and asks none that have gone on since", () => {
    const { folder, sealed } = withOlder(nameOf("ledger-after-sync:kill:charge-3"));
    expect(findResumePoint(folder, sealed, false)?.checkpoint?.round).toBe(0);
    // They cannot give a secure round's bytes twice: said before one is asked, or charged.
    expect(() => findResumePoint(folder, sealed, true)).toThrow(BEHIND);
  });
});

it(
  "row 14: under masks and secure noise, an attempt whose sum was never opened stays charged",
  async () => {
    const more = set("privacy.noise=secure", "privacy.spareAttempts=1");
    const own = ["--client-ledgers", at("veiled-ledgers")];
    const point = "ledger-before-write:kill:release-4";
    const run = await killed([...MASKED, ...more, ...own], point, "veiled");
    const chargedIn = (path: string) => attemptsIn(join(path, "ledger.jsonl"), "charge");
    // By the clients' own ledgers, each masked vector of the second round has left.
    expect(participations(at("veiled-ledgers"))).toEqual(["0/0", "1/0"]);
    expect(chargedIn(`${run}.tmp`)).toEqual(["0/0", "1/0"]);
    await succeeds("resume", `${run}.tmp`, "--quiet");
    expect(participations(at("veiled-ledgers"))).toEqual(chargedIn(run));
    const told = JSON.parse(await succeeds("verify", run, "--json"));
    expect(told).toMatchObject({ charges: 4, releases: 3 });
    // zCDP adds up: four charges of the plan, each of them a fourth of what it may spend.
    const { privacy } = JSON.parse(readFileSync(join(run, "plan.json"), "utf8"));
    expect(told.epsilon).toBeLessThanOrEqual(privacy.epsilon);
    expect(told.epsilon).toBeGreaterThan(0.99 * privacy.epsilon);
  },
  TIMEOUT_MS,
);

it(
  "rows 18, 23: asked to stop, it ends its round and goes on later; meanwhile nobody else gets at it",
  async () => {
    const child = startMurmur([...secure(60), "--out", at("stopped")]);
    let stderr = "";
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    const exit = new Promise((resolve) => child.once("exit", resolve));
    const rounds = `${at("stopped")}.tmp/rounds.jsonl`;
    const begun = () => existsSync(rounds) && readFileSync(rounds).includes("\n");
    for (let tries = 0; !begun() && tries < 2000; tries++) await setTimeout(20);
    const held = `got process ${child.pid} on ${hostname()}`;
    expect(() => RunFolder.reopen(at("stopped"))).toThrow(/run\.locked/);
    expect(() => RunFolder.create(at("stopped"))).toThrow(held);
    child.kill("SIGTERM");
    expect(await exit).toBe(130);
    expect(stderr).toMatch(/^murmur: interrupted; .*to go on: murmur resume \S*stopped\n$/);
    // The round was ended: nothing is charged that is not in the model.
    await succeeds("verify", `${at("stopped")}.tmp`, "--quiet");
    const text = readFileSync(`${at("stopped")}.tmp/ledger.jsonl`, "utf8");
    expect(readLines(text, "ledger.jsonl").at(-1)?.entry.kind).toBe("release");
    await succeeds("resume", at("stopped"), "--quiet");
    expect(JSON.parse(await succeeds("verify", at("stopped"), "--json"))).toMatchObject({
      charges: 60,
      releases: 60,
    });
  },
  TIMEOUT_MS,
);

it(
  "row 18: asked twice, it ends at once, and goes on all the same",
  async () => {
    const hold = { MURMUR_FAILPOINT: "host-round:hold:0" };
    const child = startMurmur([...RECORDS, "--out", at("hurried")], hold);
    await sees(child, /failpoint/);
    const hosts = childrenOf(child.pid ?? 0);
    const exit = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGINT");
    await setTimeout(100);
    child.kill("SIGINT");
    expect(await exit).toBe(130);
    for (let tries = 0; hosts.some((pid) => existsSync(`/proc/${pid}`)) && tries < 200; tries++)
      await setTimeout(20);
    expect(hosts.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    await succeeds("resume", at("hurried"), "--quiet");
    expect(bytesOf(at("hurried"))).toEqual(bytesOf(at("records")));
  },
  TIMEOUT_MS,
);

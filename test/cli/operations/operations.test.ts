/** `--log` and `--metrics` of real processes: what they tell, held against what the run left, and what they keep. */
import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ADVERSARIES } from "../../../shared/accounting/mechanisms/event.ts";
import { readLines, spendingOf } from "../../../shared/ledger/ledger-line.ts";
import { purchasesTables } from "../../support/canary-tables.ts";
import { clientLines } from "../../support/client-lines.ts";
import { murmur, murmurProcess, scratch, sees, startMurmur } from "../../support/murmur.ts";
import { Detector, needlesOf } from "../../support/needles.ts";
import { metricNames, samples, scrape } from "../../support/scrape.ts";
import { layOut, Started } from "../../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const PURCHASES = "scenarios/purchases.yaml";
const set = (...pairs: string[]) => pairs.flatMap((pair) => ["--set", pair]);
/** As little of it as is a run. */
const SMALL = set(
  ...["data.source.rows=200", "data.source.testRows=50", "privacy.population=200"],
  ...["clients.count=3", "clients.minCohort=3", "training.rounds=2"],
);

let folder = scratch();
let children: ChildProcess[] = [];
beforeEach(() => {
  folder = scratch();
  children = [];
});
afterEach(async () => {
  const running = children.filter(({ exitCode, signalCode }) => exitCode === null && !signalCode);
  await Promise.all(
    running.map((child) => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGKILL");
      return ended;
    }),
  );
  folder.remove();
});

const at = (...names: string[]) => join(folder.path, ...names);
const jsonLines = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const LOG = () => ["--log", at("log.jsonl"), "--log-level", "debug"];
const METRICS = ["--metrics", "127.0.0.1:0"];
const METRICS_AT = /metrics at http:\/\/(127\.0\.0\.1:\d+)\/metrics/;

/** Attempts that a page says were charged, whatever they asked for. */
function chargesOf(page: ReadonlyMap<string, number>): number {
  return [...page]
    .filter(([series]) => series.startsWith("murmur_attempts_total"))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** A run in a process of its own, scraped as fast as it answers, to its end. */
async function watched(scenario: string, ...args: string[]) {
  const all = ["run", scenario, "--json", "--out", at("run"), ...LOG(), ...METRICS, ...args];
  const child = startMurmur(all);
  children.push(child);
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdout?.resume();
  const [, place = ""] = METRICS_AT.exec(await sees(child, METRICS_AT)) ?? [];
  const scraped: string[] = [];
  const ready: (number | undefined)[] = [];
  for (;;) {
    const page = await scrape(`http://${place}/metrics`);
    if (page === undefined) break;
    scraped.push(page.text);
    ready.push((await scrape(`http://${place}/readyz`))?.status);
  }
  expect(await ended, stderr).toBe(0);
  return { scraped, ready, log: jsonLines(at("log.jsonl")) };
}

describe("a run on private files", () => {
  it(
    "tells at every moment what trace and ledger say in the end, and no cell",
    async () => {
      const { files, canaries } = purchasesTables();
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(at(path)), { recursive: true });
        writeFileSync(at(path), content);
      }
      const rounds = set("training.rounds=20", "privacy.epsilon=4");
      const { scraped, ready, log } = await watched(at("scenario.yaml"), ...rounds);
      const trace = JSON.parse(readFileSync(at("run/trace.json"), "utf8"));
      const lines = readLines(readFileSync(at("run/ledger.jsonl"), "utf8"), "ledger.jsonl");
      const charges = lines.filter(({ entry }) => entry.kind === "charge");
      const spentAfter = (count: number) =>
        spendingOf([...lines.slice(0, 1), ...charges.slice(0, count)]);

      const pages = scraped.map(samples);
      const begun = pages.filter((page) => chargesOf(page) > 0);
      expect(begun.length).toBeGreaterThan(3);
      let [before, held] = [0, 0];
      for (const page of begun) {
        for (const adversary of ADVERSARIES)
          expect(page.get(`murmur_epsilon_spent{adversary="${adversary}"}`)).toBe(
            spentAfter(chargesOf(page)).against(adversary),
          );
        const spent = page.get('murmur_epsilon_spent{adversary="modelRecipients"}') ?? 0;
        expect(spent).toBeGreaterThanOrEqual(before);
        const released = page.get("murmur_round") ?? 0;
        const trained = page.get('murmur_attempts_total{task="train"}') ?? 0;
        expect([trained - 1, trained]).toContain(released);
        // Every client answers every attempt, and none was lost.
        const counted = page.get('murmur_updates_total{status="counted"}') ?? 0;
        const clients = page.get('murmur_clients{state="here"}') ?? 0;
        expect(counted).toBeGreaterThanOrEqual(clients * (chargesOf(page) - 1));
        expect(counted).toBeLessThanOrEqual(clients * chargesOf(page));
        [before, held] = [spent, Math.max(held, released)];
      }
      expect(held).toBeGreaterThan(5);

      // The log at its loudest adds up to what is told of each client.
      const clients = clientLines(at("run"));
      const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
      const of = (event: string) => log.filter((line) => line.event === event);
      const counted = of("update").filter(({ status }) => status === "counted");
      expect(counted).toHaveLength(sum(clients.map(({ updates }) => Number(updates))));
      expect(sum(counted.map(({ bytes }) => bytes))).toBe(
        sum(clients.map(({ bytes }) => Number(bytes))),
      );
      expect(of("attempt-charged").map(({ epsilon }) => epsilon)).toEqual(
        charges.map((_, i) => spentAfter(i + 1).spent),
      );

      // Not ready until the cohort is complete, ready ever after.
      const turn = ready.indexOf(200);
      expect(new Set(ready.slice(0, turn))).toEqual(new Set([503]));
      expect(new Set(ready.slice(turn, -1))).toEqual(new Set([200]));

      expect(of("round-released").map(({ epsilon }) => epsilon)).toEqual(
        trace.rounds.map(({ epsilon }: { epsilon: unknown }) => epsilon),
      );
      expect(of("round-released").map(({ modelHash }) => modelHash)).toEqual(
        trace.rounds.map(({ modelHash }: { modelHash: string }) => modelHash),
      );
      const { runId } = JSON.parse(readFileSync(at("run/manifest.json"), "utf8"));
      expect(new Set(log.map(({ run }) => run))).toEqual(new Set([runId]));
      expect(log.at(-1).event).toBe("run-ends");
      expect(statSync(at("log.jsonl")).mode & 0o777).toBe(0o600);

      const detector = new Detector(canaries.flatMap(needlesOf));
      const haystacks = [readFileSync(at("log.jsonl"), "utf8"), ...new Set(scraped)].map(
        (text, i) => ({ place: i === 0 ? "log" : "metrics", bytes: Buffer.from(text) }),
      );
      expect(detector.find(haystacks)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

/** Whole clients are drawn, and epsilon counts on nobody's knowing which. */
const SECRET = set(
  "clients.count=60",
  "clients.minCohort=40",
  "privacy.population=60",
  "privacy.delta=1e-4",
  "data.source.rows=600",
  "training.rounds=8",
);

describe("a run whose cohorts are secret", () => {
  it(
    "neither counts nor names one, in metrics or at any level of the log",
    async () => {
      const { scraped, log } = await watched("scenarios/purchases-clients.yaml", ...SECRET);
      const names = new Set(scraped.flatMap(metricNames));
      for (const one of [/update/, /byte/, /process/, /nodejs/])
        expect([...names].filter((name) => one.test(name))).toEqual([]);
      const last = scraped.findLast((text) => /^murmur_round [1-9]/m.test(text)) ?? "";
      expect(last).toMatch(/^murmur_cohort_secret 1$/m);
      expect(last).toContain('murmur_stage_seconds_count{stage="charge"}');
      expect(last).not.toContain('stage="train"');

      const events = new Set(log.map(({ event }) => event));
      expect(events).toContain("round-released");
      for (const event of ["update", "sent"]) expect(events).not.toContain(event);
      expect(log.filter(({ stage }) => stage === "train")).toEqual([]);
      for (const line of log.filter(({ event }) => event !== "clients-joined")) {
        expect(Object.keys(line)).not.toContain("lost");
        expect(JSON.stringify(line)).not.toMatch(/"c\d+"/);
      }
    },
    TIMEOUT_MS,
  );
});

describe("what happens is one line, for people or in the log", () => {
  // As little as a host can be lost of.
  const HELD = [
    ...["--hosts", "3", "--json"],
    ...set("clients.count=6", "clients.minCohort=3", "training.rounds=2"),
    ...set("data.source.rows=300", "privacy.population=300", "data.source.testRows=50"),
  ];
  /** A run one of whose hosts is killed in the first round. */
  async function losesOne(...args: string[]) {
    const all = ["run", PURCHASES, ...HELD, "--out", at("run"), ...args];
    const child = startMurmur(all, { MURMUR_FAILPOINT: "host-round:hold:2" });
    children.push(child);
    let stderr = "";
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    const ended = new Promise((resolve) => child.once("close", resolve));
    const text = await sees(child, /failpoint host-round 2 pid \d+/);
    process.kill(Number(/pid (\d+)/.exec(text)?.[1]), "SIGKILL");
    expect(await ended).toBe(0);
    return stderr.split("\n").filter((line) => line !== "" && !line.startsWith("failpoint"));
  }
  const LOST = { event: "clients-lost", level: "warn", clients: ["c3", "c6"], lost: 2 };

  it(
    "a lost host: a line on stderr, and one in the log beside it",
    async () => {
      const [line, ...more] = await losesOne(...LOG());
      expect(more, `${line}`).toEqual([]);
      expect(line).toMatch(/^murmur: lost c3, c6: \S/);
      // Its socket may end before its process is known to have: then they are away for a moment.
      const logged = jsonLines(at("log.jsonl")).filter(({ event }) => event === LOST.event);
      expect(logged).toMatchObject([LOST]);
      expect(line).toBe(`murmur: lost c3, c6: ${logged[0].why}`);
    },
    TIMEOUT_MS,
  );

  it(
    "--log - has it on stderr, as JSON, in the line's place; the level leaves out the rest",
    async () => {
      const lines = await losesOne("--log", "-", "--log-level", "warn");
      const logged = lines.map((line) => JSON.parse(line));
      for (const { level } of logged) expect(level).toBe("warn");
      expect(logged.filter(({ event }) => event === LOST.event)).toMatchObject([LOST]);
    },
    TIMEOUT_MS,
  );
});

it(
  "a second run continues the log, with its own id in every line",
  async () => {
    for (const seed of ["1", "2"]) {
      const args = [
        "--seed",
        seed,
        "--out",
        at(seed),
        "--quiet",
        ...SMALL,
        "--log",
        at("log.jsonl"),
      ];
      const { status, stderr } = await murmur(["run", PURCHASES, ...args]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    }
    const log = jsonLines(at("log.jsonl"));
    const begun = log.filter(({ event }) => event === "run-begins").map(({ run }) => run);
    expect(new Set(begun).size).toBe(2);
    expect([...new Set(log.map(({ run }) => run))]).toEqual(begun);
  },
  TIMEOUT_MS,
);

it(
  "a full disk loses lines of the log, says so once, and ends no run",
  async () => {
    const args = ["--out", at("run"), "--quiet", ...SMALL, "--log", "/dev/full"];
    const { status, stderr } = await murmur(["run", PURCHASES, ...args]);
    expect(stderr).toMatch(/^murmur: --log: lines are lost: ENOSPC[^\n]*\n$/);
    expect(status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  "a bug that ends the process is the log's last line, its stack on stderr as ever",
  async () => {
    // In the coordinator alone, once a round is open and its hosts hold.
    const bug = `
      import { readFileSync } from "node:fs";
      const begun = () => {
        try {
          return readFileSync(${JSON.stringify(at("log.jsonl"))}, "utf8").includes("attempt-charged");
        } catch {
          return false;
        }
      };
      const look = () => {
        if (begun()) throw new Error("planted bug");
      };
      if (!process.send) setInterval(look, 20).unref();
    `;
    const preload = join(folder.path, "bug.mjs");
    writeFileSync(preload, bug);
    // Under masks nothing is charged while hosts hold.
    const central = set("privacy.trust=central");
    const args = ["run", PURCHASES, "--out", at("run"), ...LOG(), "--quiet", ...SMALL, ...central];
    const { status, stderr } = await murmurProcess(args, {
      NODE_OPTIONS: `--import=${preload}`,
      MURMUR_FAILPOINT: "host-round:hold",
    });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/Error: planted bug\n\s+at /);
    const last = jsonLines(at("log.jsonl")).at(-1);
    expect(last).toMatchObject({ event: "bug", level: "error", where: "process" });
    expect(last.stack).toMatch(/planted bug\n\s+at /);
  },
  TIMEOUT_MS,
);

it(
  "a run that fails says in the log why, in the words of stderr",
  async () => {
    const args = [...SMALL, ...set("training.learningRate=1e300")];
    const { status, stderr } = await murmur([
      ...["run", PURCHASES, "--out", at("run"), "--quiet", ...LOG(), ...args],
    ]);
    expect(status).toBe(1);
    const last = jsonLines(at("log.jsonl")).at(-1);
    expect(last).toMatchObject({ event: "run-failed", what: "training.diverged", level: "error" });
    expect(stderr.split("\n")[0]).toBe(`ScenarioError: ${last.message}`);
  },
  TIMEOUT_MS,
);

describe("murmur serve and murmur join", () => {
  it(
    "ready when all have joined; each owner has a log of its own",
    async () => {
      layOut(folder.path);
      const args = ["--listen", "127.0.0.1:0", "--out", "run", "--simulation", ...METRICS];
      const log = ["--log", "log.jsonl"];
      const coordinator = new Started(at("coordinator"), ["serve", "study.yaml", ...args, ...log]);
      children.push(coordinator.child);
      const [, place] = await coordinator.says(METRICS_AT);
      const [, url = "", key = ""] = await coordinator.says(
        /murmur join (ws:\/\/\S+) .*--server-key (\S+)/,
      );
      const health = async () => JSON.parse((await scrape(`http://${place}/healthz`))?.text ?? "");
      const ready = async () => (await scrape(`http://${place}/readyz`))?.status;
      const join = (who: string, client: string) => {
        const token = `../coordinator/run.tokens/${client}.token`;
        const args = ["join", url, "--server-key", key, "--token", token, "--data", "rows.csv"];
        // It holds between its charge and its update: the round stays open.
        const env = { MURMUR_FAILPOINT: "client-after-charge:hold" };
        const started = new Started(at(who), [...args, "--simulation", ...log], env);
        children.push(started.child);
        return started;
      };
      expect(await ready()).toBe(503);
      expect(await health()).toMatchObject({ clients: { here: 0, awaited: 2, lost: 0 } });
      join("a", "c1");
      await coordinator.says(/c1 joined; 1 of 2 still to come/);
      expect(await ready()).toBe(503);
      expect((await health()).clients).toEqual({ here: 1, awaited: 1, away: 0, lost: 0 });
      const second = join("b", "c2");
      await second.says(/failpoint client-after-charge/);
      expect(await ready()).toBe(200);
      expect(await health()).toEqual({
        ...{ state: "training", round: 0, rounds: 3 },
        clients: { here: 2, awaited: 0, away: 0, lost: 0 },
      });
      const told = jsonLines(at("coordinator/log.jsonl"));
      const joined = told.filter(({ event }) => event === "clients-joined");
      expect(joined.map(({ clients }) => clients.join())).toEqual(["c1", "c2"]);
      const own = jsonLines(at("b/log.jsonl"));
      expect(own.map(({ event }) => event)).toEqual(["plan-agreed", "order"]);
      expect(own[1]).toMatchObject({ run: told[0].run, task: "train", round: 0, clients: 1 });
      expect(own[0].plan).toBe(told[0].plan);
    },
    TIMEOUT_MS,
  );
});

describe("refuses, in one line and before anything runs,", () => {
  const SERVE = ["serve", PURCHASES, "--listen", "127.0.0.1:0"];
  const RUN = ["run", PURCHASES];
  const JOIN = ["join", "ws://127.0.0.1:1", "--data", "x.csv"];
  it.each<readonly [what: string, args: readonly string[], expected: RegExp]>([
    ["an address without a port", [...RUN, "--metrics", "9090"], /--metrics.*HOST:PORT/],
    ["an address that is none", [...SERVE, "--metrics", "127.0.0.1:99999"], /--metrics.*HOST:PORT/],
    ["metrics beyond loopback", [...RUN, "--metrics", "0.0.0.0:0"], /plaintext \(--metrics\)/],
    ["the same of a coordinator", [...SERVE, "--metrics", "[::]:0"], /plaintext \(--metrics\)/],
    ["a log where no folder is", [...RUN, "--log", "/nowhere/at/all"], /log \(--log\).*ENOENT/],
    ["a log that is a folder", [...JOIN, "--log", "."], /log \(--log\).*EISDIR/],
    [
      "a level that is none",
      [...RUN, "--log", "-", "--log-level", "loud"],
      /debug, info, warn, error/,
    ],
    ["metrics of a client", [...JOIN, "--metrics", "127.0.0.1:0"], /unknown option '--metrics'/],
  ])("%s", async (_, args, expected) => {
    const out = args === JOIN || args[0] === "join" ? [] : ["--out", at("run")];
    const { status, stdout, stderr } = await murmur([...args, ...out]);
    expect(stderr).toMatch(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(() => statSync(at("run"))).toThrow("ENOENT");
  });

  it("a port that is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      const args = ["--metrics", `127.0.0.1:${port}`, "--out", at("run")];
      const { status, stderr } = await murmur([...RUN, ...args]);
      expect(stderr).toMatch(/^ScenarioError: port \(--metrics\).*EADDRINUSE[^\n]*\n$/);
      expect(status).toBe(2);
    } finally {
      taken.close();
    }
  });

  it("but metrics beyond loopback where that was asked for", async () => {
    const args = ["--metrics", "0.0.0.0:0", "--insecure-plaintext", "--out", at("run"), ...SMALL];
    const { status, stderr } = await murmur([...RUN, ...args, "--quiet"]);
    expect(stderr).toMatch(/^murmur: metrics at http:\/\/0\.0\.0\.0:\d+\/metrics\n$/);
    expect(status).toBe(0);
  });
});

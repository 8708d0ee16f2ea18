/** murmur sweep and murmur compare as a user runs them: killed, gone on with, verified, read. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { verify } from "../../../cli/commands/verify.ts";
import { type DoneResult, resultSchema, type SweepResult } from "../../../compare/sweep-result.ts";
import { gaussianEpsilon } from "../../../shared/accounting/mechanisms/gaussian.ts";
import {
  alive,
  childrenOf,
  murmur,
  murmurProcess,
  runJson,
  scratch,
  startMurmur,
} from "../../support/murmur.ts";

const TIMEOUT_MS = 240_000;
const PURCHASES = "scenarios/purchases.yaml";
/** As little as a sweep needs where nobody asks what its runs learn. */
const SMALL = [
  ...["data.source.rows=200", "data.source.testRows=50", "privacy.population=200"],
  ...["clients.count=3", "clients.minCohort=3", "training.rounds=2"],
].flatMap((pair) => ["--set", pair]);
const folder = scratch();
afterAll(folder.remove);
let made = 0;
const free = () => join(folder.path, `sweep-${made++}`);

function linesIn(out: string): SweepResult[] {
  const path = join(out, "results.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => resultSchema.parse(JSON.parse(line)));
}

const doneIn = (out: string): DoneResult[] =>
  linesIn(out).filter((line) => line.outcome === "done");

/** Starts a sweep, and sends the signal once it has told of so many runs. */
function endedAfter(args: string[], runs: number, signal: NodeJS.Signals, meanwhile = () => {}) {
  const child = startMurmur(args);
  let text = "";
  let errors = "";
  let processes: number[] = [];
  child.stderr?.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout?.on("data", (chunk) => {
    text += chunk;
    if (text.split("\n").filter((line) => /: accuracy /.test(line)).length < runs) return;
    if (processes.length > 0) return;
    const workers = childrenOf(child.pid ?? 0);
    processes = [...workers, ...workers.flatMap(childrenOf)];
    meanwhile();
    child.kill(signal);
  });
  return new Promise<{ status: number | null; errors: string; processes: number[] }>((resolve) =>
    child.once("close", (status) => resolve({ status, errors, processes })),
  );
}

/** Resolves once none of them is there. */
async function gone(pids: readonly number[]): Promise<void> {
  while (pids.some(alive)) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe("a sweep that is cut off twice", () => {
  const out = free();
  const over = ["--over", "privacy.epsilon=0.03,1,none", "--over", "privacy.trust=central"];
  const args = [
    ...["sweep", PURCHASES, ...over, "--repeat", "3", "--jobs", "2", "--out", out],
    ...["--set", "data.source.testRows=1000"],
  ];
  let before: string[] = [];
  let told: string;
  beforeAll(async () => {
    const first = await endedAfter(args, 2, "SIGINT");
    expect(first.status).toBe(130);
    expect(first.errors).toContain("the same command goes on where it was");
    // Told to end, one may take its time.
    await gone(first.processes);
    const second = await endedAfter(args, 2, "SIGKILL");
    expect(second.processes.length).toBeGreaterThan(1);
    await gone(second.processes);
    before = readFileSync(join(out, "results.jsonl"), "utf8").split("\n").filter(Boolean);
    // As if it had been cut off in the middle of a line.
    appendFileSync(join(out, "results.jsonl"), '{"outcome":"done","id":"0');
    const third = await murmurProcess(args);
    expect(third.stderr).toBe("");
    expect(third.status).toBe(0);
    told = third.stdout;
  }, TIMEOUT_MS);

  it("repeats no finished run", () => {
    expect(before.length).toBeGreaterThanOrEqual(4);
    expect(before.length).toBeLessThan(9);
    const after = readFileSync(join(out, "results.jsonl"), "utf8").split("\n").filter(Boolean);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(linesIn(out).map(({ id }) => id)).size).toBe(9);
    expect(after).toHaveLength(9);
    expect(told).toContain(`to do: ${9 - before.length}; finished before: ${before.length}`);
    expect(existsSync(join(out, "sweep.lock"))).toBe(false);
  });

  it("leaves a folder of each run that verifies, to the ε in its line", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      for (const { run, epsilon } of doneIn(out)) {
        verify(join(out, run), { json: true });
        expect(JSON.parse(log.mock.lastCall?.[0]).epsilon, run).toBe(epsilon.modelRecipients);
      }
      expect(log).toHaveBeenCalledTimes(9);
    } finally {
      log.mockRestore();
    }
  });

  it("rises with ε, and meets its twin", () => {
    // Under seeded noise these are the same numbers in every run: no chance is involved.
    const mean = (trust: string, least: number) => {
      const own = doneIn(out).filter(
        ({ setting, epsilon }) =>
          setting["privacy.trust"] === trust && (epsilon.modelRecipients ?? 9) > least,
      );
      return own.reduce((sum, { accuracy }) => sum + accuracy, 0) / own.length;
    };
    expect(mean("central", 0.5) - mean("central", 0)).toBeGreaterThan(0.05);
    expect(Math.abs(mean("central", 0.5) - mean("none", 0))).toBeLessThan(0.02);
  });

  it("says it in a picture, in curve.csv, and that it cost nobody anything", () => {
    expect(told).toMatch(/ε 0\.030 .*●/);
    expect(told).toMatch(/no noise .*●/);
    expect(told).toContain("if the noise were secure");
    expect(told).toMatch(/trust central, provided that .*; against the coordinator ε ∞/);
    expect(told).toContain("public data: choosing among these runs costs nobody's privacy");
    for (const name of ["curve.svg", "curve-dark.svg", "curve.png", "curve-dark.png", "curve.html"])
      expect(readFileSync(join(out, name)).length, name).toBeGreaterThan(1_000);
    const page = readFileSync(join(out, "curve.html"), "utf8");
    expect(page).toMatch(/within 1 point of no noise.*3 seeds: too few for an interval/);
    expect(page).toContain("public data: choosing among these runs");
    const csv = readFileSync(join(out, "curve.csv"), "utf8").trim().split("\n");
    expect(csv).toHaveLength(1 + 3);
    expect(csv[0]).toBe(
      "setting,epsilon,epsilonOtherClients,epsilonCoordinator,delta,n,mean,sd,low,high,lost,lostLow,lostHigh,twin,majority,epsilonAnonymized,noiseMultiplier,clipNorm,scenario,murmur,measure,rmse,mae",
    );
  });

  it(
    "has the bytes that murmur run has",
    async () => {
      const point = doneIn(out).find(
        ({ seed, setting }) => seed === 8 && setting["privacy.epsilon"] === 0.03,
      );
      const alone = join(folder.path, "alone");
      const set = ["data.source.testRows=1000", "privacy.epsilon=0.03", "privacy.trust=central"];
      await runJson(PURCHASES, [
        ...set.flatMap((pair) => ["--set", pair]),
        ...["--seed", "8", "--out", alone],
      ]);
      const swept = join(out, point?.run ?? "");
      const files = readdirSync(alone, { recursive: true, encoding: "utf8" }).sort();
      expect(readdirSync(swept, { recursive: true, encoding: "utf8" }).sort()).toEqual(files);
      // A manifest tells of time; a client's own report of the port that it dialled. The page has the
      // command by which the run is made again, and so it is this one.
      const same = files.filter(
        (file) => /\./.test(file) && !/^manifest|^clients-private/.test(file),
      );
      expect(same).toContain("report.html");
      expect(same).toContain("clients.jsonl");
      expect(same.length).toBeGreaterThan(10);
      for (const file of same)
        expect(readFileSync(join(swept, file)).equals(readFileSync(join(alone, file))), file).toBe(
          true,
        );
    },
    TIMEOUT_MS,
  );

  it(
    "refuses its folder to another sweep",
    async () => {
      const { status, stderr } = await murmur([...args, "--seed", "9"]);
      expect(status).toBe(2);
      expect(stderr).toContain("a sweep of purchases, 9 runs");
    },
    TIMEOUT_MS,
  );
});

it(
  "refuses a folder at which another process is",
  async () => {
    const out = free();
    const over = ["--over", "privacy.epsilon=1", "--repeat", "4", ...SMALL];
    const args = ["sweep", PURCHASES, ...over, "--out", out];
    let other: ReturnType<typeof murmurProcess> | undefined;
    await endedAfter([...args, "--jobs", "1"], 1, "SIGSTOP", () => {
      other = murmurProcess(args).then(async (finished) => {
        const { pid } = JSON.parse(readFileSync(join(out, "sweep.lock"), "utf8"));
        process.kill(pid, "SIGCONT");
        process.kill(pid, "SIGINT");
        return finished;
      });
    });
    const { status, stderr } = (await other) ?? { status: 0, stderr: "" };
    expect(status).toBe(2);
    expect(stderr).toContain("locked");
  },
  TIMEOUT_MS,
);

it(
  "writes a failed run down with its problem, goes on, and tries it again the next time",
  async () => {
    const out = free();
    const over = ["--over", "training.learningRate=1,1e38", "--repeat", "1"];
    const args = ["sweep", PURCHASES, ...over, "--set", "privacy.trust=none", "--out", out];
    const first = await murmur(args);
    expect(first.status).toBe(1);
    expect(first.stderr).toContain("1 of 2 runs failed");
    const failed = linesIn(out).filter((line) => line.outcome === "failed");
    expect(failed).toHaveLength(1);
    for (const { problem } of failed) expect(problem).toContain("training.diverged");
    expect(doneIn(out)).toHaveLength(1);
    const again = await murmur(args);
    expect(again.stdout).toContain("to do: 1; finished before: 1");
    expect(doneIn(out)).toHaveLength(1);
    expect(linesIn(out)).toHaveLength(3);
  },
  TIMEOUT_MS,
);

describe("shards", () => {
  const parts = [free(), free()];
  beforeAll(async () => {
    for (const [i, out] of parts.entries()) {
      const over = ["--over", "privacy.epsilon=0.1,1,none", "--repeat", "2", ...SMALL];
      const shard = ["--shard", `${i + 1}/2`, "--out", out, "--quiet"];
      const { status, stderr } = await murmur(["sweep", PURCHASES, ...over, ...shard]);
      expect(stderr).toBe("");
      expect(status).toBe(0);
    }
  }, TIMEOUT_MS);

  it("are parts without overlap, half each", () => {
    const indices = parts.map((out) =>
      linesIn(out)
        .map(({ index }) => index)
        .sort(),
    );
    expect(indices).toEqual([
      [0, 2, 4],
      [1, 3, 5],
    ]);
  });

  it(
    "compare as one sweep, and as runs side by side",
    async () => {
      const { status, stdout } = await murmur(["compare", ...parts, "--json"]);
      expect(status).toBe(0);
      const { sweeps, settings, differing } = JSON.parse(stdout);
      expect(sweeps).toHaveLength(1);
      expect(sweeps[0]).toMatchObject({ runs: 6, finished: 6, composition: null });
      expect(sweeps[0].curves[0].points).toHaveLength(2);
      expect(settings.map(({ runs }: { runs: object[] }) => runs.length)).toEqual([2, 2, 2]);
      expect(differing.map(({ key }: { key: string }) => key).sort()).toEqual([
        "plan",
        "privacy.epsilon",
        "privacy.trust",
      ]);
      const joined = free();
      const shown = await murmur(["compare", ...parts, "--out", joined]);
      expect(shown.stderr).toBe("");
      const csv = readFileSync(join(joined, "curve.csv"), "utf8").trim().split("\n");
      // Both ε and the twin, each over the seeds of both parts.
      expect(csv.slice(1).map((row) => row.split(",")[5])).toEqual(["2", "2", "2"]);
      const svg = readFileSync(join(joined, "curve.svg"), "utf8");
      expect(svg.match(/role-mark points_marks.*?<\/g>/s)?.[0].match(/<path/g)).toHaveLength(2);
      expect(svg).toContain("2 seeds, the same at every point");
      for (const name of ["curve-dark.svg", "curve.png", "curve-dark.png", "curve.html"])
        expect(readFileSync(join(joined, name)).length, name).toBeGreaterThan(1_000);
      const [part = ""] = parts;
      const alone = join(part, doneIn(part)[0]?.run ?? "");
      const refused = await murmur(["compare", alone, "--out", joined]);
      expect([refused.status, refused.stdout]).toEqual([2, ""]);
      expect(refused.stderr).toContain("got no folder of murmur sweep, expected one sweep");
      expect(shown.stdout).toContain("Sweep · purchases: 6 of 6 runs");
      expect(shown.stdout).toMatch(/B − A: .* 2 pairs, p /);
      expect(shown.stdout).toMatch(/bytes of updates/);
      expect(shown.stdout).toMatch(
        /start +prepare +collect +anonymize +engineer +risk +join +keys +charge +train +release +evaluate +predict/,
      );
    },
    TIMEOUT_MS,
  );
});

it(
  "adds up what runs under secure noise cost on the same private rows, those cut off too",
  async () => {
    const out = free();
    const args = [
      ...["sweep", "scenarios/clinics.yaml", "--set", "data.source.public=false"],
      ...["--set", "privacy.trust=central"],
      ...["--over", "privacy.epsilon=0.3,0.6", "--repeat", "1", "--out", out],
    ];
    // Each process that runs a point dies after its second charge, line 3 of its ledger.
    const cut = await murmurProcess(args, { MURMUR_FAILPOINT: "ledger-after-sync:kill:charge-3" });
    expect(cut.stderr).toContain("2 of 2 runs failed");
    // As one leaves it that dies before its first line is whole.
    const torn = join(out, "runs", "p0-7-9.tmp");
    mkdirSync(torn);
    writeFileSync(join(torn, "ledger.jsonl"), '{"v":1,"kind":"op');
    const { status, stdout, stderr } = await murmurProcess([...args, "--json"]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const { composition } = JSON.parse(stdout);
    // μ² of Gaussians adds up, attempt by attempt, over every ledger that there is.
    const charges = readdirSync(join(out, "runs")).map((run) =>
      readFileSync(join(out, "runs", run, "ledger.jsonl"), "utf8")
        .split("\n")
        .filter((line) => line.includes('"kind":"charge"')),
    );
    const rounds = 5;
    expect(charges.map(({ length }) => length).sort((a, b) => a - b)).toEqual([
      ...[0, 2, 2],
      ...[rounds, rounds],
    ]);
    expect(composition.runs).toBe(4);
    const squares = charges.flat().map((line) => {
      const noise = /"modelRecipients":\{[^}]*"noiseMultiplier":([\d.e-]+)/.exec(line)?.[1];
      return 1 / Number(noise) ** 2;
    });
    const mu = Math.sqrt(squares.reduce((sum, square) => sum + square, 0));
    expect(composition.epsilon.modelRecipients).toBeCloseTo(gaussianEpsilon(mu, 1e-4), 6);
  },
  TIMEOUT_MS,
);

it.each([
  [["--shard", "4/3", "--over", "privacy.epsilon=1"], "Expected i/n"],
  [["--over", "privacy.epsilon"], "Expected key"],
  [["--jobs", "0", "--over", "privacy.epsilon=1"], "Expected jobs"],
  [["--over", "privacy.epsilon=1,-1"], "got -1"],
])("refuses %j before anything runs", async (args, text) => {
  const out = free();
  const { status, stderr } = await murmur(["sweep", PURCHASES, ...args, "--out", out]);
  expect(status).toBe(2);
  expect(stderr).toContain(text);
  expect(existsSync(out)).toBe(false);
});

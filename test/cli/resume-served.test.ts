/** A coordinator that is killed, or stopped, while clients on other machines are in its run, and goes on. */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { murmur } from "../support/murmur.ts";
import { AGREED, peopleCsv, type Started, servedFolder, studyYaml } from "../support/served-run.ts";
import { exactGaussianEpsilon } from "../support/statistics.ts";

const TIMEOUT_MS = 180_000;
const TLS = ["--tls-cert", "tls.crt", "--tls-key", "tls.key"];

const { at, start } = servedFolder();
const entries = (...names: string[]) =>
  readFileSync(at(...names), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const kinds = (...names: string[]) => entries(...names).map(({ kind }) => kind);

/** A coordinator and two owners in its run, all over TLS. */
async function serving(env: NodeJS.ProcessEnv, ...more: string[]) {
  const listen = ["--listen", "127.0.0.1:0", "--out", "run", ...TLS, ...more];
  const coordinator = start("coordinator", ["serve", "study.yaml", ...listen], env);
  const said = /murmur join (wss:\S+) .*--server-key (\S+)/;
  const [, url = "", key = ""] = await coordinator.says(said);
  const owner = (where: string, name: string) => {
    const seed = more.includes("--simulation") ? ["--simulation", "--seed", "5"] : AGREED;
    const own = [
      "--data",
      "rows.csv",
      "--token",
      `../coordinator/run.tokens/${name}.token`,
      ...seed,
    ];
    const pins = ["--ca", "../coordinator/tls.crt", "--server-key", key];
    return start(where, ["join", url, ...own, ...pins]);
  };
  return { coordinator, url, a: owner("a", "c1"), b: owner("b", "c2") };
}

async function killed(process: Started): Promise<void> {
  await process.ended;
  expect(process.child.signalCode, "the failpoint was never reached").toBe("SIGKILL");
}

/** Finished and checked; every charge of the plan's noise is in its ε. */
async function verified(charges: number): Promise<void> {
  const { status, stdout } = await murmur(["verify", at("coordinator/run"), "--json"]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ charges });
  const { privacy } = JSON.parse(readFileSync(at("coordinator/run/plan.json"), "utf8"));
  const due = exactGaussianEpsilon(
    Math.sqrt(charges) / privacy.noiseMultiplier,
    privacy.chargedDelta,
  );
  const spent = entries("coordinator/run/rounds.jsonl").at(-1).epsilon.modelRecipients;
  expect(spent).toBeGreaterThanOrEqual(due);
}

it(
  "row 14: killed after a charge: its owners wait, come back by themselves, and the run ends as it should",
  async () => {
    const kill = { MURMUR_FAILPOINT: "ledger-after-sync:kill:charge-3" };
    const { coordinator, a, b } = await serving(kill, "--set", "privacy.spareAttempts=1");
    await killed(coordinator);
    expect(kinds("coordinator/run.tmp/ledger.jsonl")).toEqual([
      "open",
      "charge",
      "release",
      "charge",
    ]);
    await a.says(/dialling again/);
    const again = start("coordinator", ["resume", "run"]);
    for (const { ended } of [a, b, again]) expect(await ended).toMatchObject({ status: 0 });
    const told = kinds("coordinator/run/ledger.jsonl");
    expect(told.filter((kind) => kind === "charge")).toHaveLength(4);
    expect(told).toContain("resumed");
    await verified(4);
    // Each owner's own ledger has each round that it took part in, once.
    for (const where of ["a", "b"]) {
      const own = entries(where, "rows.csv.murmur/own.jsonl").filter(
        ({ kind }) => kind === "participation",
      );
      const names = own.map(({ round, attempt }) => `${round}/${attempt}`);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBeGreaterThanOrEqual(3);
    }
    // Nothing of the run's key or tokens is left, now that it is over.
    for (const name of ["run.credentials.json", "run.tokens"])
      expect(existsSync(at("coordinator", name)), name).toBe(false);
  },
  TIMEOUT_MS,
);

it(
  "row 17: the newest checkpoint damaged beside owners that have gone on: seeded, they give the same bytes again",
  async () => {
    const source = "{ testFile: test.csv, public: true }";
    writeFileSync(at("coordinator/study.yaml"), studyYaml(source));
    const kill = { MURMUR_FAILPOINT: "ledger-after-sync:kill:charge-5" };
    const { coordinator, a, b } = await serving(kill, "--simulation");
    await killed(coordinator);
    const before = readFileSync(at("coordinator/run.tmp/ledger.jsonl"), "utf8");
    const newest = at("coordinator/run.tmp/checkpoint-2");
    const bytes = readFileSync(newest);
    writeFileSync(newest, bytes.fill(1, bytes.length - 9));
    const again = start("coordinator", ["resume", "run"]);
    for (const { ended } of [a, b, again]) expect(await ended).toMatchObject({ status: 0 });
    // Each line that was there came out the same, the models' hashes among them.
    const whole = readFileSync(at("coordinator/run/ledger.jsonl"), "utf8");
    expect(whole.slice(0, before.length)).toBe(before);
    expect(whole.match(/"kind":"release"/g)).toHaveLength(3);
    expect((await murmur(["verify", at("coordinator/run")])).status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  "row 18: SIGTERM: the round is ended, the owners hear 1001 and wait, exit 130; and the run goes on",
  async () => {
    writeFileSync(
      at("coordinator/study.yaml"),
      studyYaml("{ testFile: test.csv }").replace("rounds: 3", "rounds: 30"),
    );
    const { coordinator, a, b } = await serving({});
    const rounds = at("coordinator/run.tmp/rounds.jsonl");
    await expect
      .poll(() => existsSync(rounds) && readFileSync(rounds).includes("\n"), { timeout: 30_000 })
      .toBe(true);
    coordinator.child.kill("SIGTERM");
    const { status, stderr } = await coordinator.ended;
    expect(status).toBe(130);
    expect(stderr).toContain("to go on: murmur resume run\n");
    await a.says(/1001/);
    expect(kinds("coordinator/run.tmp/ledger.jsonl").at(-1)).toBe("release");
    const again = start("coordinator", ["resume", "run"]);
    for (const { ended } of [a, b, again]) expect(await ended).toMatchObject({ status: 0 });
    await verified(30);
  },
  TIMEOUT_MS,
);

it(
  "row 47: rows that change while the coordinator is away: their owner stops, `data.changed`, exit 1",
  async () => {
    const kill = { MURMUR_FAILPOINT: "ledger-after-sync:kill:charge-3" };
    const more = ["--set", "privacy.spareAttempts=1", "--set", "clients.minCohort=1"];
    const { coordinator, url, a } = await serving(kill, ...more);
    await killed(coordinator);
    a.child.kill("SIGINT");
    await a.ended;
    appendFileSync(at("a/rows.csv"), peopleCsv(9, 1).split("\n").slice(1).join("\n"));
    const again = start("coordinator", ["resume", "run"]);
    const said = await again.says(/--server-key (\S+)/);
    const changed = start("a", [
      ...["join", url, "--data", "rows.csv", "--ca", "../coordinator/tls.crt"],
      ...["--token", "../coordinator/run.tokens/c1.token", "--server-key", said[1] ?? ""],
      ...AGREED,
    ]);
    const { status, stderr } = await changed.ended;
    expect(stderr).toMatch(/ScenarioError: data\.changed /);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(1);
    // The coordinator hears that it read the plan, and no more.
    expect((await again.says(/c1 read the plan.*/))[0]).toBe("c1 read the plan, and may join");
    const own = kinds("a/rows.csv.murmur/own.jsonl");
    expect(own.filter((kind) => kind === "participation")).toHaveLength(1);
  },
  TIMEOUT_MS,
);

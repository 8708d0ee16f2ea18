/** Clients on other machines whose line breaks, or whose process dies: real processes, a relay between. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { clientLine } from "../support/client-lines.ts";
import { murmur } from "../support/murmur.ts";
import { Relay } from "../support/relay.ts";
import { AGREED, servedFolder, studyYaml } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const SIMULATION = ["--simulation", "--seed", "5"];

const { at, start } = servedFolder();
let relay: Relay | undefined;
afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

const modelOf = (run: string) =>
  createHash("sha256")
    .update(readFileSync(at("coordinator", run, "model/weights.bin")))
    .digest("hex");

/** A coordinator that is dialled through the relay, and what its join lines tell. */
async function serve(...more: string[]) {
  const listen = ["--listen", "127.0.0.1:0", "--public-host", "127.0.0.2", "--out", "run", ...more];
  const coordinator = start("coordinator", ["serve", "study.yaml", ...listen]);
  const said = /murmur join (ws:\/\/127\.0\.0\.2:(\d+)) .*--server-key (\S+)/;
  const [, url = "", port, serverKey = ""] = await coordinator.says(said);
  relay = await Relay.open(Number(port));
  const joins = (where: string, name: string, args: string[], env: NodeJS.ProcessEnv = {}) => {
    const token = ["--token", `../coordinator/run.tokens/${name}.token`];
    const says = ["--limits", "--simulation"].some((flag) => args.includes(flag));
    const agreed = says ? ["--allow-exact-updates"] : AGREED;
    const own = ["--data", "rows.csv", "--server-key", serverKey, ...token, ...agreed, ...args];
    return start(where, ["join", url, ...own], env);
  };
  return { coordinator, joins, relay };
}

/** The same rows in one process, nothing disturbed: its model. Poisson sampling, local noise. */
async function undisturbed(): Promise<string> {
  const files = studyYaml("{ files: [a.csv, b.csv], testFile: test.csv, public: true }")
    .replace("source:", "partition: { kind: files }\n  source:")
    .replace("learningRate: 2", "learningRate: 2, sampling: { kind: poisson, rate: 0.5 }")
    .replace("epsilon: 2", "epsilon: 8, trust: local");
  writeFileSync(at("coordinator/study.yaml"), files);
  for (const who of ["a", "b"]) cpSync(at(who, "rows.csv"), at(`coordinator/${who}.csv`));
  const alone = await murmur(["run", "study.yaml", "--out", "alone"], {}, at("coordinator"));
  expect(alone.status).toBe(0);
  return modelOf("alone");
}

it(
  "row 30: both lines cut for a second amid the run, then healed: the model is that of an undisturbed one",
  async () => {
    const model = await undisturbed();
    const { coordinator, joins, relay: line } = await serve("--simulation");
    let cut = false;
    line.fate = (direction, index) => {
      // A client's answers to the plan and to its numbers are behind it: a round is open. Who reads the
      // plan alone says less.
      if (direction === "up" && index === 7 && !cut) {
        cut = true;
        line.down();
        setTimeout(() => line.heal(), 1_000);
      }
      return "pass";
    };
    const owners = [joins("a", "c1", SIMULATION), joins("b", "c2", SIMULATION)];
    for (const { ended } of owners) {
      const { status, stderr } = await ended;
      expect(status).toBe(0);
      expect(stderr).toMatch(
        /ws:\/\/127\.0\.0\.2:\d+: no link \(.*\); dialling again in \d+\.\d s/,
      );
    }
    const { status, stderr } = await coordinator.ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/c1 away: .*\n/);
    expect(stderr).toContain("c1 here again");
    expect(modelOf("run")).toBe(model);
    for (const name of ["c1", "c2"])
      expect(clientLine(at("coordinator/run"), name)).toMatchObject({
        connections: 2,
        lost: false,
        updates: 3,
      });
  },
  TIMEOUT_MS,
);

it(
  "rows 1, 10: a client killed before its update and started again by the same command goes on, and counts once",
  async () => {
    const model = await undisturbed();
    const { coordinator, joins } = await serve("--simulation");
    const kill = { MURMUR_FAILPOINT: "client-after-charge:kill:c1" };
    const first = joins("a", "c1", SIMULATION, kill);
    const other = joins("b", "c2", SIMULATION);
    await first.ended;
    const again = joins("a", "c1", SIMULATION);
    for (const { ended } of [again, other, coordinator]) expect((await ended).status).toBe(0);
    expect(modelOf("run")).toBe(model);
    expect(clientLine(at("coordinator/run"), "c1")).toMatchObject({
      connections: 2,
      updates: 3,
    });
  },
  TIMEOUT_MS,
);

it(
  "row 2: killed between its charge and its send under secure noise: declines that attempt, charged once, and takes the next",
  async () => {
    const { coordinator, joins } = await serve("--set", "clients.minCohort=1");
    // The plan's three rounds cost 2.27 by its own ledger; four would cost more than its owner allows.
    writeFileSync(at("a/limits.json"), JSON.stringify({ epsilon: 2.4, delta: 0.001 }));
    const near = ["--limits", "limits.json"];
    const first = joins("a", "c1", near, { MURMUR_FAILPOINT: "client-after-charge:kill:c1" });
    const other = joins("b", "c2", []);
    await first.ended;
    const again = joins("a", "c1", near);
    for (const { ended } of [again, other, coordinator]) expect((await ended).status).toBe(0);
    const charged = readFileSync(at("a/rows.csv.murmur/own.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ kind }) => kind === "participation");
    expect(charged.map(({ round, attempt }) => [round, attempt])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
    ]);
    expect(clientLine(at("coordinator/run"), "c1").updates).toBe(2);
    expect(clientLine(at("coordinator/run"), "c2").updates).toBe(3);
    expect((await murmur(["verify", at("coordinator/run")])).status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  "row 11: a folder put back whole, anchor and all, is refused for what was counted since; the newest goes on",
  async () => {
    const { coordinator, joins, relay: line } = await serve("--set", "training.rounds=4");
    const [ledgers, old, newest] = [at("a/rows.csv.murmur"), at("old"), at("newest")];
    const charges = () =>
      readFileSync(join(ledgers, "own.jsonl"), "utf8").split('"participation"').length - 1;
    const copy = (from: string, to: string) => cpSync(from, to, { recursive: true });
    const first = joins("a", "c1", []);
    // By the order of its messages: while one is held here, its sender gets no further.
    line.fate = (direction, _, connection) => {
      // By the first of its connections it read the plan.
      if (direction !== "up" || connection !== 1 || first.child.killed) return "pass";
      if (charges() === 1 && !existsSync(old)) copy(ledgers, old);
      if (charges() === 3) first.child.kill("SIGKILL");
      return "pass";
    };
    await coordinator.says(/c1 joined/);
    const other = joins("b", "c2", []);
    await first.ended;
    renameSync(ledgers, newest);
    copy(old, ledgers);
    const back = await joins("a", "c1", []).ended;
    expect(back.stderr).toMatch(/^BudgetError: ledger\.rollback .*no charge of round [12], /m);
    expect(back.status).toBe(1);
    expect(charges()).toBe(1);
    rmSync(ledgers, { recursive: true });
    renameSync(newest, ledgers);
    const again = joins("a", "c1", []);
    for (const { ended } of [again, other, coordinator]) expect((await ended).status).toBe(0);
    expect(clientLine(at("coordinator/run"), "c1").updates).toBeLessThanOrEqual(charges());
  },
  TIMEOUT_MS,
);

it(
  "by --pin in a certificate's place; and with --give-up-after before there is a coordinator",
  async () => {
    const tls = ["--tls-cert", "tls.crt", "--tls-key", "tls.key"];
    const listen = ["--listen", "127.0.0.1:0", "--out", "run", ...tls, "--set", "clients.count=1"];
    const coordinator = start("coordinator", [
      ...["serve", "study.yaml", ...listen, "--set", "clients.minCohort=1"],
    ]);
    const said = /murmur join (wss:\S+) .*--pin (sha256:[0-9a-f]{64}) --server-key (\S+)/;
    const [, url = "", pin = "", key = ""] = await coordinator.says(said);
    const token = ["--token", "../coordinator/run.tokens/c1.token"];
    const args = ["--data", "rows.csv", ...token, ...AGREED];
    const wrong = `sha256:${"0".repeat(64)}`;
    const refused = await murmur(["join", url, ...args, "--pin", wrong], {}, at("a"));
    expect(refused.stderr).toMatch(
      /^ProtocolError: connect\.trust .*another certificate than the pinned/,
    );
    const both = await murmur(["join", url, ...args, "--pin", pin, "--ca", "x"], {}, at("a"));
    expect(both).toMatchObject({ status: 2, stderr: expect.stringContaining("flag (--pin)") });
    // Nobody is there: not yet, for all that this client knows.
    const patient = ["--server-key", key, "--give-up-after", "1"];
    const away = ["join", "ws://127.0.0.1:9", ...args, ...patient];
    const nobody = await murmur(away, {}, at("a"));
    expect(nobody.status).toBe(1);
    expect(nobody.stderr).toMatch(/^murmur: ws:\/\/127\.0\.0\.1:9: no link \(.*ECONNREFUSED/);
    expect(nobody.stderr).toMatch(/\nProtocolError: connect \(127\.0\.0\.1:9\)/);

    const owner = start("a", ["join", url, ...args, "--pin", pin, "--server-key", key]);
    for (const { ended } of [owner, coordinator]) expect((await ended).status).toBe(0);
  },
  TIMEOUT_MS,
);

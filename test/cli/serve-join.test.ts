/** Clients on other machines: a coordinator and two owners, a process and a folder each, over TLS. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { DataLedgers } from "../../run/scenario/data-ledgers.ts";
import { gaussianEpsilon } from "../../shared/accounting/mechanisms/gaussian.ts";
import { keyFromPem } from "../../shared/keys/key-pem.ts";
import { attemptEvents } from "../../shared/privacy/events.ts";
import { clientLines } from "../support/client-lines.ts";
import { type Finished, murmur } from "../support/murmur.ts";
import { sealedWith } from "../support/plans.ts";
import { AGREED, type Started, servedFolder, studyYaml } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const TLS = ["--tls-cert", "tls.crt", "--tls-key", "tls.key"];
const CA = ["--ca", "../coordinator/tls.crt"];

const { at, start } = servedFolder();
/** The same command to its end in this process: what refuses before it dials or listens needs none of its own. */
const here = (where: string, args: readonly string[]) => murmur(args, {}, at(where));
const read = (...names: string[]) => readFileSync(at(...names), "utf8");
const json = (...names: string[]) => JSON.parse(read(...names));

/** A coordinator on loopback, and the port and pinned key that its join lines tell. */
async function serve(...more: string[]) {
  const listen = ["--listen", "127.0.0.1:0", "--out", "run", ...more];
  const coordinator = start("coordinator", ["serve", "study.yaml", ...listen]);
  const [, url = "", serverKey = ""] = await coordinator.says(
    /murmur join (wss?:\/\/127\.0\.0\.1:\d+) .*--server-key (\S+)/,
  );
  return { coordinator, url, pin: ["--server-key", serverKey] };
}

function joinArgs(url: string, more: readonly string[]): string[] {
  const says = ["--limits", "--simulation", "--accept"].some((flag) => more.includes(flag));
  const agreed = says ? ["--allow-exact-updates"] : AGREED;
  return ["join", url, "--data", "rows.csv", ...CA, ...agreed, ...more];
}

function joins(where: string, url: string, ...more: string[]): Started {
  return start(where, joinArgs(url, more));
}

/** The same of an owner who does not come in. */
const staysOut = (where: string, url: string, ...more: string[]) =>
  here(where, joinArgs(url, more));

const token = (name: string) => ["--token", `../coordinator/run.tokens/${name}.token`];
const limits = (where: string, epsilon: number) =>
  writeFileSync(at(where, "limits.json"), JSON.stringify({ epsilon, delta: 0.001 }));

/** One line, no stack; and what it says. */
function refused({ status, stderr }: Finished, code: number, what: RegExp): void {
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(what);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(status).toBe(code);
}

/**
 * The ledger of the file has the joined run as its coordinator charges it, and a run that the owner starts
 * itself on the same rows comes on top of it, by the root of summed squares of both.
 */
async function addsUp(
  who: string,
  entries: readonly Record<string, unknown>[],
  charged: readonly Record<string, unknown>[],
): Promise<void> {
  const { privacy } = json("coordinator/run/plan.json");
  const line = read("coordinator/run/ledger.jsonl").match(/.*"kind":"charge".*/)?.[0] ?? "";
  for (const { events } of charged) expect(events).toEqual(JSON.parse(line).events);
  const { runId } = json("coordinator/run/manifest.json");
  expect(entries.filter(({ kind }) => kind === "run").map((run) => run.runId)).toEqual([runId]);

  const path = at(who, "rows.csv");
  const next = sealedWith({ noise: "secure", targetEpsilon: null, statedNoise: 5 });
  const beside = [{ path, folder: `${path}.murmur` }];
  const ledgers = await DataLedgers.open(beside, next, "ab".repeat(16));
  ledgers.charge(0, 0, attemptEvents(next.plan.privacy), "train");
  const [soFar] = ledgers.soFar;
  ledgers.close();
  expect(soFar?.runs).toBe(2);
  const mu = Math.sqrt(3 / privacy.noiseMultiplier ** 2 + 1 / 5 ** 2);
  expect(soFar?.epsilon.modelRecipients).toBeCloseTo(gaussianEpsilon(mu, soFar?.delta ?? 0), 4);
}

describe("over TLS", () => {
  it(
    "two owners, each with rows, key and limits alone, complete a run that verifies",
    async () => {
      const made = await Promise.all(
        ["a", "b"].map((who) => here(who, ["keys", "new", "--out", `${who}.pem`])),
      );
      writeFileSync(at("coordinator/allow.txt"), made.map(({ stdout }) => stdout).join(""));
      for (const who of ["a", "b"]) limits(who, 3);
      const { coordinator, url, pin } = await serve(...TLS, "--allow", "allow.txt");
      const owners = ["a", "b"].map((who) =>
        joins(who, url, ...pin, "--key", `${who}.pem`, "--limits", "limits.json"),
      );
      for (const owner of owners) {
        const { status, stdout, stderr } = await owner.ended;
        expect(stderr).toBe("");
        expect(status).toBe(0);
        // What is agreed to: the plan, ε by adversary, unit and δ, rounds, what leaves.
        expect(stdout).toContain(`plan ${json("coordinator/run/manifest.json").planHash}`);
        expect(stdout).toMatch(/whoever gets the model +2\.000 +2\.000/);
        expect(stdout).toMatch(/the coordinator +∞/);
        expect(stdout).toContain("δ 0.001, unit record");
        expect(stdout).toContain("3 rounds of 2 clients");
        expect(stdout).toContain("at most 3 clipped updates of 6 whole numbers, exact");
        expect(stdout).toContain("Goodbye: the run has ended");
        expect(stdout).toMatch(
          /rows\.csv, against whoever gets the model: these rows so far ε 2\.000 in 1 run\n/,
        );
      }
      const { status, stdout, stderr } = await coordinator.ended;
      expect(status).toBe(0);
      expect(stdout).toContain("2 clients that join by wss");
      expect(stderr).toMatch(/joined; 1 of 2 still to come\n.*joined; 0 of 2 still to come/);
      const verified = await murmur([
        "verify",
        at("coordinator/run"),
        "--client-ledgers",
        at("a/rows.csv.murmur"),
      ]);
      expect(verified.status).toBe(0);
      expect(json("coordinator/run/manifest.json").noise).toBe("secure");

      // Each owner's own: three charges, a report of this run, for its eyes alone.
      for (const who of ["a", "b"]) {
        const entries = read(who, "rows.csv.murmur/own.jsonl")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line).entry ?? JSON.parse(line));
        const charged = entries.filter(({ kind }) => kind === "participation");
        expect(charged.map(({ round }) => round)).toEqual([0, 1, 2]);
        const { runId } = json("coordinator/run/manifest.json");
        const report = json(who, "rows.csv.murmur", runId, `${who}.json`);
        expect(report.egress.own.updates).toBe(3);
        expect(statSync(at(who, "rows.csv.murmur")).mode & 0o777).toBe(0o700);
        await addsUp(who, entries, charged);
      }
      expect(existsSync(at("coordinator/run/clients-private"))).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    "with --simulation on both sides the model is that of murmur run on the same rows, byte for byte",
    async () => {
      // Poisson sampling and local noise: the clients' own coins are in every byte.
      const files = studyYaml("{ files: [a.csv, b.csv], testFile: test.csv, public: true }")
        .replace("source:", "partition: { kind: files }\n  source:")
        .replace("learningRate: 2", "learningRate: 2, sampling: { kind: poisson, rate: 0.5 }")
        .replace("epsilon: 2", "epsilon: 8, trust: local");
      writeFileSync(at("coordinator/study.yaml"), files);
      for (const who of ["a", "b"]) cpSync(at(who, "rows.csv"), at(`coordinator/${who}.csv`));
      const alone = await here("coordinator", ["run", "study.yaml", "--out", "alone"]);
      expect(alone.status).toBe(0);
      for (const who of ["a", "b"]) writeFileSync(at(`coordinator/${who}.csv`), "not for serve");

      const { coordinator, url, pin } = await serve(...TLS, "--simulation");
      const { stderr } = { stderr: (await coordinator.says(/--simulation --seed \d+/))[0] };
      expect(stderr).toBe("--simulation --seed 5");
      const simulation = ["--simulation", "--seed", "5"];
      const [first, second] = [
        joins("a", url, ...pin, ...token("c1"), ...simulation),
        joins("b", url, ...pin, ...token("c2"), ...simulation),
      ];
      for (const { ended } of [first, second]) {
        const owner = await ended;
        expect(owner.status).toBe(0);
        expect(owner.stderr).toMatch(/SIMULATION: .*protects nobody.*no ledger is kept/);
      }
      expect((await coordinator.ended).status).toBe(0);
      const hash = (run: string) =>
        createHash("sha256")
          .update(readFileSync(at("coordinator", run, "model/weights.bin")))
          .digest("hex");
      expect(hash("run")).toBe(hash("alone"));
      expect(existsSync(at("a/rows.csv.murmur/own.jsonl"))).toBe(false);
      // Tokens were for this run alone.
      expect(existsSync(at("coordinator/run.tokens"))).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    "one owner may bring several virtual clients, whose rows its ledger charges once an attempt",
    async () => {
      const more = ["--set", "clients.count=6", "--joiners", "2", ...TLS];
      const { coordinator, url, pin } = await serve(...more);
      const owners = [
        joins("a", url, ...pin, ...token("c1"), "--clients", "3", "--quiet"),
        joins("b", url, ...pin, ...token("c2"), "--clients", "3", "--quiet"),
      ];
      for (const { ended } of owners) expect((await ended).status).toBe(0);
      expect((await coordinator.ended).status).toBe(0);
      expect(clientLines(at("coordinator/run"))).toHaveLength(6);
      const charged = read("a/rows.csv.murmur/own.jsonl").match(/"participation"/g);
      expect(charged).toHaveLength(3);
    },
    TIMEOUT_MS,
  );

  it(
    "an owner who leaves before the run begins may come again by the same command",
    async () => {
      const { coordinator, url, pin } = await serve(...TLS);
      const first = joins("a", url, ...pin, ...token("c1"));
      await coordinator.says(/c1 joined; 1 of 2/);
      // A copy of the token is worth nothing once it is spent.
      cpSync(at("coordinator/run.tokens/c1.token"), at("b/copy.token"));
      const thief = await staysOut("b", url, ...pin, "--token", "copy.token");
      refused(thief, 1, /^ProtocolError: auth\.refused .*a token not yet spent/);
      first.child.kill("SIGINT");
      refused(await first.ended, 130, /^murmur: interrupted/);
      await coordinator.says(/c1 gone, and awaited again/);
      const again = joins("a", url, ...pin, ...token("c1"));
      const other = joins("b", url, ...pin, ...token("c2"));
      for (const { ended } of [again, other, coordinator]) expect((await ended).status).toBe(0);
    },
    TIMEOUT_MS,
  );
});

describe("an owner is refused, or refuses, in one line:", () => {
  it(
    "row 42: wrong token, strange key, wrong server key, another plan, a certificate that nobody vouches for",
    async () => {
      const made = await here("b", ["keys", "new", "--out", "b.pem"]);
      writeFileSync(at("coordinator/allow.txt"), `${made.stdout}c9 ${"A".repeat(43)}\n`);
      const { coordinator, url, pin } = await serve(...TLS, "--allow", "allow.txt");

      writeFileSync(at("a/wrong.token"), `c1 ${Buffer.alloc(32, 7).toString("base64url")}\n`, {
        mode: 0o600,
      });
      const moved = ["--token", "wrong.token", "--ledger", "elsewhere"];
      const wrongToken = await staysOut("a", url, ...pin, ...moved);
      expect(wrongToken.stderr).toMatch(
        /^murmur: the ledger is kept in \S+elsewhere, not beside rows\.csv \(--ledger\): .*not counted here/,
      );
      refused(
        wrongToken,
        1,
        /^ProtocolError: auth\.refused \(127\.0\.0\.1:\d+\): got no valid token/,
      );

      await here("a", ["keys", "new", "--out", "a.pem"]);
      const stranger = await staysOut("a", url, ...pin, "--key", "a.pem");
      refused(stranger, 1, /^ProtocolError: auth\.refused .*got no valid ed25519 proof/);
      await coordinator.says(/did not join: auth\.refused/);

      const { publicKey } = keyFromPem(read("a/a.pem"), "a.pem");
      const otherPin = ["--server-key", publicKey.toString("base64url")];
      const elsewhere = await staysOut("b", url, ...otherPin, "--key", "b.pem");
      refused(elsewhere, 1, /^ProtocolError: auth\.server .*pinned server key/);

      // One stranger a second has a line of its own.
      await delay(1_100);
      const plan = ["--key", "b.pem", "--plan", "ab".repeat(32)];
      const otherPlan = await staysOut("b", url, ...pin, ...plan);
      refused(otherPlan, 1, /^ProtocolError: plan\.pinned .*expected abab/);
      await coordinator.says(/plan\.pinned/);

      const foreign = await staysOut("b", url, ...pin, "--key", "b.pem", "--name", "c9");
      refused(foreign, 1, /^ProtocolError: client\.foreign .*expected b, by its token/);

      const args = ["join", url, "--data", "rows.csv", "--key", "b.pem", ...pin, ...AGREED];
      refused(await here("b", args), 1, /^ProtocolError: connect\.trust .*self-signed.*--ca/);
    },
    TIMEOUT_MS,
  );

  it(
    "row 42: a plan beyond its limits: the owner hears the numbers, the coordinator none",
    async () => {
      const { coordinator, url, pin } = await serve(...TLS);
      limits("a", 0.125);
      const owner = await staysOut("a", url, ...pin, ...token("c1"), "--limits", "limits.json");
      refused(owner, 1, /^BudgetError: clientLedger\.limits .*at most 0\.125 at delta/);
      const [said] = await coordinator.says(/did not join.*/);
      expect(said).toMatch(/plan\.limits/);
      expect(said).not.toMatch(/\d\.\d{2}|0\.125/);
      // Nothing was spent, and a larger limit joins by the same command.
      expect(read("a/rows.csv.murmur/own.jsonl")).not.toContain("participation");
    },
    TIMEOUT_MS,
  );

  it(
    "seeded noise that it did not ask for, and rows that do not fit the contract",
    async () => {
      const study = studyYaml("{ testFile: test.csv, public: true }");
      writeFileSync(at("coordinator/study.yaml"), study);
      const { coordinator, url, pin } = await serve(...TLS, "--simulation");
      const owner = await staysOut("a", url, ...pin, ...token("c1"));
      refused(owner, 1, /^ProtocolError: plan\.noise .*seeded noise, which protects nobody/);

      writeFileSync(at("b/rows.csv"), "age,salary,bought\n40,secret-cell,yes\n");
      const other = await staysOut("b", url, ...pin, ...token("c2"), "--simulation");
      refused(other, 2, /^ScenarioError: data\.missingColumn .*salary/);
      // Of rows that do not fit the coordinator hears nothing: their owner read the plan, and stays away.
      const [said] = await coordinator.says(/c2 .*/);
      expect(said).toBe("c2 read the plan, and may join");
    },
    TIMEOUT_MS,
  );

  it("before anything is dialled: its own files and flags, exit 2", {
    timeout: TIMEOUT_MS,
  }, async () => {
    await here("a", ["keys", "new", "--out", "a.pem"]);
    mkdirSync(at("a/open"));
    writeFileSync(at("a/open/a.pem"), read("a/a.pem"), { mode: 0o644 });
    const url = "wss://127.0.0.1:1";
    const cases: [string[], RegExp][] = [
      [
        ["ws://192.0.2.1:8443", "--key", "a.pem"],
        /plaintext \(the URL\): got plain ws:\/\/ at 192/,
      ],
      [["ws://127.0.0.1:8443", "--key", "a.pem"], /flag \(--server-key\)/],
      [["https://127.0.0.1", "--key", "a.pem"], /address \(the URL\)/],
      [[url, "--key", "open/a.pem"], /key file .*a file that others may read/],
      [[url, "--key", "rows.csv"], /key file|key \(rows\.csv\)/],
      [[url], /flag \(--key or --token\): got neither/],
      [[url, "--key", "a.pem", "--plan", "abc"], /flag \(--plan\)/],
      [[url, "--key", "a.pem", "--limits", "none.json"], /clientLedger\.limits \(none\.json\)/],
      [[url, "--key", "a.pem", "--seed", "3"], /flag \(--seed\): got without --simulation/],
    ];
    for (const [args, what] of cases)
      refused(await here("a", ["join", "--data", "rows.csv", ...args]), 2, what);
  });
});

describe("a coordinator refuses, exit 2, before it listens:", () => {
  const cases: [string, string[], RegExp][] = [
    [
      "plain ws:// on an address that others reach",
      ["--listen", "0.0.0.0:8443"],
      /^ScenarioError: plaintext \(--listen\): got plain ws:\/\/ at 0\.0\.0\.0.*--insecure-plaintext/,
    ],
    ["an address without a port", ["--listen", "127.0.0.1"], /address \(--listen\)/],
    ["a certificate without its key", ["--tls-cert", "tls.crt"], /tls \(--tls-key\): got nothing/],
    [
      "what is no certificate",
      ["--tls-cert", "test.csv", "--tls-key", "tls.key"],
      /^ScenarioError: tls/,
    ],
    [
      "seeded noise without --simulation",
      ["--set", "data.source.public=true", "--set", "privacy.noise=seeded"],
      /privacy\.noise .*--simulation on both sides/,
    ],
    [
      "faults that only a simulation can make",
      ["--set", "clients.dropOut=0.1"],
      /clients\.dropOut/,
    ],
    [
      "levels learned from rows",
      ["--set", "data.anonymity.unsafe=true"],
      /data\.anonymity\.unsafe/,
    ],
    ["an allow list that is none", ["--allow", "test.csv"], /allow list \(test\.csv, line 1\)/],
    [
      "more who join than clients",
      ["--joiners", "3"],
      /clients\.count .*got 2, expected a multiple of the 3/,
    ],
  ];
  it.each(cases)("%s", async (_, args, what) => {
    const listen = args.includes("--listen") ? [] : ["--listen", "127.0.0.1:0"];
    const serve = ["serve", "study.yaml", "--out", "run", ...listen, ...args];
    refused(await here("coordinator", serve), 2, what);
    expect(existsSync(at("coordinator/run.tmp"))).toBe(false);
  });

  it("people held out of rows that it does not have", async () => {
    writeFileSync(at("coordinator/study.yaml"), studyYaml("{ file: rows.csv, testRows: 20 }"));
    const serve = ["serve", "study.yaml", "--out", "run", "--listen", "127.0.0.1:0"];
    refused(await here("coordinator", serve), 2, /data\.source\.testFile .*held-out people/);
  });

  it("a scenario for serve is none for run", async () => {
    const run = await here("coordinator", ["run", "study.yaml"]);
    refused(run, 2, /data\.source .*testFile alone.*murmur serve/);
  });
});

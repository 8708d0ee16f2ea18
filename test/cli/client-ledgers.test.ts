/** Clients that keep a ledger of their own: it lives across runs, and no coordinator gets past it. */
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { epsilonFromRho } from "../../shared/accounting/mechanisms/zcdp.ts";
import { clientLine } from "../support/client-lines.ts";
import { murmur, murmurProcess, runJson, scratch, sees, startMurmur } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const SCENARIO = "scenarios/purchases.yaml";
const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
/** Three rounds of two clients, one a host. */
const SMALL = [
  ...["--hosts", "2"],
  ...set("privacy.trust=central", "privacy.noise=secure", "privacy.population=100"),
  ...set("clients.count=2"),
  ...set("clients.minCohort=1", "data.source.rows=100", "data.source.testRows=20"),
  ...set("training.rounds=3", "training.learningRate=0.25"),
];
let folder = scratch();
let runs = 0;
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const ledgers = () => join(folder.path, "ledgers");
const flags = () => [
  ...SMALL,
  ...["--out", join(folder.path, `run-${runs++}`), "--client-ledgers", ledgers()],
];
const file = (name: string) => join(ledgers(), name);
function entriesOf(client: string) {
  const lines = readFileSync(file(`${client}.jsonl`), "utf8")
    .trimEnd()
    .split("\n");
  return lines.map((line) => JSON.parse(line));
}
const participations = (client: string) =>
  entriesOf(client).filter(({ kind }) => kind === "participation");
const limit = (epsilon: number) =>
  writeFileSync(file("limits.json"), JSON.stringify({ epsilon, delta: 1e-5 }));

it(
  "row 49: goes on in the next run with what the last has spent, until the limit, and says who declined",
  async () => {
    const first = await runJson(SCENARIO, flags());
    expect(participations("c1").map(({ round }) => round)).toEqual([0, 1, 2]);
    // Seen last: the line before the coordinator's close.
    const ledger = readFileSync(join(first.runFolder, "ledger.jsonl"), "utf8").split("\n");
    const { seq, hash } = JSON.parse(ledger[6] ?? "");
    expect(entriesOf("c1").at(-1)).toMatchObject({ kind: "seen", ledger: { seq, hash } });

    // Room for one more after another run's three, by a sum and a conversion of their own.
    const { noiseStddev, sensitivity } = JSON.parse(
      readFileSync(join(first.runFolder, "plan.json"), "utf8"),
    ).privacy;
    const rho = sensitivity ** 2 / (2 * noiseStddev ** 2);
    const room = (updates: number) => epsilonFromRho(updates * rho, 1e-5).epsilon;
    limit((room(7) + room(8)) / 2);
    await runJson(SCENARIO, flags());
    expect(participations("c2").map(({ round }) => round)).toEqual([0, 1, 2, 0, 1, 2]);
    expect(new Set(participations("c2").map(({ runId }) => runId)).size).toBe(2);

    const last = await runJson(SCENARIO, flags());
    expect(last).toMatchObject({ ending: "cohort", clients: { declined: ["c1", "c2"], lost: [] } });
    // One round released; the one that all declined is charged, and no other begun.
    expect(last).toMatchObject({ attempts: 2, epochs: { length: 1 } });
    for (const client of ["c1", "c2"]) expect(participations(client)).toHaveLength(7);
    const verify = ["verify", last.runFolder, "--client-ledgers", ledgers()];
    expect((await murmur(verify)).status).toBe(0);
    // Its folder rewritten with all anchors, as if the last attempt had not been: the clients know.
    const path = join(last.runFolder, "ledger.jsonl");
    const lines = readFileSync(path, "utf8").split("\n").slice(0, 3);
    const head = JSON.parse(lines[2] ?? "");
    writeFileSync(path, `${lines.join("\n")}\n`);
    renameSync(last.runFolder, `${last.runFolder}.tmp`);
    const anchor = join(`${last.runFolder}.tmp`, "anchor.json");
    writeFileSync(anchor, JSON.stringify({ seq: head.seq, hash: head.hash }));
    const rewritten = ["verify", `${last.runFolder}.tmp`];
    expect((await murmur(rewritten)).status).toBe(0);
    const { stderr } = await murmur([...rewritten, ...verify.slice(2)]);
    expect(stderr).toMatch(/ledger\.rollback .*ledger\.jsonl, line 4\).*client c1 has seen/);

    const { status, stdout } = await murmur(["run", SCENARIO, ...flags()]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/declined.*c1, c2/);
    for (const client of ["c1", "c2"]) expect(participations(client)).toHaveLength(7);
    expect(readdirSync(ledgers()).filter((name) => name.endsWith(".lock"))).toEqual([]);
  },
  TIMEOUT_MS,
);

it(
  "row 2: stays one ahead of a client that died between its charge and its send",
  async () => {
    const killed = { MURMUR_FAILPOINT: "client-after-charge:kill:c1" };
    const result = await runJson(SCENARIO, flags(), (args) => murmurProcess(args, killed));
    expect(result.clients.lost).toEqual(["c1"]);
    expect(clientLine(result.runFolder, "c1").updates).toBe(0);
    expect(participations("c1")).toHaveLength(1);
    // Its lock is nobody's any more, and what it charged stays charged.
    await runJson(SCENARIO, flags());
    expect(participations("c1").map(({ round }) => round)).toEqual([0, 0, 1, 2]);
  },
  TIMEOUT_MS,
);

it(
  "row 11: is refused when it is older than its own anchor, exit 1",
  async () => {
    await runJson(SCENARIO, flags());
    // Of seven lines: open, and three times what was charged and what was seen.
    const lines = readFileSync(file("c1.jsonl"), "utf8").split("\n");
    writeFileSync(file("c1.jsonl"), `${lines.slice(0, 4).join("\n")}\n`);
    const { status, stderr } = await murmur(["run", SCENARIO, ...flags()]);
    expect(stderr).toContain("BudgetError: ledger.rollback");
    expect(stderr).toContain("c1.jsonl, line 5)");
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(1);
  },
  TIMEOUT_MS,
);

it(
  "is one process's at a time",
  async () => {
    const first = startMurmur(["run", SCENARIO, ...flags()], {
      MURMUR_FAILPOINT: "host-round:hold",
    });
    try {
      await sees(first, /(failpoint.*\n){2}/);
      const { status, stderr } = await murmur(["run", SCENARIO, ...flags()]);
      expect(stderr).toContain("clientLedger.locked");
      expect(status).toBe(2);
    } finally {
      first.kill("SIGKILL");
    }
  },
  TIMEOUT_MS,
);

it(
  "needs limits that are some, and a folder, else exit 2 and no run",
  async () => {
    writeFileSync(join(folder.path, "ledgers"), "");
    const taken = await murmur(["run", SCENARIO, ...flags()]);
    expect(taken.stderr).toContain("clientLedger.folder");
    expect(taken.status).toBe(2);
    const other = join(folder.path, "other");
    mkdirSync(other);
    writeFileSync(join(other, "limits.json"), '{"epsilon": -1, "delta": 1e-5}');
    const refused = await murmur(["run", SCENARIO, ...flags(), "--client-ledgers", other]);
    expect(refused.stderr).toContain("clientLedger.limits");
    expect(refused.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(refused.status).toBe(2);
    expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  },
  TIMEOUT_MS,
);

it(
  "is told of in --help",
  async () => {
    const { stdout } = await murmur(["run", "--help"]);
    expect(stdout).toContain("--client-ledgers");
    expect(stdout).toContain("limits.json");
  },
  TIMEOUT_MS,
);

/**
 * The coordinator, killed at each step of its second round's ledger writes: reopened, the ledger
 * never shows less spent than was released, and `murmur verify` finds a tail that was cut off.
 */
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wholeBytes } from "../../shared/ledger/chain.ts";
import { Ledger } from "../../shared/ledger/ledger.ts";
import { readLines } from "../../shared/ledger/ledger-line.ts";
import { murmur, scratch, startMurmur } from "../support/murmur.ts";
import { attemptsIn, endOf, participations, witnesses } from "../support/participations.ts";
import { exactGaussianEpsilon } from "../support/statistics.ts";

const TIMEOUT_MS = 120_000;
const folder = scratch();
afterAll(folder.remove);
const set = (...values: string[]) => values.flatMap((value) => ["--set", value]);
/** Three rounds of two clients on one host: as little as shows it. */
const SMALL = [
  ...["run", "scenarios/purchases.yaml", "--hosts", "1"],
  ...set("privacy.trust=central", "privacy.noise=secure", "privacy.population=100"),
  ...set("clients.count=2"),
  ...set("clients.minCohort=2", "data.source.rows=100", "data.source.testRows=20"),
  ...set("training.rounds=3", "training.learningRate=0.25"),
];

/** Runs until the failpoint kills the coordinator, and its hosts are gone too; what is left on the disk. */
async function killedAt(failpoint: string): Promise<string> {
  const out = join(folder.path, failpoint.replaceAll(":", "-"));
  const args = [...SMALL, "--out", out, ...witnesses(failpoint, `${out}-ledgers`)];
  const child = startMurmur(args, { MURMUR_FAILPOINT: failpoint });
  const signal = await endOf(child);
  expect(signal, `${failpoint} was never reached`).toBe("SIGKILL");
  expect(existsSync(out), "a killed run is no finished run").toBe(false);
  return `${out}.tmp`;
}

// Lines: 0 open, 1 charge and 2 release of the first round, 3 charge and 4 release of the second.
const POINTS = [
  { row: 12, at: "ledger-before-write:kill:charge-3", charges: 1, releases: 1, torn: false },
  { row: 13, at: "ledger-mid-write:kill:charge-3", charges: 1, releases: 1, torn: true },
  { row: 13, at: "ledger-after-write:kill:charge-3", charges: 2, releases: 1, torn: false },
  { row: 14, at: "ledger-after-sync:kill:charge-3", charges: 2, releases: 1, torn: false },
  { row: 14, at: "ledger-before-write:kill:release-4", charges: 2, releases: 1, torn: false },
  { row: 14, at: "ledger-mid-write:kill:release-4", charges: 2, releases: 1, torn: true },
  { row: 15, at: "ledger-after-write:kill:release-4", charges: 2, releases: 2, torn: false },
  { row: 15, at: "ledger-after-sync:kill:release-4", charges: 2, releases: 2, torn: false },
  { row: 15, at: "anchor-before-rename:kill:4", charges: 2, releases: 2, torn: false },
  { row: 15, at: "anchor-after-rename:kill:4", charges: 2, releases: 2, torn: false },
] as const;

describe("killed in its second round, the coordinator leaves a ledger that", () => {
  const left = new Map<string, string>();
  beforeAll(async () => {
    // One core each.
    const waiting = [...POINTS];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift())
        left.set(next.at, await killedAt(next.at));
    };
    await Promise.all([work(), work()]);
  }, TIMEOUT_MS);

  it.each(POINTS)(
    "row $row: shows all that was released: $at",
    ({ at, charges, releases, torn }) => {
      const run = left.get(at) ?? "";
      const path = join(run, "ledger.jsonl");
      const bytes = readFileSync(path);
      expect(wholeBytes(bytes) < bytes.length).toBe(torn);
      // The lines before the one that was being written are as they were.
      const before = readLines(bytes.toString("utf8", 0, wholeBytes(bytes)), path);
      expect(before.slice(0, 3).map(({ entry }) => entry.kind)).toEqual([
        "open",
        "charge",
        "release",
      ]);

      const ledger = Ledger.reopen(path, () => "later");
      expect(ledger.lines.slice(0, before.length)).toEqual(before);
      const count = (kind: string) =>
        ledger.lines.filter(({ entry }) => entry.kind === kind).length;
      expect(count("charge")).toBe(charges);
      // Whatever left a client, by the clients' own ledgers, is charged.
      const sent = participations(`${run.replace(/\.tmp$/, "")}-ledgers`);
      const due = at.endsWith("charge-3") ? ["0/0"] : ["0/0", "1/0"];
      expect(sent).toEqual(at.startsWith("anchor") ? undefined : due);
      expect(attemptsIn(path, "charge"), "left, and not charged").toEqual(
        expect.arrayContaining(due),
      );
      expect(count("release")).toBe(releases);
      expect(count("mended")).toBe(torn ? 1 : 0);
      // It spent what the exact Gaussian says of those charges, by a bisection of the test's own.
      const plan = JSON.parse(readFileSync(join(run, "plan.json"), "utf8")).privacy;
      const epsilon = exactGaussianEpsilon(
        Math.sqrt(charges) / plan.noiseMultiplier,
        plan.chargedDelta,
      );
      expect(ledger.spent.modelRecipients).toBeGreaterThanOrEqual(epsilon);
      expect(ledger.spent.modelRecipients).toBeLessThan(epsilon * (1 + 1e-6));
      // Whatever was told of a round, its release is in the ledger.
      const rounds = readFileSync(join(run, "rounds.jsonl"), "utf8").split("\n").filter(Boolean);
      expect(rounds.length).toBeLessThanOrEqual(releases);
      // And it is whole again.
      expect(readLines(readFileSync(path, "utf8"), path)).toEqual(ledger.lines);
    },
  );

  it(
    "murmur verify reads as far as it came",
    async () => {
      const run = left.get("ledger-after-sync:kill:charge-3") ?? "";
      const { status, stdout } = await murmur(["verify", run, "--json"]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        finished: false,
        charges: 2,
        releases: 1,
        modelHash: null,
      });
    },
    TIMEOUT_MS,
  );

  /** A copy of what was left by a kill after the second release. */
  const copied = () => {
    const run = join(folder.path, `copy-${readdirSync(folder.path).length}.tmp`);
    cpSync(left.get("anchor-after-rename:kill:4") ?? "", run, { recursive: true });
    return run;
  };
  /** The same, its ledger cut before `line`. */
  const cutBefore = (line: number) => {
    const run = copied();
    const path = join(run, "ledger.jsonl");
    const lines = readFileSync(path, "utf8").split("\n");
    const kept = lines.slice(0, line - 1).join("\n");
    truncateSync(path, Buffer.byteLength(kept) + 1);
    return run;
  };

  it.each([3, 4, 5])(
    "murmur verify sees cut before line %i, and names the line that is missing",
    async (line) => {
      const run = cutBefore(line);
      const { status, stderr } = await murmur(["verify", run]);
      expect(stderr).toContain("ledger.rollback");
      expect(stderr).toContain(`ledger.jsonl, line ${line})`);
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );

  it.each([
    ["rounds.jsonl", /"modelRecipients":0\.\d/, '"modelRecipients":0.0', "round 0"],
    ["rounds.jsonl", /"round":0/, '"round":2', "rounds.jsonl, round 2"],
    ["ledger.jsonl", /"attempt":0/, '"attempt":1', "line 2"],
    ["plan.json", /"noiseStddev":\d+/, '"noiseStddev":1', "plan.noiseStddev"],
  ])(
    "murmur verify holds against what else was left: %s, %s",
    async (name, honest, lie, place) => {
      const run = copied();
      const text = readFileSync(join(run, name), "utf8");
      writeFileSync(join(run, name), text.replace(honest, lie));
      const { status, stderr } = await murmur(["verify", run]);
      expect(stderr).toContain(place);
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    "murmur verify does not mend in the middle of a line that its anchor knows",
    async () => {
      const run = cutBefore(6);
      const path = join(run, "ledger.jsonl");
      truncateSync(path, readFileSync(path).length - 1);
      const { status, stderr } = await murmur(["verify", run]);
      expect(stderr).toContain("ledger.rollback");
      expect(status).toBe(1);
    },
    TIMEOUT_MS,
  );
});

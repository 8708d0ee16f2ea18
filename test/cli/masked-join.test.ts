/** Trust distributed across machines: owners that mask with each other, and with nobody else. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { murmur } from "../support/murmur.ts";
import { peopleCsv, servedFolder, writeWideLimits } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const OWNERS = ["a", "b", "c"] as const;

const { at, start } = servedFolder((path) => {
  mkdirSync(join(path, "c"));
  writeFileSync(join(path, "c/rows.csv"), peopleCsv(4, 50));
  writeWideLimits(join(path, "c"));
});

/** A coordinator that asks three owners for shares of the noise, and how each of them joins it. */
async function serve(...more: string[]) {
  const made = OWNERS.map((who) => murmur(["keys", "new", "--out", `${who}.pem`], {}, at(who)));
  const lines = (await Promise.all(made)).map(({ stdout }) => stdout);
  writeFileSync(at("coordinator/allow.txt"), lines.join(""));
  const set = ["trust=distributed", "delta=0.0005"].flatMap((one) => ["--set", `privacy.${one}`]);
  const clients = ["count=3", "minCohort=3"].flatMap((one) => ["--set", `clients.${one}`]);
  const listen = ["--listen", "127.0.0.1:0", "--out", "run", "--allow", "allow.txt"];
  const tls = ["--tls-cert", "tls.crt", "--tls-key", "tls.key"];
  const args = ["serve", "study.yaml", ...listen, ...tls, ...set, ...clients, ...more];
  const coordinator = start("coordinator", args);
  const [, url = "", key = ""] = await coordinator.says(
    /murmur join (wss:\/\/127\.0\.0\.1:\d+) .*--server-key (\S+)/,
  );
  const joins = (who: string, ...flags: string[]) =>
    start(who, [
      ...["join", url, "--data", "rows.csv", "--ca", "../coordinator/tls.crt"],
      ...["--server-key", key, "--key", `${who}.pem`, "--limits", "wide.json", ...flags],
    ]);
  return { coordinator, lines, joins };
}

it(
  "three owners that know each other complete a run that holds against the coordinator too",
  async () => {
    const { coordinator, lines, joins } = await serve();
    for (const who of OWNERS) writeFileSync(at(who, "owners.txt"), lines.join(""));
    const owners = OWNERS.map((who) => joins(who, "--allow", "owners.txt"));
    for (const owner of owners) {
      const { status, stdout, stderr } = await owner.ended;
      expect(stderr).toBe("");
      expect(status).toBe(0);
      expect(stdout).toMatch(/the coordinator +2\.000/);
      expect(stdout).toContain("under masks: only their sum can be read");
      expect(stdout).toContain(
        "masked with nobody but the 3 owners on your list, none in more places than you",
      );
      expect(stdout).toContain("3 updates and counts left");
    }
    const { status, stderr } = await coordinator.ended;
    expect(stderr).not.toContain("refused");
    expect(status).toBe(0);
    const ledgers = ["--client-ledgers", at("a/rows.csv.murmur")];
    const verified = await murmur(["verify", at("coordinator/run"), ...ledgers]);
    expect(verified.stdout).toContain("trust distributed, noise of 2 clients counted");
    expect(verified.status).toBe(0);
    // An owner's own ledger: three charges, of the same noise.
    const own = readFileSync(at("a/rows.csv.murmur/own.jsonl"), "utf8");
    expect(own.match(/"participation"/g)).toHaveLength(3);
    expect(own).toContain('"trust":"distributed"');
  },
  TIMEOUT_MS,
);

it(
  "an owner leaves before anything is charged where the coordinator brings a stranger",
  async () => {
    const { coordinator, lines, joins } = await serve();
    // To a the third of them is somebody whom the coordinator made up.
    writeFileSync(at("a/owners.txt"), lines.slice(0, 2).join(""));
    const [a] = [joins("a", "--allow", "owners.txt"), joins("b"), joins("c")];
    const { stderr } = (await a?.ended) ?? { stderr: "" };
    expect(stderr).toContain(
      "leaves round 1: secagg.keys (the cohort): got a key that its owner's list lacks",
    );
    // Too few are left for another attempt: interrupted, and to go on with.
    const { status, stderr: said } = await coordinator.ended;
    expect(said).toContain("interrupted");
    expect(status).toBe(130);
    const ledger = readFileSync(at("coordinator/run.tmp/ledger.jsonl"), "utf8");
    expect(ledger).not.toContain('"charge"');
  },
  TIMEOUT_MS,
);

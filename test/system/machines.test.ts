/**
 * A coordinator and two or three clients on machines of their own, over TLS: network namespaces, a cable each. An
 * owner's folder holds rows, key and limits and nothing else; a cable that is pulled for three seconds
 * heals; and a simulation's bytes are those of a single machine.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  at,
  expectSameBytes,
  join_,
  network,
  OWNERS,
  pullCable,
  ROUNDS,
  runAlone,
  runApart,
  serve,
  start,
  THREE,
} from "../support/machines.ts";
import { murmur } from "../support/murmur.ts";
import { peopleCsv, studyYaml } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
/** Under masks: a round has five steps. */
const MASKED_ROUNDS = 50;
const PULLED_MS = 3_000;
const MASKED_PULLED_MS = 1_500;

it(
  "owners with rows, key and limits alone complete a run that verifies",
  async () => {
    const made = await Promise.all(
      OWNERS.map(
        (who) => start(who, network.coordinator, ["keys", "new", "--out", `${who}.pem`]).ended,
      ),
    );
    writeFileSync(at("coordinator/allow.txt"), made.map(({ stdout }) => stdout).join(""));
    for (const who of OWNERS) writeFileSync(at(who, "limits.json"), '{"epsilon":3,"delta":0.001}');
    for (const who of OWNERS)
      expect(readdirSync(at(who)).sort()).toEqual(
        [`${who}.pem`, "limits.json", "rows.csv", "wide.json"].sort(),
      );
    const served = await serve("--allow", "allow.txt");
    const joined = OWNERS.map((who, i) =>
      join_(i, served, "--key", `${who}.pem`, "--limits", "limits.json", "--allow-exact-updates"),
    );
    for (const { ended } of [...joined, served.coordinator]) {
      const { status, stderr } = await ended;
      expect(status, stderr).toBe(0);
    }
    const { status } = await murmur(["verify", at("coordinator/run")]);
    expect(status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  "a cable pulled for three seconds heals, and the bytes are a single machine's",
  async () => {
    const study = studyYaml("{ files: [a.csv, b.csv], testFile: test.csv, public: true }")
      .replace("source:", "partition: { kind: files }\n  source:")
      .replace("rounds: 3, learningRate: 2", `rounds: ${ROUNDS}, learningRate: 2`)
      .replace("epsilon: 2", "epsilon: 8, trust: local");
    writeFileSync(at("coordinator/study.yaml"), study);
    await runAlone(OWNERS);
    await runApart(OWNERS, () => pullCable(ROUNDS, PULLED_MS));
    expectSameBytes("run", "alone");
  },
  TIMEOUT_MS,
);

it(
  "row 30: under masks a cable pulled amid a round heals, and the bytes are a single machine's",
  async () => {
    mkdirSync(at("c"));
    writeFileSync(at("c/rows.csv"), peopleCsv(4, 50));
    const study = studyYaml("{ files: [a.csv, b.csv, c.csv], testFile: test.csv, public: true }")
      .replace("source:", "partition: { kind: files }\n  source:")
      .replace("rounds: 3, learningRate: 2", `rounds: ${MASKED_ROUNDS}, learningRate: 2`)
      .replace("epsilon: 2", "epsilon: 8, trust: distributed")
      .replace("population: 100", "population: 150")
      .replace("count: 2, minCohort: 2", "count: 3, minCohort: 3");
    writeFileSync(at("coordinator/study.yaml"), study);
    await runAlone(THREE);
    await runApart(THREE, () => pullCable(MASKED_ROUNDS, MASKED_PULLED_MS));
    expectSameBytes("run", "alone");
    const ledger = readFileSync(at("coordinator/run/ledger.jsonl"), "utf8");
    expect(ledger.match(/"kind":"charge"/g)).toHaveLength(MASKED_ROUNDS);
  },
  TIMEOUT_MS,
);

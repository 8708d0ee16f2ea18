/** A network that is down for a while, longer than a socket lives: in a file of its own, for it takes as long. */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  allow,
  at,
  expectSameBytes,
  OWNERS,
  pullOften,
  ROUNDS,
  runAlone,
  runApart,
} from "../support/machines.ts";
import { studyYaml } from "../support/served-run.ts";

/** Shorter than an answer may take, longer than that, and longer than a dead socket is believed. */
const OUTAGES_MS = [3_000, 15_000, 60_000] as const;
/** For a run with all of them, and for a client to dial again after each. */
const OUTAGES_DEADLINE_MS = 420_000;

it(
  "row 53: a cable pulled for 3, 15 and 60 s costs no attempt, and the bytes are a single machine's",
  async () => {
    allow(OUTAGES_DEADLINE_MS);
    const study = studyYaml("{ files: [a.csv, b.csv], testFile: test.csv, public: true }")
      .replace("source:", "partition: { kind: files }\n  source:")
      .replace("rounds: 3, learningRate: 2", `rounds: ${ROUNDS}, learningRate: 2`)
      .replace("epsilon: 2", "epsilon: 8, trust: central");
    writeFileSync(at("coordinator/study.yaml"), study);
    await runAlone(OWNERS);
    await runApart(OWNERS, () => pullOften(ROUNDS, OUTAGES_MS), "--allow-exact-updates");
    expectSameBytes("run", "alone");
    const ledger = readFileSync(at("coordinator/run/ledger.jsonl"), "utf8");
    expect(ledger.match(/"kind":"charge"/g)).toHaveLength(ROUNDS);
    expect(ledger).not.toContain('"kind":"abort"');
  },
  OUTAGES_DEADLINE_MS,
);

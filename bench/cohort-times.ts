/**
 * What times tell of a secret cohort: 16 clients of unequal size, drawn by coins of 0.5, 100 rounds, which
 * are 1,600 client-rounds. The attack knows how long each client takes and takes the largest off first
 * (successive cancellation), from the time between charge and release. Prints the area under the ROC curve
 * (0.5: nothing) of that time as somebody sees it who watches releases arrive, without a clock and by one;
 * without, it is also what ledger and log had before they lost their times. Then what files say now.
 *
 *     node dist/bench/cohort-times.js
 */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Screen } from "../cli/screen/screen.ts";
import { runOwnHosts } from "../run/execute/own-hosts.ts";
import type { Show } from "../run/execute/run-outcome.ts";
import { FolderRecord } from "../run/folder/folder-record.ts";
import { newRunFolder } from "../run/folder/launch-record.ts";
import { Hosts } from "../run/hosts/launch.ts";
import { sampleCohort } from "../server/attempts/sample.ts";
import type { RunEvent } from "../shared/events/run-event.ts";
import { secureRoot } from "../shared/noise/random.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";
import { TIMING } from "../shared/timing.ts";

const HOST_PROGRAM = join(import.meta.dirname, "../client/host.js");
const CLIENTS = 16;
const ROUNDS = 100;
const SIZES = Array.from({ length: CLIENTS }, (_, i) => Math.round(20 * 1.6 ** i));

const folder = mkdtempSync(join(tmpdir(), "murmur-cohort-times-"));
const rows = (count: number) =>
  `age,days,returned\n${Array.from({ length: count }, (_, i) => `${20 + (i % 60)},${i % 31},${i % 3 ? "no" : "yes"}\n`).join("")}`;
SIZES.forEach((size, i) => {
  writeFileSync(join(folder, `c${i}.csv`), rows(size));
});
writeFileSync(join(folder, "held-out.csv"), rows(100));

const scenario = (clock: string) => `
format: 1
name: times
data:
  source: { files: [${SIZES.map((_, i) => `c${i}.csv`).join(", ")}], testFile: held-out.csv }
  partition: { kind: files }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120] }
    days: { role: sensitive, type: integer, bounds: [0, 30] }
    returned: { role: target }
  target: { name: returns, column: returned, positive: "yes" }
features: { days: { formula: "days", bounds: [0, 30] } }
training: { algorithm: fedAvg, rounds: ${ROUNDS}, learningRate: 0.1, localEpochs: 20, batchSize: 8, sampling: { kind: poisson, rate: 0.5 } }
privacy: { unit: client, trust: central, noiseMultiplier: 20, delta: 0.01, population: ${CLIENTS}${clock} }
clients: { count: ${CLIENTS}, minCohort: 1 }
`;

async function watched(name: string, clock: string) {
  const parsed = parseScenario(scenario(clock), "times.yaml", []);
  const file = join(folder, "times.yaml");
  const launch = { format: 1 as const, file, set: [], command: "run" as const, hosts: 1 };
  const run = newRunFolder(parsed, { out: join(folder, name) }, launch);
  const cohorts: (readonly number[])[] = [];
  const times: number[] = [];
  let charged = 0;
  const observe = (event: RunEvent) => {
    if (event.event === "attempt-charged") charged = performance.now();
    if (event.event === "round-released") times.push(performance.now() - charged);
  };
  const hosts = new Hosts(HOST_PROGRAM, 1, TIMING);
  const screen = new Screen({ quiet: true });
  const show: Show = (progress) => screen.show(progress);
  const record = new FolderRecord(run);
  const setup = { scenario: parsed, file, set: [], hosts, record, started: 0, observe, show };
  const draw: typeof sampleCohort = (terms, coins) => {
    const cohort = sampleCohort(terms, coins);
    cohorts.push(cohort);
    return cohort;
  };
  const { signal } = new AbortController();
  await runOwnHosts(setup, {}, signal, { root: secureRoot, draw });
  return { auc: attack(cohorts, times), path: run.path };
}

/**
 * A line through the times by size of what was drawn, by medians: the attacker has calibrated it, and what
 * else a machine does at the same time pulls at no median.
 */
function attack(cohorts: readonly (readonly number[])[], times: readonly number[]): number {
  const sizes = cohorts.map((cohort) => cohort.reduce((sum, one) => sum + (SIZES[one] ?? 0), 0));
  const slopes = times.flatMap((ms, i) =>
    times.slice(0, i).map((other, j) => (ms - other) / ((sizes[i] ?? 0) - (sizes[j] ?? 0))),
  );
  const perRow = median(slopes.filter(Number.isFinite));
  const without = median(times.map((ms, i) => ms - perRow * (sizes[i] ?? 0)));
  const scores: [score: number, drawn: boolean][] = [];
  times.forEach((ms, round) => {
    let left = ms - without;
    for (let client = CLIENTS - 1; client >= 0; client--) {
      const own = perRow * (SIZES[client] ?? 0);
      // Those that are smaller are in it with one half each.
      const smaller = perRow * SIZES.slice(0, client).reduce((sum, size) => sum + size / 2, 0);
      const isDrawn = left - smaller > own / 2;
      scores.push([(left - smaller) / own, cohorts[round]?.includes(client) ?? false]);
      if (isDrawn) left -= own;
    }
  });
  return areaUnderCurve(scores);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Chance that one who was drawn scores higher than one who was not; halves for ties. */
function areaUnderCurve(scores: readonly (readonly [number, boolean])[]): number {
  const [yes, no] = [true, false].map((is) => scores.filter(([, drawn]) => drawn === is));
  let won = 0;
  for (const [a] of yes ?? []) for (const [b] of no ?? []) won += a > b ? 1 : a === b ? 0.5 : 0;
  return won / ((yes?.length ?? 0) * (no?.length ?? 0));
}

try {
  const open = await watched("open", "");
  print(
    `who watches releases arrive, no clock (once in ledger and log): AUC ${open.auc.toFixed(3)}`,
  );
  const lines = readFileSync(join(open.path, "ledger.jsonl"), "utf8");
  const times = ["ledger.jsonl", "rounds.jsonl", "manifest.json"].map(
    (name) => statSync(join(open.path, name)).mtimeMs,
  );
  const isBare = !lines.includes('"time"') && new Set(times).size === 1;
  print(`what files say: ${isBare ? "no time, AUC 0.500" : "A TIME"}`);
  const byClock = await watched("clock", ", roundSeconds: 4");
  print(`who watches releases arrive, roundSeconds 4: AUC ${byClock.auc.toFixed(3)}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A run's report as its page takes it: the purchases scenario's plan, and results that were made up. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RunReport } from "../../report/run-report.ts";
import { byAdversary } from "../../shared/accounting/mechanisms/event.ts";
import { plannedClaims } from "../../shared/claims/claim.ts";
import type { Trace } from "../../shared/events/trace.ts";
import { makePlan } from "../../shared/plan/plan.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { contractFor, SCENARIOS } from "./contracts.ts";

/**
 * @param set overrides by their path in the file, as `--set` takes them
 * @param more of the trace, instead of what was made up
 */
export async function reportFor(
  set: Readonly<Record<string, string>> = {},
  more: Partial<Trace> = {},
): Promise<RunReport> {
  const overrides = Object.entries(set).map(([path, value]) => ({ path, value }));
  const text = readFileSync(join(SCENARIOS, "purchases.yaml"), "utf8");
  const scenario = parseScenario(text, "purchases.yaml", overrides);
  const { plan, hash } = makePlan(scenario, await contractFor(scenario), "fused");
  const trace = { ...traceOf(plan), ...more };
  return {
    ...{ scenario, plan, trace, measured: null, transcript: null },
    clients: ["c01", "c02"].map((client) => ({
      ...{ client, joined: true, lost: client === "c02", declined: false },
      ...{ updates: 5, bytes: 3_540 },
    })),
    resumedAfter: null,
    risks: [{ client: "c01", before: 0.7, after: 0.1 }],
    manifest: {
      ...{ format: 1, murmur: "0.1.0", node: "v20.20.0", engine: "fused", seed: scenario.seed },
      ...{ notes: [], runId: "ab".repeat(16), planHash: hash, modelHash: "cd".repeat(32) },
      command: { name: "run", file: "scenarios/purchases.yaml", set: overrides },
      ledger: { seq: 11, hash: "ef".repeat(32) },
      ending: "done",
      hardware: { cores: 2, processor: "a processor", memoryBytes: 8 * 2 ** 30 },
    },
  };
}

function traceOf(plan: RunReport["plan"]): Trace {
  const features = plan.contract.features.map(({ name }) => name);
  const all = plan.contract.columns.map(({ name }) => name);
  const kept = ["age", "location", "purchaseHistory"];
  const label = ["boughtWithin30Days"];
  const claimed = (attempts: number, table: "anonymized" | "raw") => {
    const claims = plannedClaims(plan.privacy, attempts);
    return byAdversary(
      (adversary) => claims.find((claim) => claim.adversary === adversary)?.[table] ?? null,
    );
  };
  return {
    claims: plannedClaims(plan.privacy, plan.privacy.rounds),
    stages: [
      { name: "collect", rowsIn: 1000, namesIn: all, rowsOut: 1000, namesOut: all },
      { name: "anonymize", rowsIn: 1000, namesIn: all, rowsOut: 1000, namesOut: kept },
      { name: "engineer", rowsIn: 1000, namesIn: kept, rowsOut: 1000, namesOut: features },
      { name: "train", rowsIn: 1000, namesIn: features, rowsOut: 1, namesOut: ["weights"] },
      { name: "evaluate", rowsIn: 200, namesIn: features, rowsOut: 200, namesOut: label },
      { name: "predict", rowsIn: 1, namesIn: features, rowsOut: 1, namesOut: label },
    ],
    statistics: [],
    clientLabels: [
      { client: "c01", counts: [30, 10] },
      { client: "c02", counts: [0, 7] },
    ],
    start: { loss: 0.7, accuracy: 0.5 },
    rounds: Array.from({ length: plan.privacy.rounds }, (_, round) => ({
      ...{ round, attempts: 1, loss: 0.6 - 0.05 * round, accuracy: 0.55 + 0.05 * round },
      ...{ epsilon: claimed(round + 1, "anonymized"), modelHash: "00".repeat(32) },
      ...(plan.privacy.rawFactor === 1 ? {} : { rawEpsilon: claimed(round + 1, "raw") }),
    })),
    heldOut: {
      ...{ classes: ["no", "yes"], auc: 0.9, calibration: null },
      confusion: [
        [90, 10],
        [20, 80],
      ],
    },
    fairness: null,
    prediction: {
      ...{ label: "boughtWithin30Days", likelihood: 0.75, checked: true },
      layers: [
        { name: "input preprocessing", lines: ["recency 6 → -0.339"] },
        { name: "model forward pass", lines: ["output 1: 1.109"] },
        { name: "output activation", lines: ["sigmoid(1.1087) = 0.7519"] },
        { name: "privacy check", lines: ["✓ one", "✓ two"] },
      ],
    },
  };
}

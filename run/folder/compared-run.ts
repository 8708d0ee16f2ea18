/** IO: what a finished run's folder tells beside its accuracy: plan, rounds, time, bytes, faults. */
import { join } from "node:path";
import { z } from "zod";
import type { Measured } from "../../compare/sweep-result.ts";
import { unitParts } from "../../shared/claims/unit-text.ts";
import type { RoundTrace } from "../../shared/events/trace.ts";
import { readLedger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { toldAt } from "../../shared/record.ts";
import { parseYaml } from "../../shared/scenario/text.ts";
import { readClients } from "./clients-file.ts";
import { measuredRun } from "./measured-run.ts";
import { resolvedHeldOut } from "./resolved-scenario.ts";
import { readRounds } from "./round-lines.ts";
import { runFile, runJson, runPlan } from "./run-files.ts";

export interface ComparedRun extends Measured {
  readonly run: string;
  /** As it was resolved. */
  readonly scenario: unknown;
  readonly seed: number;
  /** Generator or file. */
  readonly data: string;
  readonly planHash: string;
  /** Version that ran it. */
  readonly murmur: string;
  readonly engine: string;
  readonly privacy: PrivacyPlan;
  /** Whom its ε are about, a sentence each. */
  readonly unit: readonly string[];
  readonly rounds: readonly RoundTrace[];
  /** By stage, of the process that ended the run. */
  readonly seconds: Readonly<Record<string, number>>;
  /** Of all updates that were counted; null where that would tell who was drawn. */
  readonly bytes: number | null;
  readonly faults: {
    readonly lostClients: number;
    /** null where that would tell who was drawn. */
    readonly declined: number | null;
    readonly lostUpdates: number;
    /** Charged, and nothing released for it: of the last round too, where the run ended by that. */
    readonly abortedAttempts: number;
  };
}

const manifestSchema = z.object({
  seed: z.number(),
  murmur: z.string(),
  engine: z.string(),
  // Runs of earlier versions did not say.
  seconds: z.record(z.string(), z.number()).default({}),
});

/** @throws ScenarioError for what is no finished run, BudgetError for a damaged file */
export function comparedRun(run: string): ComparedRun {
  const { plan, hash } = runPlan(run);
  const { seed, seconds, ...by } = runJson(run, "manifest.json", manifestSchema);
  const text = runFile(run, "scenario.resolved.yaml").toString("utf8");
  const rounds = readRounds(run, runFile(run, "rounds.jsonl").toString("utf8"));
  const { clients } = readClients(run);
  const { privacy } = plan;
  const total = (values: readonly (number | null)[]) =>
    values.reduce<number | null>(
      (sum, value) => (sum === null || value === null ? null : sum + value),
      0,
    );
  const lostUpdates = rounds.reduce((sum, { lost = 0 }) => sum + lost, 0);
  const abortedAttempts = inVain(readLedger(join(run, "ledger.jsonl")).lines);
  const scenario = parseYaml(text, join(run, "scenario.resolved.yaml"));
  const source = ["generator", "file"].map((key) => toldAt(scenario, ["data", "source", key]));
  return {
    ...measuredRun(run),
    ...{ run, seed, seconds, privacy, rounds, scenario, planHash: hash, ...by },
    unit: unitParts(plan, resolvedHeldOut(run)),
    data: String(source.find((name) => name !== "nothing") ?? "a file a client"),
    bytes: total(clients.map(({ bytes }) => bytes)),
    faults: {
      lostClients: clients.filter(({ lost }) => lost).length,
      declined: total(clients.map(({ declined }) => (declined === null ? null : Number(declined)))),
      ...{ lostUpdates, abortedAttempts },
    },
  };
}

function inVain(lines: readonly LedgerLine[]): number {
  const kinds = lines.map(({ entry }) => entry.kind);
  const released = kinds.filter((kind) => kind === "release" || kind === "counts").length;
  return kinds.filter((kind) => kind === "charge").length - released;
}

/** What a sweep reads in its runs' folders is against the raw table, like those runs' own pages. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compositionOf } from "../../../compare/composition.ts";
import { measuredRun } from "../../../run/folder/measured-run.ts";
import { chargedRuns } from "../../../run/folder/sweep-folder.ts";
import { plannedClaims } from "../../../shared/claims/claim.ts";
import { lineText } from "../../../shared/ledger/chain.ts";
import { chainLine, type LedgerLine } from "../../../shared/ledger/ledger-line.ts";
import { ledgerOpening, makePlan, type SealedPlan } from "../../../shared/plan/plan.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import { taskTerms } from "../../../shared/privacy/tasks.ts";
import { parseScenario } from "../../../shared/scenario/scenario.ts";
import { contractFor, SCENARIOS } from "../../support/contracts.ts";
import { scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);

/** A sweep's folder with one run of the purchases scenario, whole; only what is read is in it. */
async function sweptOnce(mode: string): Promise<{ sweep: string; run: string }> {
  const sweep = join(folder.path, mode);
  const run = join(sweep, "runs", "p0-7-1");
  mkdirSync(run, { recursive: true });
  const set = { "data.anonymity.mode": mode, "data.anonymity.k": "4", "privacy.epsilon": "0.5" };
  const overrides = Object.entries(set).map(([path, value]) => ({ path, value }));
  const text = readFileSync(join(SCENARIOS, "purchases.yaml"), "utf8");
  const scenario = parseScenario(text, "purchases.yaml", overrides);
  const sealed = makePlan(scenario, await contractFor(scenario), "fused");
  const { privacy } = sealed.plan;
  const trace = {
    claims: plannedClaims(privacy, privacy.rounds),
    heldOut: {
      confusion: [
        [90, 10],
        [30, 70],
      ],
    },
  };
  writeFileSync(join(run, "plan.json"), sealed.bytes);
  writeFileSync(join(run, "trace.json"), JSON.stringify(trace));
  writeFileSync(join(run, "manifest.json"), JSON.stringify({ modelHash: "ab" }));
  writeFileSync(join(run, "rounds.jsonl"), "");
  writeFileSync(join(run, "ledger.jsonl"), `${ledgerOf(sealed).map(lineText).join("\n")}\n`);
  return { sweep, run };
}

function ledgerOf(sealed: SealedPlan): LedgerLine[] {
  const { privacy } = sealed.plan;
  const lines: LedgerLine[] = [chainLine(0, null, ledgerOpening(sealed, "00".repeat(16)))];
  const events = attemptEvents(taskTerms(privacy, "train"));
  for (let round = 0; round < privacy.rounds; round++) {
    const prev = lines.at(-1)?.hash ?? null;
    lines.push(chainLine(round + 1, prev, { kind: "charge", round, attempt: 0, events }));
  }
  return lines;
}

describe("a run whose small classes were suppressed", () => {
  it("has the ε of the raw table, at the same δ", async () => {
    const { run } = await sweptOnce("suppress");
    const { accuracy, epsilon, anonymized, delta, noiseMultiplier, clipNorm } = measuredRun(run);
    expect(accuracy).toBe(0.8);
    expect(anonymized).toBeCloseTo(0.5, 3);
    const one = anonymized ?? 0;
    // Noise of a quarter of the multiplier: more than four times ε at one δ, less than group privacy.
    expect(epsilon.modelRecipients).toBeGreaterThan(4 * one);
    expect(epsilon.modelRecipients).toBeLessThan(4 * 1.3 * one);
    expect(delta, "δ of the raw table").toBe(1e-5);
    expect(noiseMultiplier).toBeGreaterThan(1);
    expect(clipNorm).toBe(2);
  });

  it("costs in a composition what it claims alone", async () => {
    const { sweep, run } = await sweptOnce("suppress");
    const { epsilon, delta } = compositionOf(chargedRuns(sweep));
    const alone = measuredRun(run);
    expect(epsilon.modelRecipients).toBeCloseTo(alone.epsilon.modelRecipients ?? 0, 9);
    expect(delta).toBeCloseTo(alone.delta, 12);
  });
});

describe("a run whose rows were recoded together (mondrian)", () => {
  it("has no ε, alone or in a composition, but what it spent of the anonymized table", async () => {
    const { sweep, run } = await sweptOnce("mondrian");
    const { epsilon, anonymized, noiseMultiplier } = measuredRun(run);
    const none = { modelRecipients: null, otherClients: null, coordinator: null };
    expect(epsilon).toEqual(none);
    expect(anonymized).toBeCloseTo(0.5, 3);
    expect(noiseMultiplier, "it is no twin").toBeGreaterThan(1);
    expect(compositionOf(chargedRuns(sweep)).epsilon).toEqual(none);
  });
});

it("has one ε where each row is recoded by itself", async () => {
  const { run } = await sweptOnce("report");
  const { epsilon, anonymized, delta } = measuredRun(run);
  expect(epsilon.modelRecipients).toBe(anonymized);
  expect(delta).toBe(1e-5);
});

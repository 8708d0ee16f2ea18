import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ModelPast } from "../../../shared/accounting/model-past.ts";
import { canonicalJson } from "../../../shared/canonical.ts";
import { chainLine, type LedgerLine } from "../../../shared/ledger/ledger-line.ts";
import {
  type Provenance,
  provenanceOf,
  provenanceText,
  readProvenance,
  rowsKind,
} from "../../../shared/plan/provenance.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";
import { problemOf } from "../../support/problem.ts";
import { smallScenario } from "../../support/small-scenario.ts";

const MODEL = "ab".repeat(32);

/** Of a run of two attempts from those weights on, which closed. */
function ofRun(terms: Partial<PrivacyTerms>, runId: string, more: object = {}) {
  const sealed = sealedWith(terms);
  const plan = sealed.plan.privacy;
  const lines: LedgerLine[] = [];
  for (const entry of [
    { ...openingFor(sealed), runId },
    { kind: "charge", round: 0, attempt: 0, events: attemptEvents(plan) },
    { kind: "abort", round: 0, attempt: 0, reason: "too few" },
    { kind: "charge", round: 0, attempt: 1, events: attemptEvents(plan) },
    { kind: "release", round: 0, attempt: 1, modelHash: MODEL },
    { kind: "close", reason: "done" },
  ] as const)
    lines.push(chainLine(lines.length, lines.at(-1)?.hash ?? null, entry));
  const source = { plan, lines, modelHash: MODEL, rows: "private", start: undefined } as const;
  return provenanceOf({ ...source, ...more });
}

const A = "a".repeat(32);
const B = "b".repeat(32);
const C = "c".repeat(32);
const runsIn = (past: ModelPast) => past.histories.map(({ runId }) => runId);

describe("provenance of a model", () => {
  it("holds its run's charges, the aborted ones too, and what they cost", () => {
    const { past, epsilon, runId } = ofRun({}, A);
    expect(runId).toBe(A);
    expect(past.histories.map(({ events }) => events.modelRecipients[0]?.count)).toEqual([2]);
    expect(epsilon.modelRecipients).toBeGreaterThan(0);
    expect(epsilon.coordinator).toBeNull();
  });

  it("says whether it is one of a sweep's, by itself or with all", () => {
    for (const sweep of ["alone", "whole"] as const)
      expect(ofRun({}, A, { sweep })).toHaveProperty("sweep", sweep);
    expect(ofRun({}, A)).not.toHaveProperty("sweep");
  });

  it("holds all runs before it, and one that it comes from by two ways once", () => {
    const first = ofRun({}, A).past;
    const [left, right] = [B, C].map((id) => ofRun({ rounds: 9 }, id, { start: first }).past);
    const both = ofRun({}, "d".repeat(32), { start: left, others: [right] }).past;
    expect(runsIn(both).sort()).toEqual([A, B, C, "d".repeat(32)]);
  });

  it.each(["public", "generated"] as const)("adds nothing for %s rows, and passes on", (rows) => {
    expect(ofRun({}, A, { rows }).past.histories).toEqual([]);
    const start = ofRun({}, A).past;
    expect(ofRun({}, B, { rows, start }).past).toEqual(start);
    const words: ModelPast = { histories: [], trainedOn: ["public data: x"], unknown: true };
    const passed = ofRun({}, B, { rows, start: words });
    expect(passed.past).toEqual(words);
    expect(Object.values(passed.epsilon)).toEqual([null, null, null]);
  });

  it("is at a δ below 1 / the population of every run in it, also after a run of few public rows", () => {
    const start = ofRun({ population: 90_000 }, A).past;
    const few = ofRun({ delta: 0.01, population: 50 }, B, { rows: "public", start });
    expect(few.delta).toBe(1e-5);
    expect(few.epsilon).toEqual(ofRun({}, C, { rows: "public", start }).epsilon);
    expect(ofRun({ delta: 2e-6 }, B, { rows: "public", start }).delta).toBe(2e-6);
  });

  it("is read as it was written, for its own weights alone", async () => {
    const made = ofRun({}, A, { start: ofRun({ rounds: 9 }, B).past });
    const text = provenanceText(made);
    expect(readProvenance(text, MODEL, "here")).toEqual(made);
    const refused = (changed: string, hash = MODEL) =>
      problemOf(() => readProvenance(changed, hash, "here"));
    expect(await refused(text, "cd".repeat(32))).toBe("ScenarioError provenance.model");
    expect(await refused(`${text} `)).toBe("ScenarioError provenance.hash");
    expect(await refused(text.replace('"count": 2', '"count": 1'))).toBe(
      "ScenarioError provenance.hash",
    );
    expect(await refused(text.replace('"rows"', '"rwos"'))).toBe("ScenarioError provenance.form");
    expect(await refused("{")).toBe("ScenarioError provenance.form");
  });

  it("is refused without its own run's charges, its hash made anew or not", async () => {
    const made = ofRun({}, A);
    const other = ofRun({ rounds: 9 }, B);
    // Whoever recomputes the hash: as an honest writer of another run's past would.
    const text = provenanceText({ ...made, past: other.past });
    expect(await problemOf(() => readProvenance(text, MODEL, "here"))).toMatch(/provenance\.hash/);
  });

  /** As somebody writes it who knows how its hash is made. */
  const rehashed = ({ hash: _, ...made }: Provenance, changed: Partial<Provenance>) => {
    const stated = { ...made, ...changed };
    const words = `murmur/provenance/v1${canonicalJson(stated)}`;
    return provenanceText({ ...stated, hash: createHash("sha256").update(words).digest("hex") });
  };
  const refusedAs = (text: string) => problemOf(() => readProvenance(text, MODEL, "here"));

  it("of private rows is read with its own run's charges alone: that run's, plan's and ledger's", async () => {
    const made = ofRun({}, A, { start: ofRun({ rounds: 9 }, B).past });
    expect(rehashed(made, {})).toBe(provenanceText(made));
    const { histories } = made.past;
    const without = { ...made.past, histories: histories.filter(({ runId }) => runId !== A) };
    expect(without.histories).toHaveLength(1);
    for (const changed of [
      { past: without },
      { planHash: "0".repeat(64) },
      { ledgerHash: "0".repeat(64) },
    ])
      expect(await refusedAs(rehashed(made, changed))).toBe("ScenarioError provenance.run");
  });

  it.each(["public", "generated"] as const)(
    "of %s rows is read without its run's charges",
    (rows) => {
      const made = ofRun({}, A, { rows });
      expect(readProvenance(provenanceText(made), MODEL, "here")).toEqual(made);
    },
  );

  it.each(["alone", "whole"] as const)(
    "of a sweep's run, %s, is read as it was written",
    (sweep) => {
      const made = ofRun({}, A, { sweep });
      expect(readProvenance(provenanceText(made), MODEL, "here")).toEqual(made);
    },
  );

  it("has hashes of 64 digits and an id of 32, no digit more", async () => {
    const made = ofRun({}, A);
    for (const key of ["runId", "planHash", "ledgerHash", "modelHash", "hash"] as const)
      for (const changed of [`f${made[key]}`, `${made[key]}f`]) {
        const text = provenanceText({ ...made, [key]: changed });
        expect(await refusedAs(text), `${key} ${changed}`).toBe("ScenarioError provenance.form");
        expect(() => readProvenance(text, MODEL, "here")).toThrow(`got ${key}`);
      }
  });

  it("says what of a file is wrong, or that it is no JSON", () => {
    const made = ofRun({}, A);
    const epsilon = { ...made.epsilon, otherClients: -1 };
    const text = provenanceText({ ...made, epsilon });
    expect(() => readProvenance(text, MODEL, "here")).toThrow("got epsilon.otherClients");
    expect(() => readProvenance("{", MODEL, "here")).toThrow("got no JSON");
  });

  it("bounds nothing of a person of several rows where an earlier run counted rows", () => {
    const start = ofRun({}, A).past;
    expect(ofRun({}, B, { start }).epsilon.modelRecipients).toBeGreaterThan(0);
    const ofPersons = ofRun({ rowsPerPerson: 2, rows: 800 }, B, { start });
    expect(ofPersons.epsilon.modelRecipients).toBeNull();
    expect(ofRun({ rowsPerPerson: 2, rows: 800 }, B).epsilon.modelRecipients).toBeGreaterThan(0);
  });
});

it("rows are private unless they are public, and then made up where a generator did", () => {
  const generated = smallScenario();
  const { source } = generated.data;
  const read = {
    ...generated,
    data: { ...generated.data, source: { ...source, generator: undefined } },
  };
  for (const scenario of [generated, read]) expect(rowsKind(scenario, false)).toBe("private");
  expect(rowsKind(generated, true)).toBe("generated");
  expect(rowsKind(read, true)).toBe("public");
});

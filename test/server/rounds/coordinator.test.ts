import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FaultLog } from "../../../server/attempts/fault-log.ts";
import { coordinate, type Ending } from "../../../server/rounds/coordinator.ts";
import { TooFewClients } from "../../../server/rounds/too-few-clients.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import type { RunEvent } from "../../../shared/events/run-event.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { seededRoot } from "../../../shared/noise/random.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { secaggRefusal } from "../../../shared/secagg/refusal.ts";
import { identityKeys } from "../../support/masked-attempt.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";
import { clientsHere } from "../../support/round-clients.ts";
import { stateAt } from "../../support/states.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "murmur-coordinator-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const heldOut = {
  count: 2,
  width: 1,
  inputs: Float32Array.of(-1, 1),
  labels: Float32Array.of(0, 1),
};

/** A run whose attempts are answered by as many of five clients as `answers` says, in turn. */
async function play(
  terms: Partial<PrivacyTerms>,
  answers: readonly number[],
  step = 0,
  tellsLosses = false,
  rest: "decline" | "silent" = "silent",
) {
  const sealed = sealedWith(terms);
  const ledger = new Ledger(join(folder, "ledger.jsonl"), openingFor(sealed));
  let asked = 0;
  const clients = clientsHere([0, 1, 2, 3, 4], async (open) => {
    const { round, attempt } = open;
    const update = new Int32Array(sealed.model.parameters).fill(step);
    for (let clientIndex = 0; clientIndex < (answers[asked] ?? 5); clientIndex++)
      open.offer({
        kind: "update",
        vclient: clientIndex,
        round,
        attempt,
        update,
        sha256: `${clientIndex}`,
      });
    if (rest === "decline") open.excuse(open.asked.slice(answers[asked] ?? 5));
    asked += 1;
  });
  const parameters = new Float32Array(sealed.model.parameters);
  const start = stateAt(parameters, sealed.plan.privacy.clipNorm);
  const pauses: number[] = [];
  const pause = async (failed: number) => void pauses.push(failed);
  const tools = { sealed, clients, ledger, root: seededRoot(3), tellsLosses, pause };
  const running = coordinate(tools, fusedEngine(sealed.model), heldOut, start);
  const rounds = [];
  let ending: Ending | undefined;
  for (;;) {
    const next = await running.next();
    if (next.done) {
      ending = next.value;
      break;
    }
    rounds.push(next.value.trace);
  }
  return { rounds, ending, ledger, sealed, pauses };
}

it("runs the plan's rounds and spends what the plan promised, no more", async () => {
  const { rounds, ending, ledger, sealed } = await play({}, []);
  expect(rounds.map(({ round }) => round)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(ending).toEqual({ reason: "done", attempts: 7 });
  expect(ledger.spent.modelRecipients).toBe(sealed.plan.privacy.epsilon);
  const spent = rounds.map(({ epsilon }) => epsilon.modelRecipients ?? Number.NaN);
  expect(spent).toEqual([...spent].sort((a, b) => a - b));
  expect(new Set(spent).size).toBe(7);
});

it("row 8: charges a second attempt again, from the spare that the plan has reserved", async () => {
  const { rounds, ending, ledger, sealed } = await play({ rounds: 2, spareAttempts: 1 }, [5, 2, 5]);
  expect(rounds.map(({ attempts }) => attempts)).toEqual([1, 2]);
  expect(ending).toEqual({ reason: "done", attempts: 3 });
  const kinds = ledger.lines.map(({ entry }) => entry.kind);
  expect(kinds).toEqual(["open", "charge", "release", "charge", "abort", "charge", "release"]);
  expect(ledger.spent.modelRecipients).toBe(sealed.plan.privacy.epsilon);
});

it("rows 8, 48: ends a round early, as a normal end, where nothing was reserved", async () => {
  const { rounds, ending, ledger, sealed } = await play({ rounds: 3 }, [5, 2, 5]);
  expect(rounds.map(({ round }) => round)).toEqual([0, 1]);
  expect(ending).toEqual({ reason: "budget", attempts: 3 });
  expect(ledger.spent.modelRecipients).toBeLessThanOrEqual(sealed.plan.privacy.epsilon ?? 0);
});

it("tells how many updates a round lost only where it may", async () => {
  const told = await play({ rounds: 3 }, [5, 3, 4], 0, true);
  expect(told.rounds.map(({ lost }) => lost)).toEqual([undefined, 2, 1]);
  rmSync(join(folder, "ledger.jsonl"));
  const { rounds } = await play({ rounds: 3 }, [5, 3, 4]);
  for (const round of rounds) expect(round.lost).toBeUndefined();
});

it("row 8: is interrupted, not finished, where three attempts have failed and all have said so", async () => {
  const failed = play({ spareAttempts: 9 }, [1, 1, 1], 0, false, "decline");
  await expect(failed).rejects.toThrow(TooFewClients);
  const text = readFileSync(join(folder, "ledger.jsonl"), "utf8");
  expect(text.match(/"kind":"charge"/g)).toHaveLength(3);
  expect(text).not.toContain('"kind":"close"');
});

it("row 53: goes on after any number of attempts that a network swallowed, with longer and longer pauses", async () => {
  const { rounds, ending, pauses } = await play(
    { rounds: 1, spareAttempts: 5 },
    [1, 1, 1, 1, 1, 5],
  );
  expect(rounds.map(({ attempts }) => attempts)).toEqual([6]);
  expect(ending).toEqual({ reason: "done", attempts: 6 });
  expect(pauses).toEqual([1, 2, 3, 4, 5]);
});

it("row 51: stops at a loss that is no number, names the round, and leaves it charged", async () => {
  const diverging = play({ trust: "none", targetEpsilon: null, clipNorm: 1e39 }, [], 2 ** 20);
  await expect(diverging).rejects.toThrow("training.diverged (round");
});

describe("a masked round that a run before this process had begun", () => {
  /** Numbers of the attempts that clients are asked for; nobody answers any, and none is charged. */
  async function asked(noise: "secure" | "seeded", isKnown: boolean) {
    const masks = { trust: "distributed", accountant: "zcdp", colluders: 1, noise } as const;
    const sealed = sealedWith(masks);
    const ledger = new Ledger(join(folder, "ledger.jsonl"), openingFor(sealed));
    const attempts: number[] = [];
    const faults = new FaultLog([], () => []);
    const events: RunEvent[] = [];
    const clients = {
      ...clientsHere([], async ({ kind, attempt }) => {
        if (kind !== "masked") throw new Error("masks were asked for");
        attempts.push(attempt);
        throw secaggRefusal("below-threshold", "the test", "nobody", "somebody");
      }),
      enough: async () => true,
      roster: identityKeys(5).map(({ publicKey: key }, clientIndex) => ({
        vclient: clientIndex,
        key,
      })),
      runId: "05".repeat(16),
    };
    const start = stateAt(new Float32Array(sealed.model.parameters), sealed.plan.privacy.clipNorm);
    const observe = (event: RunEvent) => events.push(event);
    const tools = { sealed, clients, ledger, root: seededRoot(3), faults, observe };
    const engine = fusedEngine(sealed.model);
    const running = coordinate(tools, engine, heldOut, start, 2, isKnown);
    await expect(running.next()).rejects.toThrow(TooFewClients);
    expect(ledger.charged("train")).toBe(0);
    rmSync(join(folder, "ledger.jsonl"));
    return { attempts, aborted: faults.trace?.aborted, events };
  }

  it("is numbered beyond what that one may have begun and not charged, secure noise alone", async () => {
    expect((await asked("secure", false)).attempts).toEqual([0, 1, 2]);
    expect((await asked("secure", true)).attempts).toEqual([1_000, 1_001, 1_002]);
    // Seeded clients give the same bytes for the same number.
    expect((await asked("seeded", true)).attempts).toEqual([0, 1, 2]);
  });

  it("is told as aborted and not charged", async () => {
    const { aborted, events } = await asked("secure", false);
    expect(aborted).toEqual([0, 1, 2].map((attempt) => ({ round: 2, attempt, charged: false })));
    const told = events.filter(({ event }) => event === "attempt-aborted");
    expect(told).toHaveLength(3);
    for (const event of told) expect(event).toMatchObject({ charged: false });
  });
});

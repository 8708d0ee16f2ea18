import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RoundClients } from "../../../server/attempts/round-clients.ts";
import { RoundClock } from "../../../server/attempts/round-clock.ts";
import { Asking } from "../../../server/connections/ask-clients.ts";
import { initialState, serverRound } from "../../../server/rounds/server-round.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { parametersHash } from "../../../shared/model/model.ts";
import { seededRoot } from "../../../shared/noise/random.ts";
import type { SealedPlan } from "../../../shared/plan/plan.ts";
import { recordLattice } from "../../../shared/privacy/lattice-terms.ts";
import { TIMING } from "../../../shared/timing.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";
import { clientsHere } from "../../support/round-clients.ts";
import { stateAt } from "../../support/states.ts";
import { chiSquareBounds } from "../../support/statistics.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "murmur-round-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A round whose clients send `updates`, in order, as seen with the ledger's file at that moment. */
function scene(sealed: SealedPlan, updates: readonly (readonly number[])[]) {
  const path = join(folder, "ledger.jsonl");
  const ledger = new Ledger(path, openingFor(sealed));
  const seen: { ledgerAtGather: string; outcome: string } = { ledgerAtGather: "", outcome: "" };
  const clients = {
    ...clientsHere([0, 1, 2, 3, 4], async (attempt) => {
      seen.ledgerAtGather = readFileSync(path, "utf8");
      updates.forEach((values, clientIndex) => {
        const update = Int32Array.from(values);
        const { round } = attempt;
        const ids = { vclient: clientIndex, round, attempt: attempt.attempt };
        attempt.offer({ kind: "update", ...ids, update, sha256: `${clientIndex}` });
      });
    }),
    closeAttempt: (_: object, outcome: string) => {
      seen.outcome = outcome;
    },
  };
  const length = sealed.plan.privacy.parameters;
  const state = stateAt(new Float32Array(length), sealed.plan.privacy.clipNorm);
  const tools = { sealed, clients, ledger, root: seededRoot(5) };
  return { tools, state, seen, ledger, path };
}

it("has the charge on the disk before any update can arrive, and the release after it", async () => {
  const { tools, state, seen, ledger } = scene(sealedWith(), Array(5).fill([1, 2]));
  await serverRound(tools, state, 0, 0);
  expect(seen.ledgerAtGather).toContain('"kind":"charge"');
  expect(seen.ledgerAtGather).not.toContain('"kind":"release"');
  expect(ledger.lines.map(({ entry }) => entry.kind)).toEqual(["open", "charge", "release"]);
});

it("divides by the expected units, whoever answered", async () => {
  const sealed = sealedWith({ trust: "none", targetEpsilon: null });
  const { scale } = sealed.plan.privacy;
  const steps = Math.round(scale);
  // Three of five clients answer; 400 units are expected.
  const { tools, state } = scene(sealed, [
    [steps, 0],
    [steps, 0],
    [steps, -steps],
  ]);
  const outcome = await serverRound(tools, state, 0, 0);
  if (outcome.kind !== "released") throw new Error(outcome.kind);
  const [a = 0, b = 0] = outcome.state.parameters;
  // Learning rate 1 in round 0: the step is the negative mean gradient.
  expect(a).toBeCloseTo((-3 * steps) / scale / 400, 9);
  expect(b).toBeCloseTo(steps / scale / 400, 9);
});

it("steps by the round's own learning rate where records are the unit", async () => {
  const sealed = sealedWith({ trust: "none", targetEpsilon: null });
  const { scale } = sealed.plan.privacy;
  const steps = Math.round(scale);
  const { tools, state } = scene(sealed, Array(5).fill([steps, 0]));
  const outcome = await serverRound(tools, state, 2, 0);
  if (outcome.kind !== "released") throw new Error(outcome.kind);
  expect(outcome.state.parameters[0]).toBeCloseTo((-1.5 * 5 * steps) / scale / 400, 6);
});

it("binds the average of the released models to the ledger, beside the model itself", async () => {
  const sealed = sealedWith({ trust: "none", targetEpsilon: null });
  const training = { ...sealed.plan.training, averaging: { kind: "ema", decay: 0.5 } } as const;
  const averaging = { ...sealed, plan: { ...sealed.plan, training } };
  const steps = Math.round(sealed.plan.privacy.scale);
  const { tools, state, ledger } = scene(averaging, Array(5).fill([steps, -steps]));
  const first = await serverRound(tools, state, 0, 0);
  if (first.kind !== "released") throw new Error(first.kind);
  const second = await serverRound(tools, first.state, 1, 0);
  if (second.kind !== "released") throw new Error(second.kind);
  const due = first.state.parameters.map((w, i) => (w + (second.state.parameters[i] ?? 0)) / 2);
  expect([...due]).not.toEqual([...second.state.parameters]);
  expect(second.averagedHash).toBe(parametersHash(due));
  expect(ledger.lines.at(-1)?.entry).toMatchObject({
    kind: "release",
    modelHash: parametersHash(second.state.parameters),
    averagedHash: parametersHash(due),
  });
});

it("says nothing of an average where there is none", async () => {
  const { tools, state, ledger } = scene(sealedWith(), Array(5).fill([1, 2]));
  const outcome = await serverRound(tools, state, 0, 0);
  expect(outcome).toMatchObject({ kind: "released", averagedHash: undefined });
  expect(ledger.lines.at(-1)?.entry).not.toHaveProperty("averagedHash");
});

it("row 8: aborts below minCohort, stays charged, and releases nothing", async () => {
  const { tools, state, seen, ledger } = scene(sealedWith(), [
    [1, 2],
    [3, 4],
  ]);
  expect(await serverRound(tools, state, 0, 0)).toEqual({
    kind: "aborted",
    survivors: 2,
    silent: true,
  });
  expect(ledger.lines.map(({ entry }) => entry.kind)).toEqual(["open", "charge", "abort"]);
  expect(ledger.spent.modelRecipients).toBeGreaterThan(0);
  expect(seen.outcome).toBe("below-minimum");
});

it("row 48: does not even begin what the budget does not hold", async () => {
  const { tools, state, ledger } = scene(sealedWith({ rounds: 1 }), Array(5).fill([1, 2]));
  await serverRound(tools, state, 0, 0);
  const outcome = await serverRound(tools, state, 0, 1);
  expect(outcome).toEqual({ kind: "refused", reason: "budget" });
  expect(ledger.lines.filter(({ entry }) => entry.kind === "charge")).toHaveLength(1);
});

it("row 7: does not begin with fewer clients than minCohort, and charges nothing", async () => {
  const { tools, state, ledger } = scene(sealedWith(), []);
  const few = { ...tools, clients: clientsHere([0, 1], async () => {}) };
  expect(await serverRound(few, state, 0, 0)).toEqual({ kind: "refused", reason: "cohort" });
  expect(ledger.lines).toHaveLength(1);
});

describe("where clients are the unit", () => {
  const CLIENTS = { unit: "client", clients: 5, population: 5, delta: 1e-3, minCohort: 4 } as const;
  const sampled = (rate: number) =>
    sealedWith({
      ...CLIENTS,
      sampling: { kind: "poisson", rate },
      accountant: "pld",
      targetEpsilon: null,
      statedNoise: 3,
    });

  /** The cohort that is asked in each of `rounds` rounds of one seed; all but `absent` are here. */
  async function asked(sealed: SealedPlan, rounds: number, absent: readonly number[] = []) {
    const cohorts: (readonly number[])[] = [];
    const outcomes: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const { tools, state, path, ledger } = scene(sealed, []);
      const here = [0, 1, 2, 3, 4].filter((clientIndex) => !absent.includes(clientIndex));
      const clients = clientsHere(here, async (attempt) => {
        const { asked: cohort } = attempt;
        cohorts.push(cohort);
        const update = new Int32Array(2).fill(7);
        for (const clientIndex of cohort)
          attempt.offer({
            kind: "update",
            vclient: clientIndex,
            round,
            attempt: 0,
            update,
            sha256: `${clientIndex}`,
          });
      });
      const outcome = await serverRound({ ...tools, clients }, state, round, 0);
      outcomes.push(outcome.kind);
      expect(ledger.lines[1]?.entry.kind).toBe("charge");
      rmSync(path);
    }
    return { cohorts, outcomes };
  }

  it("row 8b: asks the sampled ones only, and releases a small or empty sample like any other", async () => {
    const { cohorts, outcomes } = await asked(sampled(0.2), 60);
    const sizes = new Set(cohorts.map(({ length }) => length));
    expect(sizes).toContain(0);
    expect(sizes).toContain(1);
    expect(Math.max(...sizes)).toBeLessThan(5);
    expect(new Set(outcomes)).toEqual(new Set(["released"]));
  });

  it("counts a sampled client that is not here as lost, and never draws another for it", async () => {
    const [whole, without] = [await asked(sampled(0.5), 60), await asked(sampled(0.5), 60, [2])];
    without.cohorts.forEach((cohort, round) => {
      expect(cohort).toEqual(whole.cohorts[round]?.filter((clientIndex) => clientIndex !== 2));
    });
    // One lost of five leaves the four that stand: minCohort.
    expect(new Set(without.outcomes)).toEqual(new Set(["released"]));
  });

  it("row 8: aborts where too many of the sampled ones are lost, and stays charged", async () => {
    const { tools, state, ledger } = scene(sampled(0.999_999), []);
    const three = { ...tools.clients, gather: async () => {} };
    const outcome = await serverRound({ ...tools, clients: three }, state, 0, 0);
    expect(outcome.kind).toBe("aborted");
    expect(ledger.lines.map(({ entry }) => entry.kind)).toEqual(["open", "charge", "abort"]);
  });

  it("divides by the expected clients, whoever was sampled", async () => {
    const sealed = sealedWith({
      ...CLIENTS,
      trust: "none",
      targetEpsilon: null,
      sampling: { kind: "fixedSize", size: 2, population: 5 },
    });
    const { scale, expectedUnits } = sealed.plan.privacy;
    expect(expectedUnits).toBe(2);
    const { tools, state } = scene(sealed, []);
    const gather: RoundClients["gather"] = async (attempt) => {
      const { asked: cohort } = attempt;
      expect(cohort).toHaveLength(2);
      const update = Int32Array.of(Math.round(scale / 4), 0);
      const [clientIndex = -1] = cohort;
      attempt.offer({
        kind: "update",
        vclient: clientIndex,
        round: 3,
        attempt: 0,
        update,
        sha256: "a",
      });
    };
    const clients = { ...tools.clients, gather };
    // Round 3, whose learning rate is 1.75: the clients', not the coordinator's.
    const outcome = await serverRound({ ...tools, clients }, state, 3, 0);
    if (outcome.kind !== "released") throw new Error(outcome.kind);
    // One of two answered; the coordinator's step is the mean update itself, at any learning rate.
    expect(outcome.state.parameters[0]).toBeCloseTo(-Math.round(scale / 4) / scale / 2, 6);
  });
});

describe("a clip norm that adapts", () => {
  const adaptiveClipping = {
    quantile: 0.5,
    learningRate: 0.5,
    bounds: [0.1, 8],
    bitNoise: 200,
  } as const;
  const sealed = sealedWith({ adaptiveClipping });
  const { bitNoiseStddev, noiseStddev, expectedUnits } = sealed.plan.privacy;

  it("sends, scales and noises by the same one, and moves it by the released bits alone", async () => {
    const clipNorm = 2.5;
    const { tools, state } = scene(sealed, []);
    let sent = 0;
    const clients = clientsHere([0, 1, 2, 3, 4], async (attempt, broadcast) => {
      sent = broadcast.clipNorm;
      const update = Int32Array.of(40_000, 0, 80);
      for (const clientIndex of [0, 1, 2, 3, 4])
        attempt.offer({
          kind: "update",
          vclient: clientIndex,
          round: 0,
          attempt: 0,
          update,
          sha256: `${clientIndex}`,
        });
    });
    const outcome = await serverRound({ ...tools, clients }, { ...state, clipNorm }, 0, 0);
    if (outcome.kind !== "released") throw new Error(outcome.kind);
    expect(sent).toBe(clipNorm);
    const { clipping } = outcome;
    expect(clipping?.clipNorm).toBe(clipNorm);
    const bits = clipping?.bits ?? Number.NaN;
    // 400 bits of noise, six deviations; not what the clients sent.
    expect(Math.abs(bits - 400)).toBeLessThan(6 * bitNoiseStddev);
    expect(bits).not.toBe(400);
    const fraction = Math.min(1, Math.max(0, bits / 2 / expectedUnits + 0.5));
    const due = clipNorm * Math.exp(-0.5 * (fraction - 0.5));
    expect(outcome.state.clipNorm).toBeCloseTo(due, 12);
    expect(clipping?.next).toBe(outcome.state.clipNorm);
    // Decoded by this round's scale, not by the next one's: 200,000 steps at 2.5.
    const { scale } = recordLattice(2, clipNorm, 400);
    const noisy = (outcome.state.optimizer.moment[0] ?? 0) * expectedUnits * scale;
    expect(Math.abs(noisy - 200_000)).toBeLessThan(6 * noiseStddev);
  });

  it("has noise of the plan's own variance on model and bits", async () => {
    const [model, bits]: [number[], number[]] = [[], []];
    const root = sealed.plan.privacy;
    for (let round = 0; round < 400; round++) {
      const { tools, state, path } = scene(sealed, Array(5).fill([0, 0, 0]));
      const outcome = await serverRound(tools, state, round % 7, Math.floor(round / 7));
      rmSync(path);
      if (outcome.kind !== "released") throw new Error(outcome.kind);
      bits.push((outcome.clipping?.bits ?? Number.NaN) / bitNoiseStddev);
      for (const g of outcome.state.optimizer.moment)
        model.push((g * root.expectedUnits * root.scale) / noiseStddev);
    }
    for (const draws of [model, bits]) {
      const statistic = draws.reduce((sum, x) => sum + x * x, 0);
      // Five deviations: a false alarm once in two million seeds.
      const [low, high] = chiSquareBounds(draws.length, 5);
      expect(statistic).toBeGreaterThan(low);
      expect(statistic).toBeLessThan(high);
    }
    expect(bitNoiseStddev).toBe(400);
  });
});

describe("noise of the coordinator", () => {
  const LENGTH = 20_000;
  /** The released step of an all-zero sum, in lattice steps. */
  async function released(trust: "central" | "local" | "none"): Promise<number[]> {
    const targetEpsilon = trust === "none" ? null : 1.5;
    const sealed = sealedWith({ trust, targetEpsilon, parameters: LENGTH });
    const zeros = Array(5).fill(Array(LENGTH).fill(0));
    const { tools, state } = scene(sealed, zeros);
    const outcome = await serverRound(tools, state, 0, 0);
    if (outcome.kind !== "released") throw new Error(outcome.kind);
    const { scale, expectedUnits } = sealed.plan.privacy;
    return Array.from(outcome.state.optimizer.moment, (g) => g * expectedUnits * scale);
  }

  it("has the plan's variance under central, added once", async () => {
    const { noiseStddev } = sealedWith({ parameters: LENGTH }).plan.privacy;
    const steps = await released("central");
    const statistic = steps.reduce((sum, x) => sum + (x / noiseStddev) ** 2, 0);
    // Five standard deviations: a false alarm once in 1.7 million seeds; half or twice the noise
    // lies more than fifty away.
    const [low, high] = chiSquareBounds(LENGTH, 5);
    expect(statistic).toBeGreaterThan(low);
    expect(statistic).toBeLessThan(high);
  });

  it.each(["local", "none"] as const)("is nowhere under %s", async (trust) => {
    expect((await released(trust)).every((x) => x === 0)).toBe(true);
  });

  it("is drawn anew for each round and attempt, and again for the same one", async () => {
    const drawn = async (round: number, attempt: number) => {
      const { tools, state, path } = scene(sealedWith(), Array(5).fill([0, 0]));
      const outcome = await serverRound(tools, state, round, attempt);
      rmSync(path);
      if (outcome.kind !== "released") throw new Error(outcome.kind);
      return [...outcome.state.optimizer.moment];
    };
    const first = await drawn(0, 0);
    expect(await drawn(0, 0)).toEqual(first);
    expect(await drawn(1, 0)).not.toEqual(first);
    expect(await drawn(0, 1)).not.toEqual(first);
  });
});

describe("the model before the first round", () => {
  const sealed = sealedWith();
  const file = Float32Array.from({ length: sealed.model.parameters }, (_, i) => i / 8);
  const sha256 = parametersHash(file);
  const given = { ...sealed, model: { ...sealed.model, init: { kind: "given", sha256 } as const } };

  it("is a file's, where the plan has their hash", () => {
    expect(initialState(given, 1, file).parameters).toEqual(file);
    expect(initialState(sealed, 1, file).parameters).not.toEqual(file);
  });

  it("is no other's", () => {
    const other = file.map((w) => w + 1);
    expect(() => initialState(given, 1, other)).toThrow(RangeError);
    expect(() => initialState(given, 1)).toThrow(RangeError);
  });
});

describe("by the clock of secret cohorts", () => {
  const step = 0.3;
  const sealed = sealedWith({
    ...{ unit: "client", sampling: { kind: "poisson", rate: 1 }, roundSeconds: step },
    ...{ population: 5, clients: 5, minCohort: 1, accountant: "pld", delta: 0.01 },
  });
  /** One of five takes too long, or none does. Its updates come at once; the attempt is over at the tick. */
  async function clocked(late: boolean) {
    const { tools, state, ledger, seen } = scene(sealed, []);
    const clientIndices = [0, 1, 2, 3, 4];
    const peer = {
      vclients: clientIndices,
      accepted: "",
      heardAt: 0,
      ping: () => {},
      startRound: () => {},
      sendStep: () => {},
      send: () => {},
    };
    const gather: RoundClients["gather"] = async (attempt, broadcast, gathering) => {
      const { signal } = new AbortController();
      const wire = new Asking([peer], attempt, broadcast, () => 0, TIMING, signal);
      const over = gathering(wire);
      const update = new Int32Array(sealed.plan.privacy.parameters).fill(2);
      for (const clientIndex of clientIndices.slice(late ? 1 : 0)) {
        const ids = { vclient: clientIndex, round: 0, attempt: 0 };
        attempt.offer({ kind: "update", ...ids, update, sha256: `${clientIndex}` });
      }
      await over;
      wire.stop();
    };
    const clients = { ...tools.clients, gather };
    const clock = new RoundClock(step);
    const begun = performance.now();
    const outcome = await serverRound({ ...tools, clients, clock }, state, 0, 0);
    return { outcome, ledger, seen, tookMs: performance.now() - begun };
  }

  it("releases at the tick, long after the last update", async () => {
    const { outcome, tookMs } = await clocked(false);
    expect(outcome.kind).toBe("released");
    expect(tookMs).toBeGreaterThanOrEqual(1_000 * step - 1);
  });

  it("never leaves a partial sum: a late update ends the attempt, charged, where few clients would do", async () => {
    const { outcome, ledger, seen, tookMs } = await clocked(true);
    expect(outcome.kind).toBe("aborted");
    const entries = ledger.lines.map(({ entry }) => entry);
    expect(entries.map(({ kind }) => kind)).toEqual(["open", "charge", "abort"]);
    expect(entries.at(-1)).toMatchObject({ reason: `an update was not in within ${step} s` });
    expect(seen.outcome).toBe("overrun");
    expect(tookMs).toBeGreaterThanOrEqual(1_000 * step - 1);
  });
});

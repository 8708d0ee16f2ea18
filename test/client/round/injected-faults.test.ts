import { describe, expect, it } from "vitest";
import { faultsAt, injectedFaults, type Moment } from "../../../client/round/injected-faults.ts";
import { type FaultRule, faultScript } from "../../../shared/scenario/fault-schema.ts";
import { smallScenario } from "../../support/small-scenario.ts";

const SEED = 7;
const COUNT = 4_000;
const momentOf = (i: number) => ({ round: i % 50, attempt: i % 3, client: `c${i}` });
const kindsOf = (script: readonly FaultRule[], moment: Moment, seed = SEED) =>
  faultsAt(script, seed, ["c1", "c2"])(moment).map(({ kind }) => kind);
// Five standard deviations of a binomial: once in 1.7 million seeds.
const near = (found: number, chance: number) =>
  Math.abs(found - COUNT * chance) < 5 * Math.sqrt(COUNT * chance * (1 - chance));

describe("clients.dropOut and clients.stragglers", () => {
  const short = { dropOut: 0.25, stragglers: { share: 0.4, localEpochs: 2 }, faults: [] };
  const script = faultScript(short);
  const struck = Array.from({ length: COUNT }, (_, i) => kindsOf(script, momentOf(i)));

  it("strike at their rates, apart from each other", () => {
    const [lost, slow] = [
      (kind: string) => kind === "dropOut",
      (kind: string) => kind === "straggle",
    ];
    expect(near(struck.filter((kinds) => kinds.some(lost)).length, 0.25)).toBe(true);
    expect(near(struck.filter((kinds) => kinds.some(slow)).length, 0.4)).toBe(true);
    expect(near(struck.filter((kinds) => kinds.length === 2).length, 0.1)).toBe(true);
  });

  it("are no script where nothing is asked for", () => {
    expect(faultScript({ dropOut: 0, stragglers: undefined, faults: [] })).toEqual([]);
  });
});

describe("a line of a script", () => {
  const garbage = (more: object = {}): FaultRule => ({ kind: "garbage", chance: 1, ...more });

  it("depends on seed, line, round, attempt and client, and on nothing else", () => {
    const base = { round: 1, attempt: 0, client: "c1" };
    const rule = garbage({ chance: 0.5 });
    const strikes = (
      change: (i: number) => Partial<Moment>,
      seed = (_: number) => SEED,
      line = (_: number) => 0,
    ) =>
      Array.from({ length: 100 }, (_, i) => {
        // Lines before it that strike nobody here.
        const before = Array.from({ length: line(i) }, () => garbage({ clients: ["c2"] }));
        return kindsOf([...before, rule], { ...base, ...change(i) }, seed(i)).length;
      }).join("");
    expect(new Set(strikes(() => ({}))).size).toBe(1);
    for (const changed of [
      strikes((round) => ({ round })),
      strikes((attempt) => ({ attempt })),
      strikes((i) => ({ client: `c${i}` })),
      strikes(
        () => ({}),
        (i) => i,
      ),
      strikes(
        () => ({}),
        undefined,
        (i) => i,
      ),
    ])
      expect(new Set(changed).size).toBe(2);
  });

  it("strikes whom it names, in the rounds that it names, from 1", () => {
    const roundsOf = (rule: FaultRule, client: string) =>
      Array.from({ length: 6 }, (_, round) => round).filter(
        (round) => kindsOf([rule], { round, attempt: 0, client }).length > 0,
      );
    expect(roundsOf(garbage({ clients: ["c2"], rounds: [2, 5] }), "c2")).toEqual([1, 4]);
    expect(roundsOf(garbage({ clients: ["c2"], rounds: [2, 5] }), "c1")).toEqual([]);
    expect(roundsOf(garbage({ rounds: { from: 3, to: 4 } }), "c1")).toEqual([2, 3]);
    expect(roundsOf(garbage({ rounds: { from: 5 } }), "c1")).toEqual([4, 5]);
    expect(roundsOf(garbage(), "c1")).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("picks a share of the clients once, by the seed", () => {
    const clients = Array.from({ length: 40 }, (_, i) => `c${i}`);
    const picked = (seed: number, round: number) => {
      const strikes = faultsAt([garbage({ share: 0.2 })], seed, clients);
      return clients.filter((client) => strikes({ round, attempt: 0, client }).length > 0);
    };
    expect(picked(1, 0)).toHaveLength(8);
    expect(picked(1, 9)).toEqual(picked(1, 0));
    expect(picked(2, 0)).not.toEqual(picked(1, 0));
  });
});

describe("a crash", () => {
  const faultsAt = (rule: FaultRule, client: string, rounds: number) =>
    Array.from(
      { length: rounds },
      (_, round) => kindsOf([rule], { round, attempt: 1, client }).length,
    );

  it("lasts for the rest of the run", () => {
    const rule: FaultRule = { kind: "crash", chance: 1, rounds: [3] };
    expect(faultsAt(rule, "c1", 6)).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it("comes in each of its rounds with its chance, and is never undone", () => {
    const rule: FaultRule = { kind: "crash", chance: 0.3, rounds: { from: 2, to: 4 } };
    const alive = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < COUNT; i++) {
      const struck = faultsAt(rule, `c${i}`, 6);
      expect(struck).toEqual([...struck].sort());
      for (const [round, gone] of struck.entries()) alive[round] = (alive[round] ?? 0) + 1 - gone;
    }
    expect(alive[0]).toBe(COUNT);
    for (const [i, survived] of [0.7, 0.49, 0.343, 0.343, 0.343].entries())
      expect(near(alive[i + 1] ?? 0, survived), `alive in round ${i + 2}`).toBe(true);
  });
});

describe("fates", () => {
  const clients = ["c1"];
  const script: FaultRule[] = [
    { kind: "garbage", chance: 1 },
    { kind: "crash", chance: 1, rounds: [2] },
  ];
  const { source } = smallScenario().data;
  const fate = injectedFaults(script, { source, seed: 1, clients });

  it("are refused on private rows", () => {
    const { generator: _, ...rest } = source;
    const mine = { ...rest, file: "mine.csv", public: false };
    const make = () => injectedFaults(script, { source: mine, seed: 1, clients });
    expect(make).toThrow(/^clients\.faults/);
    expect(() => injectedFaults([], { source: mine, seed: 1, clients })).not.toThrow();
  });

  it("leave counts alone, unless the client is gone", () => {
    const kinds = (task: "train" | "evaluation", round: number) =>
      fate({ task, round, attempt: 0 }, "c1").faults.map(({ kind }) => kind);
    expect(kinds("train", 0)).toEqual(["garbage"]);
    expect(kinds("evaluation", 0)).toEqual([]);
    expect(kinds("evaluation", 1)).toEqual(["crash"]);
  });

  it("give the same words for the same attempt, and others for another", () => {
    const word = (round: number) =>
      fate({ task: "train", round, attempt: 0 }, "c1").words().uint32();
    expect(word(3)).toBe(word(3));
    expect(word(3)).not.toBe(word(4));
  });
});

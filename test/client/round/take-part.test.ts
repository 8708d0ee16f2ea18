/** What a host does for a client that a script strikes: what it says, what it sends, under which round. */

import { setImmediate } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { RoundRequest } from "../../../client/connection/round-request.ts";
import { BoundClients } from "../../../client/round/bound-clients.ts";
import { DelayedSends } from "../../../client/round/delayed-sends.ts";
import type { HostContext } from "../../../client/round/host-context.ts";
import { takePart } from "../../../client/round/take-part.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { Random, seededRoot } from "../../../shared/noise/random.ts";
import type { FaultRule } from "../../../shared/scenario/fault-schema.ts";
import { bareHost } from "../../support/bare-host.ts";
import { sealedWith } from "../../support/plans.ts";

const sealed = sealedWith({ trust: "none", targetEpsilon: null });
const rows = (label: number) => ({
  examples: {
    count: 2,
    width: 1,
    inputs: Float32Array.of(0.5, -0.25),
    labels: Float32Array.of(label, label),
  },
});

/** Two clients, or more, take part in that round; the first has these faults. */
async function inRound(
  faults: readonly FaultRule[],
  round = 3,
  times = 1,
  { cohort = [0, 1], left = () => Promise.resolve() } = {},
) {
  const said: unknown[] = [];
  const sent: { vclient: number; round: number; update: readonly number[] }[] = [];
  const delayed = new DelayedSends();
  const host: HostContext = {
    link: {
      runId: "00",
      identity: signingKey(Buffer.alloc(32, 7)),
      breakLink: () => said.push("broken"),
    },
    work: {
      notes: {},
      decline: ({ attempt }, clientIndex, decline) =>
        said.push({ vclient: clientIndex, attempt, ...decline }),
      isOpen: () => true,
      send: async (order, clientIndex, update, named = order) => {
        sent.push({ vclient: clientIndex, round: named.round, update: [...update] });
        await left();
        return 4 * update.length;
      },
      nextStep: async () => undefined,
      sendStep: () => {},
      giveBack: () => {},
    },
    sealed,
    engine: fusedEngine(sealed.model),
    bound: new BoundClients(sealed.plan),
    root: seededRoot(1),
    clients: new Map([
      ["a", rows(1)],
      ["b", rows(0)],
    ]),
    nameOf: new Map(cohort.map((index) => [index, index === 0 ? "a" : "b"])),
    fate: (_, client) => ({
      faults: client === "a" ? faults : [],
      words: () => new Random(new Uint8Array(32)),
    }),
    ...bareHost(),
    delayed,
  };
  const parameters = new Float32Array(sealed.model.parameters);
  const order: RoundRequest = {
    kind: "plain",
    round,
    attempt: 1,
    cohort,
    task: "train",
    clipNorm: 0.5,
    parameters,
  };
  for (let time = 0; time < times; time++) await takePart(order, host);
  return { said, sent, delayed, own: host.own };
}

const honest = (await inRound([])).sent;
const chance = 1;

it("a host has eight updates on their way at most: each holds a model's memory", async () => {
  const cohort = Array.from({ length: 20 }, (_, index) => index);
  let [onWay, most] = [0, 0];
  const left = async () => {
    most = Math.max(most, ++onWay);
    // Longer than the host takes for a client, so that it would be ahead.
    for (let turn = 0; turn < 200; turn++) await setImmediate();
    onWay--;
  };
  const { sent } = await inRound([], 3, 1, { cohort, left });
  expect(sent).toHaveLength(20);
  expect(most).toBe(8);
});

describe("a host whose client", () => {
  it("is well sends both updates", () => {
    expect(
      honest.map(({ vclient: clientIndex, round }) => ({ vclient: clientIndex, round })),
    ).toEqual([
      { vclient: 0, round: 3 },
      { vclient: 1, round: 3 },
    ]);
    expect(honest[0]?.update).not.toEqual(honest[1]?.update);
  });

  it.each([
    ["crash", "leaving"],
    ["dropOut", "lost"],
  ] as const)("has a %s says that it is %s", async (kind, reason) => {
    const { said, sent } = await inRound([{ kind, chance }]);
    expect(said).toEqual([{ vclient: 0, attempt: 1, reason }]);
    expect(sent).toEqual(honest.slice(1));
  });

  it("hangs says and sends nothing of it, and goes on with the other", async () => {
    const { said, sent } = await inRound([{ kind: "hang", chance }]);
    expect({ said, sent }).toEqual({ said: [], sent: honest.slice(1) });
  });

  it("drops its link breaks it once, however often that attempt is asked for", async () => {
    const { said, sent } = await inRound([{ kind: "dropLink", chance }], 3, 2);
    expect(said).toEqual(["broken"]);
    expect(sent).toEqual([...honest, ...honest]);
  });

  it.each([
    [3, 2],
    [1, 0],
    [0, 1],
  ])("is stale in round %i sends under round %i", async (round, named) => {
    const { sent } = await inRound([{ kind: "stale", chance }], round);
    expect(sent.map((one) => one.round)).toEqual([named, round]);
  });

  it("lies sends what it made of its update", async () => {
    const { sent } = await inRound([{ kind: "overNorm", factor: 3, chance }]);
    expect(sent[0]?.update).toEqual(honest[0]?.update.map((steps) => 3 * steps));
    expect(sent[1]).toEqual(honest[1]);
    const labels = await inRound([{ kind: "poisoned", how: "labelFlip", factor: 1, chance }]);
    // Its label is then the other's.
    expect(labels.sent[0]?.update).toEqual(honest[1]?.update);
  });

  it("is slow sends later, while the host goes on; never, if the run ends before", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const { sent, own } = await inRound([{ kind: "slow", seconds: 2, chance }]);
      expect(sent).toEqual(honest.slice(1));
      await vi.advanceTimersByTimeAsync(1_999);
      expect(sent).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      expect(sent).toEqual([...honest].reverse());
      expect(own.get("a")?.updates).toBe(1);
      const other = await inRound([{ kind: "slow", seconds: 2, chance }]);
      other.delayed.cancel();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(other.sent).toEqual(honest.slice(1));
    } finally {
      vi.useRealTimers();
    }
  });
});

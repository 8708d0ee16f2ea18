/**
 * What real hosts do, over real sockets, when the coordinator lies amid a masked attempt: whatever
 * would open one client's update by itself is refused, by clients that then say nothing more.
 */
import { randomBytes } from "node:crypto";
import { afterEach, expect, it, vi } from "vitest";
import type { openMaskedSum } from "../../server/attempts/masked-round.ts";
import { agreementKey } from "../../shared/secagg/agreement-keys.ts";
import { secaggRefusal } from "../../shared/secagg/refusal.ts";
import { unpackShares } from "../../shared/secagg/step-lists.ts";
import { LyingCoordinator } from "../support/lying-coordinator.ts";
import { realRun } from "../support/real-run.ts";
import { smallScenario } from "../support/small-scenario.ts";

type Lie = (coordinator: LyingCoordinator) => Promise<void>;
const lying = vi.hoisted(() => ({ lie: undefined as unknown }));
vi.mock("../../server/attempts/masked-round.ts", () => ({
  openMaskedSum: async (...[attempt, wire, charge]: Parameters<typeof openMaskedSum>) => {
    const lie = lying.lie as Lie | undefined;
    // Told once: whoever was lied to may answer another attempt, or have no budget left for it.
    lying.lie = undefined;
    await lie?.(new LyingCoordinator(attempt, wire, charge));
    throw secaggRefusal("below-threshold", "the test's lie", "nothing", "no more");
  },
}));
afterEach(() => vi.restoreAllMocks());

const ALL = [0, 1, 2, 3, 4];
/** Five clients on hosts of their own, of whom four must be left; four signatures are a quorum. */
const SCENARIO = {
  "privacy.trust": "distributed",
  "privacy.epsilon": "1",
  "privacy.noise": "secure",
  "clients.count": "5",
  "clients.minCohort": "4",
  "training.rounds": "1",
};

/** The run's ledger, once the lie is told; nothing is released. */
async function toldTo(lie: Lie) {
  lying.lie = lie;
  const run = await realRun(smallScenario(SCENARIO), { hosts: 5 });
  expect(lying.lie, "no attempt was made").toBeUndefined();
  expect(run.models).toHaveLength(1);
  return run.ledger.map(({ entry }) => entry.kind);
}

/** Long enough for an answer of hosts that wait for nothing else. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 300));

it("row 41: a threshold, or a cohort, smaller than the plan's: no client says its keys", async () => {
  const kinds = await toldTo(async (coordinator) => {
    const { terms } = coordinator.attempt;
    Object.assign(coordinator.attempt, { terms: { ...terms, threshold: terms.threshold - 1 } });
    coordinator.begin();
    await coordinator.heard("gone", 5);
    expect(coordinator.counts.get("keys")).toBeUndefined();
  });
  expect(kinds).toEqual(["open"]);
});

it("row 41: a graph smaller than the plan's: no client says its keys", async () => {
  await toldTo(async (coordinator) => {
    const { terms } = coordinator.attempt;
    Object.assign(coordinator.attempt, { terms: { ...terms, degree: 2 } });
    coordinator.begin();
    await coordinator.heard("gone", 5);
    expect(coordinator.counts.get("keys")).toBeUndefined();
  });
});

it("row 41: a key of the coordinator's in a client's place: no client deals its shares", async () => {
  const own = agreementKey(randomBytes(32)).publicKey;
  await toldTo(async (coordinator) => {
    await coordinator.keysAndPackets(5, (list) =>
      list.map((keys) => (keys.client === 3 ? { ...keys, maskKey: own } : keys)),
    );
    await coordinator.heard("gone", 5);
    expect(coordinator.counts.get("packets")).toBeUndefined();
  });
});

it("row 41: two stories of who is left: no client of either gives a share", async () => {
  const kinds = await toldTo(async (coordinator) => {
    await coordinator.masked(5);
    const [some, others] = [
      [0, 1, 2],
      [3, 4],
    ];
    coordinator.survivors(some ?? [], ALL);
    coordinator.survivors(others ?? [], [0, 1, 3, 4]);
    const signatures = await coordinator.heard("confirm", 5);
    coordinator.signatures(ALL, signatures);
    await coordinator.heard("gone", 5);
    expect(coordinator.counts.get("unmask")).toBeUndefined();
  });
  expect(kinds).toEqual(["open", "charge", "abort"]);
});

it("row 41: fewer survivors than minCohort: no client signs them", async () => {
  await toldTo(async (coordinator) => {
    await coordinator.masked(5);
    coordinator.survivors([0, 1, 2], [0, 1, 2]);
    await coordinator.heard("gone", 3);
    expect(coordinator.counts.get("confirm")).toBeUndefined();
  });
});

it("row 41: both kinds of share, and the attempt again: one of each owner, and then nothing", async () => {
  await toldTo(async (coordinator) => {
    await coordinator.masked(5);
    coordinator.survivors(ALL, [0, 1, 2, 3, 4]);
    coordinator.signatures(ALL, await coordinator.heard("confirm", 5));
    const given = await coordinator.heard("unmask", 5);
    for (const bytes of given.values())
      expect(unpackShares(bytes).map(({ owner }) => owner)).toEqual(ALL);
    // Of client 0 its mask key's shares now, as if it had been lost.
    coordinator.survivors(ALL, [1, 2, 3, 4]);
    coordinator.signatures(ALL, new Map());
    await aWhile();
    coordinator.begin();
    await aWhile();
    const { keys, unmask, confirm, masked } = Object.fromEntries(coordinator.counts);
    expect({ keys, unmask, confirm, masked }).toEqual({
      keys: 5,
      packets: undefined,
      unmask: 5,
      confirm: 5,
      masked: 5,
    });
  });
});

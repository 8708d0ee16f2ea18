/**
 * A client whose sealed shares do not open, among real hosts over real sockets: they say whose they were,
 * and the coordinator asks on without it. What it sealed is changed as it arrives, before it is passed on.
 */
import { afterEach, expect, it, vi } from "vitest";
import { MaskedAttempt } from "../../server/attempts/masked-attempt.ts";
import { packPackets, unpackPackets } from "../../shared/secagg/step-lists.ts";
import { realRun } from "../support/real-run.ts";
import { smallScenario } from "../support/small-scenario.ts";

const TIMEOUT_MS = 180_000;
const SIX = {
  "privacy.trust": "distributed",
  "privacy.epsilon": "1",
  "privacy.spareAttempts": "1",
  "clients.count": "6",
  "clients.minCohort": "4",
  "training.rounds": "2",
} as const;

afterEach(() => vi.restoreAllMocks());

/** Client 4 seals badly for these places, in every attempt that asks it. @returns who was asked, in each attempt */
function sealBadly(places: readonly number[]): ReadonlyMap<MaskedAttempt, readonly number[]> {
  const asked = new Map<MaskedAttempt, readonly number[]>();
  const { offer } = MaskedAttempt.prototype;
  vi.spyOn(MaskedAttempt.prototype, "offer").mockImplementation(function (
    this: MaskedAttempt,
    said,
  ) {
    asked.set(this, this.asked);
    if (said.kind !== "step" || said.step !== "packets" || said.vclient !== 4)
      return offer.call(this, said);
    const packets = unpackPackets(said.bytes).map(({ client, sealed }) => {
      if (places.includes(client)) sealed[7] = (sealed[7] ?? 0) ^ 1;
      return { client, sealed };
    });
    return offer.call(this, { ...said, bytes: packPackets(packets) });
  });
  return asked;
}

const kinds = (run: Awaited<ReturnType<typeof realRun>>) =>
  run.ledger.map(({ entry }) => entry.kind);

it(
  "row 40: where one says so, its round goes on without it, and the next ones without both",
  async () => {
    const asked = sealBadly([2]);
    const run = await realRun(smallScenario(SIX), { hosts: 6 });
    expect(kinds(run)).toEqual(["open", "charge", "release", "charge", "release"]);
    expect([...asked.values()]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 3, 5],
    ]);
    const moment = { round: 0, attempt: 0, fault: null };
    expect(run.faults?.events).toEqual([
      { ...moment, client: "client-2", became: "accuses: secagg.packet" },
      { ...moment, client: "client-4", became: "accused: secagg.packet" },
    ]);
  },
  TIMEOUT_MS,
);

it(
  "row 40: where all say so, the attempt is lost, and the next one has all the others",
  async () => {
    const asked = sealBadly([0, 1, 2, 3, 5]);
    const run = await realRun(smallScenario(SIX), { hosts: 6 });
    expect(kinds(run)).toEqual([
      ...["open", "charge", "abort"],
      ...["charge", "release", "charge", "release"],
    ]);
    expect([...asked.values()]).toEqual([
      [0, 1, 2, 3, 4, 5],
      [0, 1, 2, 3, 5],
      [0, 1, 2, 3, 5],
    ]);
    expect(run.ending.reason).toBe("done");
    expect(run.faults?.events.find(({ client }) => client === "client-4")?.became).toBe(
      "accused: secagg.packet",
    );
  },
  TIMEOUT_MS,
);

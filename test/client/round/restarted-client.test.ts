/** A client that is killed and started again, over real sockets: what a coordinator wins by it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { joinRun } from "../../../client/join/join-run.ts";
import { Attempt } from "../../../server/attempts/attempt.ts";
import { ClientConnections } from "../../../server/connections/client-connections.ts";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { makePlan, type SealedPlan } from "../../../shared/plan/plan.ts";
import { toWire } from "../../../shared/wire/wire-values.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { AGREES } from "../../support/joined-once.ts";
import { LINK_TIMING } from "../../support/linked-run.ts";
import { scratch } from "../../support/murmur.ts";
import { gather } from "../../support/round-clients.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
  writeFileSync(
    join(folder.path, "rows.csv"),
    "email,age,city,income,bought\na,30,Rome,10,yes\nb,40,Oslo,20,no\n",
  );
});
afterEach(() => folder.remove());

const ROUNDS = 5;
/** Lines of the coordinator's ledger: it grows over all its processes. */
let lines = 0;
async function fiveRounds(): Promise<SealedPlan> {
  const scenario = peopleScenario();
  const plan = await makePlan(
    {
      ...scenario,
      training: { ...scenario.training, rounds: ROUNDS },
      privacy: { ...scenario.privacy, noise: "secure" },
    },
    await contractFor(scenario),
    "fused",
  );
  expect(plan.plan.privacy).toMatchObject({ noise: "secure", rounds: ROUNDS, spareAttempts: 0 });
  return plan;
}

/** One process of the client, against one of the coordinator: asked these attempts, then killed. */
async function asked(
  sealed: SealedPlan,
  key: ReturnType<typeof signingKey>,
  attempts: readonly (readonly [round: number, attempt: number])[],
): Promise<{ updates: number; ended: string }> {
  const registry = await ClientConnections.open({
    ...{ sealed, hosts: 0, port: 0, runId: new Uint8Array(16), host: "127.0.0.1" },
    ...{ timing: LINK_TIMING, expected: ["a"], observe: () => {} },
    joiners: [{ names: ["a"], key: toWire(key.publicKey) }],
  });
  const data = { folder: folder.path, path: "rows.csv", header: undefined, missing: undefined };
  const { audience, serverKey } = registry;
  const killed = new AbortController();
  const client = joinRun(
    {
      address: { audience, serverKey: serverKey.publicKey, planHash: undefined, tls: undefined },
      own: { credentials: { key, token: undefined }, name: "a" },
      data: { ...data, key: { env: "NONE" }, identifiersKnown: new Map() },
      exactUpdates: true,
      ...{ clients: 1, limits: null, folder: join(folder.path, "own"), simulation: null },
      ...{ allowed: undefined, observe: () => {}, retrying: () => {}, giveUpAfterMs: 5_000 },
      consent: AGREES,
    },
    killed.signal,
  ).then(
    () => "left",
    (error: unknown) => String(error),
  );
  let updates = 0;
  const { parameters } = sealed.model;
  await registry.joined;
  for (const [round, number] of attempts) {
    if (registry.rounds.present.length === 0) break;
    const attempt = new Attempt(round, number, registry.rounds.present, parameters);
    const { clipNorm } = sealed.plan.privacy;
    const broadcast = {
      task: "train",
      parameters: new Float32Array(parameters),
      clipNorm,
    } as const;
    await gather(registry.rounds, attempt, broadcast).catch(() => {});
    updates += attempt.survivors.length;
    registry.rounds.closeAttempt(attempt, "released", {
      head: { seq: ++lines, hash: "00".repeat(32) },
      spent: { modelRecipients: 1, otherClients: 1, coordinator: 1 },
    } as Parameters<ClientConnections["rounds"]["closeAttempt"]>[2]);
  }
  killed.abort();
  const ended = await client;
  await registry.close("the test has ended");
  return { updates, ended };
}

const rounds = (attempt: number) =>
  Array.from({ length: ROUNDS }, (_, round) => [round, attempt] as const);

it("gives a plan of 5 rounds 5 updates, however often it is killed and asked anew", async () => {
  const [sealed, key] = [await fiveRounds(), signingKey()];
  const first = await asked(sealed, key, rounds(0));
  expect(first.updates).toBe(5);
  const second = await asked(sealed, key, rounds(1));
  const third = await asked(sealed, key, rounds(2));
  expect(first.updates + second.updates + third.updates).toBe(5);
  expect(second.ended).toContain("round.budget");
  expect(third.ended).toContain("round.budget");
});

it("takes no attempt twice, and goes on with what its plan has left", async () => {
  const [sealed, key] = [await fiveRounds(), signingKey()];
  const first = await asked(sealed, key, rounds(0).slice(0, 3));
  expect(first.updates).toBe(3);
  // The last it was asked may be open still: its answer is lost, and the link lasts.
  const second = await asked(sealed, key, [[2, 0], ...rounds(0).slice(3, 4)]);
  expect(second.updates).toBe(1);
  expect(second.ended).toBe("left");
  const replayed = await asked(sealed, key, [[1, 0]]);
  expect(replayed.updates).toBe(0);
  expect(replayed.ended).toContain("round.stale");
  expect((await asked(sealed, key, rounds(0).slice(4))).updates).toBe(1);
});

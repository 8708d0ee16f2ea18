/** A client that joins a coordinator whose plan says one thing and promises another, over real sockets. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { joinRun } from "../../client/join-run.ts";
import { Registry } from "../../server/registry.ts";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import { makePlan, type Plan, type SealedPlan } from "../../shared/plan.ts";
import type { PrivacyPlan } from "../../shared/privacy-plan.ts";
import { signingKey } from "../../shared/wire/proofs.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import { contractFor } from "../support/contracts.ts";
import { LINK_TIMING } from "../support/linked-run.ts";
import { scratch } from "../support/murmur.ts";
import { smallScenario } from "../support/small-scenario.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => {
  vi.restoreAllMocks();
  folder.remove();
});

async function distributedPlan(): Promise<SealedPlan> {
  const scenario = smallScenario({
    ...{ "privacy.trust": "distributed", "privacy.epsilon": "1", "privacy.noise": "secure" },
    ...{ "clients.count": "5", "clients.minCohort": "4", "training.rounds": "2" },
  });
  return makePlan(scenario, await contractFor(scenario), "fused");
}

/** What the client refuses of a plan that is whole under its own hash, and how its socket closes. */
function joined(sealed: SealedPlan, change: Partial<PrivacyPlan>) {
  const { plan } = sealed;
  return joinedBy(sealed, { ...plan, privacy: { ...plan.privacy, ...change } });
}

async function joinedBy(sealed: SealedPlan, altered: Plan) {
  const bytes = Buffer.from(canonicalJson(altered));
  const key = signingKey();
  const registry = await Registry.open({
    ...{ sealed: { ...sealed, plan: altered, bytes, hash: sha256(bytes) }, hosts: 0, port: 0 },
    ...{ runId: new Uint8Array(16), host: "127.0.0.1", timing: LINK_TIMING, expected: ["a"] },
    joiners: [{ names: ["a"], key: toWire(key.publicKey) }],
    observe: () => {},
  });
  const closes = vi.spyOn(WebSocket.prototype, "close");
  const { audience, serverKey } = registry;
  const data = { folder: folder.path, path: "rows.csv", header: undefined, missing: undefined };
  const settings = {
    address: { audience, serverKey: serverKey.publicKey, planHash: undefined, tls: undefined },
    own: { credentials: { key, token: undefined }, name: "a" },
    data: { ...data, key: { env: "NONE" } },
    ...{ clients: 1, limits: null, folder: join(folder.path, "own"), simulation: null },
    ...{ allowed: undefined, observe: () => {}, retrying: () => {}, giveUpAfterMs: 5_000 },
    agreed: () => {
      throw new Error("it agreed");
    },
  };
  try {
    const why = await joinRun(settings, new AbortController().signal).catch((error) => error);
    return { why: String(why), closes: closes.mock.calls };
  } finally {
    await registry.close("the test has ended");
  }
}

it("row 42: closes with 4409 and names the number of the plan that does not follow from the rest", async () => {
  writeFileSync(join(folder.path, "rows.csv"), "never,read\n1,2\n");
  const sealed = await distributedPlan();
  const { noiseStddev, scale, sensitivity, clipNorm, minCohort } = sealed.plan.privacy;
  // Each altered alone; of a term it is the first number that follows from it.
  const cases: readonly (readonly [Partial<PrivacyPlan>, field: string])[] = [
    [{ noiseStddev: noiseStddev - 1 }, "noiseStddev"],
    [{ scale: 2 * scale }, "scale"],
    [{ sensitivity: sensitivity - 1 }, "sensitivity"],
    [{ epsilon: 0.5 }, "epsilon"],
    [{ clipNorm: 2 * clipNorm }, "scale"],
    [{ minCohort: minCohort - 1 }, "noiseShares"],
    [{ colluders: 2 }, "noiseShares"],
  ];
  for (const [change, field] of cases) {
    const { why, closes } = await joined(sealed, change);
    expect(why, JSON.stringify(change)).toMatch(`plan.${field} (`);
    expect(closes, JSON.stringify(change)).toContainEqual([4409, `plan.${field}`]);
    vi.restoreAllMocks();
  }
});

it("refuses a plan that shows one formula and computes another, and says which", async () => {
  writeFileSync(join(folder.path, "rows.csv"), "never,read\n1,2\n");
  const sealed = await distributedPlan();
  const { contract } = sealed.plan;
  const features = contract.features.map((feature) =>
    feature.name === "spend" ? { ...feature, formula: "age" } : feature,
  );
  const { why, closes } = await joinedBy(sealed, {
    ...sealed.plan,
    contract: { ...contract, features },
  });
  expect(why).toMatch(/plan\.formula .*features\.spend\.formula\): got age, expected .*mean\(/);
  expect(closes).toContainEqual([4409, "plan.formula"]);
});

it("agrees to the plan as it is", async () => {
  writeFileSync(join(folder.path, "rows.csv"), "never,read\n1,2\n");
  expect((await joined(await distributedPlan(), {})).why).toBe("Error: it agreed");
});

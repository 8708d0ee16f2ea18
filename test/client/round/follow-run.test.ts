/** A host's clients from `ready` to goodbye, over a connection that has no socket. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ClientWork, type Line } from "../../../client/connection/client-work.ts";
import type { HostConnection } from "../../../client/connection/host-connection.ts";
import type { RoundRequest } from "../../../client/connection/round-request.ts";
import { ClientLedger } from "../../../client/ledger/client-ledger.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { followRun } from "../../../client/round/follow-run.ts";
import { injectedFaults } from "../../../client/round/injected-faults.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { secureRoot } from "../../../shared/noise/random.ts";
import { makePlan, type SealedPlan } from "../../../shared/plan/plan.ts";
import { hashToWire } from "../../../shared/wire/wire-values.ts";
import { assignmentFor, contractFor, peopleScenario } from "../../support/contracts.ts";
import { scratch } from "../../support/murmur.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
  const rows = Array.from(
    { length: 10 },
    (_, i) => `p${i}@x.org,${20 + i},Rome,10,${i % 2 ? "yes" : "no"}`,
  );
  writeFileSync(
    join(folder.path, "people.csv"),
    `email,age,city,income,bought\n${rows.join("\n")}\n`,
  );
});
afterEach(() => folder.remove());

const NAMES = ["client-0", "client-1"];
const RUN = "05".repeat(16);

/** What such a connection was asked to do, in order. */
class StoodIn implements HostConnection {
  readonly runId = RUN;
  readonly identity = signingKey();
  readonly work = new ClientWork();
  readonly egress = new Map();
  readonly done: string[] = [];
  readonly #line: Line;
  end: HostConnection["end"];

  /** @param charges of a client so far, by its own ledger */
  constructor(charges: (clientIndex: number) => number) {
    this.#line = {
      send: async ({ round }, clientIndex) => {
        const after = `after ${charges(clientIndex)} charges`;
        this.done.push(`update of ${clientIndex} in round ${round}, ${after}`);
        return "taken";
      },
      sendStep: () => {},
      decline: (_, clientIndex, { reason }) =>
        this.done.push(`decline of ${clientIndex}: ${reason}`),
    };
  }

  ready: HostConnection["ready"] = async (names, plan, before) => {
    this.done.push(`ready: ${names.join(" ")}`);
    this.work.begin(plan, before);
    return names.map((_, i) => ({ vclient: 10 + i, counted: null }));
  };

  leave(): void {
    this.done.push("leave");
  }

  breakLink(): void {
    this.done.push("broken");
  }

  /** @returns once both clients have answered */
  async ask({ plan, model }: SealedPlan, round: number): Promise<void> {
    const request: RoundRequest = {
      ...{ kind: "plain", round, attempt: 0, task: "train", clipNorm: plan.privacy.clipNorm },
      ...{ cohort: [10, 11], parameters: new Float32Array(model.parameters) },
    };
    const before = this.done.length;
    this.work.asked(request, this.#line);
    this.work.request(request);
    await expect.poll(() => this.done.length, { timeout: 20_000 }).toBe(before + 2);
  }

  close(round: number): void {
    this.work.closed({
      ...({ t: "close", seq: 0, round, attempt: 0, outcome: "released" } as const),
      ledger: { seq: 40 + round, hash: hashToWire("ab".repeat(32)) },
      spent: { modelRecipients: 0.5, otherClients: 0.25, coordinator: null },
    });
  }

  goodbye(said: string): void {
    this.end = { said, lost: new Error(said) };
    this.work.end();
  }
}

async function party(hidesDraw = false) {
  const scenario = peopleScenario();
  const secure = { ...scenario, privacy: { ...scenario.privacy, noise: "secure" } } as const;
  const sealed = await makePlan(secure, await contractFor(scenario), "fused");
  const data = assignmentFor(scenario, { folder: folder.path });
  const own = join(folder.path, "own");
  const ledgers = new Map(NAMES.map((name) => [name, ClientLedger.open(own, name, null)]));
  const charges = (name: string) => ledgers.get(name)?.past(RUN).charged.length ?? 0;
  const link = new StoodIn((clientIndex) => charges(NAMES[clientIndex - 10] ?? ""));
  const followed = followRun({
    ...{ link, sealed, ledgers, names: NAMES, privateFolder: folder.path, hidesDraw },
    ...{ engine: fusedEngine(sealed.model), root: secureRoot, audience: "here:1" },
    prepared: await prepare(sealed.plan.contract, data),
    fate: injectedFaults([], data),
    diverged: () => {},
  });
  const ended = async () => {
    link.goodbye("the run has ended");
    await followed;
    for (const ledger of ledgers.values()) ledger.close();
  };
  await expect.poll(() => link.done.length).toBeGreaterThan(0);
  return { link, sealed, charges, ended };
}

it("charges each client's ledger before its update leaves, request after request, until goodbye", async () => {
  const { link, sealed, ended } = await party();
  for (const round of [0, 1]) {
    await link.ask(sealed, round);
    link.close(round);
  }
  await ended();
  expect(link.done).toEqual([
    "ready: client-0 client-1",
    "update of 10 in round 0, after 1 charges",
    "update of 11 in round 0, after 1 charges",
    "update of 10 in round 1, after 2 charges",
    "update of 11 in round 1, after 2 charges",
  ]);
  const { egress, privacy } = JSON.parse(readFileSync(join(folder.path, "client-0.json"), "utf8"));
  expect(egress.own).toMatchObject({ updates: 2, declined: 0 });
  expect(privacy.ledger).toEqual({ seq: 41, hash: "ab".repeat(32) });
  expect(privacy.spent).toMatchObject({
    modelRecipients: { anonymized: 0.5 },
    otherClients: { anonymized: 0.25 },
    coordinator: { anonymized: null },
  });
});

it("charges all its clients with each attempt where who was drawn is a secret, whether one was asked or not", async () => {
  const { link, charges, ended } = await party(true);
  for (const round of [0, 1, 2]) link.close(round);
  expect(NAMES.map(charges)).toEqual([3, 3]);
  await ended();
  expect(link.done).toEqual(["ready: client-0 client-1"]);
});

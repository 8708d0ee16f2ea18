/** What a host does with an order to mask that no honest coordinator would give. */

import { describe, expect, it, vi } from "vitest";
import type { MaskedRequest, RoundStep } from "../../../client/connection/round-request.ts";
import { ClientLedger } from "../../../client/ledger/client-ledger.ts";
import { BoundClients } from "../../../client/round/bound-clients.ts";
import type { HostContext } from "../../../client/round/host-context.ts";
import { takePart } from "../../../client/round/take-part.ts";
import { fusedEngine } from "../../../shared/engine/fused/engine.ts";
import { secureRoot } from "../../../shared/noise/random.ts";
import { packSignatures } from "../../../shared/secagg/step-lists.ts";
import { secaggTerms } from "../../../shared/secagg/terms.ts";
import { ALL_CLIENTS } from "../../../shared/wire/codec.ts";
import { toWire } from "../../../shared/wire/wire-values.ts";
import { bareHost } from "../../support/bare-host.ts";
import { identityKeys } from "../../support/masked-attempt.ts";
import { scratch } from "../../support/murmur.ts";
import { sealedWith } from "../../support/plans.ts";

const cohort = { minCohort: 4, colluders: 1 };
const sealed = sealedWith({
  ...{ trust: "distributed", accountant: "zcdp", noise: "secure", clients: 5 },
  ...cohort,
});
const keys = identityKeys(5);
const terms = secaggTerms(5, cohort);
const masks = {
  terms,
  roster: keys.map(({ publicKey }) => publicKey),
  places: new Map([[0, 2]]),
  lacking: null,
};
const order: MaskedRequest = {
  ...{ kind: "masked", round: 1, attempt: 0, task: "train", clipNorm: 0.5 },
  cohort: [0],
  parameters: new Float32Array(sealed.model.parameters),
  ...masks,
};

const warned: string[] = [];

/** A host of one client, at place 2. @param steps that the coordinator closes */
function host(steps: RoundStep[] = [], allowed?: ReadonlySet<string>) {
  const said: string[] = [];
  const [, , identity] = keys;
  if (!identity) throw new Error("five keys");
  const tools: HostContext = {
    link: {
      runId: "05".repeat(16),
      identity,
      breakLink: () => {},
    },
    work: {
      notes: { warn: (text) => warned.push(text) },
      decline: (_, __, { reason }) => said.push(`decline ${reason}`),
      isOpen: () => true,
      send: async () => said.push("update"),
      nextStep: async () => steps.shift(),
      sendStep: (_, __, step) => said.push(step),
      giveBack: () => said.push("give back"),
    },
    sealed,
    engine: fusedEngine(sealed.model),
    bound: new BoundClients(sealed.plan),
    root: secureRoot,
    clients: new Map([
      [
        "a",
        {
          examples: { count: 1, width: 1, inputs: Float32Array.of(1), labels: Float32Array.of(1) },
        },
      ],
    ]),
    nameOf: new Map([[0, "a"]]),
    fate: () => ({
      faults: [],
      words: () => {
        throw new Error("no words");
      },
    }),
    ...bareHost(),
    allowed,
  };
  return { tools, said };
}

/** What the owner hears of it. */
async function refusing(work: () => Promise<void>): Promise<string> {
  warned.length = 0;
  await work();
  return warned.join("\n");
}

describe("a host that is asked to mask", () => {
  it("says its keys, and gives the attempt back where it ends before any update", async () => {
    const { tools, said } = host();
    expect(await refusing(() => takePart(order, tools))).toBe("");
    expect(said).toEqual(["keys", "give back"]);
  });

  it("opens nothing for a coordinator that leaves the keys and the survivors out", async () => {
    const bytes = packSignatures([]);
    const at = { round: 1, attempt: 0, clientIndex: ALL_CLIENTS } as const;
    const { tools, said } = host([{ ...at, step: "signatures", bytes }]);
    expect(await refusing(() => takePart(order, tools))).toBe("");
    expect(said).toEqual(["keys", "give back"]);
  });

  it("keeps an attempt among those that the plan pays for, once all keys have drawn its ring", async () => {
    const ring = { minCohort: 99, colluders: 1 };
    const many = identityKeys(101);
    const masked = {
      terms: secaggTerms(101, ring),
      roster: many.map((k) => k.publicKey),
    };
    const large = sealedWith({
      ...{ trust: "distributed", accountant: "zcdp", noise: "secure", clients: 101 },
      ...ring,
    });
    const asked = async (steps: RoundStep[]) => {
      const { tools, said } = host(steps);
      await refusing(() => takePart({ ...order, ...masked }, { ...tools, sealed: large }));
      return said;
    };
    // A coordinator that dislikes the ring ends the attempt here, for another one.
    const keysShown = { round: 1, attempt: 0, clientIndex: ALL_CLIENTS, step: "keys" } as const;
    expect(await asked([{ ...keysShown, bytes: Buffer.alloc(0) }])).not.toContain("give back");
    expect(await asked([])).toEqual(["keys", "give back"]);
  });

  it.each([
    ["threshold", { threshold: terms.threshold - 1 }],
    ["leastSurvivors", { leastSurvivors: 2 }],
    ["quorum", { quorum: 1 }],
    ["degree", { degree: 2 }],
  ])("leaves where the coordinator offers another %s", async (name, change) => {
    const { tools, said } = host();
    const offered = { ...order, terms: { ...terms, ...change } };
    expect(await refusing(() => takePart(offered, tools))).toContain(`secagg.terms`);
    expect(name).toBeDefined();
    // Not given back: a coordinator that lies wins no attempt by it.
    expect(said).toEqual(["decline lost"]);
  });

  it("leaves where it is asked for the same attempt again, or an earlier one", async () => {
    const { tools, said } = host();
    await takePart(order, tools);
    said.length = 0;
    expect(await refusing(() => takePart(order, tools))).toContain("secagg.attempt");
    expect(await refusing(() => takePart({ ...order, round: 0, attempt: 5 }, tools))).toContain(
      "secagg.attempt",
    );
    expect(said).toEqual(["decline lost", "decline lost"]);
  });

  it("leaves where another's key stands at its place, or a stranger is in the cohort", async () => {
    const swapped = { ...order, places: new Map([[0, 1]]) };
    const { tools, said } = host();
    expect(await refusing(() => takePart(swapped, tools))).toContain("secagg.keys");
    expect(said).toContain("decline lost");

    // Without a place of its own it takes nobody's, not even one at which its key stands.
    const moved = [0, 2, 1, 3, 4].flatMap((u) => masks.roster[u] ?? []);
    const nowhere = host();
    const placeless = { ...order, roster: moved, places: new Map() };
    expect(await refusing(() => takePart(placeless, nowhere.tools))).toContain("secagg.keys");
    expect(nowhere.said).toContain("decline lost");

    const known = new Set(keys.slice(0, 4).map(({ publicKey }) => toWire(publicKey)));
    const strange = host([], known);
    expect(await refusing(() => takePart(order, strange.tools))).toContain("owner's list lacks");
    expect(strange.said).toEqual(["decline lost"]);
  });

  it("leaves where one of the owners on its list holds more places than it has itself", async () => {
    const listed = new Set(keys.map(({ publicKey }) => toWire(publicKey)));
    const equal = host([], listed);
    expect(await refusing(() => takePart(order, equal.tools))).toBe("");
    expect(equal.said).toEqual(["keys", "give back"]);

    // The quorum of four would be one colluder's alone; two places of it are one colluder too many.
    for (const places of [[0, 1, 3], [1]]) {
      const roster = masks.roster.map((key, u) => (places.includes(u) ? masks.roster[4] : key));
      const crowded = {
        ...order,
        roster: roster.filter((key) => key !== undefined),
      };
      const { tools, said } = host([], listed);
      expect(await refusing(() => takePart(crowded, tools))).toContain(
        "more than 1 place of one key",
      );
      expect(said).toEqual(["decline lost"]);
    }
  });

  it("leaves at bytes that are no list, and trains for nobody", async () => {
    const bytes = Buffer.alloc(131);
    const step = { round: 1, attempt: 0, clientIndex: ALL_CLIENTS, step: "keys", bytes } as const;
    const { tools, said } = host([step]);
    expect(await refusing(() => takePart(order, tools))).toContain("secagg.list");
    expect(said).toEqual(["keys", "decline lost", "give back"]);
  });

  it("charges and sends nothing of a client that could not mask", async () => {
    const folder = scratch();
    try {
      const ledger = ClientLedger.open(folder.path, "a", null);
      const step = { round: 1, attempt: 0, clientIndex: 0, step: "packets" } as const;
      // Its packets come before the keys: a coordinator out of turn.
      const { tools, said } = host([{ ...step, bytes: Buffer.alloc(0) }]);
      await refusing(() => takePart(order, { ...tools, ledgers: new Map([["a", ledger]]) }));
      expect(said).toEqual(["keys", "decline lost", "give back"]);
      expect(ledger.entries.map(({ kind }) => kind)).toEqual(["open"]);
      ledger.close();
    } finally {
      folder.remove();
    }
  });

  it("asks its ledger before it shows keys and again before it trains: what was spent between is not spent twice", async () => {
    const folder = scratch();
    try {
      const ledger = ClientLedger.open(folder.path, "a", null);
      const affords = vi.spyOn(ledger, "affords").mockReturnValueOnce(true).mockReturnValue(false);
      const step = { round: 1, attempt: 0, clientIndex: 0, step: "packets" } as const;
      const { tools, said } = host([{ ...step, bytes: Buffer.alloc(0) }]);
      await takePart(order, { ...tools, ledgers: new Map([["a", ledger]]) });
      expect(said).toEqual(["keys", "decline budget", "give back"]);
      expect(affords).toHaveBeenCalledTimes(2);
      expect(ledger.entries.map(({ kind }) => kind)).toEqual(["open"]);
      expect(tools.own.get("a")?.declined).toBe(1);
      ledger.close();
    } finally {
      folder.remove();
    }
  });
});

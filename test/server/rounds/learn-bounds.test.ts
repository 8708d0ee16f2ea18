import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { learnBounds } from "../../../server/rounds/learn-bounds.ts";
import { BudgetError } from "../../../shared/errors.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { seededRoot } from "../../../shared/noise/random.ts";
import { makePlan } from "../../../shared/plan/plan.ts";
import { contractFor, peopleScenario } from "../../support/contracts.ts";
import { openingFor } from "../../support/plans.ts";
import { clientsHere } from "../../support/round-clients.ts";
import { stateAt } from "../../support/states.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "murmur-bounds-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Two clients that are asked for histograms of one feature. @param answers whether they do, attempt by attempt */
async function runAsking(answers: readonly boolean[], spareAttempts: number) {
  const people = peopleScenario({ features: 'income: { formula: "income", bounds: private }' });
  const privacy = { ...people.privacy, trust: "central", noise: "secure", spareAttempts } as const;
  const scenario = { ...people, privacy };
  const sealed = makePlan(scenario, await contractFor(scenario), "fused");
  const path = join(folder, "ledger.jsonl");
  const ledger = new Ledger(path, openingFor(sealed));
  /** Kinds of the lines that are on the disk whenever the clients are asked, and the numbers behind the model. */
  const asked: { readonly kinds: string[]; readonly tail: number[] }[] = [];
  const clients = clientsHere([0, 1], async (attempt, { parameters }) => {
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    const kinds = lines.map((line) => JSON.parse(line).kind);
    asked.push({ kinds, tail: [...parameters.subarray(-3)] });
    for (const vclient of answers[asked.length - 1] ? [0, 1] : []) {
      const update = new Int32Array(84).fill(64, 70, 72);
      const ids = { vclient, round: 0, attempt: attempt.attempt };
      attempt.offer({ kind: "update", ...ids, update, sha256: `${vclient}` });
    }
  });
  const state = stateAt(new Float32Array(sealed.plan.privacy.parameters), 1);
  const tools = { sealed, clients, ledger, root: seededRoot(5), pause: async () => {} };
  return { tools, state, asked, ledger };
}

it("has each charge on the disk before its histograms are asked for, and sends the ranges of before", async () => {
  const { tools, state, asked, ledger } = await runAsking([true, true, true], 0);
  const learned = await learnBounds(tools, state, false);
  expect(asked.map(({ kinds }) => kinds.slice(1))).toEqual([
    ["charge"],
    ["charge", "bounds", "charge"],
    ["charge", "bounds", "charge", "bounds", "charge"],
  ]);
  const released = ledger.lines.flatMap(({ entry }) => (entry.kind === "bounds" ? [entry] : []));
  const sent = asked.map(({ tail }) => tail);
  const before = released.slice(0, 2).map(({ release, ranges }) => [release, ...ranges.flat()]);
  expect(sent).toEqual([[0, 0, 1_000], ...before]);
  expect(learned).toEqual({ releases: 3, ranges: released[2]?.ranges });
});

it("charges an attempt that comes to nothing, and the next one anew, from what the plan spares", async () => {
  const { tools, state, ledger } = await runAsking([true, false, true, true], 1);
  await learnBounds(tools, state, false);
  const entries = ledger.lines.slice(1).map(({ entry }) => entry);
  expect(entries.map(({ kind }) => kind)).toEqual([
    ...["charge", "bounds", "charge", "abort"],
    ...["charge", "bounds", "charge", "bounds"],
  ]);
  const numbers = entries.flatMap((one) => (one.kind === "charge" ? [one.attempt] : []));
  expect(numbers).toEqual([0, 1, 2, 3]);
  expect(ledger.charged("bounds")).toBe(4);
});

it("ends by a BudgetError where nothing was spared, and asks nobody again", async () => {
  const { tools, state, asked, ledger } = await runAsking([true, false], 0);
  await expect(learnBounds(tools, state, false)).rejects.toThrow(BudgetError);
  // Three were planned, and one more would be charged in vain: two releases are wanted.
  expect(ledger.charged("bounds")).toBe(2);
  expect(asked).toHaveLength(2);
});

it("stops between two attempts once its signal is aborted, with what was released in the ledger", async () => {
  const { tools, state, ledger } = await runAsking([true, true, true], 0);
  const stop = new AbortController();
  const written = () => ledger.charged("bounds") === 2 && stop.abort(new Error("stopped"));
  const stopping = learnBounds({ ...tools, written }, state, false, stop.signal);
  await expect(stopping).rejects.toThrow("stopped");
  const kinds = ledger.lines.slice(1).map(({ entry }) => entry.kind);
  expect(kinds).toEqual(["charge", "bounds", "charge", "bounds"]);
  await learnBounds(tools, state, false);
  expect(ledger.charged("bounds")).toBe(3);
});

it("goes on from the ledger's releases, whatever else it is asked", async () => {
  const first = await runAsking([true, true, true], 0);
  const learned = await learnBounds(first.tools, first.state, false);
  const { length } = first.asked;
  expect(await learnBounds(first.tools, first.state, true)).toEqual(learned);
  expect(first.asked).toHaveLength(length);
});

/** A masked attempt's whole way, asked of clients that no connection leads to. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type Opened, type RoundTools, runAttempt } from "../../../server/attempts/run-attempt.ts";
import type { RunEvent } from "../../../shared/events/run-event.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { seededRoot } from "../../../shared/noise/random.ts";
import { maskedClients } from "../../support/masked-clients.ts";
import { scratch } from "../../support/murmur.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";
import { stateAt } from "../../support/states.ts";

let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

const sealed = sealedWith({
  ...{ trust: "distributed", accountant: "zcdp", colluders: 1, minCohort: 3, noise: "secure" },
});
const INPUTS = [0, 1, 2, 3, 4].map((client) => {
  const { parameters } = sealed.plan.privacy;
  return Int32Array.from({ length: parameters }, (_, i) => (client + 1) * 100 - 37 * i);
});

type Answers = Parameters<typeof maskedClients>[3];
async function attempted(answers?: Answers) {
  const path = `${folder.path}/ledger.jsonl`;
  const ledger = new Ledger(path, openingFor(sealed));
  const happened: string[] = [];
  const closed: string[] = [];
  const clients = {
    ...maskedClients(
      sealed.hash,
      INPUTS,
      (step) => {
        const isCharged = readFileSync(path, "utf8").includes('"kind":"charge"');
        happened.push(`${step}${isCharged ? ", charged" : ""}`);
      },
      answers,
    ),
    closeAttempt: (_: object, outcome: string) => void closed.push(outcome),
  };
  const events: RunEvent[] = [];
  const observe = (event: RunEvent) => void events.push(event);
  const tools: RoundTools = { sealed, clients, ledger, root: seededRoot(2), observe };
  const parameters = new Float32Array(sealed.model.parameters);
  const state = stateAt(parameters, sealed.plan.privacy.clipNorm);
  const release = (opened: Opened) => {
    ledger.release(0, 0, "0".repeat(64));
    return { kind: "released", ...opened } as const;
  };
  const outcome = await runAttempt(tools, "train", state, { round: 0, attempt: 0 }, release);
  const entries = ledger.lines.map(({ entry }) => entry);
  const stages = events.flatMap((event) => (event.event === "stage" ? [event.stage] : []));
  const aborted = events.find(({ event }) => event === "attempt-aborted");
  return { outcome, entries, happened: [...new Set(happened)], closed, stages, aborted };
}

const sumOf = (clientIndices: readonly number[]) =>
  INPUTS[0]?.map((_, i) => clientIndices.reduce((sum, one) => sum + (INPUTS[one]?.[i] ?? 0), 0));

it("opens the sum of all, charged before anything leaves by which a client could mask", async () => {
  const { outcome, entries, happened, closed, stages } = await attempted();
  expect(outcome).toEqual({
    kind: "released",
    sum: sumOf([0, 1, 2, 3, 4]),
    answers: new Map(),
    lost: 0,
  });
  expect(entries.map(({ kind }) => kind)).toEqual(["open", "charge", "release"]);
  expect(happened).toEqual([
    ...["begin", "keys"],
    ...["packets, charged", "survivors, charged", "signatures, charged"],
  ]);
  expect(closed).toEqual(["released"]);
  expect(stages).toEqual(["keys", "charge", "train", "release"]);
});

it("opens the sum of those that masked, and counts the others as lost", async () => {
  const { outcome } = await attempted(
    (clientIndex, step) => !(clientIndex === 3 && step === "masked"),
  );
  expect(outcome).toMatchObject({ kind: "released", sum: sumOf([0, 1, 2, 4]), lost: 1 });
});

it("stays charged where too few masked, says so to all, and releases nothing", async () => {
  const { outcome, entries, closed, aborted } = await attempted(
    (clientIndex, step) => !(clientIndex > 1 && step === "masked"),
  );
  expect(aborted).toMatchObject({ round: 0, attempt: 0, charged: true });
  expect(outcome).toMatchObject({ kind: "aborted", survivors: 2 });
  expect(entries.map(({ kind }) => kind)).toEqual(["open", "charge", "abort"]);
  expect(entries.at(-1)).toMatchObject({
    reason: "the masked sum was not opened: secagg.below-threshold",
  });
  expect(closed).toEqual(["secagg.below-threshold"]);
});

it("charges nothing where too few showed keys, and closes that attempt for all", async () => {
  const { outcome, entries, closed, stages, aborted } = await attempted(
    (clientIndex, step) => !(clientIndex > 1 && step === "keys"),
  );
  expect(outcome).toMatchObject({ kind: "aborted" });
  expect(entries.map(({ kind }) => kind)).toEqual(["open"]);
  expect(closed).toHaveLength(1);
  expect(stages).toEqual([]);
  expect(aborted).toMatchObject({ round: 0, attempt: 0, charged: false });
});

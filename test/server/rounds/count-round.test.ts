import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Broadcast } from "../../../server/attempts/attempt-wire.ts";
import { countRound, countsHash } from "../../../server/rounds/count-round.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { seededRoot } from "../../../shared/noise/random.ts";
import { countTerms } from "../../../shared/privacy/counts.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";
import { clientsHere } from "../../support/round-clients.ts";
import { stateAt } from "../../support/states.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "murmur-counts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const counts = { statistics: null, evaluation: { noiseMultiplier: 30, every: 1 } };
const sealed = sealedWith({ counts });
const state = stateAt(Float32Array.of(0.5, -1), 0.5);

/** An evaluation after round 2 that the first `answering` of five clients answer. */
async function evaluated(answering: number) {
  const path = join(folder, "ledger.jsonl");
  const ledger = new Ledger(path, openingFor(sealed));
  const seen = { ledger: "", asked: [] as readonly number[], broadcast: {} as Partial<Broadcast> };
  const clients = clientsHere([0, 1, 2, 3, 4], async (attempt, broadcast) => {
    const { asked } = attempt;
    Object.assign(seen, { ledger: readFileSync(path, "utf8"), asked, broadcast });
    for (let clientIndex = 0; clientIndex < answering; clientIndex++) {
      const update = Int32Array.of(10 * clientIndex, 1);
      const ids = { vclient: clientIndex, round: 2, attempt: 1 };
      attempt.offer({ kind: "update", ...ids, update, sha256: `${clientIndex}` });
    }
  });
  const tools = { sealed, clients, ledger, root: seededRoot(1) };
  return { outcome: await countRound(tools, "evaluation", state, 2, 1), ledger, seen };
}

it("asks all clients of the model as it is, charged beforehand as what it is", async () => {
  const { seen, ledger } = await evaluated(5);
  expect(seen.asked).toEqual([0, 1, 2, 3, 4]);
  expect(seen.broadcast).toMatchObject({ task: "evaluation", parameters: state.parameters });
  expect(seen.ledger).toContain('"kind":"charge"');
  expect(ledger.lines[1]?.entry).toMatchObject({
    kind: "charge",
    task: "evaluation",
    events: attemptEvents(countTerms(sealed.plan.privacy, "evaluation")),
  });
});

it("releases the sum as it came, its noise in it, and its hash in the ledger", async () => {
  const { outcome, ledger } = await evaluated(5);
  expect(outcome).toMatchObject({ kind: "released", counts: Int32Array.of(100, 5) });
  const entry = ledger.lines[2]?.entry;
  expect(entry).toMatchObject({ kind: "counts", round: 2, attempt: 1, task: "evaluation" });
  // printf of 100 and 5 as little-endian int32, by sha256sum.
  expect(countsHash(Int32Array.of(100, 5))).toBe(
    "936c8d2697c09f751abb73fcd209b378c51edb622111a5e6fc2efc947b45f775",
  );
  expect(entry).toMatchObject({ countsHash: countsHash(Int32Array.of(100, 5)) });
});

it("row 8: releases nothing of too few, and stays charged", async () => {
  const { outcome, ledger } = await evaluated(2);
  expect(outcome).toEqual({ kind: "aborted", survivors: 2, silent: true });
  expect(ledger.lines.map(({ entry }) => entry.kind)).toEqual(["open", "charge", "abort"]);
});

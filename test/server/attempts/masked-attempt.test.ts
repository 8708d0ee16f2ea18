/** What a coordinator makes of what clients say in a masked attempt, beyond what the machine judges. */
import { expect, it } from "vitest";
import { MaskedAttempt } from "../../../server/attempts/masked-attempt.ts";
import { openKeyList } from "../../../shared/secagg/key-list.ts";
import { packKeys, packPackets } from "../../../shared/secagg/step-lists.ts";
import { secaggTerms } from "../../../shared/secagg/terms.ts";
import { attemptOf, clientsOf } from "../../support/masked-attempt.ts";

const ids = { round: 3, attempt: 1 };
/** Vclients that are no places. */
const ASKED = [10, 11, 12, 13, 14];
const inputs = ASKED.map((clientIndex) => Int32Array.of(clientIndex, -clientIndex));
const terms = secaggTerms(5, { minCohort: 3, colluders: 1 });

/** Five clients whose packets are with the coordinator; the last sent none. */
function dealt() {
  const { setup, ...rest } = attemptOf(terms, inputs, ids);
  const attempt = new MaskedAttempt(ids, ASKED, { ...setup, parameters: 2, largestSum: 2 ** 31 });
  const clients = clientsOf({ setup, ...rest });
  for (const [u, client] of clients.entries())
    attempt.offer({
      ...{ kind: "step", ...ids, vclient: 10 + u, step: "keys" },
      bytes: packKeys(client.advertise()),
    });
  const list = openKeyList(attempt.machine.closeKeys(), setup);
  for (const [u, client] of clients.slice(0, 4).entries())
    attempt.offer({
      ...{ kind: "step", ...ids, vclient: 10 + u, step: "packets" },
      bytes: packPackets(client.share(list)),
    });
  return { attempt, clients };
}

it("row 40: notes whose packet does not open, and who says so", () => {
  const { attempt } = dealt();
  attempt.machine.closePackets();
  attempt.complain(11, 3);
  expect(attempt.complaints).toEqual([{ by: 11, of: 13 }]);
  attempt.lose([11]);
  expect(attempt.became(11)).toEqual({ kind: "accuses", what: "secagg.packet" });
  expect(attempt.became(13)).toEqual({ kind: "accused", what: "secagg.packet" });
});

it("notes no complaint of what was never sent, or was masked with", () => {
  const { attempt, clients } = dealt();
  attempt.complain(11, 3);
  const inboxes = attempt.machine.closePackets();
  // Itself, one whose packets did not come, no place, no member; then one that has masked.
  for (const [by, of] of [
    [11, 1],
    [11, 4],
    [11, 5],
    [99, 3],
  ] as const)
    attempt.complain(by, of);
  attempt.collecting = true;
  const masked = clients[1]?.mask(inboxes.get(1) ?? [], Int32Array.of(1, 2)) ?? new Uint32Array();
  attempt.offer({ kind: "masked", ...ids, vclient: 11, masked, sha256: "x" });
  attempt.complain(11, 3);
  expect(attempt.complaints).toEqual([]);
  expect(attempt.became(11)).toEqual({ kind: "counted" });
});

it("refuses an update without masks, and still waits for its client", () => {
  const { attempt } = dealt();
  const update = Int32Array.of(1, 2);
  const bare = { kind: "update", ...ids, vclient: 14, update, sha256: "x" } as const;
  expect(() => attempt.offer(bare)).toThrow("update.shape");
  expect(attempt.waitsFor(14)).toBe(true);
});

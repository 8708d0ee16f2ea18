import { describe, expect, it } from "vitest";
import { MaskingClient } from "../../../client/secagg/masking-client.ts";
import { UnmaskingServer } from "../../../server/secagg/unmasking-server.ts";
import { ProtocolError } from "../../../shared/errors.ts";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { confirmationOf, openKeyList } from "../../../shared/secagg/key-list.ts";
import { type GoldenAttempt, goldenAttempts } from "../../support/secagg-vectors.ts";
import { coefficientsOf } from "../../support/shamir-oracle.ts";

type Case = GoldenAttempt["cases"][number];

/** What a client of the vectors drew: its keys, b, and the coefficients that give its shares. */
function tapeOf(
  golden: GoldenAttempt,
  index: number,
  threshold: number,
): (bytes: number) => Buffer {
  const client = golden.clients[index];
  const shares = golden.thresholds[threshold];
  if (!client || !shares) throw new Error("no such client");
  const ofShares = (all: readonly Buffer[] = []) => coefficientsOf(all.slice(0, threshold));
  const drawn = [
    client.c_sk,
    client.s_sk,
    client.b,
    ofShares(shares.shares_s[index]),
    ofShares(shares.shares_b[index]),
  ];
  return (bytes) => {
    const next = Buffer.from(drawn.shift() ?? []);
    expect(next.length).toBe(bytes);
    return next;
  };
}

/** Both sides' machines with the vectors' secrets; their words are held against the vectors'. */
async function played(golden: GoldenAttempt, { t, lost_between_R1_and_R2: lost, ...due }: Case) {
  const terms = {
    clients: golden.n,
    threshold: t,
    degree: golden.graph?.k ?? null,
    leastSurvivors: t,
    quorum: t,
  };
  const roster = golden.clients.map((client) => client.ed25519_pk);
  const setup = { terms, context: golden.ctx, roster };
  const clients = golden.clients.map(({ index, ed25519_seed: seed }) => ({
    index,
    machine: new MaskingClient(setup, index, signingKey(seed), tapeOf(golden, index, t)),
  }));
  const server = new UnmaskingServer({ ...setup, parameters: golden.d, largestSum: 2 ** 31 });
  for (const { machine } of clients) server.takeKeys(machine.advertise());
  const list = openKeyList(server.closeKeys(), setup);
  const sharing = clients.filter(({ index }) => golden.U2.includes(index));
  for (const { index, machine } of sharing) server.takePackets(index, machine.share(list));
  const inboxes = server.closePackets();
  const masking = sharing.filter(({ index }) => !lost.includes(index));
  const sum = new Uint32Array(golden.d);
  for (const { index, machine } of masking) {
    const { x = [], masked } = golden.clients[index] ?? {};
    const words = machine.mask(inboxes.get(index) ?? [], Int32Array.from(x));
    expect([...words]).toEqual(masked);
    for (const [i, word] of words.entries()) sum[i] = (sum[i] ?? 0) + word;
    server.takeMasked(index, words);
  }
  expect([...sum]).toEqual(due.sum_of_masked);
  const survivors = server.closeMasked();
  expect(survivors).toEqual(due.survivors);
  for (const { index, machine } of masking) {
    const signature = machine.confirm(survivors);
    expect(signature).toEqual(due.survivor_sigs[index]);
    server.takeSignature(index, signature);
  }
  const confirmation = confirmationOf(survivors, server.closeSignatures(), setup, list);
  for (const { index, machine } of masking) server.takeShares(index, machine.unmask(confirmation));
  return await server.closeShares();
}

const outcome = (attempt: Promise<{ readonly sum: Int32Array }>) =>
  attempt.then(
    ({ sum }) => ({ sum_int32: [...sum] }),
    (error: unknown) => ({ error: error instanceof ProtocolError ? error.problem.what : error }),
  );

describe.each(goldenAttempts)("golden attempt $label, by the machines of both sides", (golden) => {
  it.each(golden.cases)(
    "at threshold $t, without $lost_between_R1_and_R2, ends in $expect",
    async (wanted) => {
      expect(await outcome(played(golden, wanted))).toEqual(wanted.expect);
    },
  );
});

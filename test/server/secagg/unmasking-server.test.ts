import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../../shared/errors.ts";
import { Random } from "../../../shared/noise/random.ts";
import { confirmationOf, openKeyList } from "../../../shared/secagg/key-list.ts";
import { type SecaggTerms, secaggTerms } from "../../../shared/secagg/terms.ts";
import { effort } from "../../support/effort.ts";
import {
  type Attempt,
  attemptOf,
  clientsOf,
  type Losses,
  plainSum,
  play,
  serverOf,
} from "../../support/masked-attempt.ts";
import { refusalOf } from "../../support/refusal.ts";

/** Words over the whole range, so that sums wrap. */
function inputsOf(clients: number, parameters: number, seed: number): Int32Array[] {
  const random = new Random(Buffer.alloc(32, seed));
  return Array.from({ length: clients }, () =>
    Int32Array.from({ length: parameters }, () => random.uint32()),
  );
}

/** What `play` ends in. */
async function outcome(attempt: Attempt, losses: Losses): Promise<string | Int32Array> {
  try {
    return (await play(attempt, { losses })).sum;
  } catch (error) {
    if (error instanceof ProtocolError) return error.problem.what;
    throw error;
  }
}

/** A small ring, thinner than any that the conditions allow: what is tried here is the machinery. */
const RING: SecaggTerms = {
  clients: 14,
  threshold: 4,
  degree: 8,
  leastSurvivors: 7,
  quorum: 7,
};
const STEPS = ["keys", "packets", "masked", "confirm", "unmask"] as const;

describe("the opened sum", () => {
  it.each([
    [3, 1],
    [5, 1],
    // Everybody masks with everybody.
    [effort(40, 100), 1],
    [200, 198],
  ])(
    "is the plain one bit for bit for %d clients",
    async (clients, minCohort) => {
      const terms = secaggTerms(clients, { minCohort, colluders: 0 });
      const inputs = inputsOf(clients, 5, clients);
      const { sum, liars } = await play(attemptOf(terms, inputs));
      expect(sum).toEqual(plainSum(inputs));
      expect(liars).toEqual([]);
    },
    60_000,
  );

  it("rows 3, 4: is that of the survivors, whoever is lost in which step, in any order of arrival", async () => {
    const complete = secaggTerms(9, { minCohort: 7, colluders: 1 });
    const losses = fc.record({
      at: fc.array(fc.constantFrom(...STEPS), { minLength: 2, maxLength: 2 }),
      who: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 2, maxLength: 2 }),
      count: fc.integer({ min: 0, max: 2 }),
      turn: fc.integer({ min: 0, max: 255 }),
      terms: fc.constantFrom(complete, RING),
    });
    await fc.assert(
      fc.asyncProperty(losses, async ({ at, who, count, turn, terms }) => {
        const gone = who.slice(0, count).map((u, i) => ({ u, at: at[i] }));
        const lost = Object.fromEntries(
          STEPS.map((step) => [step, gone.filter((one) => one.at === step).map(({ u }) => u)]),
        );
        const inputs = inputsOf(terms.clients, 3, turn);
        const random = new Random(Buffer.alloc(32, turn));
        const order = (clients: readonly number[]) =>
          random.permutation(clients.length).map((i) => clients[i] ?? 0);
        const { sum } = await play(attemptOf(terms, inputs), { losses: lost, order });
        expect(sum).toEqual(plainSum(inputs, lost));
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  // 10 clients, threshold 7: three may be lost and no more; minCohort 7 leaves it at that.
  const terms = secaggTerms(10, { minCohort: 7, colluders: 1 });
  const inputs = inputsOf(10, 4, 1);
  it.each(STEPS)(
    "rows 3, 4, 6: stands with as many lost in step %s as can be, and not with one more",
    async (at) => {
      for (const lost of [[], [4], [1, 5, 9]]) {
        const losses = { [at]: lost };
        expect(await outcome(attemptOf(terms, inputs), losses)).toEqual(plainSum(inputs, losses));
      }
      const losses = { [at]: [1, 5, 8, 9] };
      expect(await outcome(attemptOf(terms, inputs), losses)).toBe("secagg.below-threshold");
    },
  );

  it("stands with one lost in each step", async () => {
    const more = secaggTerms(20, { minCohort: 14, colluders: 1 });
    const losses = { keys: [3], packets: [0], masked: [19], confirm: [7], unmask: [8] };
    const many = inputsOf(20, 4, 2);
    expect(await outcome(attemptOf(more, many), losses)).toEqual(plainSum(many, losses));
  });

  it("row 8: is not opened for fewer survivors than minCohort, though the shares would do", async () => {
    const strict = secaggTerms(10, { minCohort: 9, colluders: 1 });
    const losses = { masked: [1, 5] };
    expect(strict.threshold).toBe(7);
    expect(await outcome(attemptOf(strict, inputs), losses)).toBe("secagg.below-threshold");
  });

  it("row 5: stands where two neighbours on a ring are lost, whose common mask is in no vector", async () => {
    const many = inputsOf(RING.clients, 3, 3);
    for (let other = 1; other < RING.clients; other += 2) {
      // Whatever the ring is: of these seven others 0 has at most five that are no neighbours.
      const losses = { masked: [0, other] };
      expect(await outcome(attemptOf(RING, many), losses)).toEqual(plainSum(many, losses));
    }
  });

  it("row 6: does not open on a ring where someone's holders are gone", async () => {
    const many = inputsOf(RING.clients, 3, 4);
    // Of 14 clients 7 remain: over the minimum, yet of 8 neighbours some client has under 4 left.
    const thin = { ...RING, threshold: 6 };
    const losses = { masked: [0, 1, 2, 3, 4, 5, 6] };
    expect(await outcome(attemptOf(thin, many), losses)).toBe("secagg.below-threshold");
  });

  it("is the plain one for many clients in a sparse graph, lost in each step", async () => {
    const clients = effort(300, 1_000);
    const many = secaggTerms(clients, { minCohort: clients - 5, colluders: 0 });
    expect(many.degree).toBe(12);
    const large = inputsOf(clients, 16, 5);
    const losses = {
      keys: [1],
      packets: [clients / 2],
      masked: [7, clients - 2],
      confirm: [40],
      unmask: [41],
    };
    const { sum } = await play(attemptOf(many, large), { losses });
    expect(sum).toEqual(plainSum(large, losses));
  }, 60_000);
});

describe("the coordinator's machine", () => {
  const terms = secaggTerms(5, { minCohort: 4, colluders: 1 });
  const inputs = inputsOf(5, 4, 6);

  it("takes each answer once, in its step, from whom it waits for", () => {
    const attempt = attemptOf(terms, inputs);
    const clients = clientsOf(attempt);
    const server = serverOf(attempt);
    const [first, ...others] = clients.map((client) => client.advertise());
    if (!first) throw new Error("no client");
    expect(server.waiting).toBe(5);
    server.takeKeys(first);
    expect(server.waiting).toBe(4);
    expect(refusalOf(() => server.takeKeys(first))).toBe("secagg.step");
    expect(refusalOf(() => server.takePackets(0, []))).toBe("secagg.step");
    server.lose(4);
    for (const keys of others.slice(0, 3)) server.takeKeys(keys);
    expect(server.waiting).toBe(0);
    const late = others[3];
    expect(late && refusalOf(() => server.takeKeys(late))).toBe("secagg.step");
    expect(server.closeKeys().map(({ client }) => client)).toEqual([0, 1, 2, 3]);
  });

  it("drops keys that are another's, badly signed, of small order, or of nobody", () => {
    const attempt = attemptOf(terms, inputs);
    const [a, b] = clientsOf(attempt).map((client) => client.advertise());
    const server = serverOf(attempt);
    if (!a || !b) throw new Error("no clients");
    server.takeKeys(a);
    const refused = (keys: typeof b) => refusalOf(() => server.takeKeys(keys));
    expect(refused({ ...b, cipherKey: a.cipherKey })).toBe("secagg.signature");
    expect(refused({ ...b, signature: a.signature })).toBe("secagg.signature");
    expect(refused({ ...b, maskKey: Buffer.alloc(32) })).toBe("secagg.keys");
    expect(refused({ ...b, client: 9 })).toBe("secagg.step");
    expect(server.waiting).toBe(4);
    server.takeKeys(b);
  });

  /** An attempt up to its last step; `bend` sees each client's answer to it. */
  async function withShares(
    bend: (client: number, share: Buffer, owner: number) => void,
    count = 10,
    losses: readonly number[] = [6],
  ) {
    const many = inputsOf(count, 4, 7);
    // With words this small random ones are seen to be beyond what a sum can reach.
    const small = many.map((input) => input.map((word) => word % 1000));
    const attempt = attemptOf(secaggTerms(count, { minCohort: 1, colluders: 0 }), small);
    const clients = clientsOf(attempt);
    const { setup } = attempt;
    const server = serverOf(attempt, undefined, 1000 * count);
    for (const client of clients) server.takeKeys(client.advertise());
    const list = openKeyList(server.closeKeys(), setup);
    for (const [u, client] of clients.entries()) server.takePackets(u, client.share(list));
    const inboxes = server.closePackets();
    const staying = [...clients.entries()].filter(([u]) => !losses.includes(u));
    for (const [u, client] of staying) {
      server.takeMasked(u, client.mask(inboxes.get(u) ?? [], small[u] ?? new Int32Array()));
    }
    const survivors = server.closeMasked();
    for (const [u, client] of staying) server.takeSignature(u, client.confirm(survivors));
    const confirmation = confirmationOf(survivors, server.closeSignatures(), setup, list);
    for (const [u, client] of staying) {
      const shares = client.unmask(confirmation);
      for (const { owner, share } of shares) bend(u, share, owner);
      server.takeShares(u, shares);
    }
    return { opened: server.closeShares(), plain: plainSum(small, { masked: losses }) };
  }

  const flip = (share: Buffer) => {
    share[3] = (share[3] ?? 0) ^ 0x40;
  };

  it("row 40: names whoever gave wrong shares, and opens the sum without them", async () => {
    const { opened, plain } = await withShares((client, share) => {
      if (client === 2) flip(share);
    });
    expect(await opened).toEqual({ sum: plain, liars: [2] });
  });

  it("row 40: names a liar by the one share that it bent, of a lost client or of a survivor", async () => {
    for (const bent of [6, 0]) {
      const { opened, plain } = await withShares((client, share, owner) => {
        if (client === 9 && owner === bent) flip(share);
      });
      expect(await opened).toEqual({ sum: plain, liars: [9] });
    }
  });

  it("row 40: refuses by share-mismatch where just enough shares are there, one of them wrong", async () => {
    const losses = [1, 6, 7];
    const lost = await withShares(
      (client, share, owner) => {
        if (client === 2 && owner === 6) flip(share);
      },
      10,
      losses,
    );
    await expect(lost.opened).rejects.toThrow("secagg.share-mismatch");
    // Of a survivor's own mask nothing is known: only the sum shows that it is wrong.
    const survivor = await withShares(
      (client, share, owner) => {
        if (client === 2 && owner === 0) flip(share);
      },
      10,
      losses,
    );
    await expect(survivor.opened).rejects.toThrow("secagg.sum-range");
  });

  it("refuses a share at another's place, and one too many or too few", async () => {
    const moved = withShares((client, share) => {
      if (client === 2) share[32] = 9;
    });
    await expect(moved).rejects.toThrow("secagg.share-mismatch (client 2, step unmask)");
  });

  it("refuses a vector of another length, and a set of packets that is not whole", () => {
    const attempt = attemptOf(terms, inputs);
    const clients = clientsOf(attempt);
    const server = serverOf(attempt);
    for (const client of clients) server.takeKeys(client.advertise());
    const list = openKeyList(server.closeKeys(), attempt.setup);
    const packets = clients.map((client) => client.share(list));
    const some = packets[0] ?? [];
    for (const odd of [some.slice(1), [...some, ...some], [some[0], ...some.slice(0, 3)]]) {
      const set = odd.filter((packet) => packet !== undefined);
      expect(refusalOf(() => server.takePackets(0, set))).toBe("secagg.packet");
    }
    for (const [u, own] of packets.entries()) server.takePackets(u, own);
    server.closePackets();
    expect(refusalOf(() => server.takeMasked(0, new Uint32Array(5)))).toBe("secagg.vector");
  });
});

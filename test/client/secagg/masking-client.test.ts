import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { AttemptGuard, agreedTerms } from "../../../client/secagg/agreed-terms.ts";
import { MaskingClient } from "../../../client/secagg/masking-client.ts";
import { ProtocolError } from "../../../shared/errors.ts";
import { agreementKey } from "../../../shared/secagg/agreement-keys.ts";
import {
  confirmationOf,
  type KeyList,
  openKeyList,
  type SecaggSetup,
} from "../../../shared/secagg/key-list.ts";
import { BadPacket } from "../../../shared/secagg/share-packets.ts";
import { combineShares, weightsAtZero } from "../../../shared/secagg/shares.ts";
import {
  type Advertisement,
  signKeys,
  signSurvivors,
} from "../../../shared/secagg/signed-steps.ts";
import type { AddressedPacket } from "../../../shared/secagg/step-lists.ts";
import { secaggTerms } from "../../../shared/secagg/terms.ts";
import { attemptOf, clientsOf, identityKeys } from "../../support/masked-attempt.ts";
import { refusalOf } from "../../support/refusal.ts";

function caught(step: () => unknown): ProtocolError | undefined {
  try {
    step();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  return undefined;
}

const terms = secaggTerms(10, { minCohort: 8, colluders: 1 });
const inputs = Array.from({ length: 10 }, (_, u) => Int32Array.of(u, -u, 1000 * u));
const attempt = attemptOf(terms, inputs);
const { setup } = attempt;
const everybody = inputs.map((_, u) => u);

/** A coordinator that can do as it likes, in front of ten honest clients. */
class Coordinator {
  readonly setup: SecaggSetup;
  readonly clients: readonly MaskingClient[];
  readonly keys: readonly Advertisement[];

  constructor(setup: SecaggSetup = attempt.setup) {
    this.setup = setup;
    this.clients = clientsOf({ ...attempt, setup });
    this.keys = this.clients.map((client) => client.advertise());
  }

  get list(): KeyList {
    return openKeyList(this.keys, this.setup);
  }

  client(u: number): MaskingClient {
    const client = this.clients[u];
    if (!client) throw new Error(`no client ${u}`);
    return client;
  }

  /** What each client finds: the packets that the others sent it. */
  shareAll(list = this.list): (u: number, among?: readonly number[]) => AddressedPacket[] {
    const sent = this.clients.map((client) => client.share(list));
    return (u, among = everybody) =>
      among.flatMap((from) =>
        (sent[from] ?? [])
          .filter((packet) => packet.client === u)
          .map(({ sealed }) => ({ client: from, sealed })),
      );
  }

  mask(u: number, packets: AddressedPacket[]): Uint32Array {
    return this.client(u).mask(packets, inputs[u] ?? new Int32Array());
  }

  maskAll(): void {
    const packetsFor = this.shareAll();
    for (const u of everybody) this.mask(u, packetsFor(u));
  }

  /** Signatures of these, over these survivors. */
  confirmation(survivors: readonly number[], signers: readonly number[]) {
    const signatures = signers.map((client) => ({
      client,
      signature: this.client(client).confirm(survivors),
    }));
    return confirmationOf(survivors, signatures, this.setup, this.list);
  }
}

let server: Coordinator;
beforeEach(() => {
  server = new Coordinator();
});

/** After a refusal nothing more can be had of that client. */
function expectOver(u: number): void {
  expect(refusalOf(() => server.client(u).confirm(everybody))).toBe("secagg.step");
  expect(refusalOf(() => server.mask(u, []))).toBe("secagg.step");
}

describe("a coordinator's list of keys", () => {
  /** What client 0 makes of a list in which one entry is another. */
  const with3 = (bent: Partial<Advertisement>) =>
    server.keys.map((keys) => (keys.client === 3 ? { ...keys, ...bent } : keys));
  const opened = (list: readonly Advertisement[], to = setup) =>
    refusalOf(() => openKeyList(list, to));

  it("is refused with a swapped key in it, which only its owner can sign", () => {
    const own = agreementKey(randomBytes(32)).publicKey;
    expect(opened(with3({ maskKey: own }))).toBe("secagg.signature");
    expect(opened(with3({ cipherKey: own }))).toBe("secagg.signature");
    // The coordinator's own identity will not do either.
    const [, , , , , stranger] = identityKeys(11);
    const keys = server.keys[3];
    if (!keys || !stranger) throw new Error("no keys");
    expect(opened(with3(signKeys({ ...keys, maskKey: own }, setup.context, stranger)))).toBe(
      "secagg.signature",
    );
  });

  it("is refused where keys of another attempt are in it", () => {
    const other = new Coordinator(attemptOf(terms, inputs, { round: 3, attempt: 2 }).setup);
    expect(opened(other.keys)).toBe("secagg.signature");
    expect(opened(with3(other.keys[3] ?? {}))).toBe("secagg.signature");
  });

  /** A list in which client 3 has signed other keys. */
  function signed(bent: Partial<Advertisement>): Advertisement[] {
    const [identity] = identityKeys(4).slice(3);
    const keys = server.keys[3];
    if (!identity || !keys) throw new Error("no keys");
    return with3(signKeys({ ...keys, ...bent }, setup.context, identity));
  }
  const maskKeyOf = (client: number) => server.keys[client]?.maskKey ?? Buffer.alloc(0);

  it("input auth: a client's own X25519 key echoed → secagg.keys", () => {
    expect(opened(signed({}))).toBeUndefined();
    expect(opened(signed({ maskKey: maskKeyOf(0) }))).toBe("secagg.keys");
    expect(opened(signed({ maskKey: server.keys[0]?.cipherKey ?? Buffer.alloc(0) }))).toBe(
      "secagg.keys",
    );
  });

  it("input auth: equal X25519 keys of two clients → secagg.keys", () => {
    expect(opened(signed({ maskKey: maskKeyOf(1) }))).toBe("secagg.keys");
    // Or of one, twice.
    const cipherKey = server.keys[3]?.cipherKey ?? Buffer.alloc(0);
    expect(opened(signed({ maskKey: cipherKey }))).toBe("secagg.keys");
  });

  it("input auth: an X25519 point of small order in a signed list → secagg.keys", () => {
    expect(opened(signed({ cipherKey: Buffer.alloc(32) }))).toBe("secagg.keys");
  });

  it("is refused out of order, with a client twice, with a stranger, or too short", () => {
    expect(opened([...server.keys].reverse())).toBe("secagg.keys");
    expect(opened(server.keys.flatMap((keys) => [keys, keys]))).toBe("secagg.keys");
    const [first] = server.keys;
    if (!first) throw new Error("no keys");
    expect(opened([...server.keys, { ...first, client: 10 }])).toBe("secagg.keys");
    // minCohort is 8, though seven shares would do.
    expect(opened(server.keys.slice(0, 8))).toBeUndefined();
    expect(opened(server.keys.slice(0, 7))).toBe("secagg.below-threshold");
  });

  it("is refused by the client whose own keys are others in it, though rightly signed", () => {
    const [identity] = identityKeys(1);
    const keys = server.keys[0];
    if (!identity || !keys) throw new Error("no keys");
    const fresh = agreementKey(randomBytes(32)).publicKey;
    const bent = signKeys({ ...keys, maskKey: fresh }, setup.context, identity);
    const list = openKeyList([bent, ...server.keys.slice(1)], setup);
    expect(refusalOf(() => server.client(0).share(list))).toBe("secagg.keys");
    expectOver(0);
    const without = openKeyList(server.keys.slice(1), setup);
    expect(refusalOf(() => new Coordinator().client(0).share(without))).toBe("secagg.keys");
  });

  it("is refused where it leads to a smaller graph than the terms have", () => {
    const sparse = { ...terms, degree: 6 };
    const inSparse = new Coordinator({ ...setup, terms: sparse });
    const ring = (degree: number, members = inSparse.keys) =>
      openKeyList(members, { ...setup, terms: { ...sparse, degree } });
    expect(inSparse.client(0).share(ring(6))).toHaveLength(6);
    expect(refusalOf(() => inSparse.client(1).share(ring(4)))).toBe("secagg.graph");
    // As many as neighbours are no ring.
    expect(refusalOf(() => ring(8, inSparse.keys.slice(0, 8)))).toBe("secagg.graph");
  });
});

describe("a coordinator's packets", () => {
  it("row 40: are refused, all of them, where one was changed, moved or invented", () => {
    const packetsFor = server.shareAll();
    const bends: ((packets: AddressedPacket[]) => AddressedPacket[])[] = [
      ([first, ...rest]) => {
        const sealed = Buffer.from(first?.sealed ?? []);
        sealed[20] = (sealed[20] ?? 0) ^ 1;
        return [{ client: first?.client ?? 0, sealed }, ...rest];
      },
      // Sealed for another.
      () => packetsFor(9),
      // From another than said.
      ([first, second, ...rest]) => [
        { client: first?.client ?? 0, sealed: second?.sealed ?? Buffer.alloc(0) },
        ...rest,
      ],
      (packets) => [...packets, ...packets.slice(0, 1)],
      (packets) => [...packets, { client: 55, sealed: Buffer.alloc(90) }],
      ([first, ...rest]) => [{ client: first?.client ?? 0, sealed: Buffer.alloc(89) }, ...rest],
    ];
    // Whose packet it was, as far as that can be said: one too many is the coordinator's doing.
    const accused = [1, 0, 0, undefined, undefined, 0];
    for (const [u, bend] of bends.entries()) {
      const refused = caught(() => server.mask(u, bend(packetsFor(u))));
      expect(refused?.problem.what).toBe("secagg.packet");
      expect(refused instanceof BadPacket ? refused.from : undefined).toBe(accused[u]);
      expectOver(u);
    }
  });

  it("are refused from fewer clients than may go on", () => {
    const packetsFor = server.shareAll();
    expect(refusalOf(() => server.mask(0, packetsFor(0, [0, 1, 2, 3, 4, 5, 6])))).toBe(
      "secagg.below-threshold",
    );
    expect(
      refusalOf(() => server.mask(1, packetsFor(1, [0, 1, 2, 3, 4, 5, 6, 7]))),
    ).toBeUndefined();
  });
});

describe("a coordinator that lies about survivors", () => {
  beforeEach(() => server.maskAll());
  const confirmed = (u: number, survivors: readonly number[]) =>
    refusalOf(() => server.client(u).confirm(survivors));

  it("row 41: is refused a list too short, out of order, without the client, or with a stranger", () => {
    expect(confirmed(0, [0, 1, 2, 3, 4, 5, 6])).toBe("secagg.below-threshold");
    expect(confirmed(1, [1, 0, 2, 3, 4, 5, 6, 7])).toBe("secagg.survivors");
    expect(confirmed(2, [0, 1, 2, 2, 3, 4, 5, 6, 7])).toBe("secagg.survivors");
    expect(confirmed(3, [0, 1, 2, 4, 5, 6, 7, 8, 9])).toBe("secagg.survivors");
    expect(confirmed(4, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10])).toBe("secagg.survivors");
    for (const u of [0, 1, 2, 3, 4]) expectOver(u);
  });

  it("row 41: gets no shares for two stories: neither half has enough signatures", () => {
    const [all, without9] = [everybody, everybody.slice(0, 9)];
    const one = server.confirmation(all, [0, 1, 2, 3, 4, 9]);
    const other = server.confirmation(without9, [5, 6, 7, 8]);
    expect(refusalOf(() => server.client(0).unmask(one))).toBe("secagg.signature");
    expect(refusalOf(() => server.client(5).unmask(other))).toBe("secagg.signature");
    // Nor by showing one half the signatures of the other.
    expect(refusalOf(() => server.client(1).unmask(other))).toBe("secagg.survivors");
    for (const u of [0, 5, 1]) expectOver(u);
  });

  it("cannot count a signature twice, a stranger's, or one over other survivors", () => {
    const signed = (u: number, over = everybody) => ({
      client: u,
      signature: server.client(u).confirm(over),
    });
    const six = [0, 1, 2, 3, 4, 5].map((u) => signed(u));
    const [first] = six;
    if (!first) throw new Error("no signature");
    const other = signed(7, everybody.slice(0, 9));
    const forged = [...six, first, { ...first, client: 6 }, { ...first, client: 12 }, other];
    const { list } = server;
    const confirmation = confirmationOf(everybody, forged, setup, list);
    expect([...confirmation.signers]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(refusalOf(() => server.client(0).unmask(confirmation))).toBe("secagg.signature");
    // A signature of another attempt is over another context.
    const [identity] = identityKeys(7).slice(6);
    if (!identity) throw new Error("no key");
    const told = { context: setup.context, listHash: list.hash, survivors: everybody };
    const signs = (bent: object) => {
      const signature = signSurvivors(6, { ...told, ...bent }, identity);
      return confirmationOf(everybody, [...six, { client: 6, signature }], setup, list).signers;
    };
    expect(signs({}).size).toBe(7);
    expect(signs({ context: Buffer.alloc(32, 1) }).size).toBe(6);
    // One over other keys neither: whoever signed it may stand elsewhere on another ring.
    expect(signs({ listHash: Buffer.alloc(32, 1) }).size).toBe(6);
  });
});

describe("a coordinator that asks for more shares", () => {
  it("row 41: gets one kind of each owner, once", () => {
    const packetsFor = server.shareAll();
    for (const u of everybody.slice(0, 9)) server.mask(u, packetsFor(u));
    const survivors = everybody.slice(0, 9);
    const confirmation = server.confirmation(survivors, survivors);
    const given = survivors.map((u) => server.client(u).unmask(confirmation));
    for (const shares of given) expect(shares.map(({ owner }) => owner)).toEqual(everybody);
    // Of the lost client it opens the mask key …
    const opened = (owner: number) => {
      const shares = given.slice(0, 7).map((own) => own[owner]?.share ?? Buffer.alloc(0));
      return combineShares(shares, weightsAtZero(shares.map((share) => share[32] ?? 0)));
    };
    expect(agreementKey(opened(9)).publicKey).toEqual(server.keys[9]?.maskKey);
    // … and of a survivor not.
    expect(agreementKey(opened(0)).publicKey).not.toEqual(server.keys[0]?.maskKey);
    for (const u of survivors) {
      expect(refusalOf(() => server.client(u).unmask(confirmation))).toBe("secagg.step");
    }
  });

  it("row 41: is refused a second list of survivors, before and after the shares", () => {
    server.maskAll();
    const confirmation = server.confirmation(everybody, everybody);
    server.client(0).unmask(confirmation);
    for (const u of [0, 1]) {
      expect(refusalOf(() => server.client(u).confirm(everybody.slice(0, 9)))).toBe("secagg.step");
    }
    expect(refusalOf(() => server.client(1).unmask(confirmation))).toBe("secagg.step");
  });

  it("is refused whatever is out of its turn", () => {
    const steps: ((client: MaskingClient) => unknown)[] = [
      (client) => client.advertise(),
      (client) => client.mask([], Int32Array.of(1)),
      (client) => client.confirm(everybody),
      (client) => client.unmask({ survivors: [], signers: new Set() }),
    ];
    for (const [u, step] of steps.entries()) {
      expect(refusalOf(() => step(server.client(u)))).toBe("secagg.step");
      expect(refusalOf(() => server.client(u).share(server.list))).toBe("secagg.step");
    }
  });
});

describe("an attempt", () => {
  it("is refused where the client's own place holds another key, or the cohort another size", () => {
    const [own] = identityKeys(1);
    if (!own) throw new Error("no key");
    const at = (bent: Partial<SecaggSetup>, place: number) =>
      refusalOf(() => new MaskingClient({ ...setup, ...bent }, place, own));
    expect(at({}, 0)).toBeUndefined();
    expect(at({}, 1)).toBe("secagg.keys");
    expect(at({}, 10)).toBe("secagg.keys");
    expect(at({ roster: setup.roster.slice(0, 9) }, 0)).toBe("secagg.keys");
  });

  it("is refused on any term that differs from what the plan gives", () => {
    const plan = { minCohort: 8, colluders: 1 };
    expect(agreedTerms(terms, 10, plan)).toEqual(terms);
    for (const bent of [
      { threshold: 5 },
      { leastSurvivors: 2 },
      { quorum: 1 },
      { degree: 4 },
      { clients: 9 },
    ]) {
      expect(refusalOf(() => agreedTerms({ ...terms, ...bent }, 10, plan))).toBe("secagg.terms");
    }
    const small = secaggTerms(7, { minCohort: 2, colluders: 1 });
    expect(refusalOf(() => agreedTerms(small, 7, plan))).toBe("secagg.cohort");
    const sparse = secaggTerms(200, { minCohort: 180, colluders: 20 });
    const thin = { ...sparse, degree: 20 };
    const cohort = { minCohort: 180, colluders: 20 };
    expect(agreedTerms(sparse, 200, cohort).degree).toBe(56);
    expect(refusalOf(() => agreedTerms(thin, 200, cohort))).toBe("secagg.terms");
  });

  it("is begun once, and no earlier one after it", () => {
    const guard = new AttemptGuard();
    const begun = (round: number, number: number) => refusalOf(() => guard.begin(round, number));
    expect(begun(0, 0)).toBeUndefined();
    expect(begun(0, 0)).toBe("secagg.attempt");
    expect(begun(0, 1)).toBeUndefined();
    expect(begun(2, 0)).toBeUndefined();
    expect(begun(1, 7)).toBe("secagg.attempt");
    expect(begun(2, 0)).toBe("secagg.attempt");
  });

  it("is begun once over all processes of its client, and noted before its keys are shown", () => {
    const noted: unknown[] = [];
    const note = (name: unknown) => noted.push(name);
    const first = new AttemptGuard([], note);
    for (const round of [0, 1]) first.begin(round, 0);
    expect(noted).toEqual([
      { round: 0, attempt: 0 },
      { round: 1, attempt: 0 },
    ]);
    const second = new AttemptGuard(noted as { round: number; attempt: number }[], note);
    for (const round of [0, 1])
      expect(refusalOf(() => second.begin(round, 0))).toBe("secagg.attempt");
    expect(refusalOf(() => second.begin(1, 1))).toBeUndefined();
    expect(noted).toHaveLength(3);
  });
});

it("row 41: erases what it drew, when it is done and when it refuses", () => {
  const drawn: Buffer[] = [];
  const draw = (bytes: number) => {
    const fresh = randomBytes(bytes);
    drawn.push(fresh);
    return fresh;
  };
  const own = { ...attempt, draw: () => draw };
  const erased = () => drawn.every((bytes) => bytes.every((byte) => byte === 0));
  const clients = clientsOf(own);
  for (const client of clients) client.advertise();
  expect(erased()).toBe(false);
  // All out of turn.
  for (const client of clients) refusalOf(() => client.confirm([]));
  expect(drawn).toHaveLength(30);
  expect(erased()).toBe(true);
});

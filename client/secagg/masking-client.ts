/**
 * A client's side of one masked attempt (Bonawitz et al. 2017, against an active coordinator), without
 * sockets: advertise → share → mask → confirm → unmask, each step once and in this order. What a step
 * refuses ends the attempt for this client, and its keys are gone.
 */
import { randomBytes } from "node:crypto";
import type { SigningKey } from "../../shared/keys/proofs.ts";
import { pairSeed, selfSeed } from "../../shared/secagg/derived-keys.ts";
import type { Confirmation, KeyList, SecaggSetup } from "../../shared/secagg/key-list.ts";
import { addMasks } from "../../shared/secagg/masks.ts";
import { type SecaggFault, secaggRefusal } from "../../shared/secagg/refusal.ts";
import { type Advertisement, signKeys, signSurvivors } from "../../shared/secagg/signed-steps.ts";
import type { AddressedPacket, GivenShare } from "../../shared/secagg/step-lists.ts";
import { checkSurvivors } from "./check-survivors.ts";
import { ClientSecrets, type Draw } from "./client-secrets.ts";
import { PairSecrets } from "./pair-secrets.ts";
import { openShares, sealShares } from "./share-exchange.ts";

type Step = "advertise" | "share" | "mask" | "confirm" | "unmask" | "over";

export class MaskingClient {
  readonly #setup: SecaggSetup;
  readonly #client: number;
  readonly #identity: SigningKey;
  readonly #draw: Draw;
  readonly #pairs: PairSecrets;
  readonly #secrets: ClientSecrets;
  #step: Step = "advertise";
  #advertised: Advertisement | undefined;
  #list: KeyList | undefined;
  /** Neighbours whose packets came: they are in U₂, and masked with. */
  #paired: ReadonlySet<number> = new Set();
  #confirmed: readonly number[] = [];

  /**
   * @param client its place in the cohort
   * @param pairs of all clients of this host in the attempt; its owner ends it with them
   * @param draw where every secret comes from; another source than the operating system's only in tests
   */
  constructor(
    setup: SecaggSetup,
    client: number,
    identity: SigningKey,
    draw: Draw = randomBytes,
    pairs = new PairSecrets(),
  ) {
    this.#pairs = pairs;
    this.#setup = setup;
    this.#client = client;
    this.#identity = identity;
    this.#draw = draw;
    const { terms, roster } = setup;
    this.#secrets = new ClientSecrets(draw);
    const own = roster[client];
    if (roster.length !== terms.clients || !own || !identity.publicKey.equals(own)) {
      this.abandon();
      this.#refuse("keys", "another cohort, or another key", "its own key at its own place");
    }
  }

  /** R0. */
  advertise(): Advertisement {
    return this.#turn("advertise", "share", () => {
      const { cipher, mask } = this.#secrets;
      if (!cipher || !mask) throw new Error("keys forgotten before they were used");
      for (const key of [cipher, mask]) this.#pairs.add(key);
      const keys = {
        client: this.#client,
        cipherKey: cipher.publicKey,
        maskKey: mask.publicKey,
      };
      this.#advertised = signKeys(keys, this.#setup.context, this.#identity);
      return this.#advertised;
    });
  }

  /** R1: a packet for each holder of its shares. @throws ProtocolError as all steps, `secagg.…` */
  share(list: KeyList): AddressedPacket[] {
    return this.#turn("share", "mask", () => {
      this.#checkOwn(list);
      this.#list = list;
      return sealShares(this.#secrets, list, this.#setup, this.#client, this.#draw, this.#pairs);
    });
  }

  /**
   * R2. Whoever calls this charges its ledger before the words leave, and keeps them, not `noised`,
   * until they are acknowledged: under other masks it must never be sent again.
   *
   * @param packets from the neighbours that are still there
   * @param noised int32[parameters], noise included
   * @returns uint32[parameters]
   */
  mask(packets: readonly AddressedPacket[], noised: Int32Array): Uint32Array {
    return this.#turn("mask", "confirm", () => {
      const list = this.#published;
      this.#paired = openShares(packets, this.#secrets, list, this.#setup, this.#client);
      const masked = Uint32Array.from(noised);
      const { plus, minus } = this.#seeds();
      addMasks(masked, plus, minus);
      for (const seed of [...plus, ...minus]) seed.fill(0);
      this.#secrets.forgetOwn();
      return masked;
    });
  }

  /** R3: its signature of the survivors that it is told of. */
  confirm(survivors: readonly number[]): Buffer {
    return this.#turn("confirm", "unmask", () => {
      const known = { client: this.#client, list: this.#published, paired: this.#paired };
      checkSurvivors(survivors, known, this.#setup.terms);
      this.#confirmed = [...survivors];
      const told = { context: this.#setup.context, listHash: this.#published.hash, survivors };
      return signSurvivors(this.#client, told, this.#identity);
    });
  }

  /**
   * R4: of each owner whose shares it holds one share, of its own mask where it survived, else of its
   * mask key; never both. Nothing is left afterwards.
   */
  unmask({ survivors, signers }: Confirmation): GivenShare[] {
    return this.#turn("unmask", "over", () => {
      const mine = this.#confirmed;
      const same = survivors.length === mine.length && survivors.every((v, i) => v === mine[i]);
      if (!same) this.#refuse("survivors", "other survivors", "those that it signed");
      const { quorum } = this.#setup.terms;
      if (!(signers.size >= quorum)) {
        this.#refuse("signature", `${signers.size} right signatures`, `at least ${quorum}`);
      }
      const alive = new Set(mine);
      const shares = [...this.#secrets.held].map(([owner, { maskKey, selfMask }]) => ({
        owner,
        share: Buffer.from(alive.has(owner) ? selfMask : maskKey),
      }));
      this.#secrets.forgetAll();
      return shares.toSorted((a, b) => a.owner - b.owner);
    });
  }

  /** Ends the attempt here, at any step; keys and shares are erased. */
  abandon(): void {
    this.#step = "over";
    this.#secrets.forgetAll();
  }

  #turn<T>(step: Step, next: Step, work: () => T): T {
    try {
      if (this.#step !== step) this.#refuse("step", step, this.#step);
      const answer = work();
      this.#step = next;
      return answer;
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  #checkOwn({ keys, graph }: KeyList): void {
    const published = keys.get(this.#client)?.advertisement;
    const own = this.#advertised;
    const same =
      published &&
      own &&
      published.cipherKey.equals(own.cipherKey) &&
      published.maskKey.equals(own.maskKey);
    if (!same) this.#refuse("keys", "other keys of its own", "those that it advertised");
    const { degree } = this.#setup.terms;
    const neighbours = graph.neighboursOf(this.#client).length;
    const due = degree ?? keys.size - 1;
    if (neighbours !== due) this.#refuse("graph", `${neighbours} neighbours`, `${due}`);
  }

  #seeds(): { readonly plus: Buffer[]; readonly minus: Buffer[] } {
    const { context } = this.#setup;
    const { mask, selfMask } = this.#secrets;
    const [plus, minus]: [Buffer[], Buffer[]] = [[selfSeed(selfMask, context, this.#client)], []];
    for (const other of this.#paired) {
      const peer = this.#published.keys.get(other);
      if (!peer || !mask) throw new Error("a neighbour without keys");
      const seedOf = (secret: Buffer) => {
        const seed = pairSeed(secret, context, this.#client, other);
        secret.fill(0);
        return seed;
      };
      const { advertisement } = peer;
      const seed = this.#pairs.agreed(mask, () => peer.maskKey, advertisement.maskKey, seedOf);
      (other > this.#client ? plus : minus).push(seed);
    }
    return { plus, minus };
  }

  get #published(): KeyList {
    if (!this.#list) throw new Error("no keys yet");
    return this.#list;
  }

  #refuse(fault: SecaggFault, got: unknown, expected: string): never {
    const where = `client ${this.#client}, step ${this.#step}`;
    throw secaggRefusal(fault, where, got, expected);
  }
}

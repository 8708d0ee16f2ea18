/**
 * The coordinator's side of one masked attempt, without sockets: what it takes of each client, in any
 * order, and what it sends to all when a step closes (all have answered, or its deadline is over). It
 * sees keys, sealed packets, masked words and, of each secret, shares that open one of two.
 *
 *     takeKeys → closeKeys → takePackets → closePackets → takeMasked → closeMasked
 *       → takeSignature → closeSignatures → takeShares → closeShares
 *
 * Refusals name the client; it is dropped, or the attempt has ended where a close refuses.
 */
import {
  checkKeys,
  type KeyList,
  keyListOf,
  type SecaggSetup,
} from "../../shared/secagg/key-list.ts";
import { type SecaggFault, secaggRefusal } from "../../shared/secagg/refusal.ts";
import { SEALED_BYTES } from "../../shared/secagg/share-packets.ts";
import { SECRET_BYTES, SHARE_BYTES } from "../../shared/secagg/shares.ts";
import {
  type Advertisement,
  areSignedSurvivors,
  type SurvivorSignature,
} from "../../shared/secagg/signed-steps.ts";
import type { AddressedPacket, GivenShare } from "../../shared/secagg/step-lists.ts";
import type { Recorder } from "../../shared/secagg/transcript.ts";
import type { OpenStep } from "../../shared/secagg/wire-steps.ts";
import { addUpdate, newSum } from "../step/gather.ts";
import { isReachable, removeMasks } from "./open-sum.ts";
import { rebuildSeeds } from "./rebuild-seeds.ts";
import type { HeldShare } from "./recover-secret.ts";

type Step = OpenStep | "over";

export interface ServerSetup extends SecaggSetup {
  /** Entries of an update. */
  readonly parameters: number;
  /** What no entry of the noised sum can pass, in lattice steps (`largestSum`). */
  readonly largestSum: number;
}

export interface OpenedSum {
  /** int32[parameters], mod 2^32: the plain sum of what the survivors masked. */
  readonly sum: Int32Array;
  /** Clients that gave shares which are none; the sum is right without them. */
  readonly liars: readonly number[];
}

export class UnmaskingServer {
  readonly #setup: ServerSetup;
  readonly #record: Recorder;
  #step: Step = "keys";
  #waiting: Set<number>;
  readonly #keys = new Map<number, Advertisement>();
  readonly #published = new Set<string>();
  #list: KeyList | undefined;
  readonly #packets = new Map<number, readonly AddressedPacket[]>();
  readonly #sum: Int32Array;
  readonly #survivors = new Set<number>();
  #ordered: readonly number[] = [];
  readonly #signatures = new Map<number, Buffer>();
  /** By owner. */
  readonly #shares = new Map<number, HeldShare[]>();
  /** To the open step. */
  #answered = 0;

  constructor(setup: ServerSetup, record: Recorder = () => {}) {
    this.#setup = setup;
    this.#record = record;
    this.#waiting = new Set(setup.roster.keys());
    this.#sum = newSum(setup.parameters);
  }

  /** Clients that the open step still hears from. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** True while so few have answered the open step that closing it would end the attempt. */
  get isShort(): boolean {
    const { quorum } = this.#setup.terms;
    const least = this.#step === "confirm" ? quorum : this.#least(this.#step);
    return this.#answered < least;
  }

  /** What answers are taken of; null once there is none left. */
  get openStep(): OpenStep | null {
    return this.#step === "over" ? null : this.#step;
  }

  waitsFor(client: number): boolean {
    return this.#waiting.has(client);
  }

  /** Gone, or refused: the open step does not wait for it, and no later one. */
  lose(client: number): void {
    this.#waiting.delete(client);
  }

  /** R0. */
  takeKeys(keys: Advertisement): void {
    const { client, cipherKey, maskKey } = keys;
    this.#take("keys", client, () => {
      checkKeys(keys, this.#setup);
      const texts = [cipherKey, maskKey].map((key) => key.toString("latin1"));
      if (texts[0] === texts[1] || texts.some((text) => this.#published.has(text))) {
        this.#refuse("keys", client, "a key that is there already", "keys of its own");
      }
      this.#record({ step: "keys", keys });
      for (const text of texts) this.#published.add(text);
      this.#keys.set(client, keys);
    });
  }

  /** For all that advertised: all of their keys. */
  closeKeys(): Advertisement[] {
    return this.#close("keys", "packets", () => {
      const list = [...this.#keys.values()].toSorted((a, b) => a.client - b.client);
      this.#list = keyListOf(list, this.#setup);
      return [list, list.map(({ client }) => client)];
    });
  }

  /** R1. @param packets to each holder of the client's shares one, in any order */
  takePackets(client: number, packets: readonly AddressedPacket[]): void {
    this.#take("packets", client, () => {
      const holders = this.#graph.holdersOf(client).filter((holder) => holder !== client);
      const to = new Set(packets.map((packet) => packet.client));
      const whole =
        packets.length === holders.length &&
        holders.every((holder) => to.has(holder)) &&
        packets.every(({ sealed }) => sealed.length === SEALED_BYTES);
      if (!whole) this.#refuse("packet", client, "another set", "one for each holder");
      this.#record({ step: "packets", client, packets });
      this.#packets.set(client, packets);
    });
  }

  /**
   * What goes to each client whose packets came: those for it. The attempt's charge must be on the disk
   * before they leave, for they open R2.
   */
  closePackets(): ReadonlyMap<number, readonly AddressedPacket[]> {
    return this.#close("packets", "masked", () => {
      const there = [...this.#packets.keys()].toSorted((a, b) => a - b);
      const inboxes = new Map(there.map((client) => [client, [] as AddressedPacket[]]));
      for (const from of there) {
        for (const { client: to, sealed } of this.#packets.get(from) ?? []) {
          inboxes.get(to)?.push({ client: from, sealed });
        }
      }
      return [inboxes, there];
    });
  }

  /** True while a client that was given a packet of that other one has not masked yet. */
  hasSent(from: number, to: number): boolean {
    if (this.#step !== "masked" || !this.#waiting.has(to) || from === to) return false;
    return this.#packets.has(from) && this.#graph.holdersOf(from).includes(to);
  }

  /** R2: into the sum at once; the words are not kept. @param masked uint32[parameters] */
  takeMasked(client: number, masked: Uint32Array): void {
    this.#take("masked", client, () => {
      const { parameters } = this.#setup;
      if (masked.length !== parameters) {
        this.#refuse("vector", client, `${masked.length} words`, `${parameters}`);
      }
      this.#record({ step: "masked", client, masked });
      addUpdate(this.#sum, new Int32Array(masked.buffer, masked.byteOffset, masked.length));
      this.#survivors.add(client);
    });
  }

  /** For all survivors: who they are, ascending. */
  closeMasked(): readonly number[] {
    return this.#close("masked", "confirm", () => {
      this.#ordered = [...this.#survivors].toSorted((a, b) => a - b);
      // With fewer holders left no share of theirs would open that owner's secrets.
      for (const owner of this.#packets.keys()) {
        const holders = this.#graph.holdersOf(owner).filter((u) => this.#survivors.has(u)).length;
        this.#demand(holders, this.#setup.terms.threshold, `holders for client ${owner}`);
      }
      return [this.#ordered, this.#ordered];
    });
  }

  /** R3. */
  takeSignature(client: number, signature: Buffer): void {
    this.#take("confirm", client, () => {
      const { context, roster } = this.#setup;
      const identity = roster[client];
      const told = { context, listHash: this.#keyList.hash, survivors: this.#ordered };
      if (!identity || !areSignedSurvivors({ client, signature }, told, identity)) {
        this.#refuse("signature", client, "another signature", "its own, of the survivors");
      }
      this.#record({ step: "confirm", client, signature });
      this.#signatures.set(client, signature);
    });
  }

  /** For all that signed: all signatures. */
  closeSignatures(): SurvivorSignature[] {
    return this.#close("confirm", "unmask", () => {
      const signers = [...this.#signatures.keys()].toSorted((a, b) => a - b);
      this.#demand(signers.length, this.#setup.terms.quorum, "signatures");
      const signatures = signers.map((client) => ({
        client,
        signature: this.#signatures.get(client) ?? Buffer.alloc(0),
      }));
      return [signatures, signers];
    });
  }

  /** R4. @param shares one of each owner whose shares the client holds, in any order */
  takeShares(client: number, shares: readonly GivenShare[]): void {
    this.#take("unmask", client, () => {
      const graph = this.#graph;
      // Whoever holds another's shares has given it shares of its own.
      const owners = new Set(graph.holdersOf(client).filter((owner) => this.#packets.has(owner)));
      const own = new Set(shares.map(({ owner }) => owner));
      const right =
        own.size === owners.size &&
        shares.length === owners.size &&
        shares.every(
          ({ owner, share }) =>
            owners.has(owner) &&
            share.length === SHARE_BYTES &&
            share[SECRET_BYTES] === graph.placeOf(owner, client),
        );
      if (!right) this.#refuse("share-mismatch", client, "another set", "one share of each owner");
      this.#record({ step: "unmask", client, shares });
      for (const { owner, share } of shares) {
        const held = this.#shares.get(owner) ?? [];
        held.push({ holder: client, share });
        this.#shares.set(owner, held);
      }
    });
  }

  /**
   * The sum. @throws ProtocolError `secagg.below-threshold`, `.share-mismatch`, or `.sum-range` where some
   * secret came out wrong and nothing but the sum itself shows it
   */
  async closeShares(): Promise<OpenedSum> {
    const { seeds, liars } = this.#close("unmask", "over", () => {
      const owners = [...this.#packets.keys()];
      const { context, terms } = this.#setup;
      const gathered = { owners, survivors: this.#survivors, shares: this.#shares };
      return [rebuildSeeds(gathered, this.#keyList, context, terms.threshold), []];
    });
    await removeMasks(this.#sum, seeds);
    if (!isReachable(this.#sum, this.#setup.largestSum)) {
      throw secaggRefusal(
        "sum-range",
        "the opened sum",
        "a larger entry",
        "what clients can reach",
      );
    }
    return { sum: this.#sum, liars };
  }

  get #keyList(): KeyList {
    if (!this.#list) throw new Error("no keys yet");
    return this.#list;
  }

  get #graph() {
    return this.#keyList.graph;
  }

  #take(step: Step, client: number, work: () => void): void {
    if (this.#step !== step) this.#refuse("step", client, step, this.#step);
    if (!this.#waiting.has(client)) {
      this.#refuse("step", client, "an answer", "none, of whom none is waited for");
    }
    work();
    this.#answered += 1;
    this.#waiting.delete(client);
  }

  /** @param work gives what is sent, and who answers the next step */
  #close<T>(step: Step, next: Step, work: () => readonly [T, readonly number[]]): T {
    if (this.#step !== step) throw new Error(`closing ${step} during ${this.#step}`);
    this.#step = "over";
    const [sent, answering] = work();
    if (next !== "over") this.#demand(answering.length, this.#least(step), `clients after ${step}`);
    this.#waiting = new Set(answering);
    this.#answered = 0;
    this.#step = next;
    return sent;
  }

  /** Of the signers only the quorum and the holders must be left: their updates are in the sum. */
  #least(step: Step): number {
    const { leastSurvivors, threshold } = this.#setup.terms;
    return step === "confirm" ? threshold : leastSurvivors;
  }

  #demand(got: number, least: number, what: string): void {
    if (got >= least) return;
    throw secaggRefusal("below-threshold", what, got, `at least ${least}`);
  }

  #refuse(fault: SecaggFault, client: number, got: unknown, expected: string): never {
    throw secaggRefusal(fault, `client ${client}, step ${this.#step}`, got, expected);
  }
}

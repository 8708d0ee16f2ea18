/**
 * IO: the contributor where updates are masked: the steps of the protocol for each of a host's clients, as the
 * coordinator closes one after another. One that finds a rule broken leaves the attempt, and its keys are
 * gone. Keys and masks come from the operating system under seeded noise too: sums do not depend on them.
 */
import { setImmediate } from "node:timers/promises";
import { ProtocolError } from "../../shared/errors.ts";
import { killpoint } from "../../shared/failpoint.ts";
import { attemptContext } from "../../shared/secagg/attempt-context.ts";
import {
  confirmationOf,
  type KeyList,
  openKeyList,
  type SecaggSetup,
} from "../../shared/secagg/key-list.ts";
import { BadPacket } from "../../shared/secagg/share-packets.ts";
import type { Advertisement } from "../../shared/secagg/signed-steps.ts";
import {
  packKeys,
  packPackets,
  packShares,
  unpackKeyList,
  unpackPackets,
  unpackSignatures,
  unpackSurvivors,
} from "../../shared/secagg/step-lists.ts";
import type { StepUp } from "../../shared/secagg/wire-steps.ts";
import type { Decline, MaskedRequest, RoundStep } from "../connection/round-request.ts";
import { agreedTerms, checkRoster } from "../secagg/agreed-terms.ts";
import { MaskingClient } from "../secagg/masking-client.ts";
import { PairSecrets } from "../secagg/pair-secrets.ts";
import type { AttemptCharges } from "./attempt-charges.ts";
import type { Contributor } from "./contributor.ts";
import type { HostContext } from "./host-context.ts";
import { type Member, membersOf } from "./member.ts";

interface Masking {
  readonly member: Member;
  readonly machine: MaskingClient;
  /** In the cohort. */
  readonly place: number;
  /** Of its neighbours, once that step has closed. */
  packets: Buffer;
}

export class MaskedContributor implements Contributor {
  readonly #request: MaskedRequest;
  readonly #host: HostContext;
  readonly #charges: AttemptCharges;
  /** Those that are still in it, by number. */
  readonly #masking = new Map<number, Masking>();
  readonly #pairs = new PairSecrets();
  /** What its clients have signed, by place. */
  readonly #advertised = new Map<number, Advertisement>();
  readonly #confirmed = new Map<number, Buffer>();
  #setup: SecaggSetup | undefined;
  #list: KeyList | undefined;
  #survivors: readonly number[] = [];
  /** All keys, from which a ring follows. */
  #shown = false;
  #masked = false;

  constructor(request: MaskedRequest, host: HostContext, charges: AttemptCharges) {
    this.#request = request;
    this.#host = host;
    this.#charges = charges;
  }

  async *turns(): AsyncGenerator<Member> {
    const { work } = this.#host;
    try {
      this.#advertise();
      while (this.#masking.size > 0 && work.isOpen(this.#request)) {
        const step = await work.nextStep(this.#request);
        if (!step) break;
        const asked = await this.#carryOut(step);
        if (asked) yield asked;
      }
    } finally {
      this.#end();
    }
  }

  /** R2, with the client's share of the noise in its update. */
  contribution(member: Member, update: Int32Array): Uint32Array | undefined {
    const masking = this.#masking.get(member.clientIndex);
    const masked =
      masking &&
      this.#try(member, () => masking.machine.mask(unpackPackets(masking.packets), update));
    update.fill(0);
    if (masked) this.#masked = true;
    return masked;
  }

  drop({ clientIndex }: Member): void {
    this.#masking.get(clientIndex)?.machine.abandon();
    this.#masking.delete(clientIndex);
  }

  /** R0, by terms that this side has worked out itself. */
  #advertise(): void {
    const members = [...membersOf(this.#request, this.#host)];
    try {
      this.#setup = this.#agreed();
    } catch (error) {
      for (const member of members) this.#leave(member, error);
      return;
    }
    for (const member of members) {
      if (!this.#charges.allows(member)) continue;
      this.#try(member, () => {
        const place = this.#request.places.get(member.clientIndex) ?? -1;
        const { identity } = this.#host.link;
        const machine = new MaskingClient(
          this.#agreedSetup,
          place,
          identity,
          undefined,
          this.#pairs,
        );
        this.#masking.set(member.clientIndex, { member, machine, place, packets: Buffer.alloc(0) });
        const keys = machine.advertise();
        this.#advertised.set(place, keys);
        this.#answer(member, "keys", packKeys(keys));
      });
    }
  }

  /** @returns the client that is to mask its update now */
  async #carryOut({ clientIndex, step, bytes }: RoundStep): Promise<Member | undefined> {
    if (step === "packets") {
      const masking = this.#masking.get(clientIndex);
      if (masking) masking.packets = bytes;
      return masking?.member;
    }
    if (step === "keys") await this.#share(bytes);
    else if (step === "survivors") this.#confirm(bytes);
    else this.#unmask(bytes);
    return undefined;
  }

  #agreed(): SecaggSetup {
    const { sealed, link, guard, allowed, nameOf } = this.#host;
    const { privacy } = sealed.plan;
    const { round, attempt, roster, terms: offered } = this.#request;
    const terms = agreedTerms(offered, roster.length, privacy);
    // Seeded, the same attempt may be run again: it gives the same bytes, and protects nobody.
    if (privacy.noise === "secure") guard.begin(round, attempt);
    checkRoster(roster, allowed, nameOf.size);
    const ids = { runId: link.runId, round, attempt, planHash: sealed.hash };
    return { terms, context: attemptContext(ids), roster };
  }

  /** R1. The list is checked once for all clients of this host. */
  async #share(bytes: Buffer): Promise<void> {
    this.#shown = true;
    const list = this.#forAll(() =>
      openKeyList(unpackKeyList(bytes), this.#agreedSetup, this.#advertised),
    );
    this.#list = list;
    if (!list) return;
    for (const { member, machine } of [...this.#masking.values()]) {
      this.#try(member, () => this.#answer(member, "packets", packPackets(machine.share(list))));
      await setImmediate();
    }
  }

  /** R3. */
  #confirm(bytes: Buffer): void {
    const survivors = this.#forAll(() => unpackSurvivors(bytes));
    if (!survivors) return;
    this.#survivors = survivors;
    for (const { member, machine, place } of [...this.#masking.values()])
      this.#try(member, () => {
        const signature = machine.confirm(survivors);
        this.#confirmed.set(place, signature);
        this.#answer(member, "confirm", signature);
      });
  }

  /** R4, the last. Signatures are checked once for all. */
  #unmask(bytes: Buffer): void {
    const list = this.#list;
    // Without keys no client of this host can have come so far.
    if (!list) return;
    const confirmation = this.#forAll(() =>
      confirmationOf(
        this.#survivors,
        unpackSignatures(bytes),
        this.#agreedSetup,
        list,
        this.#confirmed,
      ),
    );
    if (!confirmation) return;
    for (const { member, machine } of [...this.#masking.values()]) {
      this.#try(member, () =>
        this.#answer(member, "unmask", packShares(machine.unmask(confirmation))),
      );
      this.drop(member);
    }
  }

  /** Keys are erased, whatever step they were for. */
  #end(): void {
    for (const { machine } of this.#masking.values()) machine.abandon();
    this.#masking.clear();
    this.#pairs.forgetAll();
    // Nothing of it left that needs noise: it is not one of the attempts that the plan pays for. One that was
    // refused stays one of them: a coordinator that asks twice must win no attempt by it. Nor a ring by it.
    const drewRing = this.#setup?.terms.degree !== null && this.#shown;
    if (!this.#masked && this.#setup && !drewRing) this.#host.work.giveBack(this.#request);
  }

  get #agreedSetup(): SecaggSetup {
    if (!this.#setup) throw new Error("a step before its terms");
    return this.#setup;
  }

  #answer({ clientIndex, client }: Member, step: StepUp, bytes: Buffer): void {
    killpoint(`masked-${step}`, client);
    this.#host.work.sendStep(this.#request, clientIndex, step, bytes);
  }

  /** What one client refuses ends the attempt for it alone. */
  #try<T>(member: Member, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#leave(member, error);
      return undefined;
    }
  }

  #forAll<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      for (const { member } of [...this.#masking.values()]) this.#leave(member, error);
      return undefined;
    }
  }

  #leave(member: Member, error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    const { what, where, got, expected } = error.problem;
    const { round } = this.#request;
    this.#host.work.notes.warn?.(
      `client ${member.client} leaves round ${round + 1}: ${what} (${where}): got ${got}, expected ${expected}`,
    );
    this.drop(member);
    const why: Decline =
      error instanceof BadPacket ? { reason: "packet", accused: error.from } : { reason: "lost" };
    this.#host.work.decline(this.#request, member.clientIndex, why);
  }
}

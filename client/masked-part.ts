/**
 * IO: what a host does with an order whose updates are masked: the steps of the protocol for each of its
 * clients, as the coordinator closes one after another. Whoever finds a rule broken leaves the attempt,
 * and its keys are gone. Keys and masks come from the operating system under seeded noise too: sums do
 * not depend on them.
 */
import { setImmediate } from "node:timers/promises";
import { ProtocolError } from "../shared/errors.ts";
import { failpoint, killpoint } from "../shared/failpoint.ts";
import { attemptContext } from "../shared/secagg/attempt-context.ts";
import {
  confirmationOf,
  type KeyList,
  openKeyList,
  type SecaggSetup,
} from "../shared/secagg/key-list.ts";
import { BadPacket } from "../shared/secagg/share-packets.ts";
import {
  packKeys,
  packPackets,
  packShares,
  unpackKeyList,
  unpackPackets,
  unpackSignatures,
  unpackSurvivors,
} from "../shared/secagg/step-lists.ts";
import type { StepUp } from "../shared/secagg/wire-steps.ts";
import {
  AttemptCharges,
  type HostTools,
  isAbsent,
  type OwnPart,
  partsOf,
  sendUpdate,
  updateOf,
} from "./host-tools.ts";
import type { Order, OrderMasks, OrderStep } from "./link/order-queue.ts";
import { agreedTerms, checkRoster } from "./secagg/agreed-terms.ts";
import { MaskingClient } from "./secagg/masking-client.ts";

/** Resolves once the attempt is over for all clients of this host. */
export async function takeMaskedPart(
  order: Order,
  masks: OrderMasks,
  tools: HostTools,
): Promise<void> {
  const attempt = new MaskedPart(order, masks, tools);
  try {
    attempt.advertise();
    while (attempt.isOpen) {
      const step = await tools.link.nextStep(order);
      if (!step) break;
      await attempt.carryOut(step);
    }
  } finally {
    await attempt.end();
  }
}

interface Masking extends OwnPart {
  readonly machine: MaskingClient;
}

class MaskedPart {
  readonly #order: Order;
  readonly #masks: OrderMasks;
  readonly #tools: HostTools;
  readonly #charges: AttemptCharges;
  readonly #parts = new Map<number, Masking>();
  readonly #sending: Promise<void>[] = [];
  #setup: SecaggSetup | undefined;
  #list: KeyList | undefined;
  #survivors: readonly number[] = [];
  /** All keys, from which a ring follows. */
  #shown = false;
  #masked = false;

  constructor(order: Order, masks: OrderMasks, tools: HostTools) {
    this.#order = order;
    this.#masks = masks;
    this.#tools = tools;
    this.#charges = new AttemptCharges(order, tools);
  }

  /** False once none of its clients has anything more to do. */
  get isOpen(): boolean {
    return this.#parts.size > 0 && this.#tools.link.isOpen(this.#order);
  }

  /** R0, by terms that this side has worked out itself. */
  advertise(): void {
    const { link } = this.#tools;
    const own = [...partsOf(this.#order, this.#tools)];
    try {
      this.#setup = this.#agreed();
    } catch (error) {
      for (const part of own) this.#leave(part, error);
      return;
    }
    for (const part of own) {
      if (!this.#charges.allows(part)) continue;
      this.#try(part, () => {
        const u = this.#masks.places.get(part.vclient) ?? -1;
        const machine = new MaskingClient(this.#agreedSetup, u, link.identity);
        this.#parts.set(part.vclient, { ...part, machine });
        this.#answer(part, "keys", packKeys(machine.advertise()));
      });
    }
  }

  async carryOut({ vclient, step, bytes }: OrderStep): Promise<void> {
    if (step === "packets") {
      const part = this.#parts.get(vclient);
      if (part) await this.#mask(part, bytes);
    } else if (step === "keys") await this.#share(bytes);
    else if (step === "survivors") this.#confirm(bytes);
    else this.#unmask(bytes);
  }

  /** Keys are erased, whatever step they were for; vectors on their way are waited for. */
  async end(): Promise<void> {
    for (const { machine } of this.#parts.values()) machine.abandon();
    this.#parts.clear();
    // Nothing of it left that needs noise: it is not one of the attempts that the plan pays for. One that
    // was refused stays one of them: whoever asks twice must not win an attempt by it. Nor a ring by it.
    const drewRing = this.#setup?.terms.degree !== null && this.#shown;
    if (!this.#masked && this.#setup && !drewRing) this.#tools.link.giveBack(this.#order);
    await Promise.all(this.#sending);
  }

  #agreed(): SecaggSetup {
    const { sealed, link, guard, allowed, nameOf } = this.#tools;
    const { privacy } = sealed.plan;
    const { round, attempt } = this.#order;
    const { roster, terms: offered } = this.#masks;
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
    const list = this.#forAll(() => openKeyList(unpackKeyList(bytes), this.#agreedSetup));
    this.#list = list;
    if (list) for (const part of [...this.#parts.values()]) await this.#shareOne(part, list);
  }

  async #shareOne(part: Masking, list: KeyList): Promise<void> {
    this.#try(part, () => this.#answer(part, "packets", packPackets(part.machine.share(list))));
    await setImmediate();
  }

  /** R2: trains, adds its share of the noise, masks; charged just before it leaves. */
  async #mask(part: Masking, bytes: Buffer): Promise<void> {
    const { link } = this.#tools;
    if (isAbsent(part, this.#tools)) {
      this.#drop(part);
      return;
    }
    const noised = await updateOf(part, this.#tools);
    if (!link.isOpen(this.#order)) return;
    const masked = this.#try(part, () => part.machine.mask(unpackPackets(bytes), noised));
    noised.fill(0);
    if (!masked) return;
    this.#charges.charge(part);
    this.#masked = true;
    await failpoint("client-after-charge", part.client);
    this.#sending.push(sendUpdate(part, masked, this.#tools));
    await setImmediate();
  }

  /** R3. */
  #confirm(bytes: Buffer): void {
    const survivors = this.#forAll(() => unpackSurvivors(bytes));
    if (!survivors) return;
    this.#survivors = survivors;
    for (const part of [...this.#parts.values()])
      this.#try(part, () => this.#answer(part, "confirm", part.machine.confirm(survivors)));
  }

  /** R4, the last. Signatures are checked once for all. */
  #unmask(bytes: Buffer): void {
    const list = this.#list;
    // Without keys no client of this host can have come so far.
    if (!list) return;
    const confirmation = this.#forAll(() =>
      confirmationOf(this.#survivors, unpackSignatures(bytes), this.#agreedSetup, list),
    );
    if (!confirmation) return;
    for (const part of [...this.#parts.values()]) {
      this.#try(part, () =>
        this.#answer(part, "unmask", packShares(part.machine.unmask(confirmation))),
      );
      this.#drop(part);
    }
  }

  get #agreedSetup(): SecaggSetup {
    if (!this.#setup) throw new Error("a step before its terms");
    return this.#setup;
  }

  #answer({ vclient, client }: OwnPart, step: StepUp, bytes: Buffer): void {
    killpoint(`masked-${step}`, client);
    this.#tools.link.sendStep(this.#order, vclient, step, bytes);
  }

  /** What one client refuses ends the attempt for it alone. */
  #try<T>(part: OwnPart, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#leave(part, error);
      return undefined;
    }
  }

  #forAll<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      for (const part of [...this.#parts.values()]) this.#leave(part, error);
      return undefined;
    }
  }

  #leave(part: OwnPart, error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    const { what, where, got, expected } = error.problem;
    const { round } = this.#order;
    process.stderr.write(
      `client ${part.client} leaves round ${round + 1}: ${what} (${where}): got ${got}, expected ${expected}\n`,
    );
    this.#drop(part);
    const why =
      error instanceof BadPacket ? ({ reason: "packet", accused: error.from } as const) : "lost";
    this.#tools.link.decline(this.#order, part.vclient, why);
  }

  #drop({ vclient }: OwnPart): void {
    this.#parts.get(vclient)?.machine.abandon();
    this.#parts.delete(vclient);
  }
}

/**
 * A host's part in one run, over as many sockets as it takes: a link that is lost is dialled again, by the
 * same key, into the same run and plan and no other. What it was asked (`asked-work`) and what it has seen
 * of the coordinator's ledger outlive each link.
 */
import type { Anchor } from "../../shared/accounting/chain.ts";
import type { ByAdversary } from "../../shared/accounting/event.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { PrivacyPlan } from "../../shared/privacy-plan.ts";
import type { StepUp } from "../../shared/secagg/wire-steps.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Admitted } from "../../shared/wire/admitted.ts";
import { type Egress, sumOfEgress } from "../../shared/wire/egress.ts";
import type { SigningKey } from "../../shared/wire/proofs.ts";
import { hashFromWire } from "../../shared/wire/wire-values.ts";
import { AskedWork } from "./asked-work.ts";
import { awaited } from "./awaited.ts";
import type { Address } from "./dial.ts";
import { Dialler, type Patience } from "./dialler.ts";
import {
  type Closed,
  type Judged,
  LEAVING,
  type Link,
  type LinkEnd,
  type LinkOwner,
  type SocketEnd,
} from "./link.ts";
import type { Declined } from "./open-work.ts";
import {
  type AttemptName,
  type BeforeBook,
  NOTHING_BEFORE,
  type ReleasedAttempt,
} from "./order-book.ts";
import type { Order, OrderStep } from "./order-queue.ts";

interface ThePlan {
  readonly bytes: Buffer;
  readonly hash: string;
}

/** What an earlier session has learned of a coordinator, and what had left by then. */
export interface KnownRun {
  /** 32 hex digits. */
  readonly runId: string;
  /** 64 hex digits. */
  readonly planHash: string;
  readonly egress: Egress;
}

export class Session {
  /** Resolves with the plan's bytes, their hash right, and that hash. */
  readonly plan: Promise<ThePlan>;
  /** Resolves once no link is left and none will follow, however it ended. */
  readonly over: Promise<void>;
  readonly #dialler: Dialler;
  readonly #refused: (vclient: number, what: string) => void;
  readonly #plan = awaited<ThePlan>();
  readonly #over = awaited<void>();
  readonly #ready = awaited<{ readonly names: readonly string[]; readonly plan: PrivacyPlan }>();
  readonly #admitted = awaited<readonly Admitted[]>();
  /** What this side signs with. */
  readonly identity: SigningKey;
  readonly #asked = new AskedWork(() => (this.#isHere ? this.#link : undefined));
  #link: Link | undefined;
  /** It has been admitted by the link that is up. */
  #isHere = false;
  #runId = "";
  #left: Egress = new Map();
  #heardClose: (attempt: AttemptName) => void = () => {};
  #seen: Anchor | undefined;
  #spent: ByAdversary<number | null> | undefined;
  #rawSpent: ByAdversary<number | null> | undefined;
  #end: LinkEnd | undefined;

  /**
   * Dials at once.
   *
   * @param timing of the links too
   * @param refused hears of an update that the coordinator refuses: its owner may, and nobody else
   * @param known the run and plan to go on with, and no other
   */
  constructor(
    address: Address,
    timing: Timing,
    patience: Patience = {},
    refused: (vclient: number, what: string) => void = () => {},
    known?: KnownRun,
  ) {
    this.#refused = refused;
    this.plan = this.#plan.promise;
    this.over = this.#over.promise;
    this.identity = address.credentials.key;
    for (const { promise } of [this.#plan, this.#admitted]) promise.catch(() => {});
    const owner: LinkOwner = {
      asked: (ticket) => {
        // Only whoever was admitted is asked; word of that may still be on its way through promises.
        this.#isHere = true;
        this.#asked.asked(ticket);
      },
      order: (order) => this.#asked.order(order),
      step: (step) => this.#asked.step(step),
      judged: (message) => this.#judged(message),
      closed: (message) => this.#closed(message),
    };
    this.#dialler = new Dialler(address, timing, owner, patience);
    if (known) {
      this.#runId = known.runId;
      this.#left = known.egress;
      this.#dialler.known(known.planHash);
    }
    void this.#live();
  }

  /**
   * Says that these clients are here, their data prepared: their numbers, in the same order, when first admitted.
   *
   * @param before what processes before this one did in the run, by the clients' own ledgers
   */
  ready(
    names: readonly string[],
    plan: PrivacyPlan,
    before: BeforeBook = NOTHING_BEFORE,
  ): Promise<readonly Admitted[]> {
    this.#asked.begin(plan, before);
    this.#ready.resolve({ names, plan });
    return this.#admitted.promise;
  }

  /** 32 hex digits, once the coordinator has said hello. */
  get runId(): string {
    return this.#runId;
  }

  /** Where the coordinator's ledger stood when it last closed an attempt. */
  get seen(): Anchor | undefined {
    return this.#seen;
  }

  /** What that ledger said was spent by then, null where there is no bound; undefined: nothing yet. */
  get spent(): ByAdversary<number | null> | undefined {
    return this.#spent;
  }

  /** The same against the raw table; undefined: nothing yet, or the same. */
  get rawSpent(): ByAdversary<number | null> | undefined {
    return this.#rawSpent;
  }

  /** @param heard called at the end of each attempt of the run, whether this host was asked in it or not */
  whenClosed(heard: (attempt: AttemptName) => void): void {
    this.#heardClose = heard;
  }

  /** The next attempt to take part in; undefined once the coordinator has said goodbye. */
  nextOrder(): Promise<Order | undefined> {
    return this.#asked.next();
  }

  /** Attempts asked of this host that were released since this was last called: at most one an order. */
  takeReleased(): readonly ReleasedAttempt[] {
    return this.#asked.takeReleased();
  }

  /** undefined while it lasts. */
  get end(): LinkEnd | undefined {
    return this.#end;
  }

  /** Ends it because this side will not go on: the coordinator is told why. */
  refuse(error: ProtocolError): void {
    this.#dialler.stop();
    this.#link?.refuse(error);
  }

  /** Ends it politely, before the coordinator does. */
  leave(reason = LEAVING): void {
    this.#dialler.stop();
    this.#link?.leave(reason);
  }

  /** All that has left by this session's links, of all its clients together. */
  get egress(): Egress {
    return this.#link ? sumOfEgress(this.#left, this.#link.egress) : this.#left;
  }

  /** False once that attempt is closed, or another has taken its place: nothing of it need be done. */
  isOpen(order: Order): boolean {
    return this.#asked.isOpen(order);
  }

  /**
   * Sends one client's update: int32[updateLength], lattice steps; masked, uint32. Again after each reconnection, until
   * the coordinator has it.
   *
   * @param named as what attempt's it is announced: a scripted fault's another one
   * @returns once it is known what became of it: its bytes, frame headers not counted; 0 if it was given up
   */
  send(
    order: Order,
    vclient: number,
    update: Int32Array | Uint32Array,
    named: AttemptName = order,
  ): Promise<number> {
    return this.#asked.send(order, vclient, update, named);
  }

  /** What the masked attempt's next step to close gives; undefined once the attempt is over for this side. */
  nextStep(order: Order): Promise<OrderStep | undefined> {
    return this.#asked.nextStep(order);
  }

  /** One client's answer to a step; again over another link, where it was lost with the first. */
  sendStep(order: Order, vclient: number, step: StepUp, bytes: Buffer): void {
    this.#asked.sendStep(order, vclient, step, bytes);
  }

  /** Nothing of that attempt left which needs noise. */
  giveBack(order: Order): void {
    this.#asked.giveBack(order);
  }

  /** A scripted fault: its link is gone without a word, as a network does it. */
  breakLink(): void {
    this.#link?.breakLink();
  }

  /**
   * Says that a client sends nothing in this attempt: its own ledger does not hold it, and never will;
   * it is lost to this attempt alone; it is gone for good; or another's packet does not open.
   */
  decline(order: Order, vclient: number, reason: Declined): void {
    this.#asked.decline(order, vclient, reason);
  }

  /** From the first link to the last. */
  async #live(): Promise<void> {
    try {
      for (let end: SocketEnd | undefined; ; ) {
        const link = await this.#dialler.next(end);
        this.#link = link;
        this.#greet(link).catch((error: unknown) => link.refuse(error));
        end = await link.ended;
        this.#isHere = false;
        this.#link = undefined;
        this.#left = sumOfEgress(this.#left, link.egress);
        if (!this.#dialler.goesOn(end)) return this.#finish(end);
      }
    } catch (error) {
      this.#finish({
        said: undefined,
        lost: error instanceof Error ? error : new Error(`${error}`),
      });
    }
  }

  /** The plan again, which is the same, and the names, once there are any. */
  async #greet(link: Link): Promise<void> {
    const plan = await link.plan;
    if (this.#runId !== "" && link.runId !== this.#runId)
      throw otherRun("plan.run", link.runId, `run ${this.#runId}, in which this client is`);
    this.#runId = link.runId;
    this.#dialler.known(plan.hash);
    this.#plan.resolve(plan);
    const { names, plan: privacy } = await this.#ready.promise;
    const admitted = await link.ready(names, privacy);
    this.#isHere = true;
    this.#admitted.resolve(admitted);
    if (`${numbersOf(admitted)}` !== `${numbersOf(await this.#admitted.promise)}`)
      throw otherRun("plan.numbers", "other numbers for its clients", "those that it gave before");
  }

  #judged(message: Judged): void {
    const { vclient, status } = message;
    if (status === "refused") this.#refused(vclient, message.problem.what);
    this.#asked.judged(message);
  }

  #closed(message: Closed): void {
    this.#seen = { seq: message.ledger.seq, hash: hashFromWire(message.ledger.hash) };
    this.#spent = message.spent;
    this.#rawSpent = message.raw;
    this.#asked.closed(message);
    this.#heardClose(message);
  }

  #finish({ said, lost }: LinkEnd): void {
    this.#end = { said, lost };
    this.#plan.reject(lost);
    this.#admitted.reject(lost);
    this.#asked.end();
    this.#over.resolve();
  }
}

function numbersOf(admitted: readonly Admitted[]): number[] {
  return admitted.map(({ vclient }) => vclient);
}

function otherRun(what: string, got: string, expected: string): ProtocolError {
  const fix = "Check the address with whoever runs the coordinator, then join anew.";
  return new ProtocolError({ what, where: "the coordinator", got, expected, fix });
}

/**
 * A host's part in one run, over as many links as it takes: one that is lost is dialled again, by the same key, into
 * the same run and plan and no other. What was asked and answered (`client-work`) outlives each link.
 */
import { ProtocolError } from "../../shared/errors.ts";
import type { SigningKey } from "../../shared/keys/proofs.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Admitted } from "../../shared/wire/admitted.ts";
import { type Egress, sumOfEgress } from "../../shared/wire/egress.ts";
import type { PastAttempts } from "../ledger/client-ledger.ts";
import { ClientWork, type OwnerNotes } from "./client-work.ts";
import { deferred } from "./deferred.ts";
import type { Address } from "./dial.ts";
import { Dialler, type Patience } from "./dialler.ts";
import type { ConnectionEnd, HostConnection } from "./host-connection.ts";
import { LEAVING, type Link, type SocketEnd } from "./link.ts";

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

export class Session implements HostConnection {
  /** Resolves with the plan's bytes, their hash right, and that hash. */
  readonly plan: Promise<ThePlan>;
  /** Resolves once no link is left and none will follow, however it ended. */
  readonly over: Promise<void>;
  readonly #dialler: Dialler;
  readonly #plan = deferred<ThePlan>();
  readonly #over = deferred<void>();
  readonly #ready = deferred<{ readonly names: readonly string[]; readonly plan: PrivacyPlan }>();
  readonly #admitted = deferred<readonly Admitted[]>();
  readonly identity: SigningKey;
  readonly work: ClientWork;
  #link: Link | undefined;
  #runId = "";
  #left: Egress = new Map();
  #end: ConnectionEnd | undefined;

  /**
   * Dials at once.
   *
   * @param timing of the links too
   * @param known the run and plan to go on with, and no other
   */
  constructor(
    address: Address,
    timing: Timing,
    patience: Patience = {},
    notes?: OwnerNotes,
    known?: KnownRun,
  ) {
    this.plan = this.#plan.promise;
    this.over = this.#over.promise;
    this.identity = address.credentials.key;
    for (const { promise } of [this.#plan, this.#admitted]) promise.catch(() => {});
    this.work = new ClientWork(notes);
    this.#dialler = new Dialler(address, timing, this.work, patience);
    if (known) {
      this.#runId = known.runId;
      this.#left = known.egress;
      this.#dialler.known(known.planHash);
    }
    void this.#live();
  }

  ready(
    names: readonly string[],
    plan: PrivacyPlan,
    before?: PastAttempts,
  ): Promise<readonly Admitted[]> {
    this.work.begin(plan, before);
    this.#ready.resolve({ names, plan });
    return this.#admitted.promise;
  }

  /** Empty until the coordinator has said hello. */
  get runId(): string {
    return this.#runId;
  }

  get end(): ConnectionEnd | undefined {
    return this.#end;
  }

  /** Ends it because this side will not go on: the coordinator is told why. */
  refuse(error: ProtocolError): void {
    this.#dialler.stop();
    this.#link?.refuse(error);
  }

  leave(reason = LEAVING): void {
    this.#dialler.stop();
    this.#link?.leave(reason);
  }

  /** Ends it without a word. */
  breakOff(): void {
    this.#dialler.stop();
    this.#link?.breakLink();
  }

  get egress(): Egress {
    return this.#link ? sumOfEgress(this.#left, this.#link.egress) : this.#left;
  }

  breakLink(): void {
    this.#link?.breakLink();
  }

  /** From the first link to the last. */
  async #live(): Promise<void> {
    try {
      for (let end: SocketEnd | undefined; ; ) {
        const link = await this.#dialler.next(end);
        this.#link = link;
        this.#greet(link).catch((error: unknown) => link.refuse(error));
        end = await link.ended;
        this.#link = undefined;
        this.work.over(undefined);
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
    if (this.#link === link) this.work.over(link);
    this.#admitted.resolve(admitted);
    if (`${numbersOf(admitted)}` !== `${numbersOf(await this.#admitted.promise)}`)
      throw otherRun("plan.numbers", "other numbers for its clients", "those that it gave before");
  }

  #finish({ said, lost }: ConnectionEnd): void {
    this.#end = { said, lost };
    this.#plan.reject(lost);
    this.#admitted.reject(lost);
    this.work.end();
    this.#over.resolve();
  }
}

function numbersOf(admitted: readonly Admitted[]): number[] {
  return admitted.map(({ vclient: clientIndex }) => clientIndex);
}

function otherRun(what: string, got: string, expected: string): ProtocolError {
  const fix = "Check the address with whoever runs the coordinator, then join anew.";
  return new ProtocolError({ what, where: "the coordinator", got, expected, fix });
}

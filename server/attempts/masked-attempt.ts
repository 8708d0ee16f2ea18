/**
 * One masked attempt of a round while its answers come in: clients are vclients to the sockets and
 * places in the cohort to the protocol's machine, which decides what is right.
 */

import { ProtocolError } from "../../shared/errors.ts";
import { unpackKeys, unpackPackets, unpackShares } from "../../shared/secagg/step-lists.ts";
import type { SecaggTerms } from "../../shared/secagg/terms.ts";
import type { Recorder } from "../../shared/secagg/transcript.ts";
import type { Complaint } from "../secagg/exclusions.ts";
import { type ServerSetup, UnmaskingServer } from "../secagg/unmasking-server.ts";
import type { Arrived, ArrivedMasked, ArrivedStep, UpdateStatus } from "./arrived.ts";
import type { Became } from "./attempt.ts";
import { refusal } from "./peer-refusals.ts";
import { raceAbort } from "./race-abort.ts";

export class MaskedAttempt {
  readonly kind = "masked";
  readonly round: number;
  readonly attempt: number;
  /** Vclients that were asked, by place. */
  readonly asked: readonly number[];
  readonly roster: readonly Uint8Array[];
  readonly terms: SecaggTerms;
  readonly machine: UnmaskingServer;
  /** Nobody's answer can be looked at by itself. */
  readonly answers: ReadonlyMap<number, Int32Array> = new Map();
  /** int32[parameters], once it is open. */
  sum: Int32Array = new Int32Array();
  readonly #places: ReadonlyMap<number, number>;
  readonly #counted = new Map<number, string>();
  readonly #refused = new Map<number, string>();
  readonly #lost = new Set<number>();
  /** They let a step's time pass, and have said nothing since. */
  readonly #silent = new Set<number>();
  readonly #complaints: Complaint[] = [];
  #collecting = false;
  #settle: () => void = () => {};

  /** @param asked vclients, in the order of the setup's roster */
  constructor(
    { round, attempt }: { readonly round: number; readonly attempt: number },
    asked: readonly number[],
    setup: ServerSetup,
    record?: Recorder,
  ) {
    this.round = round;
    this.attempt = attempt;
    this.asked = asked;
    this.roster = setup.roster;
    this.terms = setup.terms;
    this.machine = new UnmaskingServer(setup, record);
    this.#places = new Map(asked.map((vclient, u) => [vclient, u]));
  }

  /** Vclients whose vector is in the sum. */
  get survivors(): readonly number[] {
    return [...this.#counted.keys()];
  }

  /** Vclients that let a step's time pass and masked nothing, without a word why. */
  get silent(): readonly number[] {
    return [...this.#silent].filter((vclient) => !this.#counted.has(vclient));
  }

  /** What became of one that was asked, once the attempt is over. */
  became(vclient: number): Became {
    const what = this.#refused.get(vclient);
    if (what !== undefined) return { kind: "refused", what };
    const packet = "secagg.packet";
    if (this.#complaints.some(({ of }) => of === vclient)) return { kind: "accused", what: packet };
    if (this.#complaints.some(({ by }) => by === vclient)) return { kind: "accuses", what: packet };
    if (this.#counted.has(vclient)) return { kind: "counted" };
    return { kind: this.#lost.has(vclient) ? "lost" : "late" };
  }

  /** Of packets that do not open, in the order in which they came. */
  get complaints(): readonly Complaint[] {
    return this.#complaints;
  }

  /** True while the open step lacks that client's answer. */
  waitsFor(vclient: number): boolean {
    const u = this.#places.get(vclient);
    return u !== undefined && this.machine.waitsFor(u);
  }

  hasCounted(vclient: number): boolean {
    return this.#counted.has(vclient);
  }

  /** Of a client of the cohort. */
  placeOf(vclient: number): number | undefined {
    return this.#places.get(vclient);
  }

  /** True from the charge to the end of the time to train: only then a vector may come. */
  set collecting(collecting: boolean) {
    this.#collecting = collecting;
  }

  /**
   * Takes a step's answer, or adds a masked update to the sum and says what became of it.
   *
   * @throws ProtocolError `secagg.…` or `update.…`; of what breaks a rule of the open step the client takes
   *   no further part
   */
  offer(arrived: Arrived): UpdateStatus | null {
    if (arrived.kind === "update")
      throw refusal("update.shape", "a masked attempt", "an update without masks", "a masked one");
    const u = this.#placed(arrived);
    if (arrived.kind === "masked") return this.#takeMasked(u, arrived);
    this.#takeStep(u, arrived);
    return null;
  }

  #takeStep(u: number, { vclient, step, bytes }: ArrivedStep): void {
    this.#orLose(vclient, () => {
      if (step === "keys") this.machine.takeKeys(unpackKeys(bytes, u));
      else if (step === "packets") this.machine.takePackets(u, unpackPackets(bytes));
      else if (step === "confirm") this.machine.takeSignature(u, bytes);
      else this.machine.takeShares(u, unpackShares(bytes));
    });
  }

  #takeMasked(u: number, { vclient, masked, sha256 }: ArrivedMasked): UpdateStatus {
    const before = this.#counted.get(vclient);
    if (before === sha256) return "duplicate";
    // The first is in the sum, and its client goes on with the steps that open it.
    if (before !== undefined)
      throw this.#refusal("update.conflict", vclient, "other bytes", "the update sent before");
    if (!this.#collecting) return "late";
    this.#orLose(vclient, () => this.machine.takeMasked(u, masked));
    this.#counted.set(vclient, sha256);
    return "counted";
  }

  /** These say nothing more, and it is known why: they declined, or their process has ended. */
  excuse(vclients: readonly number[]): void {
    this.lose(vclients);
    for (const vclient of vclients) this.#silent.delete(vclient);
  }

  /** These say nothing more. */
  lose(vclients: readonly number[]): void {
    for (const vclient of vclients) {
      const u = this.#places.get(vclient);
      if (u === undefined) continue;
      if (!this.#counted.has(vclient)) this.#lost.add(vclient);
      if (this.waitsFor(vclient)) this.#silent.add(vclient);
      this.machine.lose(u);
    }
    this.#check();
  }

  /**
   * A client, which then says no more, complains of the packet from that place. One that no such packet
   * went to, or that has masked with it, has nothing to complain of.
   */
  complain(vclient: number, place: number): void {
    const [u, of] = [this.#places.get(vclient), this.asked[place]];
    if (u === undefined || of === undefined || !this.machine.hasSent(place, u)) return;
    this.#complaints.push({ by: vclient, of });
  }

  /** That client gave shares which are none. */
  accuse(u: number): void {
    const vclient = this.asked[u];
    if (vclient !== undefined) this.#refused.set(vclient, "secagg.share-mismatch");
  }

  /** Resolves once the open step waits for nobody any more, or its time is up. */
  async answered(ms: number, ended: AbortSignal): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const settled = new Promise<void>((resolve) => {
      this.#settle = resolve;
      timer = setTimeout(resolve, ms);
      this.#check();
    });
    try {
      await raceAbort(settled, ended);
    } finally {
      clearTimeout(timer);
    }
    for (const vclient of this.asked) if (this.waitsFor(vclient)) this.#silent.add(vclient);
  }

  #check(): void {
    if (this.machine.waiting === 0) this.#settle();
  }

  #placed({ vclient, round, attempt }: Pick<Arrived, "vclient" | "round" | "attempt">): number {
    const u = this.#places.get(vclient);
    if (u === undefined)
      throw this.#refusal("update.foreign", vclient, vclient, "a member of the cohort");
    const got = `round ${round}, attempt ${attempt}`;
    if (round !== this.round || attempt !== this.attempt)
      throw this.#refusal("update.round", vclient, got, "the open attempt");
    return u;
  }

  #refusal(what: string, vclient: number, got: unknown, expected: string): ProtocolError {
    const where = `client ${vclient}, round ${this.round}, attempt ${this.attempt}`;
    const fix = "Drop that answer; the client must follow the same attempt.";
    return new ProtocolError({ what, where, got, expected, fix });
  }

  /** Whoever breaks a rule is waited for no more. What it masked before stays in the sum. */
  #orLose(vclient: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (!this.#counted.has(vclient)) this.#refused.set(vclient, error.problem.what);
      this.excuse([vclient]);
      throw error;
    }
    this.#silent.delete(vclient);
    this.#check();
  }
}

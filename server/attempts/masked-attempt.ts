/**
 * One masked attempt of a round while its answers come in: clients are client indices to the sockets and
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

  /** @param asked client indices, in the order of the setup's roster */
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
    this.#places = new Map(asked.map((clientIndex, u) => [clientIndex, u]));
  }

  /** Vclients whose vector is in the sum. */
  get survivors(): readonly number[] {
    return [...this.#counted.keys()];
  }

  /** Vclients that let a step's time pass and masked nothing, without a word why. */
  get silent(): readonly number[] {
    return [...this.#silent].filter((clientIndex) => !this.#counted.has(clientIndex));
  }

  /** What became of one that was asked, once the attempt is over. */
  became(clientIndex: number): Became {
    const what = this.#refused.get(clientIndex);
    if (what !== undefined) return { kind: "refused", what };
    const packet = "secagg.packet";
    if (this.#complaints.some(({ of }) => of === clientIndex))
      return { kind: "accused", what: packet };
    if (this.#complaints.some(({ by }) => by === clientIndex))
      return { kind: "accuses", what: packet };
    if (this.#counted.has(clientIndex)) return { kind: "counted" };
    return { kind: this.#lost.has(clientIndex) ? "lost" : "late" };
  }

  /** Of packets that do not open, in the order in which they came. */
  get complaints(): readonly Complaint[] {
    return this.#complaints;
  }

  /** True while the open step lacks that client's answer. */
  waitsFor(clientIndex: number): boolean {
    const u = this.#places.get(clientIndex);
    return u !== undefined && this.machine.waitsFor(u);
  }

  hasCounted(clientIndex: number): boolean {
    return this.#counted.has(clientIndex);
  }

  /** Of a client of the cohort. */
  placeOf(clientIndex: number): number | undefined {
    return this.#places.get(clientIndex);
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

  #takeStep(u: number, { vclient: clientIndex, step, bytes }: ArrivedStep): void {
    this.#orLose(clientIndex, () => {
      if (step === "keys") this.machine.takeKeys(unpackKeys(bytes, u));
      else if (step === "packets") this.machine.takePackets(u, unpackPackets(bytes));
      else if (step === "confirm") this.machine.takeSignature(u, bytes);
      else this.machine.takeShares(u, unpackShares(bytes));
    });
  }

  #takeMasked(u: number, { vclient: clientIndex, masked, sha256 }: ArrivedMasked): UpdateStatus {
    const before = this.#counted.get(clientIndex);
    if (before === sha256) return "duplicate";
    // The first is in the sum, and its client goes on with the steps that open it.
    if (before !== undefined)
      throw this.#refusal("update.conflict", clientIndex, "other bytes", "the update sent before");
    if (!this.#collecting) return "late";
    this.#orLose(clientIndex, () => this.machine.takeMasked(u, masked));
    this.#counted.set(clientIndex, sha256);
    return "counted";
  }

  /** These say nothing more, and it is known why: they declined, or their process has ended. */
  excuse(clientIndices: readonly number[]): void {
    this.lose(clientIndices);
    for (const clientIndex of clientIndices) this.#silent.delete(clientIndex);
  }

  /** These say nothing more. */
  lose(clientIndices: readonly number[]): void {
    for (const clientIndex of clientIndices) {
      const u = this.#places.get(clientIndex);
      if (u === undefined) continue;
      if (!this.#counted.has(clientIndex)) this.#lost.add(clientIndex);
      if (this.waitsFor(clientIndex)) this.#silent.add(clientIndex);
      this.machine.lose(u);
    }
    this.#check();
  }

  /**
   * A client, which then says no more, complains of the packet from that place. One that no such packet
   * went to, or that has masked with it, has nothing to complain of.
   */
  complain(clientIndex: number, place: number): void {
    const [u, of] = [this.#places.get(clientIndex), this.asked[place]];
    if (u === undefined || of === undefined || !this.machine.hasSent(place, u)) return;
    this.#complaints.push({ by: clientIndex, of });
  }

  /** That client gave shares which are none. */
  accuse(u: number): void {
    const clientIndex = this.asked[u];
    if (clientIndex !== undefined) this.#refused.set(clientIndex, "secagg.share-mismatch");
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
    for (const clientIndex of this.asked)
      if (this.waitsFor(clientIndex)) this.#silent.add(clientIndex);
  }

  #check(): void {
    if (this.machine.waiting === 0) this.#settle();
  }

  #placed({
    vclient: clientIndex,
    round,
    attempt,
  }: Pick<Arrived, "vclient" | "round" | "attempt">): number {
    const u = this.#places.get(clientIndex);
    if (u === undefined)
      throw this.#refusal("update.foreign", clientIndex, clientIndex, "a member of the cohort");
    const got = `round ${round}, attempt ${attempt}`;
    if (round !== this.round || attempt !== this.attempt)
      throw this.#refusal("update.round", clientIndex, got, "the open attempt");
    return u;
  }

  #refusal(what: string, clientIndex: number, got: unknown, expected: string): ProtocolError {
    const where = `client ${clientIndex}, round ${this.round}, attempt ${this.attempt}`;
    const fix = "Drop that answer; the client must follow the same attempt.";
    return new ProtocolError({ what, where, got, expected, fix });
  }

  /** Whoever breaks a rule is waited for no more. What it masked before stays in the sum. */
  #orLose(clientIndex: number, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      if (!this.#counted.has(clientIndex)) this.#refused.set(clientIndex, error.problem.what);
      this.excuse([clientIndex]);
      throw error;
    }
    this.#silent.delete(clientIndex);
    this.#check();
  }
}

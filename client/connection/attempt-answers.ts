/**
 * What this host's clients have answered in the attempt that is open. Where it is asked again, after a link broke,
 * the coordinator gets the bytes that it had before and no others, and nobody trains, draws or signs twice. Bytes
 * are kept until the coordinator has judged them, or the attempt is over.
 */
import type { OpenStep, StepUp } from "../../shared/secagg/wire-steps.ts";
import { RequestQueue } from "./request-queue.ts";
import {
  type AttemptName,
  type Decline,
  isSame,
  type RoundRequest,
  type RoundStep,
} from "./round-request.ts";

/** int32[updateLength], lattice steps or counts; masked, uint32. */
export type Update = Int32Array | Uint32Array;

export interface SentUpdate {
  readonly clientIndex: number;
  readonly update: Update;
  /** As what attempt's it is announced: a scripted fault's another one. */
  readonly named: AttemptName;
  /** Told how many of its bytes have left, once it is known what became of it. */
  readonly settle: (bytes: number) => void;
}

export interface StepAnswer {
  readonly clientIndex: number;
  readonly step: StepUp;
  readonly bytes: Buffer;
}

export class AttemptAnswers {
  readonly request: RoundRequest;
  /** What steps of it gave, on their way to the host. */
  readonly steps = new RequestQueue<RoundStep>();
  /** Clients whose update is in the sum. */
  readonly counted = new Set<number>();
  /** Clients that have sent no update yet. */
  readonly #working: Set<number>;
  readonly #updates = new Map<number, SentUpdate>();
  readonly #declines = new Map<number, Decline>();
  /** Each with the link by which it went last; undefined: by none yet. */
  readonly #stepAnswers: { readonly answer: StepAnswer; over: object | undefined }[] = [];
  /** Names of the lists that have come. */
  readonly #heard = new Set<string>();
  #isRingDrawn = false;
  #hasMasked = false;

  constructor(request: RoundRequest) {
    this.request = request;
    this.#working = new Set(request.cohort);
  }

  isOf(attempt: AttemptName): boolean {
    return isSame(this.request, attempt);
  }

  /** True of the request that began it; of one that is not masked, also where that was asked again. */
  isOpen(request: RoundRequest): boolean {
    return request.kind === "masked" ? this.request === request : this.isOf(request);
  }

  /** True where keys were shown, no ring was drawn by them and nothing left that needs noise. */
  get isHarmless(): boolean {
    const isRing = this.request.kind === "masked" && this.request.terms.degree !== null;
    return this.#stepAnswers.length > 0 && !this.#hasMasked && !(isRing && this.#isRingDrawn);
  }

  /** A list has come; it may have come before. */
  hear(list: RoundStep): void {
    const name = `${list.clientIndex} ${list.step}`;
    if (!this.#heard.has(name)) this.steps.put(list);
    this.#heard.add(name);
    if (list.step === "keys") this.#isRingDrawn = true;
  }

  keepUpdate(sent: SentUpdate): void {
    if (this.request.kind === "masked") this.#hasMasked = true;
    this.#working.delete(sent.clientIndex);
    this.#updates.set(sent.clientIndex, sent);
  }

  /** @param over the link by which it goes */
  keepStep(answer: StepAnswer, over: object | undefined): void {
    this.#stepAnswers.push({ answer, over });
  }

  keepDecline(clientIndex: number, decline: Decline): void {
    this.#declines.set(clientIndex, decline);
  }

  /** True of a word on this attempt's update of that client, whatever it was announced as. */
  isAbout(clientIndex: number, attempt: AttemptName): boolean {
    const named = this.#updates.get(clientIndex)?.named;
    return this.isOf(attempt) || (named !== undefined && isSame(named, attempt));
  }

  /** The coordinator has judged that client's update: its bytes are needed no more. */
  judged(clientIndex: number): void {
    const sent = this.#updates.get(clientIndex);
    sent?.settle(sent.update.byteLength);
    this.#updates.delete(clientIndex);
  }

  /** Updates to go again: those of clients whose answer the coordinator lacks. */
  updatesOf(cohort: readonly number[]): SentUpdate[] {
    return cohort.flatMap((clientIndex) => this.#updates.get(clientIndex) ?? []);
  }

  declinesOf(cohort: readonly number[]): (readonly [clientIndex: number, decline: Decline])[] {
    return [...this.#declines].filter(([clientIndex]) => cohort.includes(clientIndex));
  }

  /** Answers to that step to go again, by another link than before; who has none yet will give it. */
  stepsOf(step: OpenStep, cohort: readonly number[], over: object): StepAnswer[] {
    const lost = this.#stepAnswers.filter(
      ({ answer, over: before }) =>
        answer.step === step && cohort.includes(answer.clientIndex) && before !== over,
    );
    for (const one of lost) one.over = over;
    return lost.map(({ answer }) => answer);
  }

  /** Those whose bytes were taken and are kept no longer: the coordinator has lost them. */
  forgottenOf(cohort: readonly number[]): number[] {
    const answers = [this.#working, this.#updates, this.#declines];
    return cohort.filter((clientIndex) => !answers.some((known) => known.has(clientIndex)));
  }

  /** These are to do it once more. */
  redo(cohort: readonly number[]): void {
    for (const clientIndex of cohort) this.#working.add(clientIndex);
  }

  /** Nothing of it is asked for any more. */
  end(): void {
    for (const { settle } of this.#updates.values()) settle(0);
    this.steps.end();
  }
}

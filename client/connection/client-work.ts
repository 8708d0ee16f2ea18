/**
 * What a host is asked in one run and what its clients have answered, whichever link brings it: this outlives them
 * all. Attempts begin, are asked again because a link broke, and end. What was answered is kept until then, and goes
 * again as it was; nothing is trained, drawn or charged twice (protocol note, section 5).
 */

import type { ByAdversary } from "../../shared/accounting/mechanisms/event.ts";
import type { Anchor } from "../../shared/ledger/chain.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import type { StepUp } from "../../shared/secagg/wire-steps.ts";
import type { Delivery } from "../../shared/wire/outgoing.ts";
import type { Messages } from "../../shared/wire/protocol.ts";
import { hashFromWire } from "../../shared/wire/wire-values.ts";
import type { PastAttempts } from "../ledger/client-ledger.ts";
import { AttemptAnswers, type SentUpdate, type Update } from "./attempt-answers.ts";
import { ReplayGuard } from "./replay-guard.ts";
import { RequestQueue } from "./request-queue.ts";
import type {
  AttemptName,
  Decline,
  RequestTicket,
  RoundRequest,
  RoundStep,
} from "./round-request.ts";

/** By what answers leave. */
export interface Line {
  /** @returns once it is known what became of it here */
  send(attempt: AttemptName, clientIndex: number, update: Update): Promise<Delivery>;
  sendStep(attempt: AttemptName, clientIndex: number, step: StepUp, bytes: Buffer): void;
  decline(attempt: AttemptName, clientIndex: number, decline: Decline): void;
}

type FromServer = Messages["server"];
/** An attempt has ended. */
type Closed = Extract<FromServer, { t: "close" }>;
/** What became of an update. */
type Judged = Extract<FromServer, { t: "updateAck" }>;

/** One whose sum was released. */
export interface ReleasedAttempt extends AttemptName {
  /** Those of this side's clients whose update is in that sum, by number. */
  readonly counted: readonly number[];
}

/** The coordinator's ledger as it stood when it last closed an attempt. */
export interface LedgerHeard {
  readonly head: Anchor;
  /** By then, null where there is no bound. */
  readonly spent: ByAdversary<number | null>;
  /** The same against the raw table; undefined: the same. */
  readonly rawSpent: ByAdversary<number | null> | undefined;
}

/** What a host's owner hears beside the run itself, and nobody else. */
export interface OwnerNotes {
  /** The coordinator has refused an update. */
  readonly refused?: (clientIndex: number, what: string) => void;
  /** In words: a client leaves an attempt, and why. */
  readonly warn?: (text: string) => void;
  /** An error of ours; what it happened in has ended, the host goes on. */
  readonly bug?: (error: unknown) => void;
}

export class ClientWork {
  readonly notes: OwnerNotes;
  readonly #requests = new RequestQueue<RoundRequest>();
  #guard: ReplayGuard | undefined;
  #isSeeded = false;
  /** The link that is up, once this host was admitted by it. */
  #line: Line | undefined;
  #open: AttemptAnswers | undefined;
  /** Of the attempts that this host was asked for, those released since somebody last asked. */
  #released: ReleasedAttempt[] = [];
  #heardClose: (attempt: AttemptName) => void = () => {};
  #ledger: LedgerHeard | undefined;

  constructor(notes: OwnerNotes = {}) {
    this.notes = notes;
  }

  /** Before anything is asked. @param before what earlier processes did in the run, by the clients' own ledgers */
  begin(plan: PrivacyPlan, before?: PastAttempts): void {
    this.#guard = new ReplayGuard(plan, before);
    this.#isSeeded = plan.noise === "seeded";
  }

  /** Answers leave by that link from now on; undefined: there is none. */
  over(line: Line | undefined): void {
    this.#line = line;
  }

  /** Nothing more will be asked. */
  end(): void {
    this.#endOpen();
    this.#requests.end();
  }

  /** The next attempt to take part in; undefined once there will be no more. */
  next(): Promise<RoundRequest | undefined> {
    return this.#requests.next();
  }

  /** Attempts asked of this host that were released since this was last called: at most one a request. */
  takeReleased(): readonly ReleasedAttempt[] {
    const released = this.#released;
    this.#released = [];
    return released;
  }

  /** @param heard called at the end of each attempt of the run, whether this host was asked in it or not */
  whenClosed(heard: (attempt: AttemptName) => void): void {
    this.#heardClose = heard;
  }

  /** undefined: it has closed no attempt yet. */
  get ledger(): LedgerHeard | undefined {
    return this.#ledger;
  }

  /** False once that attempt is closed, or another has taken its place: nothing of it need be done. */
  isOpen(request: RoundRequest): boolean {
    return this.#open?.isOpen(request) ?? false;
  }

  /**
   * Sends one client's update: int32[updateLength], lattice steps; masked, uint32. Again after each reconnection, until
   * the coordinator has it: the array is no longer the caller's.
   *
   * @param named as what attempt's it is announced: a scripted fault's another one
   * @returns once it is known what became of it: its bytes, frame headers not counted; 0 if it was given up
   */
  async send(
    request: RoundRequest,
    clientIndex: number,
    update: Update,
    named: AttemptName = request,
  ): Promise<number> {
    const open = this.#open;
    if (!open?.isOpen(request)) return 0;
    return new Promise((settle) => {
      const sent = { clientIndex, update, named, settle };
      open.keepUpdate(sent);
      this.#put(sent);
    });
  }

  /** What the masked attempt's next step to close gives; undefined once the attempt is over for this side. */
  async nextStep(request: RoundRequest): Promise<RoundStep | undefined> {
    return this.#open?.isOpen(request) ? this.#open.steps.next() : undefined;
  }

  /** One client's answer to a step; again over another link, where it was lost with the first. */
  sendStep(request: RoundRequest, clientIndex: number, step: StepUp, bytes: Buffer): void {
    if (!this.#open?.isOpen(request)) return;
    this.#open.keepStep({ clientIndex, step, bytes }, this.#line);
    this.#line?.sendStep(request, clientIndex, step, bytes);
  }

  /** Says that a client sends nothing in this attempt. */
  decline(request: RoundRequest, clientIndex: number, decline: Decline): void {
    if (!this.#open?.isOpen(request)) return;
    this.#open.keepDecline(clientIndex, decline);
    this.#line?.decline(request, clientIndex, decline);
  }

  /** Nothing of that attempt left which needs noise. */
  giveBack(request: RequestTicket): void {
    this.#guard?.giveBack(request);
  }

  /**
   * A round has been named; its model follows, by the same link. Only who was admitted is asked: word of that may
   * still be on its way through promises.
   *
   * @throws ProtocolError `round.…`
   */
  asked(ticket: RequestTicket, line: Line): void {
    this.#line = line;
    const before = this.#open;
    // Word that a masked attempt was closed may have been lost: a coordinator that asks for another has closed it.
    if (before?.isHarmless && !before.isOf(ticket)) {
      this.giveBack(before.request);
      this.#endOpen();
    }
    this.#guard?.take(ticket);
  }

  /** Its model is here. */
  request(request: RoundRequest): void {
    const known = this.#open?.isOf(request) ? this.#open : undefined;
    // What begins is masked anew, though it was asked before: the coordinator was restarted. Where it
    // lacks keys alone, and none were drawn, that is no different.
    const begins =
      request.kind === "masked"
        ? request.lacking === null || (!known && request.lacking === "keys")
        : !known;
    if (begins) {
      this.#endOpen();
      this.#open = new AttemptAnswers(request);
      this.#requests.put(request);
    } else if (known) this.#repeat(request, known);
    else {
      // Keys that were shown have died with the process that had them.
      this.giveBack(request);
      for (const client of request.cohort) this.#line?.decline(request, client, { reason: "lost" });
    }
  }

  step(step: RoundStep): void {
    if (this.#open?.isOf(step)) this.#open.hear(step);
  }

  judged(message: Judged): void {
    const { vclient: clientIndex, status } = message;
    if (status === "refused") this.notes.refused?.(clientIndex, message.problem.what);
    const open = this.#open;
    if (!open?.isAbout(clientIndex, message)) return;
    // A duplicate is in the sum too: word of the first was lost with its link.
    if (status === "counted" || status === "duplicate") open.counted.add(clientIndex);
    if (status !== "late") open.judged(clientIndex);
  }

  closed(message: Closed): void {
    const { round, attempt, ledger, spent, raw } = message;
    const head = { seq: ledger.seq, hash: hashFromWire(ledger.hash) };
    this.#ledger = { head, spent, rawSpent: raw };
    if (this.#guard?.isCurrent(message)) {
      this.#guard.close(message);
      const counted = this.#open?.isOf(message) ? [...this.#open.counted] : [];
      this.#endOpen();
      if (message.outcome === "released") this.#released.push({ round, attempt, counted });
    }
    this.#heardClose(message);
  }

  /** The open attempt is asked again, for those whose answer the coordinator lacks: what they gave goes again. */
  #repeat(request: RoundRequest, open: AttemptAnswers): void {
    const line = this.#line;
    if (!line) return;
    const { cohort } = request;
    for (const [client, decline] of open.declinesOf(cohort)) line.decline(request, client, decline);
    const lacking = request.kind === "masked" ? request.lacking : null;
    if (lacking === null || lacking === "masked")
      for (const sent of open.updatesOf(cohort)) this.#put(sent);
    else
      for (const { clientIndex, step, bytes } of open.stepsOf(lacking, cohort, line))
        line.sendStep(request, clientIndex, step, bytes);
    // Under masks, what has not been answered yet will be, once its list is here.
    if (request.kind !== "masked") this.#answerForgotten(request, open.forgottenOf(cohort), open);
  }

  #answerForgotten(request: RoundRequest, forgotten: number[], open: AttemptAnswers): void {
    if (forgotten.length === 0) return;
    // A second noised vector would be a second release; a seeded one is the first over again.
    if (!this.#isSeeded)
      for (const client of forgotten) this.decline(request, client, { reason: "lost" });
    else {
      open.redo(forgotten);
      this.#requests.put({ ...request, cohort: forgotten });
    }
  }

  #put({ clientIndex, update, named, settle }: SentUpdate): void {
    void this.#line?.send(named, clientIndex, update).then((delivery) => {
      if (delivery !== "lost") settle(update.byteLength);
    });
  }

  #endOpen(): void {
    this.#open?.end();
    this.#open = undefined;
  }
}

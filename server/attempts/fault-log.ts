/** What went amiss in a run, attempt by attempt: what was scripted, and what the coordinator made of it. */
import type { Task } from "../../shared/accounting/mechanisms/event.ts";
import type { AbortedAttempt, FaultEvent, FaultsTrace } from "../../shared/events/trace.ts";
import type { Gathering } from "./attempt.ts";

interface AttemptIds {
  readonly task: Task;
  readonly round: number;
  readonly attempt: number;
}

type Scripted = (attempt: AttemptIds, client: string) => readonly string[];

/** What became of the update of a client that was not asked. */
const SAT_OUT = "sat out: it did not answer before";
/** Of each list; counts have all. */
const MOST_LISTED = 1_000;

export class FaultLog {
  readonly #names: readonly string[];
  readonly #scripted: Scripted;
  readonly #events: FaultEvent[] = [];
  readonly #aborted: AbortedAttempt[] = [];
  readonly #counts = new Map<string, { fault: string | null; became: string; count: number }>();

  /**
   * @param names of the clients, by client index
   * @param scripted kinds of the faults that the scenario's script holds for a client in an attempt
   * @param before what a run that is resumed has noted
   */
  constructor(names: readonly string[], scripted: Scripted, before?: FaultsTrace) {
    this.#names = names;
    this.#scripted = scripted;
    this.#events.push(...(before?.events ?? []));
    this.#aborted.push(...(before?.aborted ?? []));
    for (const { fault, became, count } of before?.counts ?? [])
      this.#counts.set(keyOf(fault, became), { fault, became, count });
  }

  /**
   * Of a settled attempt at a round.
   *
   * @param aborted null: its sum may be released
   * @param sittingOut client indices that were not asked, since they did not answer before
   */
  note(
    task: Task,
    attempt: Gathering,
    aborted: Pick<AbortedAttempt, "charged"> | null,
    sittingOut: readonly number[] = [],
  ): void {
    const { round, attempt: number } = attempt;
    const ids = { task, round, attempt: number };
    if (aborted && this.#aborted.length < MOST_LISTED)
      this.#aborted.push({ round, attempt: number, charged: aborted.charged });
    for (const clientIndex of attempt.asked) this.#noteAsked(clientIndex, attempt, ids);
    for (const clientIndex of sittingOut) {
      const client = this.#names[clientIndex] ?? "";
      this.#add({ round, attempt: number, client, fault: null, became: SAT_OUT });
    }
  }

  #noteAsked(clientIndex: number, attempt: Gathering, ids: AttemptIds): void {
    const { round, attempt: number } = ids;
    const client = this.#names[clientIndex] ?? "";
    const became = attempt.became(clientIndex);
    const text = "what" in became ? `${became.kind}: ${became.what}` : became.kind;
    const faults = this.#scripted(ids, client);
    if (faults.length === 0 && became.kind === "counted") return;
    for (const fault of faults.length > 0 ? faults : [null])
      this.#add({ round, attempt: number, client, fault, became: text });
  }

  /** undefined where nothing went amiss. */
  get trace(): FaultsTrace | undefined {
    const counts = [...this.#counts.values()];
    if (counts.length === 0 && this.#aborted.length === 0) return undefined;
    return { counts, events: [...this.#events], aborted: [...this.#aborted] };
  }

  #add(event: FaultEvent): void {
    const { fault, became } = event;
    const key = keyOf(fault, became);
    const { count = 0 } = this.#counts.get(key) ?? {};
    this.#counts.set(key, { fault, became, count: count + 1 });
    if (this.#events.length < MOST_LISTED) this.#events.push(event);
  }
}

function keyOf(fault: string | null, became: string): string {
  return `${fault}/${became}`;
}

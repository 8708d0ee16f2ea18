/**
 * The clients of a run, by name and by number: who is expected, here, away or lost, and what each sent.
 * Away is whoever has no socket now and may have one again; lost, whose process is known to have ended.
 */
import { ProtocolError } from "../../shared/errors.ts";
import type { Presence } from "../../shared/events/run-event.ts";
import type { Admitted } from "../../shared/wire/admitted.ts";

/** What one client did, as the coordinator saw it. */
export interface ClientRecord {
  readonly name: string;
  readonly joined: boolean;
  /** Not here, and no longer waited for to join. */
  readonly lost: boolean;
  /** Its own ledger holds no more. */
  readonly declined: boolean;
  /** How often it was admitted: once, unless its link broke. */
  readonly connections: number;
  /** Updates in a sum, and their bytes. */
  readonly updates: number;
  readonly bytes: number;
}

interface Member<Peer> {
  readonly name: string;
  /** undefined while it is not here. */
  peer: Peer | undefined;
  declined: boolean;
  connections: number;
  updates: number;
  bytes: number;
  counted: Admitted["counted"];
}

export class ClientRoster<Peer> {
  /** By client index: a client's place among the expected, whichever joins first. */
  readonly #members: readonly Member<Peer>[];
  readonly #numbers: ReadonlyMap<string, number>;
  /** Names that are to join before the run begins. */
  readonly #awaited: Set<string>;
  readonly #lost = new Set<string>();
  readonly #leftOut = new Set<string>();

  constructor(expected: readonly string[]) {
    const blank = { peer: undefined, declined: false, connections: 0, counted: null };
    this.#members = expected.map((name) => ({ name, ...blank, updates: 0, bytes: 0 }));
    this.#numbers = new Map(expected.map((name, clientIndex) => [name, clientIndex]));
    this.#awaited = new Set(expected);
  }

  /** Names that are to join, and have not. */
  get awaited(): readonly string[] {
    return [...this.#awaited];
  }

  /** Vclients that are here and may take part, in the order of their numbers. */
  get present(): readonly number[] {
    return this.#where((member) => member.peer !== undefined && this.#mayBeAsked(member));
  }

  /** Vclients that could take part if they came back. */
  get away(): readonly number[] {
    return this.#where(
      (member) =>
        member.peer === undefined && this.#mayBeAsked(member) && !this.#lost.has(member.name),
    );
  }

  /** How many could take part, were they here: their own ledgers hold more. */
  get willing(): number {
    return this.#where(({ declined }) => !declined).length;
  }

  get presence(): Presence {
    const here = this.#where(({ peer }) => peer !== undefined).length;
    const [awaited, lost] = [this.#awaited.size, this.#lost.size];
    return { here, awaited, away: this.#members.length - here - awaited - lost, lost };
  }

  get records(): readonly ClientRecord[] {
    return this.#members.map(({ peer, counted: _, ...member }) => ({
      ...member,
      joined: member.connections > 0,
      lost: peer === undefined && !this.#awaited.has(member.name),
    }));
  }

  /** Gives each name its number, in order. @throws ProtocolError, and then none has joined */
  admit(peer: Peer, names: readonly string[]): Admitted[] {
    const due = names.map((name) => {
      const clientIndex = this.#numbers.get(name) ?? -1;
      const member = this.#members[clientIndex];
      if (!member || this.#lost.has(name))
        throw refusal("client.unknown", name, "a client that is awaited");
      if (member.peer !== undefined)
        throw refusal("client.duplicate-name", name, "a name not yet here");
      return { vclient: clientIndex, member };
    });
    return due.map(({ vclient: clientIndex, member }) => {
      member.peer = peer;
      member.connections += 1;
      this.#awaited.delete(member.name);
      return { vclient: clientIndex, counted: member.counted };
    });
  }

  /** Takes these for lost; gives those that were not yet, and the numbers of those that had joined. */
  lose(names: readonly string[]): {
    readonly fresh: readonly string[];
    readonly vclients: number[];
  } {
    const fresh = names.filter((name) => !this.#lost.has(name));
    const gone = new Set(fresh);
    for (const name of fresh) {
      this.#lost.add(name);
      this.#awaited.delete(name);
    }
    const clientIndices = this.#where(({ name }) => gone.has(name));
    for (const member of this.#members) if (gone.has(member.name)) member.peer = undefined;
    return { fresh, vclients: clientIndices };
  }

  /** Its socket is gone: its clients are away. @param awaited true: the run waits for them to begin */
  leave(peer: Peer, awaited: boolean): void {
    for (const member of this.#members) {
      if (member.peer !== peer) continue;
      member.peer = undefined;
      if (awaited) this.#awaited.add(member.name);
    }
  }

  nameOf(clientIndex: number): string {
    return this.#members[clientIndex]?.name ?? "";
  }

  /** The run begins without those that have not joined; they may come later. */
  awaitNoMore(): void {
    this.#awaited.clear();
  }

  namesOf(peer: Peer): string[] {
    return this.#members.flatMap((member) => (member.peer === peer ? [member.name] : []));
  }

  /** That client takes no further part in this run. */
  decline(clientIndex: number): void {
    const member = this.#members[clientIndex];
    if (member) member.declined = true;
  }

  /** These are asked no more in this run. */
  leaveOut(names: readonly string[]): void {
    for (const name of names) this.#leftOut.add(name);
  }

  /** One more update of that client is in a sum: that attempt's. */
  counted(clientIndex: number, bytes: number, attempt: NonNullable<Admitted["counted"]>): void {
    const member = this.#members[clientIndex];
    if (!member) return;
    member.updates += 1;
    member.bytes += bytes;
    member.counted = attempt;
  }

  #mayBeAsked({ name, declined }: Member<Peer>): boolean {
    return !declined && !this.#leftOut.has(name);
  }

  #where(is: (member: Member<Peer>) => boolean): number[] {
    return this.#members.flatMap((member, clientIndex) => (is(member) ? [clientIndex] : []));
  }
}

function refusal(what: string, got: unknown, expected: string): ProtocolError {
  const fix = "Join with what the coordinator gave this host.";
  return new ProtocolError({ what, where: "the registry", got, expected, fix });
}

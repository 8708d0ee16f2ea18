/** The clients of a run, by name and by number: who is expected, here, or lost, and what each sent. */
import { ProtocolError } from "../shared/errors.ts";
import type { Presence } from "../shared/run-event.ts";

/** What one client did, as the coordinator saw it. */
export interface ClientRecord {
  readonly name: string;
  readonly joined: boolean;
  readonly lost: boolean;
  /** Its own ledger holds no more. */
  readonly declined: boolean;
  /** Updates in a sum, and their bytes. */
  readonly updates: number;
  readonly bytes: number;
}

interface Member<Peer> {
  readonly name: string;
  /** undefined once lost. */
  peer: Peer | undefined;
  declined: boolean;
  updates: number;
  bytes: number;
}

export class Members<Peer> {
  readonly #expected: readonly string[];
  readonly #awaited: Set<string>;
  readonly #lost = new Set<string>();
  /** By vclient: a client's place among the expected, whichever joins first. */
  readonly #members: (Member<Peer> | undefined)[];
  readonly #byName = new Map<string, Member<Peer>>();
  readonly #numbers: ReadonlyMap<string, number>;

  constructor(expected: readonly string[]) {
    this.#expected = expected;
    this.#members = expected.map(() => undefined);
    this.#numbers = new Map(expected.map((name, vclient) => [name, vclient]));
    this.#awaited = new Set(expected);
  }

  /** Names that are neither here nor lost. */
  get awaited(): readonly string[] {
    return [...this.#awaited];
  }

  /** Vclients that are here and may take part, in the order of their numbers. */
  get present(): readonly number[] {
    return this.#members.flatMap((member, vclient) =>
      member?.peer && !member.declined ? [vclient] : [],
    );
  }

  get presence(): Presence {
    const [awaited, lost] = [this.#awaited.size, this.#lost.size];
    return { here: this.#expected.length - awaited - lost, awaited, lost };
  }

  get records(): readonly ClientRecord[] {
    return this.#expected.map((name) => {
      const member = this.#byName.get(name);
      const { declined = false, updates = 0, bytes = 0 } = member ?? {};
      const [joined, lost] = [member !== undefined, this.#lost.has(name)];
      return { name, joined, lost, declined, updates, bytes };
    });
  }

  /** Gives each name its number, in order. @throws ProtocolError, and then none has joined */
  admit(peer: Peer, names: readonly string[]): number[] {
    for (const name of names) {
      if (this.#byName.has(name))
        throw refusal("client.duplicate-name", name, "a name not yet here");
      if (!this.#awaited.has(name))
        throw refusal("client.unknown", name, "a client that is awaited");
    }
    return names.map((name) => {
      const member = { name, peer, declined: false, updates: 0, bytes: 0 };
      this.#awaited.delete(name);
      this.#byName.set(name, member);
      const vclient = this.#numbers.get(name) ?? 0;
      this.#members[vclient] = member;
      return vclient;
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
    const vclients = this.#members.flatMap((member, vclient) =>
      member && gone.has(member.name) ? [vclient] : [],
    );
    for (const name of fresh) {
      const member = this.#byName.get(name);
      if (member) member.peer = undefined;
    }
    return { fresh, vclients };
  }

  /** Whoever left before the run began may come again. */
  awaitAgain(names: readonly string[]): void {
    for (const name of names) {
      this.#byName.delete(name);
      this.#members[this.#numbers.get(name) ?? 0] = undefined;
      this.#awaited.add(name);
    }
  }

  nameOf(vclient: number): string {
    return this.#expected[vclient] ?? "";
  }

  namesOf(peer: Peer): string[] {
    return this.#members.flatMap((member) => (member?.peer === peer ? [member.name] : []));
  }

  /** That client takes no further part in this run. */
  decline(vclient: number): void {
    const member = this.#members[vclient];
    if (member) member.declined = true;
  }

  /** One more update of that client is in a sum. */
  counted(vclient: number, bytes: number): void {
    const member = this.#members[vclient];
    if (!member) return;
    member.updates += 1;
    member.bytes += bytes;
  }
}

function refusal(what: string, got: unknown, expected: string): ProtocolError {
  const fix = "Join with what the coordinator gave this host.";
  return new ProtocolError({ what, where: "the registry", got, expected, fix });
}

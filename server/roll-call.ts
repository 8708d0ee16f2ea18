/** Whom an attempt asks: clients that are here, but for those that did not answer before; and waiting until they are enough. */
import type { Observe } from "../shared/run-event.ts";
import type { Timing } from "../shared/timing.ts";
import type { Gathering } from "./attempt.ts";
import type { Members } from "./members.ts";
import type { Peer } from "./peer.ts";
import { Rejoining } from "./rejoining.ts";
import { silentOf } from "./signs-of-life.ts";
import { Silences } from "./silences.ts";

export interface RollCallSettings {
  readonly members: Members<Peer>;
  /** Whoever is here, as it changes. */
  readonly peers: ReadonlySet<Peer>;
  /** Vclients that are left out of the next attempt, as they change. */
  readonly leftOut: () => ReadonlySet<number>;
  /** That an attempt needs, until `enough` says otherwise. */
  readonly least: number;
  /** True where one that does not answer sits out. */
  readonly sitsOut: boolean;
  readonly timing: Timing;
  /** Aborted when nobody waits any more. */
  readonly ended: AbortSignal;
  readonly observe: Observe;
}

export class RollCall {
  readonly #settings: RollCallSettings;
  readonly #rejoining: Rejoining;
  readonly #silences: Silences | undefined;
  #least: number;

  constructor(settings: RollCallSettings) {
    const { timing, ended, observe, least, sitsOut } = settings;
    this.#settings = settings;
    this.#least = least;
    this.#rejoining = new Rejoining(timing, ended, observe);
    this.#silences = sitsOut ? new Silences(timing.awayMs) : undefined;
  }

  /** Vclients that take part in the next attempt, in the order of their numbers. */
  get present(): readonly number[] {
    return this.#silences?.toAsk(this.#able, this.#least, performance.now()) ?? this.#able;
  }

  /** Vclients that are here and are not asked, since they did not answer before. */
  get sittingOut(): readonly number[] {
    const asked = new Set(this.present);
    return this.#able.filter((vclient) => !asked.has(vclient));
  }

  /** As `Rejoining.enough`. */
  enough(clients: number): Promise<boolean> {
    const { members, peers, timing } = this.#settings;
    this.#least = clients;
    return this.#rejoining.enough(clients, () => {
      const { present } = this;
      const here = present.length - silentOf(present, peers, timing).length;
      const { away, willing } = members;
      return { here, connected: this.#able.length, away: away.length, willing };
    });
  }

  /** Of an attempt that has settled: who sits out from now on is told. */
  note(attempt: Pick<Gathering, "asked" | "silent">): void {
    const { members, observe } = this.#settings;
    for (const { vclient, ...told } of this.#silences?.note(attempt, performance.now()) ?? [])
      observe({ event: "client-sits-out", client: members.nameOf(vclient), ...told });
  }

  /** That client has sent something, be it too late. */
  answered(vclient: number): void {
    this.#silences?.answered(vclient);
  }

  /** These have been admitted, again or at last. */
  back(vclients: readonly number[]): void {
    this.#silences?.back(vclients);
  }

  /** To be called when somebody comes, goes, or is heard. */
  changed(): void {
    this.#rejoining.changed();
  }

  get #able(): readonly number[] {
    const { members, leftOut } = this.#settings;
    const out = leftOut();
    return members.present.filter((vclient) => !out.has(vclient));
  }
}

/**
 * A round's clients by their connections: who is asked (all that are here, but for those that did not answer
 * before), and the attempt that is open, which hears what their hosts say.
 */

import { rawSpent } from "../../shared/claims/raw-spending.ts";
import { ProtocolError } from "../../shared/errors.ts";
import type { Observe } from "../../shared/events/run-event.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { Timing } from "../../shared/timing.ts";
import { fromWire, hashToWire } from "../../shared/wire/wire-values.ts";
import type { Arrived, UpdateStatus } from "../attempts/arrived.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { AttemptWire, Broadcast } from "../attempts/attempt-wire.ts";
import type { MaskedAttempt } from "../attempts/masked-attempt.ts";
import { refusal } from "../attempts/peer-refusals.ts";
import type { RosterEntry, RoundClients } from "../attempts/round-clients.ts";
import { type Complaint, leftOut } from "../secagg/exclusions.ts";
import { Asking } from "./ask-clients.ts";
import type { ClientRoster } from "./client-roster.ts";
import type { Declined } from "./connection-handler.ts";
import type { Peer } from "./peer.ts";
import { Rejoining } from "./rejoining.ts";
import { silentOf } from "./signs-of-life.ts";
import { Silences } from "./silences.ts";
import type { Traffic } from "./traffic.ts";

export interface ConnectedClientsSettings {
  readonly sealed: SealedPlan;
  /** 16 bytes. */
  readonly runId: Uint8Array;
  /** Hosts that are here, as they change. */
  readonly peers: ReadonlySet<Peer>;
  readonly members: ClientRoster<Peer>;
  readonly traffic: Traffic;
  /** True where one that does not answer sits out the next attempts. */
  readonly sitsOut: boolean;
  readonly timing: Timing;
  /** The next number of an object, on all connections. */
  readonly nextStream: () => number;
  /** Aborted when nobody has a use for a sum any more. */
  readonly ended: AbortSignal;
  readonly observe: Observe;
}

export class ConnectedClients implements RoundClients {
  readonly #settings: ConnectedClientsSettings;
  readonly #rejoining: Rejoining;
  readonly #silences: Silences | undefined;
  /** Clients that an attempt needs. */
  #least: number;
  /** The one that is open; else the last one without masks, which says of what comes now that it is late. */
  #attempt: Attempt | MaskedAttempt | undefined;
  #asking: Asking | undefined;
  /** Clients that said two things in the last attempt: left out of the next, and only of that. */
  readonly #equivocated = new Set<number>();

  constructor(settings: ConnectedClientsSettings) {
    const { sealed, sitsOut, timing, ended, observe } = settings;
    this.#settings = settings;
    this.#least = sealed.plan.privacy.minCohort;
    this.#rejoining = new Rejoining(timing, ended, observe);
    this.#silences = sitsOut ? new Silences(timing.awayMs) : undefined;
  }

  get runId(): string {
    return Buffer.from(this.#settings.runId).toString("hex");
  }

  /** Vclients that take part in the next attempt, in the order of their numbers. */
  get present(): readonly number[] {
    const able = this.#able;
    return this.#silences?.toAsk(able, this.#least, performance.now()) ?? able;
  }

  get roster(): readonly RosterEntry[] {
    const keys = new Map<number, Buffer>();
    for (const { vclients: clientIndices, key } of this.#settings.peers) {
      const bytes = fromWire(key);
      for (const clientIndex of clientIndices) keys.set(clientIndex, bytes);
    }
    return this.present.map((clientIndex) => ({
      vclient: clientIndex,
      key: keys.get(clientIndex) ?? Buffer.alloc(0),
    }));
  }

  get sittingOut(): readonly number[] {
    const asked = new Set(this.present);
    return this.#able.filter((clientIndex) => !asked.has(clientIndex));
  }

  async enough(clients: number): Promise<boolean> {
    const { members, peers, timing, ended } = this.#settings;
    ended.throwIfAborted();
    this.#least = clients;
    return this.#rejoining.enough(clients, () => {
      const { present } = this;
      const here = present.length - silentOf(present, peers, timing).length;
      const { away, willing } = members;
      return { here, connected: this.#able.length, away: away.length, willing };
    });
  }

  async gather(
    attempt: Attempt | MaskedAttempt,
    broadcast: Broadcast,
    gathering: (wire: AttemptWire) => Promise<void>,
  ): Promise<void> {
    const { peers, nextStream, timing, ended } = this.#settings;
    ended.throwIfAborted();
    const before = this.#attempt;
    const asking = new Asking(peers, attempt, broadcast, nextStream, timing, ended);
    this.#attempt = attempt;
    this.#asking = asking;
    this.#equivocated.clear();
    try {
      await gathering(asking);
    } finally {
      asking.stop();
      this.#asking = undefined;
      if (attempt.kind === "masked") {
        this.#attempt = before;
        this.#leaveOut(attempt.complaints);
      }
      if (!ended.aborted) this.#noteSilence(attempt);
    }
  }

  closeAttempt(
    { round, attempt }: Pick<Attempt, "round" | "attempt">,
    outcome: "released" | (string & {}),
    ledger: Ledger,
  ): void {
    const { sealed, peers, traffic, observe } = this.#settings;
    const { seq, hash } = ledger.head;
    const at = { seq, hash: hashToWire(hash) };
    const { privacy } = sealed.plan;
    const spentRaw =
      privacy.rawFactor === 1 ? {} : { raw: rawSpent(privacy, ledger.chargedEvents) };
    const spent = { spent: ledger.spent, ...spentRaw };
    const said = { t: "close", round, attempt, ledger: at, ...spent } as const;
    for (const peer of peers) {
      if (peer.vclients.length === 0) continue;
      if (outcome === "released") peer.send({ ...said, outcome: "released" });
      else peer.send({ ...said, outcome: "aborted", reason: outcome });
    }
    const sent = traffic.news([...peers].map(({ egress }) => egress));
    for (const [kind, left] of sent) observe({ event: "sent", kind, ...left });
  }

  /**
   * @returns null for a step's answer
   * @throws ProtocolError `update.round` while no attempt was ever open, or as the attempt does
   */
  offer(arrived: Arrived): UpdateStatus | null {
    const status = this.#judged(arrived);
    if (arrived.kind === "step" || status === null) return null;
    const { vclient: clientIndex, round, attempt } = arrived;
    const { byteLength: bytes } = arrived.kind === "masked" ? arrived.masked : arrived.update;
    if (status === "counted")
      this.#settings.members.counted(clientIndex, bytes, { round, attempt });
    this.#silences?.answered(clientIndex);
    this.#settings.observe({ event: "update", status, round, attempt, bytes });
    return status;
  }

  /** That client sends nothing in that attempt, should it be the open one. */
  decline({ vclient: clientIndex, round, attempt, ...why }: Declined): void {
    const open = this.#attempt;
    if (open?.round !== round || open.attempt !== attempt) return;
    if (why.reason === "packet" && open.kind === "masked") open.complain(clientIndex, why.accused);
    open.excuse([clientIndex]);
  }

  /** Their process has ended: they send nothing more. */
  excuse(clientIndices: readonly number[]): void {
    this.#attempt?.excuse(clientIndices);
  }

  /** A host's connection broke. */
  away(peer: Peer): void {
    this.#asking?.away(peer);
  }

  /** It has been admitted, again or at last. */
  back(peer: Peer): void {
    this.#silences?.back(peer.vclients);
    this.#asking?.again(peer);
  }

  /** To be called when somebody comes, goes, or is heard. */
  changed(): void {
    this.#rejoining.changed();
  }

  get #able(): readonly number[] {
    return this.#settings.members.present.filter(
      (clientIndex) => !this.#equivocated.has(clientIndex),
    );
  }

  #judged(arrived: Arrived): UpdateStatus | null {
    const attempt = this.#attempt;
    if (attempt === undefined)
      throw refusal("update.round", "the registry", "an update before any round", "an attempt");
    try {
      return attempt.offer(arrived);
    } catch (error) {
      const isConflict = error instanceof ProtocolError && error.problem.what === "update.conflict";
      if (isConflict) this.#equivocated.add(arrived.vclient);
      throw error;
    }
  }

  /** Who sits out from now on is told. */
  #noteSilence(attempt: Attempt | MaskedAttempt): void {
    const { members, observe } = this.#settings;
    for (const { vclient: clientIndex, ...silence } of this.#silences?.note(
      attempt,
      performance.now(),
    ) ?? [])
      observe({ event: "client-sits-out", client: members.nameOf(clientIndex), ...silence });
  }

  /** Of the rest of the run: the same roster would fail in the same way. */
  #leaveOut(complaints: readonly Complaint[]): void {
    if (complaints.length === 0) return;
    const { sealed, members, observe } = this.#settings;
    const name = (clientIndex: number) => members.nameOf(clientIndex);
    const clients = [...leftOut(complaints, sealed.plan.privacy.colluders ?? 0)].map(name);
    members.leaveOut(clients);
    const accusations = complaints.map(({ by, of }) => ({ by: name(by), of: name(of) }));
    observe({ event: "clients-left-out", clients, accusations });
  }
}

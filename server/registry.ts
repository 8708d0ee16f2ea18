/** IO: who is here. Sockets by client, joins, absences and losses, and the attempt that is open. */
import type { Ledger } from "../shared/accounting/ledger.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { rawSpent } from "../shared/raw-spending.ts";
import type { RunEvent } from "../shared/run-event.ts";
import type { Timing } from "../shared/timing.ts";
import type { Admitted } from "../shared/wire/admitted.ts";
import type { Authenticated, ServerPart } from "../shared/wire/handshake.ts";
import { type SigningKey, signingKey } from "../shared/wire/proofs.ts";
import type { Connection, Door, Enter } from "../shared/wire/transport.ts";
import { fromWire, hashToWire } from "../shared/wire/wire-values.ts";
import { Admission } from "./admission.ts";
import type { Arrived, UpdateStatus } from "./arrived.ts";
import { askMasked } from "./ask-masked.ts";
import type { Attempt, Broadcast } from "./attempt.ts";
import { type Complaint, leftOut } from "./complaints.ts";
import { connectionEnd } from "./connection-end.ts";
import { readCredentials, writeCredentials } from "./credentials-file.ts";
import type { Declined, Desk } from "./desk.ts";
import { Doorway } from "./doorway.ts";
import type { MaskedAttempt } from "./masked-attempt.ts";
import { type ClientRecord, Members } from "./members.ts";
import { OpenAttempt } from "./open-attempt.ts";
import { Peer } from "./peer.ts";
import type { RegistrySettings } from "./registry-settings.ts";
import { RollCall } from "./roll-call.ts";
import { Traffic } from "./traffic.ts";
import { Turns } from "./upload-turns.ts";

/** One who may be asked for a masked round. */
export interface RosterEntry {
  readonly vclient: number;
  /** Of whoever brings it: 32 bytes of Ed25519. */
  readonly key: Buffer;
}

export class Registry implements Desk {
  readonly sealed: SealedPlan;
  readonly timing: Timing;
  readonly serverKey: SigningKey;
  readonly turns: Turns;
  /** Resolves when each expected client is here or lost. */
  readonly joined: Promise<void>;
  readonly #settings: RegistrySettings;
  #door: Door | undefined;
  readonly #peers = new Set<Peer>();
  readonly #admission: Admission;
  readonly #members: Members<Peer>;
  readonly #traffic = new Traffic();
  readonly #open: OpenAttempt;
  readonly #rollCall: RollCall;
  #allHere: () => void = () => {};
  #begun = false;
  #stream = 0;
  #closing = false;
  readonly #joinTimer: NodeJS.Timeout;
  /** Of waits that the registry's end makes pointless. */
  readonly #ended = new AbortController();

  private constructor(settings: RegistrySettings) {
    const { runId, hosts, joiners, timing, credentials: path } = settings;
    this.#settings = settings;
    this.sealed = settings.sealed;
    this.timing = timing;
    this.turns = new Turns(timing.turnMs);
    const stored = path === undefined ? undefined : readCredentials(path);
    const serverKey = stored?.serverKey ?? signingKey();
    this.serverKey = serverKey;
    this.#admission = new Admission(runId, hosts, joiners, {
      expires: Date.now() + timing.joinMs,
      stored,
      keep: (state) => path !== undefined && writeCredentials(path, { serverKey, ...state }),
    });
    this.#members = new Members(settings.expected);
    this.#open = new OpenAttempt(timing);
    this.#rollCall = new RollCall({
      ...{ members: this.#members, peers: this.#peers, timing, observe: settings.observe },
      leftOut: () => this.#open.equivocated,
      least: settings.sealed.plan.privacy.minCohort,
      sitsOut: settings.sitsOut ?? false,
      ended: this.#ended.signal,
    });
    this.joined = new Promise((resolve) => {
      this.#allHere = resolve;
    });
    this.#joinTimer = setTimeout(() => this.#beginWithout(), timing.joinMs);
    // A registry that never opened must not hold the program up.
    this.#joinTimer.unref();
  }

  /** @throws ScenarioError if the port cannot be had, or the credentials file not be used */
  static async open(settings: RegistrySettings): Promise<Registry> {
    const registry = new Registry(settings);
    const { host, port, flag = "--port", names, tls, hosts, timing } = settings;
    const enter: Enter = (connection, from) =>
      registry.#peers.add(new Peer(connection, registry, `host at ${from}`));
    registry.#door =
      settings.door?.(enter) ??
      (await Doorway.open({
        ...{ host, port, flag, names: names ?? [host], tls, timing, enter },
        ownHosts: hosts,
      }));
    return registry;
  }

  /** One-time join tokens: for our own hosts, then for joiners without a key, in their order. */
  get tokens(): readonly string[] {
    return this.#admission.tokens;
  }

  /** "host:port", as clients dial it. */
  get audience(): string {
    return this.#audiences[0] ?? "";
  }

  get #audiences(): readonly string[] {
    const { host, names = [host] } = this.#settings;
    return names.map((name) => `${name}:${this.#door?.port ?? 0}`);
  }

  /** Vclients that take part in the next attempt, in the order of their numbers. */
  get present(): readonly number[] {
    return this.#rollCall.present;
  }

  /** Vclients that are here and are not asked, since they did not answer before. */
  get sittingOut(): readonly number[] {
    return this.#rollCall.sittingOut;
  }

  get clients(): readonly ClientRecord[] {
    return this.#members.records;
  }

  /** As `Rejoining.enough`: true once so many can take part, and nothing is charged before. */
  enough(clients: number): Promise<boolean> {
    return this.#rollCall.enough(clients);
  }

  /**
   * Sends the model to the attempt's cohort and takes updates until all are in or time is up.
   * Rejects if the registry is closed meanwhile: whoever interrupts a run has no use for the sum.
   *
   * @param endsAt by `performance.now()`: not before then, and not after; absent: as soon as all are in
   */
  async gather(
    attempt: Attempt,
    cohort: readonly number[],
    broadcast: Broadcast,
    endsAt?: number,
  ): Promise<void> {
    if (this.#closing) throw new Error("the registry is closed");
    // Two in every attempt, however many are asked: the next one's numbers would else count a cohort.
    const stream = this.nextStream();
    this.nextStream();
    const { signal } = this.#ended;
    await this.#open.gather(attempt, cohort, broadcast, this.#peers, stream, signal, endsAt);
    this.#rollCall.note(attempt);
  }

  /** Present clients with their long-lived public keys, in the order of their numbers. */
  get roster(): readonly RosterEntry[] {
    const keys = new Map<number, Buffer>();
    for (const { vclients, key } of this.#peers)
      for (const vclient of vclients) keys.set(vclient, fromWire(key));
    return this.present.map((vclient) => ({ vclient, key: keys.get(vclient) ?? Buffer.alloc(0) }));
  }

  /** 32 hex digits. */
  get runId(): string {
    return Buffer.from(this.#settings.runId).toString("hex");
  }

  /**
   * A masked attempt from its first step to its open sum; rejects as `gather`, and where too few are left.
   *
   * @param charge makes its charge durable
   */
  async gatherMasked(
    attempt: MaskedAttempt,
    broadcast: Broadcast,
    charge: () => void,
  ): Promise<void> {
    if (this.#closing) throw new Error("the registry is closed");
    const stream = () => this.nextStream();
    const asking = askMasked(this.#peers, attempt, broadcast, stream, this.timing);
    try {
      await this.#open.gatherMasked(attempt, asking, charge, this.#ended.signal);
    } finally {
      this.#leaveOut(attempt.complaints);
      this.#rollCall.note(attempt);
    }
  }

  /** Of the rest of the run: the same roster would fail in the same way. */
  #leaveOut(complaints: readonly Complaint[]): void {
    if (complaints.length === 0) return;
    const { colluders = 0 } = this.sealed.plan.privacy;
    const name = (vclient: number) => this.#members.nameOf(vclient);
    const clients = [...leftOut(complaints, colluders)].map(name);
    this.#members.leaveOut(clients);
    const accusations = complaints.map(({ by, of }) => ({ by: name(by), of: name(of) }));
    this.observe({ event: "clients-left-out", clients, accusations });
  }

  /** Tells every host how the attempt ended, and where the ledger then stood. */
  closeAttempt(
    { round, attempt }: Pick<Attempt, "round" | "attempt">,
    outcome: "released" | (string & {}),
    ledger: Ledger,
  ): void {
    const { seq, hash } = ledger.tip;
    const at = { seq, hash: hashToWire(hash) };
    const { privacy } = this.sealed.plan;
    const spentRaw =
      privacy.rawFactor === 1 ? {} : { raw: rawSpent(privacy, ledger.chargedEvents) };
    const spent = { spent: ledger.spent, ...spentRaw };
    const said = { t: "close", round, attempt, ledger: at, ...spent } as const;
    for (const peer of this.#peers) {
      if (peer.vclients.length === 0) continue;
      if (outcome === "released") peer.send({ ...said, outcome: "released" });
      else peer.send({ ...said, outcome: "aborted", reason: outcome });
    }
    const sent = this.#traffic.news([...this.#peers].map(({ egress }) => egress));
    for (const [kind, left] of sent) this.observe({ event: "sent", kind, ...left });
  }

  /** These clients' host process is gone for good, whether they had joined or not. */
  loseClients(names: readonly string[], why: string): void {
    if (this.#closing) return;
    const { fresh, vclients } = this.#members.lose(names);
    if (fresh.length === 0) return;
    this.observe({ event: "clients-lost", clients: fresh, why, ...this.#members.presence });
    this.#open.excuse(vclients);
    this.#changed();
  }

  /**
   * Ends it, then no more sockets: a polite goodbye to every host; or, of a run that did not come to
   * its end, word that the coordinator goes away.
   */
  async close(reason: string, finished = true): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#joinTimer);
    this.#ended.abort(new Error("the registry was closed while an attempt was open"));
    for (const peer of this.#peers) {
      if (finished) peer.bye(reason);
      else peer.leave(reason);
    }
    await this.#door?.close();
  }

  serverPart(): ServerPart {
    return this.#admission.part(this.#audiences);
  }

  nextStream(): number {
    return this.#stream++;
  }

  authenticated(peer: Peer, who: Authenticated, socket: Connection): readonly string[] | undefined {
    const names = this.#admission.admit(who);
    this.#door?.known(socket);
    // One socket a key: a client that is started anew comes before the old socket's end is known.
    for (const other of this.#peers) {
      if (other === peer || other.key !== who.key) continue;
      this.gone(other, "a newer connection of the same key took its place");
      other.replaced();
    }
    return names;
  }

  refused(socket: Connection): void {
    this.#door?.failed(socket);
  }

  admit(peer: Peer, names: readonly string[]): Admitted[] {
    this.#admission.claim(peer.key, names);
    return this.#members.admit(peer, names);
  }

  admitted(peer: Peer): void {
    this.observe({
      event: "clients-joined",
      clients: this.#members.namesOf(peer),
      elsewhere: this.#settings.joiners !== undefined,
      again: this.#begun,
      ...this.#members.presence,
    });
    this.#rollCall.back(peer.vclients);
    this.#open.back(peer);
    this.#changed();
  }

  offer(arrived: Arrived): UpdateStatus | null {
    const status = this.#open.offer(arrived);
    if (arrived.kind === "step" || status === null) return null;
    const { vclient, round, attempt } = arrived;
    const { byteLength: bytes } = arrived.kind === "masked" ? arrived.masked : arrived.update;
    if (status === "counted") this.#members.counted(vclient, bytes, { round, attempt });
    this.#rollCall.answered(vclient);
    this.observe({ event: "update", status, round, attempt, bytes });
    return status;
  }

  decline(message: Declined): void {
    const { vclient, reason } = message;
    // What a client's own ledger does not hold now it will never hold.
    if (reason === "budget") this.#members.decline(vclient);
    if (reason === "leaving") this.loseClients([this.#members.nameOf(vclient)], "it left");
    this.#open.decline(message);
  }

  /** Its clients are away, and may come again: until the run begins it waits for them. */
  gone(peer: Peer, why: string): void {
    if (!this.#peers.delete(peer)) return;
    this.#traffic.add(peer.egress);
    if (this.#closing) return;
    const clients = this.#members.namesOf(peer);
    this.#members.leave(peer, !this.#begun);
    const elsewhere = this.#settings.joiners !== undefined;
    const { presence } = this.#members;
    const event = connectionEnd(peer, clients, why, { begun: this.#begun, elsewhere, presence });
    if (event) this.observe(event);
    this.#open.away(peer);
    this.#changed();
  }

  heard(): void {
    this.#rollCall.changed();
  }

  observe(event: RunEvent): void {
    this.#settings.observe(event);
  }

  /** The time to join is up. Own hosts had theirs; whoever is elsewhere may still come. */
  #beginWithout(): void {
    const { awaited } = this.#members;
    if (this.#settings.joiners) {
      this.#members.awaitNoMore();
      this.observe({ event: "clients-late", clients: awaited, ...this.#members.presence });
    } else this.loseClients(awaited, "did not join in time");
    this.#changed();
  }

  #changed(): void {
    this.#rollCall.changed();
    if (this.#begun || this.#members.awaited.length > 0) return;
    this.#begun = true;
    clearTimeout(this.#joinTimer);
    this.#allHere();
  }
}

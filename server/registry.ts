/** IO: who is here. Sockets by client, joins and losses, and the attempt that is open. */
import type { WebSocket } from "ws";
import type { Ledger } from "../shared/accounting/ledger.ts";
import { ProtocolError } from "../shared/errors.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { RunEvent } from "../shared/run-event.ts";
import type { Timing } from "../shared/timing.ts";
import type { Authenticated, ServerPart } from "../shared/wire/handshake.ts";
import { type SigningKey, signingKey } from "../shared/wire/proofs.ts";
import { hashToWire } from "../shared/wire/wire-values.ts";
import { Admission } from "./admission.ts";
import { askCohort } from "./ask-cohort.ts";
import type { ArrivedUpdate, Attempt, Broadcast, UpdateStatus } from "./attempt.ts";
import { Doorway } from "./doorway.ts";
import { type ClientRecord, Members } from "./members.ts";
import { type Desk, Peer } from "./peer.ts";
import type { RegistrySettings } from "./registry-settings.ts";
import { Traffic } from "./traffic.ts";
import { Turns } from "./upload-turns.ts";

export class Registry implements Desk {
  readonly sealed: SealedPlan;
  readonly timing: Timing;
  readonly serverKey: SigningKey = signingKey();
  readonly turns: Turns;
  /** Resolves when each expected client is here or lost. */
  readonly joined: Promise<void>;
  readonly #settings: RegistrySettings;
  #doorway: Doorway | undefined;
  readonly #peers = new Set<Peer>();
  readonly #admission: Admission;
  readonly #members: Members<Peer>;
  readonly #equivocated = new Set<number>();
  readonly #traffic = new Traffic();
  #allHere: () => void = () => {};
  #attempt: Attempt | undefined;
  #stream = 0;
  #closing = false;
  readonly #joinTimer: NodeJS.Timeout;
  #interrupt: (why: Error) => void = () => {};

  private constructor(settings: RegistrySettings) {
    this.#settings = settings;
    this.sealed = settings.sealed;
    this.timing = settings.timing;
    this.turns = new Turns(settings.timing.turnMs);
    this.#admission = new Admission(settings.runId, settings.hosts, settings.joiners);
    this.#members = new Members(settings.expected);
    this.joined = new Promise((resolve) => {
      this.#allHere = resolve;
    });
    this.#joinTimer = setTimeout(
      () => this.loseClients(this.#members.awaited, "did not join in time"),
      settings.timing.joinMs,
    );
    // A registry that never opened must not hold the program up.
    this.#joinTimer.unref();
  }

  /** @throws ScenarioError if the port cannot be had */
  static async open(settings: RegistrySettings): Promise<Registry> {
    const registry = new Registry(settings);
    const { host, port, flag = "--port", names, tls, hosts, timing } = settings;
    registry.#doorway = await Doorway.open({
      ...{ host, port, flag, names: names ?? [host], tls, timing },
      ownHosts: hosts,
      enter: (socket, from) => registry.#peers.add(new Peer(socket, registry, `host at ${from}`)),
    });
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
    return names.map((name) => `${name}:${this.#doorway?.port ?? 0}`);
  }

  /** Vclients that can take part in the next attempt, in the order of their numbers. */
  get present(): readonly number[] {
    return this.#members.present.filter((vclient) => !this.#equivocated.has(vclient));
  }

  get clients(): readonly ClientRecord[] {
    return this.#members.records;
  }

  /**
   * Sends the model to the attempt's cohort and takes updates until all are in or time is up.
   * Rejects if the registry is closed meanwhile: whoever interrupts a run has no use for the sum.
   */
  async gather(attempt: Attempt, cohort: readonly number[], broadcast: Broadcast): Promise<void> {
    if (this.#closing) throw new Error("the registry is closed");
    this.#attempt = attempt;
    // Whoever said two things was left out of this attempt, and only of this.
    this.#equivocated.clear();
    const stream = this.nextStream();
    const stopWaiting = askCohort(this.#peers, attempt, cohort, broadcast, stream, this.timing);
    const closed = new Promise<never>((_, reject) => {
      this.#interrupt = reject;
    });
    try {
      await Promise.race([attempt.settled, closed]);
    } finally {
      attempt.close();
      stopWaiting();
    }
  }

  /** Tells every host how the attempt ended, and where the ledger then stood. */
  closeAttempt(
    { round, attempt }: Attempt,
    outcome: "released" | "below-minimum",
    ledger: Ledger,
  ): void {
    const { seq, hash } = ledger.tip;
    const said = {
      t: "close",
      round,
      attempt,
      ledger: { seq, hash: hashToWire(hash) },
      spent: ledger.spent,
    } as const;
    for (const peer of this.#peers) {
      if (peer.vclients.length === 0) continue;
      if (outcome === "released") peer.send({ ...said, outcome });
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
    this.lose(vclients);
    this.#checkJoined();
  }

  /**
   * Ends it, then no more sockets: a polite goodbye to every host; or, of a run that did not come to
   * its end, word that the coordinator goes away.
   */
  async close(reason: string, finished = true): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#joinTimer);
    this.#interrupt(new Error("the registry was closed while an attempt was open"));
    for (const peer of this.#peers) {
      if (finished) peer.bye(reason);
      else peer.leave(reason);
    }
    await this.#doorway?.close();
  }

  serverPart(): ServerPart {
    return this.#admission.part(this.#audiences);
  }

  nextStream(): number {
    return this.#stream++;
  }

  authenticated(who: Authenticated, socket: WebSocket): readonly string[] | undefined {
    const names = this.#admission.admit(who);
    this.#doorway?.known(socket);
    return names;
  }

  admit(peer: Peer, names: readonly string[]): number[] {
    const vclients = this.#members.admit(peer, names);
    const elsewhere = this.#settings.joiners !== undefined;
    const { presence } = this.#members;
    this.observe({ event: "clients-joined", clients: names, elsewhere, ...presence });
    this.#checkJoined();
    return vclients;
  }

  offer(update: ArrivedUpdate): UpdateStatus {
    const attempt = this.#attempt;
    if (!attempt) throw refusal("update.round", "an update before any round", "an open attempt");
    try {
      const status = attempt.offer(update);
      const { round, attempt: number } = attempt;
      const bytes = update.update.byteLength;
      if (status === "counted") this.#members.counted(update.vclient, bytes);
      this.observe({ event: "update", status, round, attempt: number, bytes });
      return status;
    } catch (error) {
      if (error instanceof ProtocolError && error.problem.what === "update.conflict")
        this.#equivocated.add(update.vclient);
      if (error instanceof ProtocolError && UNMENDABLE.has(error.problem.what))
        attempt.lose([update.vclient]);
      throw error;
    }
  }

  lose(vclients: readonly number[]): void {
    this.#attempt?.lose(vclients);
  }

  decline({ vclient, round, attempt, reason }: Parameters<Desk["decline"]>[0]): void {
    // What a client's own ledger does not hold now it will never hold.
    if (reason === "budget") this.#members.decline(vclient);
    if (reason === "leaving") this.loseClients([this.#members.nameOf(vclient)], "it left");
    const open = this.#attempt;
    if (open?.round === round && open.attempt === attempt) open.lose([vclient]);
  }

  gone(peer: Peer, why: string): void {
    this.#peers.delete(peer);
    this.#traffic.add(peer.egress);
    const names = this.#members.namesOf(peer);
    // One from elsewhere may come again until the run begins.
    const begun = names.length > 0 && this.#members.awaited.length === 0;
    if (!this.#settings.joiners || begun) {
      this.loseClients(names, why);
      return;
    }
    this.#members.awaitAgain(names);
    if (this.#closing) return;
    const { presence } = this.#members;
    const { where } = peer;
    this.observe({ event: "connection-ended", where, clients: names, why, ...presence });
  }

  observe(event: RunEvent): void {
    this.#settings.observe(event);
  }

  #checkJoined(): void {
    if (this.#members.awaited.length > 0) return;
    clearTimeout(this.#joinTimer);
    this.#allHere();
  }
}

/** Nothing better follows an update of the open attempt that is refused for these. */
const UNMENDABLE: ReadonlySet<string> = new Set(["update.shape", "update.norm"]);

function refusal(what: string, got: unknown, expected: string): ProtocolError {
  const fix = "Join with what the coordinator gave this host.";
  return new ProtocolError({ what, where: "the registry", got, expected, fix });
}

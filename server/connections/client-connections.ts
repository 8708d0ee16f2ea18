/** IO: who is here: connections by client, joins, absences and losses. */

import type { RunEvent } from "../../shared/events/run-event.ts";
import { type SigningKey, signingKey } from "../../shared/keys/proofs.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Admitted } from "../../shared/wire/admitted.ts";
import type { Authenticated, ServerPart } from "../../shared/wire/handshake.ts";
import type { Connection, Door, Enter } from "../../shared/wire/transport.ts";
import { Admission } from "../listener/admission.ts";
import { readCredentials, writeCredentials } from "../listener/credentials-file.ts";
import { WebSocketListener } from "../listener/web-socket-listener.ts";
import { type ClientRecord, ClientRoster } from "./client-roster.ts";
import { ConnectedClients } from "./connected-clients.ts";
import { connectionEnd } from "./connection-end.ts";
import type { ConnectionHandler, Declined } from "./connection-handler.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { Peer } from "./peer.ts";
import { Traffic } from "./traffic.ts";
import { UploadSemaphore } from "./upload-semaphore.ts";

export class ClientConnections implements ConnectionHandler<Peer> {
  readonly sealed: SealedPlan;
  readonly timing: Timing;
  readonly serverKey: SigningKey;
  readonly turns: UploadSemaphore;
  /** Its clients, as rounds know them. */
  readonly rounds: ConnectedClients;
  /** Resolves when each expected client is here or lost. */
  readonly joined: Promise<void>;
  readonly #settings: ConnectionSettings;
  #door: Door | undefined;
  readonly #peers = new Set<Peer>();
  readonly #admission: Admission;
  readonly #members: ClientRoster<Peer>;
  readonly #traffic = new Traffic();
  #allHere: () => void = () => {};
  #begun = false;
  #stream = 0;
  #closing = false;
  readonly #joinTimer: NodeJS.Timeout;
  /** Of waits that the registry's end makes pointless. */
  readonly #ended = new AbortController();

  private constructor(settings: ConnectionSettings) {
    const { runId, hosts, joiners, timing, credentials: path } = settings;
    this.#settings = settings;
    this.sealed = settings.sealed;
    this.timing = timing;
    this.turns = new UploadSemaphore(timing.turnMs);
    const stored = path === undefined ? undefined : readCredentials(path);
    const serverKey = stored?.serverKey ?? signingKey();
    this.serverKey = serverKey;
    this.#admission = new Admission(runId, hosts, joiners, {
      expires: Date.now() + timing.joinMs,
      stored,
      keep: (state) => path !== undefined && writeCredentials(path, { serverKey, ...state }),
    });
    this.#members = new ClientRoster(settings.expected);
    this.rounds = new ConnectedClients({
      ...{ sealed: this.sealed, runId, timing },
      ...{ peers: this.#peers, members: this.#members, traffic: this.#traffic },
      sitsOut: settings.sitsOut ?? false,
      nextStream: () => this.nextStream(),
      ended: this.#ended.signal,
      observe: (event) => this.observe(event),
    });
    this.joined = new Promise((resolve) => {
      this.#allHere = resolve;
    });
    this.#joinTimer = setTimeout(() => this.#beginWithout(), timing.joinMs);
    // A registry that never opened must not hold the program up.
    this.#joinTimer.unref();
  }

  /** @throws ScenarioError if the port cannot be had, or the credentials file not be used */
  static async open(settings: ConnectionSettings): Promise<ClientConnections> {
    const registry = new ClientConnections(settings);
    const { host, port, flag = "--port", names, tls, hosts, timing } = settings;
    const enter: Enter = (connection, from) =>
      registry.#peers.add(new Peer(connection, registry, `host at ${from}`));
    registry.#door =
      settings.door?.(enter) ??
      (await WebSocketListener.open({
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

  get clients(): readonly ClientRecord[] {
    return this.#members.records;
  }

  /** These clients' host process is gone for good, whether they had joined or not. */
  loseClients(names: readonly string[], why: string): void {
    if (this.#closing) return;
    const { fresh, vclients: clientIndices } = this.#members.lose(names);
    if (fresh.length === 0) return;
    this.observe({ event: "clients-lost", clients: fresh, why, ...this.#members.presence });
    this.rounds.excuse(clientIndices);
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
    this.rounds.back(peer);
    this.#changed();
  }

  decline(message: Declined): void {
    const { vclient: clientIndex, reason } = message;
    // What a client's own ledger does not hold now it will never hold.
    if (reason === "budget") this.#members.decline(clientIndex);
    if (reason === "leaving") this.loseClients([this.#members.nameOf(clientIndex)], "it left");
    this.rounds.decline(message);
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
    this.rounds.away(peer);
    this.#changed();
  }

  heard(): void {
    this.rounds.changed();
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
    this.rounds.changed();
    if (this.#begun || this.#members.awaited.length > 0) return;
    this.#begun = true;
    clearTimeout(this.#joinTimer);
    this.#allHere();
  }
}

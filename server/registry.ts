/** IO: who is here. Sockets by client, joins and losses, and the attempt that is open. */

import type { Ledger } from "../shared/accounting/ledger.ts";
import { ProtocolError } from "../shared/errors.ts";
import type { SealedPlan } from "../shared/plan.ts";
import type { Timing } from "../shared/timing.ts";
import { ALL_CLIENTS, encodeObject } from "../shared/wire/codec.ts";
import type { Authenticated, ServerPart } from "../shared/wire/handshake.ts";
import { type SigningKey, signingKey } from "../shared/wire/proofs.ts";
import { hashToWire } from "../shared/wire/wire-values.ts";
import { Admission } from "./admission.ts";
import type { ArrivedUpdate, Attempt, UpdateStatus } from "./attempt.ts";
import { Doorway } from "./doorway.ts";
import { type Desk, Peer } from "./peer.ts";

export interface RegistrySettings {
  readonly sealed: SealedPlan;
  /** 16 bytes. */
  readonly runId: Uint8Array;
  /** Clients that are to join, by name. */
  readonly expected: readonly string[];
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Hosts of our own, each with a one-time token. */
  readonly hosts: number;
  readonly timing: Timing;
  /** Refusals and losses, one line each; never rows, updates or keys. */
  readonly log: (line: string) => void;
}

/** What one client did, as the coordinator saw it. */
export interface ClientRecord {
  readonly name: string;
  readonly joined: boolean;
  readonly lost: boolean;
  readonly updates: number;
  readonly bytes: number;
}

interface Member {
  readonly name: string;
  peer: Peer | undefined;
  updates: number;
  bytes: number;
}

export class Registry implements Desk {
  readonly sealed: SealedPlan;
  readonly timing: Timing;
  readonly serverKey: SigningKey = signingKey();
  /** Resolves when each expected client is here or lost. */
  readonly joined: Promise<void>;
  readonly #settings: RegistrySettings;
  #doorway: Doorway | undefined;
  readonly #peers = new Set<Peer>();
  readonly #admission: Admission;
  /** By vclient. */
  readonly #members: Member[] = [];
  readonly #awaited: Set<string>;
  readonly #lost = new Set<string>();
  readonly #equivocated = new Set<number>();
  #allHere: () => void = () => {};
  #attempt: Attempt | undefined;
  #stream = 0;
  #closing = false;
  #interrupt: (why: Error) => void = () => {};

  private constructor(settings: RegistrySettings) {
    this.#settings = settings;
    this.sealed = settings.sealed;
    this.timing = settings.timing;
    this.#admission = new Admission(settings.runId, settings.hosts);
    this.#awaited = new Set(settings.expected);
    this.joined = new Promise((resolve) => {
      this.#allHere = resolve;
    });
  }

  /** @throws ScenarioError if the port cannot be had */
  static async open(settings: RegistrySettings): Promise<Registry> {
    const registry = new Registry(settings);
    const { host, port, hosts, timing } = settings;
    registry.#doorway = await Doorway.open({
      host,
      port,
      timing,
      ownHosts: hosts,
      enter: (socket, from) => registry.#peers.add(new Peer(socket, registry, `host at ${from}`)),
    });
    return registry;
  }

  /** One-time join tokens for our own hosts. */
  get tokens(): readonly string[] {
    return this.#admission.tokens;
  }

  /** "host:port", as clients dial it. */
  get audience(): string {
    return `${this.#settings.host}:${this.#doorway?.port ?? 0}`;
  }

  /** Vclients that can take part in the next attempt, in the order of their numbers. */
  get present(): readonly number[] {
    const here = this.#members.flatMap(({ peer }, vclient) => (peer ? [vclient] : []));
    const fit = here.filter((vclient) => !this.#equivocated.has(vclient));
    this.#equivocated.clear();
    return fit;
  }

  get clients(): readonly ClientRecord[] {
    const joined = new Map(this.#members.map((member) => [member.name, member]));
    return this.#settings.expected.map((name) => {
      const { updates = 0, bytes = 0 } = joined.get(name) ?? {};
      return { name, joined: joined.has(name), lost: this.#lost.has(name), updates, bytes };
    });
  }

  /**
   * Sends the model to the attempt's cohort and takes updates until all are in or time is up.
   * Rejects if the registry is closed meanwhile: whoever interrupts a run has no use for the sum.
   */
  async gather(
    attempt: Attempt,
    cohort: readonly number[],
    parameters: Float32Array,
  ): Promise<void> {
    this.#attempt = attempt;
    const ids = { vclient: ALL_CLIENTS, round: attempt.round, attempt: attempt.attempt };
    const model = encodeObject(
      { kind: "model", values: parameters },
      { ...ids, stream: this.nextStream() },
    );
    const members = new Set(cohort);
    const asked = [...this.#peers].filter(({ vclients }) => vclients.some((v) => members.has(v)));
    for (const peer of asked) {
      peer.startRound(
        attempt,
        peer.vclients.filter((v) => members.has(v)),
        model,
      );
    }
    const silent = () => {
      const name = `${attempt.round}/${attempt.attempt}`;
      for (const peer of asked) if (peer.accepted !== name) attempt.lose(peer.vclients);
    };
    const timers = [
      setTimeout(silent, this.timing.acceptMs),
      setTimeout(() => attempt.close(), this.timing.trainMs),
    ];
    const closed = new Promise<never>((_, reject) => {
      this.#interrupt = reject;
    });
    try {
      await Promise.race([attempt.settled, closed]);
    } finally {
      attempt.close();
      for (const timer of timers) clearTimeout(timer);
    }
  }

  /** Tells every host how the attempt ended, and where the ledger then stood. */
  closeAttempt(
    { round, attempt }: Attempt,
    outcome: "released" | "below-minimum",
    ledger: Ledger,
  ): void {
    const { seq, hash } = ledger.tip;
    const { spent } = ledger;
    const said = {
      t: "close",
      round,
      attempt,
      ledger: { seq, hash: hashToWire(hash) },
      spent,
    } as const;
    for (const peer of this.#peers) {
      if (peer.vclients.length === 0) continue;
      if (outcome === "released") peer.send({ ...said, outcome });
      else peer.send({ ...said, outcome: "aborted", reason: outcome });
    }
  }

  /** These clients' host process is gone for good, whether they had joined or not. */
  loseClients(names: readonly string[], why: string): void {
    const fresh = names.filter((name) => !this.#lost.has(name));
    if (fresh.length === 0 || this.#closing) return;
    this.log(`lost ${fresh.join(", ")}: ${why}`);
    for (const name of fresh) {
      this.#lost.add(name);
      this.#stopAwaiting(name);
    }
    const vclients = this.#members.flatMap(({ name }, vclient) =>
      fresh.includes(name) ? [vclient] : [],
    );
    for (const vclient of vclients) {
      const member = this.#members[vclient];
      if (member) member.peer = undefined;
    }
    this.lose(vclients);
  }

  /** Ends it: a polite goodbye to every host, then no more sockets. */
  async close(reason: string): Promise<void> {
    this.#closing = true;
    this.#interrupt(new Error("the registry was closed while an attempt was open"));
    for (const peer of this.#peers) peer.bye(reason);
    await this.#doorway?.close();
  }

  serverPart(): ServerPart {
    return this.#admission.part(this.audience);
  }

  nextStream(): number {
    return this.#stream++;
  }

  authenticated(who: Authenticated): void {
    this.#admission.admit(who);
    this.#doorway?.known();
  }

  admit(peer: Peer, names: readonly string[]): number[] {
    for (const name of names) {
      if (!this.#settings.expected.includes(name))
        throw refusal("client.unknown", name, "a client of this run");
      const taken = this.#members.some((member) => member.name === name);
      if (taken) throw refusal("client.duplicate-name", name, "a name that has not joined");
    }
    return names.map((name) => {
      this.#members.push({ name, peer, updates: 0, bytes: 0 });
      this.#stopAwaiting(name);
      return this.#members.length - 1;
    });
  }

  offer(update: ArrivedUpdate): UpdateStatus {
    const attempt = this.#attempt;
    if (!attempt) throw refusal("update.round", "an update before any round", "an open attempt");
    try {
      const status = attempt.offer(update);
      const member = this.#members[update.vclient];
      if (member && status === "counted") {
        member.updates += 1;
        member.bytes += update.update.byteLength;
      }
      return status;
    } catch (error) {
      if (error instanceof ProtocolError && error.problem.what === "update.conflict")
        this.#equivocated.add(update.vclient);
      if (error instanceof ProtocolError && error.problem.what === "update.shape")
        attempt.lose([update.vclient]);
      throw error;
    }
  }

  lose(vclients: readonly number[]): void {
    this.#attempt?.lose(vclients);
  }

  gone(peer: Peer, why: string): void {
    this.#peers.delete(peer);
    if (this.#closing) return;
    const names = this.#members.filter((member) => member.peer === peer).map(({ name }) => name);
    this.loseClients(names, why);
  }

  log(line: string): void {
    this.#settings.log(line);
  }

  #stopAwaiting(name: string): void {
    this.#awaited.delete(name);
    if (this.#awaited.size === 0) this.#allHere();
  }
}

function refusal(what: string, got: unknown, expected: string): ProtocolError {
  const fix = "Join with what the coordinator gave this host.";
  return new ProtocolError({ what, where: "the registry", got, expected, fix });
}

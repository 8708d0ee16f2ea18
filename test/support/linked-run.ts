/** A coordinator's registry and clients' sessions over real sockets, a relay between them. */

import { eventLine } from "../../cli/screen/event-line.ts";
import type { RoundRequest } from "../../client/connection/round-request.ts";
import { Session } from "../../client/connection/session.ts";
import { Attempt } from "../../server/attempts/attempt.ts";
import { ClientConnections } from "../../server/connections/client-connections.ts";
import type { ConnectionSettings } from "../../server/connections/connection-settings.ts";
import { sha256 } from "../../shared/canonical.ts";
import { type SigningKey, signingKey, tokenKey } from "../../shared/keys/proofs.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { shortened, type Timing } from "../../shared/timing.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import { sealedWith } from "./plans.ts";
import { RELAY_HOST, Relay } from "./relay.ts";
import { gather } from "./round-clients.ts";

/** 50 times shorter, but for what only a machine under load would miss. */
export const LINK_TIMING: Timing = {
  ...shortened(50),
  authMs: 5_000,
  requestMs: 5_000,
  acceptMs: 5_000,
};

function sealedRun(noise: "seeded" | "secure"): SealedPlan {
  const bytes = Buffer.from(`a plan with ${noise} noise`);
  return { ...sealedWith({ noise }), bytes, hash: sha256(bytes) };
}

/** One that joins: a session, and how often it was asked to train. */
export interface Party {
  readonly session: Session;
  readonly orders: RoundRequest[];
  /** Lines of its owner's screen. */
  readonly retries: string[];
  /** Resolves when the session has ended. */
  readonly ended: Promise<void>;
}

export class LinkedRun {
  readonly sealed: SealedPlan;
  registry: ClientConnections;
  readonly relay: Relay;
  readonly keys: ReadonlyMap<string, SigningKey>;
  readonly log: string[];
  readonly #parties: Party[] = [];
  readonly #settings: ConnectionSettings;

  private constructor(
    registry: ClientConnections,
    settings: ConnectionSettings,
    relay: Relay,
    given: Given,
  ) {
    this.#settings = settings;
    this.registry = registry;
    this.relay = relay;
    this.sealed = given.sealed;
    this.keys = given.keys;
    this.log = given.log;
  }

  /** @param names one key each; a name's clients are `name-1` … where `each` says how many */
  static async open(
    names: readonly string[],
    noise: "seeded" | "secure" = "secure",
    more: Partial<ConnectionSettings> & { readonly each?: number } = {},
  ): Promise<LinkedRun> {
    const given: Given = {
      sealed: sealedRun(noise),
      keys: new Map(names.map((name) => [name, signingKey()])),
      log: [],
    };
    const { each = 1, ...others } = more;
    const clientsOf = (name: string) => clientNames(name, each);
    const settings: ConnectionSettings = {
      sealed: given.sealed,
      runId: new Uint8Array(16),
      expected: names.flatMap(clientsOf),
      host: "127.0.0.1",
      port: 0,
      names: ["127.0.0.1", RELAY_HOST],
      hosts: 0,
      joiners: names.map((name) => ({
        names: clientsOf(name),
        key: toWire(given.keys.get(name)?.publicKey ?? new Uint8Array()),
      })),
      timing: LINK_TIMING,
      observe: (event) => {
        const line = eventLine(event);
        if (line !== undefined) given.log.push(line);
      },
      ...others,
    };
    const registry = await ClientConnections.open(settings);
    const port = Number(registry.audience.split(":")[1]);
    return new LinkedRun(registry, settings, await Relay.open(port), given);
  }

  /** The coordinator goes away, and another process of it takes the same port. */
  async restart(more: Partial<ConnectionSettings> = {}): Promise<void> {
    const port = Number(this.registry.audience.split(":")[1]);
    await this.registry.close("broken off", false);
    this.registry = await ClientConnections.open({ ...this.#settings, ...more, port });
  }

  /**
   * A client that answers each order by what `train` gives of it; through the relay, or not.
   *
   * @param settings `token`: joins by that token; `kept`: with the key that a process before has kept beside it
   */
  join(
    name: string,
    train: (order: RoundRequest, clientIndex: number) => Promise<number[]> | number[],
    settings: {
      readonly direct?: boolean;
      readonly each?: number;
      readonly token?: string;
      readonly kept?: boolean;
      readonly giveUpAfterMs?: number;
      readonly timing?: Timing;
    } = {},
  ): Party {
    const port = this.registry.audience.split(":")[1];
    const key = this.keys.get(name) ?? signingKey();
    const token = settings.token === undefined ? undefined : tokenKey(settings.token);
    const retries: string[] = [];
    const session = new Session(
      {
        audience: `${settings.direct ? "127.0.0.1" : RELAY_HOST}:${port}`,
        credentials: { key, token: settings.kept ? undefined : token },
        instead: settings.kept ? { key, token } : undefined,
        serverKey: this.registry.serverKey.publicKey,
        planHash: undefined,
      },
      settings.timing ?? LINK_TIMING,
      {
        giveUpAfterMs: settings.giveUpAfterMs,
        retrying: ({ audience, failed, why }) => retries.push(`${audience} ${failed} ${why}`),
      },
    );
    const orders: RoundRequest[] = [];
    const { work } = session;
    const follow = async () => {
      await session.ready(clientNames(name, settings.each ?? 1), this.sealed.plan.privacy);
      for (let order = await work.next(); order; order = await work.next()) {
        orders.push(order);
        const sending = order.cohort.map(async (clientIndex) => {
          if (order)
            await work.send(order, clientIndex, Int32Array.from(await train(order, clientIndex)));
        });
        await Promise.all(sending);
      }
    };
    const party = { session, orders, retries, ended: follow().catch(() => {}) };
    this.#parties.push(party);
    return party;
  }

  /** An attempt of all who are here; `gathered` resolves when it has settled. */
  begin(round: number, attempt = 0) {
    const { registry } = this;
    const open = new Attempt(round, attempt, registry.rounds.present, this.sealed.model.parameters);
    const broadcast = {
      task: "train",
      parameters: Float32Array.of(round, 0.5),
      clipNorm: 0.5,
    } as const;
    return { attempt: open, gathered: gather(registry.rounds, open, broadcast) };
  }

  async close(): Promise<void> {
    for (const { session } of this.#parties) session.leave();
    await this.registry.close("the test has ended");
    await this.relay.close();
  }
}

interface Given {
  readonly sealed: SealedPlan;
  readonly keys: ReadonlyMap<string, SigningKey>;
  readonly log: string[];
}

function clientNames(name: string, each: number): string[] {
  return each === 1 ? [name] : Array.from({ length: each }, (_, i) => `${name}-${i + 1}`);
}

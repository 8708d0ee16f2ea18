/**
 * Masked attempts over real sockets in one process: a coordinator's registry, and hosts that do all that a
 * host does, each of whose words to the coordinator a test may hold up or leave out.
 */

import type { ClientWork } from "../../client/connection/client-work.ts";
import { Session } from "../../client/connection/session.ts";
import { BoundClients } from "../../client/round/bound-clients.ts";
import type { HostContext } from "../../client/round/host-context.ts";
import { takePart } from "../../client/round/take-part.ts";
import type { AttemptWire } from "../../server/attempts/attempt-wire.ts";
import { MaskedAttempt } from "../../server/attempts/masked-attempt.ts";
import { openMaskedSum } from "../../server/attempts/masked-round.ts";
import { ClientConnections } from "../../server/connections/client-connections.ts";
import { sha256 } from "../../shared/canonical.ts";
import { fusedEngine } from "../../shared/engine/fused/engine.ts";
import { type SigningKey, signingKey } from "../../shared/keys/proofs.ts";
import { secureRoot, seededRoot } from "../../shared/noise/random.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import type { PrivacyTerms } from "../../shared/privacy/terms.ts";
import { attemptContext } from "../../shared/secagg/attempt-context.ts";
import { secaggTerms } from "../../shared/secagg/terms.ts";
import type { Timing } from "../../shared/timing.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import { bareHost } from "./bare-host.ts";
import { LINK_TIMING } from "./linked-run.ts";
import { scratch } from "./murmur.ts";
import { sealedWith } from "./plans.ts";

/** What of a host's work a test has its own way with. */
export type Change = (session: Session) => Partial<HostContext["work"]>;

const COHORT = { minCohort: 3, colluders: 1 } as const;

export class MaskedSessions {
  readonly sealed: SealedPlan;
  registry: ClientConnections;
  readonly #hosts: readonly (readonly string[])[];
  readonly #keys: readonly SigningKey[];
  readonly #timing: Timing;
  readonly #sessions: Session[] = [];
  readonly #folder: ReturnType<typeof scratch>;
  /** Resolve when a host has nothing more to do. */
  readonly ended: Promise<void>[] = [];

  private constructor(
    given: Pick<MaskedSessions, "sealed" | "registry">,
    hosts: readonly (readonly string[])[],
    keys: readonly SigningKey[],
    timing: Timing,
    folder: ReturnType<typeof scratch>,
  ) {
    this.sealed = given.sealed;
    this.registry = given.registry;
    this.#hosts = hosts;
    this.#keys = keys;
    this.#timing = timing;
    this.#folder = folder;
  }

  /** @param hosts names of each host's clients; three of them must be left in an attempt */
  static async open(
    hosts: readonly (readonly string[])[],
    terms: Partial<PrivacyTerms> = {},
    timing: Partial<Timing> = {},
  ): Promise<MaskedSessions> {
    const clients = hosts.flat().length;
    const masks = { trust: "distributed", accountant: "zcdp", clients, ...COHORT } as const;
    const bytes = Buffer.from(JSON.stringify(terms));
    const sealed = {
      ...sealedWith({ ...masks, noise: "secure", ...terms }),
      ...{ bytes, hash: sha256(bytes) },
    };
    const all = { ...LINK_TIMING, stepMs: 20_000, trainMs: 20_000, awayMs: 20_000, ...timing };
    const keys = hosts.map(() => signingKey());
    const folder = scratch();
    const registry = await openRegistry(sealed, hosts, keys, all, 0, folder.path);
    return new MaskedSessions({ sealed, registry }, hosts, keys, all, folder);
  }

  /** Host `i` comes in: a new process, as far as the coordinator can tell. */
  join(i: number, change: Change = () => ({})): Session {
    const [key, names = []] = [this.#keys[i], this.#hosts[i]];
    if (!key) throw new RangeError(`no host ${i}`);
    const { audience, serverKey } = this.registry;
    const session = new Session(
      {
        audience,
        credentials: { key, token: undefined },
        serverKey: serverKey.publicKey,
        planHash: undefined,
      },
      this.#timing,
    );
    this.#sessions.push(session);
    this.ended.push(this.#follow(session, names, change(session)));
    return session;
  }

  /** An attempt of all that are here; `sum` rejects where it is not opened. */
  begin(round: number, number: number): { attempt: MaskedAttempt; sum: Promise<void> } {
    const { roster, runId } = this.registry.rounds;
    const { privacy } = this.sealed.plan;
    const ids = { round, attempt: number };
    const setup = {
      terms: secaggTerms(roster.length, privacy),
      context: attemptContext({ runId, ...ids, planHash: this.sealed.hash }),
      roster: roster.map(({ key }) => key),
      parameters: privacy.parameters,
      largestSum: 2 ** 31,
    };
    const attempt = new MaskedAttempt(
      ids,
      roster.map(({ vclient: clientIndex }) => clientIndex),
      setup,
    );
    const parameters = new Float32Array(this.sealed.model.parameters);
    const broadcast = { task: "train", parameters, clipNorm: privacy.clipNorm } as const;
    const gathering = (wire: AttemptWire) => openMaskedSum(attempt, wire, () => {});
    const sum = this.registry.rounds.gather(attempt, broadcast, gathering);
    sum.catch(() => {});
    return { attempt, sum };
  }

  /** Its process is killed, and another begins where it listened. */
  async restart(): Promise<void> {
    const port = Number(this.registry.audience.split(":")[1]);
    await this.registry.close("broken off", false);
    this.registry = await openRegistry(
      ...([this.sealed, this.#hosts, this.#keys, this.#timing] as const),
      port,
      this.#folder.path,
    );
    await this.registry.joined;
  }

  async close(): Promise<void> {
    for (const session of this.#sessions) session.leave();
    await this.registry.close("the test has ended");
    await Promise.all(this.ended);
    this.#folder.remove();
  }

  async #follow(session: Session, names: readonly string[], change: Partial<HostContext["work"]>) {
    const { sealed } = this;
    const admitted = await session.ready(names, sealed.plan.privacy).catch(() => []);
    const rows = {
      examples: { count: 1, width: 1, inputs: Float32Array.of(1), labels: Float32Array.of(1) },
    };
    const { work } = session;
    const host: HostContext = {
      link: session,
      work: { ...answersOf(work), ...change },
      sealed,
      engine: fusedEngine(sealed.model),
      bound: new BoundClients(sealed.plan),
      root: sealed.plan.privacy.noise === "secure" ? secureRoot : seededRoot(1),
      clients: new Map(names.map((name) => [name, rows])),
      nameOf: new Map(admitted.map(({ vclient: clientIndex }, i) => [clientIndex, names[i] ?? ""])),
      fate: () => ({
        faults: [],
        words: () => {
          throw new Error("no words");
        },
      }),
      ...bareHost(),
    };
    for (let request = await work.next(); request; request = await work.next())
      await takePart(request, host);
  }
}

/** Its methods by themselves, for an object that has others beside them. */
function answersOf(work: ClientWork): HostContext["work"] {
  return {
    notes: work.notes,
    decline: (...given) => work.decline(...given),
    send: (...given) => work.send(...given),
    isOpen: (request) => work.isOpen(request),
    nextStep: (request) => work.nextStep(request),
    sendStep: (...given) => work.sendStep(...given),
    giveBack: (request) => work.giveBack(request),
  };
}

function openRegistry(
  sealed: SealedPlan,
  hosts: readonly (readonly string[])[],
  keys: readonly SigningKey[],
  timing: Timing,
  port: number,
  folder: string,
): Promise<ClientConnections> {
  return ClientConnections.open({
    ...{ sealed, timing, port, hosts: 0, host: "127.0.0.1", names: ["127.0.0.1"] },
    runId: new Uint8Array(16),
    expected: hosts.flat(),
    credentials: `${folder}/credentials.json`,
    joiners: hosts.map((names, i) => ({
      names,
      key: toWire(keys[i]?.publicKey ?? Buffer.alloc(32)),
    })),
    observe: () => {},
  });
}

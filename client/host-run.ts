/**
 * What a host does from its assignment to goodbye, in a process of its own or in the coordinator's: its rows
 * prepared, its clients followed through the run, and what a launcher may know said to it.
 */

import { labelCount } from "../shared/contract/contract.ts";
import { chooseEngine } from "../shared/engine/choose-engine.ts";
import type { Engine } from "../shared/engine/core/engine.ts";
import { isRefusal, ScenarioError } from "../shared/errors.ts";
import {
  type ClientSeconds,
  type EvaluateRequest,
  type HostReport,
  refusedReport,
} from "../shared/events/host-report.ts";
import { failpoint } from "../shared/failpoint.ts";
import { signingKey, tokenKey } from "../shared/keys/proofs.ts";
import { type RandomRoot, secureRoot, seededRoot } from "../shared/noise/random.ts";
import { openPlan, type Plan, type SealedPlan } from "../shared/plan/plan.ts";
import { tellsRounds } from "../shared/privacy/cohort-secrecy.ts";
import { isPublicSource } from "../shared/scenario/schema.ts";
import { TIMING } from "../shared/timing.ts";
import type { Dial } from "../shared/wire/transport.ts";
import { fromWire } from "../shared/wire/wire-values.ts";
import { hushed, requireAlgorithm } from "./algorithms/outside.ts";
import type { OutsideAlgorithm } from "./algorithms/outside-algorithm.ts";
import type { OwnerNotes } from "./connection/client-work.ts";
import { Session } from "./connection/session.ts";
import {
  assignmentSchema,
  type DataAssignment,
  type HeldOutAssignment,
  type HostAssignment,
} from "./data/assignment.ts";
import { ClientLedger } from "./ledger/client-ledger.ts";
import { readLimits } from "./ledger/client-limits.ts";
import { KeptPreparation } from "./prepare/kept-preparation.ts";
import { type Prepared, prepare } from "./prepare/prepare.ts";
import { BoundClients } from "./round/bound-clients.ts";
import { followRun } from "./round/follow-run.ts";
import { injectedFaults } from "./round/injected-faults.ts";
import type { MemoryFiles } from "./source/memory-files.ts";
import { clientSummaries } from "./training/client-summaries.ts";
import { countRight } from "./training/count-right.ts";

/** Who launched the host, as far as the host knows it: a parent process, or this very one. */
export interface Launcher {
  readonly tell: (report: HostReport) => void;
  /** Hears all that it sends. @returns what ends that */
  readonly hear: (listen: (message: unknown) => void) => () => void;
  /** Nothing more is asked of this host. */
  readonly done: () => void;
  /** A bug of ours, and no refusal. */
  readonly failed: (error: unknown) => void;
  readonly notes?: OwnerNotes;
  /** How its clients come by a connection; absent: by sockets. */
  readonly dial?: Dial | undefined;
  /** Rows that it has in memory, in the place of files of their names. */
  readonly memory?: MemoryFiles | undefined;
  /** That the plan may name, in the place of ours. */
  readonly outside?: OutsideAlgorithm | undefined;
}

export class HostRun {
  readonly #launcher: Launcher;
  readonly #preparation: KeptPreparation;
  /** Of the run that it is in. */
  #session: Session | undefined;
  /** Never rejects. */
  #work: Promise<void> = Promise.resolve();

  constructor(launcher: Launcher) {
    this.#launcher = launcher;
    this.#preparation = new KeptPreparation(launcher.memory);
  }

  /** Takes the next assignment, and the one after it where it stays for several. */
  await(): void {
    const fallSilent = this.#launcher.hear((message) => {
      fallSilent();
      const assignment = assignmentSchema.parse(message);
      const work =
        "coordinator" in assignment ? this.#follow(assignment) : this.#holdOut(assignment);
      this.#work = work.catch((error: unknown) => this.#refuse(error));
    });
  }

  /** Leaves its run as a process that is killed would. Resolves once nothing goes on of what it was at. */
  async breakOff(): Promise<void> {
    this.#session?.breakOff();
    await this.#work;
  }

  async #follow(assignment: HostAssignment): Promise<void> {
    const { index, data, faults, privateFolder } = assignment;
    const ledgers = openLedgers(assignment);
    const { audience, token, serverKey } = assignment.coordinator;
    const credentials = { key: signingKey(), token: tokenKey(token) };
    const pins = { serverKey: fromWire(serverKey), planHash: undefined };
    const { dial, tell, done, notes, outside } = this.#launcher;
    const address = { audience, credentials, ...pins, dial };
    const link = new Session(address, TIMING, {}, notes);
    this.#session = link;
    const { bytes, hash } = await link.plan;
    const sealed = openPlan(bytes, hash);
    requireAlgorithm(sealed.plan, outside);
    const engine = await chooseEngine(sealed.plan.training.engine, sealed.model);
    const prepared = await this.#preparation.of(
      sealed.plan.contract,
      data,
      privateFolder !== undefined,
    );
    const isPublic = isPublicSource(data.source);
    this.#tellHeldOut(prepared, isPublic ? prepared.seconds : null);
    const labels = labelCount(sealed.plan.contract.target);
    const fallSilent = isPublic
      ? this.#answerSimulation(prepared, engine, labels, sealed.plan)
      : () => {};
    const { privacy } = sealed.plan;
    await followRun({
      ...{ link, sealed, engine, prepared, names: data.mine, ledgers, audience, privateFolder },
      root: rootOf(sealed, data),
      fate: injectedFaults(faults, data),
      outside: outside && !isPublic ? hushed(outside) : outside,
      diverged: (client, round) => {
        if (isPublic && tellsRounds(privacy)) tell({ kind: "diverged", client, round });
      },
      hidesDraw: !tellsRounds(privacy),
      before: () => failpoint("host-round", index),
    });
    for (const ledger of ledgers.values()) ledger.close();
    fallSilent();
    if (!assignment.stays) return done();
    this.await();
    tell({ kind: "idle" });
  }

  /** Where clients join from elsewhere: public rows to evaluate on, and none of anybody's. Its parent ends it. */
  async #holdOut({ plan, hash, data }: HeldOutAssignment): Promise<void> {
    const sealed = openPlan(Buffer.from(plan), hash);
    // Of the clients' own rows there is nothing to time here.
    this.#tellHeldOut(await prepare(sealed.plan.contract, data), null);
  }

  #tellHeldOut({ heldOut, person, stages }: Prepared, seconds: ClientSeconds | null): void {
    if (heldOut && person)
      this.#launcher.tell({ kind: "prepared", heldOut, person, stages, seconds });
  }

  /** What a simulation may know of its clients, of its launcher and never by the wire. @returns what ends it */
  #answerSimulation(
    { clients }: Prepared,
    engine: Engine,
    classes: number,
    plan: Plan,
  ): () => void {
    const { tell, hear } = this.#launcher;
    tell({ kind: "clients", ...clientSummaries(clients, classes) });
    return hear((message) => {
      const { kind, parameters: values } = message as EvaluateRequest;
      if (kind !== "evaluate") return;
      const { parameters, rows } = new BoundClients(plan).opened(values, clients);
      countRight(rows, parameters, engine)
        .then((counted) => tell({ kind: "evaluated", clients: counted }))
        .catch((error: unknown) => this.#refuse(error));
    });
  }

  /** A refusal is the launcher's to show, once, whichever hosts report it; a bug keeps its stack. */
  #refuse(error: unknown): void {
    if (isRefusal(error)) this.#launcher.tell(refusedReport(error));
    else this.#launcher.failed(error);
  }
}

/** Whence coins and noise come. @throws ScenarioError for seeded noise on private rows */
function rootOf({ plan }: SealedPlan, { source, seed }: DataAssignment): RandomRoot {
  if (plan.privacy.noise === "secure") return secureRoot;
  if (isPublicSource(source)) return seededRoot(seed);
  throw new ScenarioError({
    what: "privacy.noise",
    where: "the plan received",
    got: "seeded",
    expected: "secure, since the data are private",
    fix: "Take no part: whoever holds the seed can subtract the noise.",
  });
}

/** Its clients' own ledgers, by name; none where nobody asked for them. */
function openLedgers({ clientLedgers, data }: HostAssignment): Map<string, ClientLedger> {
  if (clientLedgers === null) return new Map();
  const limits = readLimits(clientLedgers);
  return new Map(data.mine.map((name) => [name, ClientLedger.open(clientLedgers, name, limits)]));
}

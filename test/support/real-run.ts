/**
 * A run as `murmur run` makes it, with coordinator and hosts in the test's own process, or hosts forked from dist/:
 * sockets and ledger are real. It keeps what was released, and the clients' rows.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataAssignment, HostAssignment } from "../../client/data/assignment.ts";
import { type Prepared, prepare } from "../../client/prepare/prepare.ts";
import { InProcessHost } from "../../run/hosts/in-process-host.ts";
import { type Host, Hosts } from "../../run/hosts/launch.ts";
import { FaultLog } from "../../server/attempts/fault-log.ts";
import { ClientConnections } from "../../server/connections/client-connections.ts";
import type { ClientRecord } from "../../server/connections/client-roster.ts";
import { coordinate, type Ending } from "../../server/rounds/coordinator.ts";
import { initialState } from "../../server/rounds/server-round.ts";
import { TooFewClients } from "../../server/rounds/too-few-clients.ts";
import { fusedEngine } from "../../shared/engine/fused/engine.ts";
import type { FaultsTrace, RoundTrace } from "../../shared/events/trace.ts";
import { Ledger } from "../../shared/ledger/ledger.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import { secureRoot, seededRoot } from "../../shared/noise/random.ts";
import { ledgerOpening, makePlan, type SealedPlan } from "../../shared/plan/plan.ts";
import { faultScript } from "../../shared/scenario/fault-schema.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { TIMING } from "../../shared/timing.ts";
import { toWire } from "../../shared/wire/wire-values.ts";
import { assignmentFor, contractFor, SCENARIOS } from "./contracts.ts";
import { ROOT } from "./murmur.ts";

const HOST_PROGRAM = join(ROOT, "dist/client/host.js");
const LOOPBACK = "127.0.0.1";
const RUN_ID = "05".repeat(16);

/** It could go on later. */
interface Interrupted {
  readonly reason: "interrupted";
  /** Begun and charged. */
  readonly attempts: number;
}

export interface RealRun {
  readonly sealed: SealedPlan;
  /** The model before round 0, and after each released round: float32[parameters] each. */
  readonly models: readonly Float32Array[];
  readonly rounds: readonly RoundTrace[];
  readonly ending: Ending | Interrupted;
  readonly ledger: readonly LedgerLine[];
  /** Every client's rows, prepared a second time, here. */
  readonly clients: Prepared["clients"];
  /** Names of the clients of each host. */
  readonly held: readonly (readonly string[])[];
  /** What the coordinator saw of each client. */
  readonly records: readonly ClientRecord[];
  /** What went amiss, no script having a part in it. */
  readonly faults: FaultsTrace | undefined;
}

export interface RealRunSettings {
  /** Of the scenario's file and data; the shipped scenarios' unless given. */
  readonly folder?: string;
  /** At most; none without a client. */
  readonly hosts?: number;
  /** Hosts are processes of their own, which may be killed; else they are in this one. */
  readonly forked?: boolean;
  /** Where clients' own reports go, whole once the run has ended; unless given they go nowhere. */
  readonly privateFolder?: string;
  /** Called after each released round; the next waits for it. */
  readonly afterRound?: (round: number, hosts: readonly Host[]) => Promise<void> | void;
}

export async function realRun(
  scenario: Scenario,
  {
    folder = SCENARIOS,
    hosts: most = 2,
    forked = false,
    privateFolder,
    afterRound = () => {},
  }: RealRunSettings = {},
): Promise<RealRun> {
  const sealed = makePlan(scenario, await contractFor(scenario), "fused");
  const data = assignmentFor(scenario, { folder });
  const count = Math.min(most, scenario.clients.count);
  const scratch = mkdtempSync(join(tmpdir(), "murmur-real-run-"));
  const here = () => Array.from({ length: count }, () => new InProcessHost());
  const hosts = forked
    ? new Hosts(HOST_PROGRAM, count, TIMING)
    : new Hosts("this process", count, TIMING, here());
  const held = hosts.all.map(({ index }) => data.clients.filter((_, i) => i % count === index));
  let registry: ClientConnections | undefined;
  try {
    registry = await openRegistry(sealed, data.clients, count);
    const folders = { privateFolder: privateFolder ?? scratch, clientLedgers: null };
    assign(registry, hosts, held, data, { ...folders, faults: [...faultScript(scenario.clients)] });
    const { heldOut } = await Promise.race([hosts.prepared, hosts.refused]);
    await Promise.race([registry.joined, hosts.refused]);
    const ledger = new Ledger(join(scratch, "ledger.jsonl"), ledgerOpening(sealed, RUN_ID));
    const start = initialState(sealed, scenario.seed);
    const { noise } = sealed.plan.privacy;
    const root = noise === "secure" ? secureRoot : seededRoot(scenario.seed);
    const faults = new FaultLog(data.clients, () => []);
    const tools = { sealed, clients: registry.rounds, ledger, root, faults };
    const running = coordinate(tools, fusedEngine(sealed.model), heldOut, start);
    const played = await play(running, ledger, hosts, afterRound);
    const models = [start.parameters, ...played.models];
    const { clients } = await prepare(sealed.plan.contract, data);
    const { clients: records } = registry;
    const told = { ledger: ledger.lines, faults: faults.trace, records };
    return { ...played, ...told, sealed, models, clients, held };
  } finally {
    await registry?.close("the test has ended");
    // Told goodbye, hosts finish their clients' reports.
    await hosts.end(privateFolder === undefined ? 0 : TIMING.closeMs);
    rmSync(scratch, { recursive: true, force: true });
  }
}

function openRegistry(sealed: SealedPlan, expected: readonly string[], hosts: number) {
  const runId = Buffer.from(RUN_ID, "hex");
  const observe = () => {};
  const place = { host: LOOPBACK, port: 0, timing: TIMING };
  return ClientConnections.open({ ...place, sealed, runId, expected, hosts, observe });
}

/** Tells each host what it is, and the registry when one of them has ended. */
function assign(
  registry: ClientConnections,
  hosts: Hosts,
  held: RealRun["held"],
  data: DataAssignment,
  rest: Pick<HostAssignment, "privateFolder" | "clientLedgers" | "faults">,
): void {
  for (const { index, ended } of hosts.all)
    void ended.then(() => registry.loseClients(held[index] ?? [], "its host has ended"));
  const { audience, tokens, serverKey } = registry;
  const assignments = tokens.map((token, index) => ({
    index,
    coordinator: { audience, token, serverKey: toWire(serverKey.publicKey) },
    data: { ...data, mine: held[index], heldOut: index === 0 },
    ...rest,
  }));
  hosts.assign(assignments);
}

/** The released models, one a round, and how it ended. */
async function play(
  running: ReturnType<typeof coordinate>,
  ledger: Ledger,
  hosts: Hosts,
  afterRound: NonNullable<RealRunSettings["afterRound"]>,
): Promise<Pick<RealRun, "models" | "rounds" | "ending">> {
  const models: Float32Array[] = [];
  const rounds: RoundTrace[] = [];
  for (;;) {
    const next = await Promise.race([running.next(), hosts.refused]).catch((error: unknown) => {
      if (error instanceof TooFewClients) return undefined;
      throw error;
    });
    if (next === undefined) {
      const attempts = ledger.charged("train") + ledger.charged("evaluation");
      return { models, rounds, ending: { reason: "interrupted", attempts } };
    }
    if (next.done) return { models, rounds, ending: next.value };
    models.push(next.value.state.parameters);
    rounds.push(next.value.trace);
    await afterRound(next.value.trace.round, hosts.all);
  }
}

/**
 * IO: updates a second through one coordinator, bytes an update takes on its socket, and what memory the
 * coordinator needs, for models and numbers of clients. The coordinator is a process of its own, its
 * registry, attempts and sockets the real ones; two light hosts send what no one has trained.
 *
 *     node dist/bench/wire.js [PARAMETERS CLIENTS ROUNDS [HOSTS]]
 */
import { type ChildProcess, fork } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Attempt } from "../server/attempts/attempt.ts";
import { ClientConnections } from "../server/connections/client-connections.ts";
import { buildContract } from "../shared/contract/build.ts";
import { makePlan, type SealedPlan } from "../shared/plan/plan.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";
import { TIMING } from "../shared/timing.ts";
import { LightHost, lightUpdate } from "./light-host.ts";

const SELF = fileURLToPath(import.meta.url);
// Of the sources: nothing but code is built into dist.
const SCENARIOS = fileURLToPath(new URL("../../scenarios", import.meta.url));
const MIB = 2 ** 20;
/** A hundred hosts in one process are slow to answer. */
const PATIENT = { ...TIMING, acceptMs: TIMING.trainMs };
/** What issue 6 asks of an update on the wire: bytes over parameters. */
const MOST_BYTES = 4.1;

const assignmentSchema = z.object({
  audience: z.string(),
  token: z.string(),
  names: z.array(z.string()),
  parameters: z.number(),
});
const taskSchema = z.object({
  parameters: z.number(),
  clients: z.number(),
  rounds: z.number(),
  hosts: z.number(),
});
type Task = z.infer<typeof taskSchema>;

const roundSchema = z.object({ ms: z.number(), heldMib: z.number(), rssMib: z.number() });
const reportSchema = z.object({
  rounds: z.array(roundSchema),
  updates: z.number(),
  bytes: z.number(),
  cpuMs: z.number(),
  parameters: z.number(),
});
type Report = z.infer<typeof reportSchema>;

/** A plan whose model, 9-h-h-1, has about so many parameters: h² + 12 h + 1. */
async function planOf({ parameters, clients }: Task): Promise<SealedPlan> {
  const hidden = Math.round(Math.sqrt(35 + parameters) - 6);
  const text = readFileSync(join(SCENARIOS, "purchases.yaml"), "utf8")
    .replace("hidden: [16]", `hidden: [${hidden}, ${hidden}]`)
    .replace("trust: distributed", "trust: central")
    .replace("rows: 1000", "rows: 5000")
    .replace("population: 1000", "population: 5000")
    .replace("count: 10, minCohort: 8", `count: ${clients}, minCohort: 2`);
  const scenario = parseScenario(text, "purchases.yaml");
  const contract = await buildContract(scenario, (path) => readFile(join(SCENARIOS, path), "utf8"));
  return makePlan(scenario, contract, "fused");
}

/** What the process holds, at most, between two looks at it. */
class Watch {
  #held = 0;
  #rss = 0;
  readonly #timer = setInterval(() => this.#look(), 5);

  take(): { heldMib: number; rssMib: number } {
    this.#look();
    const taken = { heldMib: this.#held / MIB, rssMib: this.#rss / MIB };
    this.#held = 0;
    this.#rss = 0;
    return taken;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { heapUsed, external, rss } = process.memoryUsage();
    this.#held = Math.max(this.#held, heapUsed + external);
    this.#rss = Math.max(this.#rss, rss);
  }
}

async function coordinate(task: Task): Promise<Report> {
  const sockets: Socket[] = [];
  subscribe("net.server.socket", (message) => {
    if (typeof message === "object" && message !== null && "socket" in message)
      if (message.socket instanceof Socket) sockets.push(message.socket);
  });
  const received = () => sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  const sealed = await planOf(task);
  const { hosts, clients } = task;
  const expected = Array.from({ length: clients }, (_, i) => `c${i}`);
  const registry = await ClientConnections.open({
    ...{ sealed, runId: new Uint8Array(16), expected, hosts, timing: PATIENT },
    ...{ host: "127.0.0.1", port: 0, observe: () => {} },
  });
  const { parameters } = sealed.plan.privacy;
  const mine = (host: number) => expected.filter((_, i) => i % hosts === host);
  process.send?.(
    registry.tokens.map((token, host) => {
      return { audience: registry.audience, token, names: mine(host), parameters };
    }),
  );
  await registry.joined;
  const watch = new Watch();
  const rounds: Report["rounds"] = [];
  const start = { bytes: received(), cpu: process.cpuUsage() };
  for (let round = 0; round < task.rounds; round++) {
    const began = performance.now();
    const attempt = new Attempt(round, 0, registry.rounds.present, parameters);
    const broadcast = { task: "train", parameters: new Float32Array(parameters) } as const;
    const asked = { ...broadcast, clipNorm: 1 };
    await registry.rounds.gather(attempt, asked, (wire) => attempt.gather(wire));
    if (attempt.survivors.length !== clients) throw new Error("an update did not come");
    rounds.push({ ms: performance.now() - began, ...watch.take() });
  }
  watch.end();
  const { user, system } = process.cpuUsage(start.cpu);
  const bytes = received() - start.bytes;
  await registry.close("measured");
  return {
    rounds,
    updates: clients * task.rounds,
    bytes,
    cpuMs: (user + system) / 1e3,
    parameters,
  };
}

function child(...args: string[]): ChildProcess {
  return fork(SELF, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

/** What the first says next; what cannot be read, once any has ended before it was done. */
async function answerOf(process: ChildProcess, others: ChildProcess[]): Promise<unknown> {
  const failed = [process, ...others].map(async (one) => {
    for (;;) if ((await once(one, "exit"))[0] !== 0) return ["an end"];
  });
  const [answer] = await Promise.race([once(process, "message"), ...failed]);
  return answer;
}

/** Coordinator and two processes of hosts, all gone again at the end. */
async function measure(task: Task): Promise<Report> {
  const coordinator = child("coordinator");
  const senders = [child("hosts"), child("hosts")];
  try {
    coordinator.send(task);
    const told = z.array(assignmentSchema).parse(await answerOf(coordinator, senders));
    for (const [i, sender] of senders.entries())
      sender.send(told.filter((_, host) => host % senders.length === i));
    const report = reportSchema.parse(await answerOf(coordinator, senders));
    await once(coordinator, "exit");
    return report;
  } finally {
    for (const started of [coordinator, ...senders]) started.kill();
  }
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

function line(task: Task, { rounds, updates, bytes, cpuMs, parameters }: Report): string {
  const seconds = rounds.reduce((sum, { ms }) => sum + ms, 0) / 1_000;
  const each = bytes / updates / parameters;
  const at = (some: Report["rounds"]) => {
    const held = some.map(({ heldMib }) => heldMib);
    const rss = some.map(({ rssMib }) => rssMib);
    const ms = some.map((round) => round.ms);
    return (
      `${median(ms).toFixed(1)} ms, holds ${median(held).toFixed(0)} MiB (at most ` +
      `${Math.max(...held).toFixed(0)}), rss ${median(rss).toFixed(0)} (${Math.max(...rss).toFixed(0)})`
    );
  };
  const parts =
    rounds.length < 200
      ? `a round: ${at(rounds)}`
      : `first hundred rounds: ${at(rounds.slice(0, 100))}; last hundred: ${at(rounds.slice(-100))}`;
  return (
    `${parameters} parameters, ${task.clients} clients on ${task.hosts} sockets, ${rounds.length} rounds: ` +
    `${(updates / seconds).toFixed(0)} updates/s, ${(cpuMs / updates).toFixed(2)} ms of the ` +
    `coordinator's processor each; ${each.toFixed(3)} bytes a parameter ` +
    `(${each <= MOST_BYTES ? "at most" : "MORE THAN"} ${MOST_BYTES}); ${parts}\n`
  );
}

const ALL: readonly Task[] = [
  { parameters: 1_000, clients: 100, rounds: 500, hosts: 2 },
  { parameters: 1_000, clients: 1_000, rounds: 20, hosts: 2 },
  { parameters: 100_000, clients: 20, rounds: 500, hosts: 2 },
  { parameters: 100_000, clients: 100, rounds: 20, hosts: 2 },
  { parameters: 100_000, clients: 1_000, rounds: 3, hosts: 2 },
  { parameters: 1_000_000, clients: 100, rounds: 5, hosts: 2 },
  { parameters: 1_000_000, clients: 1_000, rounds: 1, hosts: 2 },
  { parameters: 1_000_000, clients: 100, rounds: 2, hosts: 100 },
];

async function tell(): Promise<unknown> {
  const [message] = await once(process, "message");
  return message;
}

const [role, clients, rounds, hosts = "2"] = process.argv.slice(2);
if (role === "coordinator") {
  process.send?.(await coordinate(taskSchema.parse(await tell())));
  process.disconnect();
} else if (role === "hosts") {
  const told = z.array(assignmentSchema).parse(await tell());
  const update = lightUpdate(told[0]?.parameters ?? 0);
  await Promise.all(told.map((assignment) => LightHost.follow(assignment, update)));
} else {
  const one = [role, clients, rounds, hosts].map(Number);
  const [parameters = 0, many = 0, times = 0, sockets = 0] = one;
  const tasks =
    role === undefined ? ALL : [{ parameters, clients: many, rounds: times, hosts: sockets }];
  for (const task of tasks) process.stdout.write(line(task, await measure(task)));
}

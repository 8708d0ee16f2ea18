/**
 * IO: what a flood does to a run. Two forked hosts train eight clients; now and then another process
 * opens 1,250 connections at once and keeps them: silent ones, HTTP and frames that never end, a byte a
 * second. Prints the median round while it does over that while it does not, what the coordinator
 * holds, and how the 5,000 ended.
 *
 *     node dist/bench/flood.js
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { Hosts } from "../run/hosts/launch.ts";
import { clientNames, dataAssignment } from "../run/scenario/data-assignment.ts";
import { ClientConnections } from "../server/connections/client-connections.ts";
import { coordinate } from "../server/rounds/coordinator.ts";
import { initialState } from "../server/rounds/server-round.ts";
import { buildContract } from "../shared/contract/build.ts";
import { fusedEngine } from "../shared/engine/fused/engine.ts";
import { Ledger } from "../shared/ledger/ledger.ts";
import { secureRoot } from "../shared/noise/random.ts";
import { ledgerOpening, makePlan } from "../shared/plan/plan.ts";
import { parseScenario } from "../shared/scenario/scenario.ts";
import { TIMING } from "../shared/timing.ts";
import { toWire } from "../shared/wire/wire-values.ts";

const SELF = fileURLToPath(import.meta.url);
const HOST = fileURLToPath(new URL("../client/host.js", import.meta.url));
// Of the sources: nothing but code is built into dist.
const FILE = fileURLToPath(new URL("../../scenarios/purchases.yaml", import.meta.url));
const MIB = 2 ** 20;
const FLOODS = 4;
const ATTEMPTS = 1_250;
const QUIET_MS = 6_000;
/** After this a connection counts as let in: time for a request, or a close, and some to spare. */
const PATIENCE_MS = 4 * TIMING.requestMs;
const MOST_RATIO = 1.5;

const endsSchema = z.record(z.string(), z.number());
type Ends = z.infer<typeof endsSchema>;

/** How one attempt ended. */
function attempt(audience: string, kind: number): Promise<string> {
  const [host = "", port = ""] = audience.split(":");
  const upgrade =
    `GET /murmur/v1 HTTP/1.1\r\nHost: ${audience}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
    "Sec-WebSocket-Protocol: murmur.v1\r\n\r\n";
  // Nothing; half a request; a WebSocket without a word; one whose first frame never ends.
  const said = ["", upgrade.slice(0, 60), upgrade, `${upgrade}\u0081\u00fe\u0007\u00d0`][kind % 4];
  return new Promise((resolve) => {
    const began = performance.now();
    const socket = connect(Number(port), host);
    let heard = "";
    const drip = setInterval(() => kind % 2 === 1 && socket.write("x"), 1_000);
    const patience = setTimeout(
      () => end(socket.connecting ? "not answered" : "let in"),
      PATIENCE_MS,
    );
    const end = (how: string) => {
      clearInterval(drip);
      clearTimeout(patience);
      socket.destroy();
      resolve(how);
    };
    socket.on("connect", () => socket.write(Buffer.from(said ?? "", "latin1")));
    socket.on("data", (data) => {
      heard += data.toString("latin1");
    });
    socket.on("error", () => {}); // it is closed then
    socket.on("close", () => {
      const isFull = heard.includes("\u0003\u00f5") || /^HTTP\/1.1 (429|503)/.test(heard);
      const early = performance.now() - began < TIMING.requestMs / 2;
      end(isFull || early ? "refused" : "cut");
    });
  });
}

async function flood(audience: string): Promise<Ends> {
  const all = Array.from({ length: ATTEMPTS }, (_, kind) => attempt(audience, kind));
  const ends: Ends = {};
  for (const end of await Promise.all(all)) ends[end] = (ends[end] ?? 0) + 1;
  return ends;
}

/** Rounds without end, of eight clients on two hosts; `next` plays one. */
async function launch(scratch: string, hosts: Hosts) {
  const scenario = parseScenario(readFileSync(FILE, "utf8"), FILE, [
    { path: "training.rounds", value: "20000" },
    { path: "training.learningRate", value: "0.01" },
    { path: "clients.count", value: "8" },
  ]);
  const readText = (path: string) => readFile(join(FILE, "..", path), "utf8");
  const sealed = makePlan(scenario, await buildContract(scenario, readText), "fused");
  const names = clientNames(scenario.clients.count);
  const registry = await ClientConnections.open({
    ...{ sealed, runId: new Uint8Array(16), expected: names, hosts: 2, timing: TIMING },
    ...{ host: "127.0.0.1", port: 0, observe: () => {} },
  });
  const { audience, tokens, serverKey } = registry;
  const mine = (host: number) => names.filter((_, i) => i % 2 === host);
  hosts.assign(
    tokens.map((token, index) => ({
      ...{ index, privateFolder: scratch, clientLedgers: null },
      coordinator: { audience, token, serverKey: toWire(serverKey.publicKey) },
      data: dataAssignment(scenario, FILE, names, mine(index), index === 0),
      faults: [],
    })),
  );
  const { heldOut } = await Promise.race([hosts.prepared, hosts.refused]);
  await registry.joined;
  const ledger = new Ledger(join(scratch, "ledger.jsonl"), ledgerOpening(sealed, "00".repeat(16)));
  const tools = { sealed, clients: registry.rounds, ledger, root: secureRoot };
  const running = coordinate(tools, fusedEngine(sealed.model), heldOut, initialState(sealed, 7));
  return { registry, next: () => running.next() };
}

interface Phase {
  readonly roundsMs: number[];
  heldMib: number;
}

/** Rounds until `done`, their times and what the process holds at most. */
async function play(next: () => Promise<{ done?: boolean }>, done: Promise<unknown>, into: Phase) {
  let over = false;
  void done.then(() => {
    over = true;
  });
  while (!over) {
    const began = performance.now();
    if ((await next()).done) throw new Error("the run has ended");
    into.roundsMs.push(performance.now() - began);
    const { heapUsed, external } = process.memoryUsage();
    into.heldMib = Math.max(into.heldMib, (heapUsed + external) / MIB);
  }
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function measure(): Promise<string> {
  const scratch = mkdtempSync(join(tmpdir(), "murmur-bench-"));
  const hosts = new Hosts(HOST, 2, TIMING);
  const phases = { quiet: { roundsMs: [], heldMib: 0 }, flooded: { roundsMs: [], heldMib: 0 } };
  const ends: Ends = {};
  try {
    const { registry, next } = await launch(scratch, hosts);
    for (let i = 0; i < FLOODS; i++) {
      const pause = new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      await play(next, pause, phases.quiet);
      const child = fork(SELF, ["flood", registry.audience]);
      const told = once(child, "message");
      await play(next, told, phases.flooded);
      for (const [end, count] of Object.entries(endsSchema.parse((await told)[0])))
        ends[end] = (ends[end] ?? 0) + count;
    }
    await registry.close("measured");
  } finally {
    await hosts.end(0);
    rmSync(scratch, { recursive: true, force: true });
  }
  const { quiet, flooded } = phases;
  const [before, during] = [median(quiet.roundsMs), median(flooded.roundsMs)];
  const ratio = during / before;
  const told = Object.entries(ends).map(([end, count]) => `${count} ${end}`);
  return (
    `a round takes ${before.toFixed(2)} ms undisturbed and ${during.toFixed(2)} ms in a flood, ` +
    `${ratio.toFixed(2)} × (${ratio <= MOST_RATIO ? "at most" : "MORE THAN"} ${MOST_RATIO}; medians ` +
    `of ${quiet.roundsMs.length} and ${flooded.roundsMs.length}); the coordinator holds at most ` +
    `${quiet.heldMib.toFixed(0)} and ${flooded.heldMib.toFixed(0)} MiB; of ${FLOODS * ATTEMPTS} ` +
    `attempts: ${told.join(", ")}\n`
  );
}

const [role, audience = ""] = process.argv.slice(2);
if (role === "flood") {
  process.send?.(await flood(audience));
  process.disconnect();
} else process.stdout.write(await measure());

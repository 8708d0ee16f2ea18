/** `murmur run`: launch a scenario on this machine, show its six stages, write the run folder. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostAssignment } from "../client/assignment.ts";
import { Hosts } from "../server/launch.ts";
import { Registry } from "../server/registry.ts";
import { freeRunPath, RunFolder } from "../server/run-folder.ts";
import { confinedPath } from "../shared/confined-path.ts";
import { modelInputs } from "../shared/contract.ts";
import { buildContract } from "../shared/contract-build.ts";
import { chooseEngine } from "../shared/engine/choose-engine.ts";
import type { Engine } from "../shared/engine/engine.ts";
import { ScenarioError } from "../shared/errors.ts";
import { buildModel } from "../shared/model.ts";
import { makePlan, type SealedPlan } from "../shared/plan.ts";
import { parseScenario } from "../shared/scenario.ts";
import { isPublicData, type Scenario } from "../shared/scenario-schema.ts";
import type { Override } from "../shared/scenario-text.ts";
import { TIMING } from "../shared/timing.ts";
import { toWire } from "../shared/wire-values.ts";
import type { OutputOptions } from "./output.ts";
import { play } from "./play.ts";

export interface RunOptions extends OutputOptions {
  readonly set: readonly Override[];
  readonly seed?: number;
  readonly hosts?: number;
  readonly port?: number;
  readonly out?: string;
}

const LOOPBACK = "127.0.0.1";
const HOST_PROGRAM = fileURLToPath(new URL("../client/host.js", import.meta.url));

export async function run(file: string, options: RunOptions): Promise<void> {
  const started = performance.now();
  const scenario = readScenario(file, options);
  const names = clientNames(scenario.clients.count);
  const count = Math.min(options.hosts ?? Math.max(2, availableParallelism() - 1), names.length);
  const folder = new RunFolder(options.out ?? freeRunPath("runs", scenario.name, scenario.seed));
  // The hosts start before anything heavy is imported here: both take their time at once.
  const hosts = new Hosts(HOST_PROGRAM, count);
  const interrupted = onInterrupt();
  let registry: Registry | undefined;
  let finished = false;
  try {
    const { sealed, engine } = await Promise.race([seal(scenario, file), interrupted.signal]);
    const runId = runIdOf(scenario, sealed);
    registry = await Registry.open({
      sealed,
      runId,
      expected: names,
      host: LOOPBACK,
      port: options.port ?? 0,
      hosts: count,
      timing: TIMING,
      log: (line) => process.stderr.write(`murmur: ${line}\n`),
    });
    const mineOf = (host: number) => names.filter((_, i) => i % count === host);
    watch(hosts, registry, mineOf);
    hosts.assign(
      assignments(scenario, file, registry, names, mineOf, folder.folder("clients-private")),
    );
    const scene = { scenario, sealed, engine, runId, hosts, registry, folder, options, started };
    await Promise.race([play(scene), hosts.refused, interrupted.signal]);
    finished = true;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    process.exitCode = 130;
  } finally {
    interrupted.stop();
    await registry?.close("the run has ended");
    await hosts.end();
    // Only now does nobody write into it any more.
    if (!finished) folder.abandon();
  }
}

/** Formulas parsed, hierarchies read, engine chosen, noise calibrated: the plan. */
async function seal(
  scenario: Scenario,
  file: string,
): Promise<{ readonly sealed: SealedPlan; readonly engine: Engine }> {
  const folder = resolve(dirname(file));
  const readText = async (path: string) =>
    readFile(confinedPath(folder, path, basename(file)), "utf8");
  const contract = await buildContract(scenario, readText, basename(file));
  const model = buildModel(scenario.model, modelInputs(contract));
  const engine = await chooseEngine(scenario.training.engine, model);
  return { sealed: makePlan(scenario, contract, engine.kind), engine };
}

/** A host that ends takes its clients with it. */
function watch(hosts: Hosts, registry: Registry, mineOf: (host: number) => string[]): void {
  for (const { index, ended } of hosts.all) {
    void ended.then(() => registry.loseClients(mineOf(index), `host ${index} has ended`));
  }
}

function readScenario(file: string, options: RunOptions): Scenario {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "scenario",
        where: file,
        got: cause instanceof Error ? cause.message : cause,
        expected: "a YAML file in UTF-8",
        fix: "Name one, scenarios/purchases.yaml say.",
      },
      { cause },
    );
  }
  const seed = options.seed === undefined ? [] : [{ path: "seed", value: String(options.seed) }];
  return parseScenario(text, basename(file), [...options.set, ...seed]);
}

/** c01 … c10: as many digits as the count has, so that they sort. */
function clientNames(count: number): string[] {
  const digits = String(count).length;
  return Array.from({ length: count }, (_, i) => `c${String(i + 1).padStart(digits, "0")}`);
}

/** 16 bytes; under seeded noise they follow from seed and plan, so that a run can be repeated. */
function runIdOf({ seed }: Scenario, { plan, hash }: SealedPlan): Buffer {
  if (plan.privacy.noise === "secure") return randomBytes(16);
  return createHash("sha256").update(`murmur/run/v1/${seed}/${hash}`).digest().subarray(0, 16);
}

function assignments(
  scenario: Scenario,
  file: string,
  { audience, tokens, serverKey }: Registry,
  clients: string[],
  mineOf: (host: number) => string[],
  privateFolder: string,
): HostAssignment[] {
  const { data, privacy, seed, predict } = scenario;
  return tokens.map((token, index) => ({
    index,
    coordinator: { audience, token, serverKey: toWire(serverKey.publicKey) },
    data: {
      source: data.source,
      folder: resolve(dirname(file)),
      partition: data.partition,
      seed,
      population: isPublicData(scenario) ? privacy.population : null,
      clients,
      mine: mineOf(index),
      heldOut: index === 0,
      predictRow: predict?.row,
    },
    privateFolder,
  }));
}

/** Ctrl-C, or a polite kill. */
class Interrupted extends Error {}

function onInterrupt(): { readonly signal: Promise<never>; readonly stop: () => void } {
  let interrupt: () => void = () => {};
  const signal = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Interrupted());
  });
  signal.catch(() => {});
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);
  const stop = () => process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  return { signal, stop };
}

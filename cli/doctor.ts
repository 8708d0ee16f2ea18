/** `murmur doctor`: what this machine can do, measured. */

import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { probeEngines } from "../shared/engine/choose-engine.ts";
import { buildModel } from "../shared/model.ts";
import { VERSION } from "../shared/version.ts";
import type { OutputOptions } from "./output.ts";

/** The model that a step is timed on: the reference scenario's. */
const PROBE_MODEL = { kind: "mlp", hidden: [16], activation: "tanh" } as const;
const PROBE_INPUTS = 9;

export async function doctor(options: OutputOptions): Promise<void> {
  const engines = await probeEngines(buildModel(PROBE_MODEL, PROBE_INPUTS));
  const host = existsSync(fileURLToPath(new URL("../client/host.js", import.meta.url)));
  const loopback = await canListen();
  const auto = engines.find(({ works }) => works)?.kind ?? "none";
  const machine = {
    murmur: VERSION,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
  if (options.json) {
    console.log(JSON.stringify({ ...machine, host, loopback, auto, engines }));
    return;
  }
  if (!options.quiet) {
    const { murmur, node, platform, cores, processor, memoryGiB } = machine;
    console.log(`murmur ${murmur}, node ${node} on ${platform}`);
    console.log(`${cores} cores (${processor}), ${memoryGiB} GiB`);
    console.log(
      `host program ${host ? "built" : "missing: npm run build"}; loopback ${loopback ? "listens" : "cannot listen"}`,
    );
    for (const engine of engines) {
      const found = engine.works
        ? `${engine.stepMs.toFixed(3)} ms a step`
        : `not here: ${engine.reason}`;
      console.log(`engine ${engine.kind.padEnd(9)} ${found}`);
    }
  }
  console.log(
    `auto takes ${auto}: the fused kernel where it knows the model's layers, as it does all of today's`,
  );
}

/** True if a server can be had on loopback. */
function canListen(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

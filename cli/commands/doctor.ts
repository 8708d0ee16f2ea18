/** `murmur doctor`: what this machine can do, measured. */

import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { availableParallelism, cpus, totalmem } from "node:os";
import { HOST_PROGRAM } from "../../run/hosts/host-program.ts";
import { VERSION } from "../../shared/version.ts";
import { engineLines, fusedRatios, measureModels } from "../screen/doctor-engines.ts";
import type { OutputOptions } from "../terminal/output.ts";

export async function doctor(options: OutputOptions): Promise<void> {
  const models = await measureModels();
  const host = existsSync(HOST_PROGRAM);
  const loopback = await canListen();
  const machine = {
    murmur: VERSION,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
  if (options.json) {
    const ratios = fusedRatios(models);
    console.log(JSON.stringify({ ...machine, host, loopback, auto: "fused", models, ratios }));
    return;
  }
  if (!options.quiet) {
    const { murmur, node, platform, cores, processor, memoryGiB } = machine;
    console.log(`murmur ${murmur}, node ${node} on ${platform}`);
    console.log(`${cores} cores (${processor}), ${memoryGiB} GiB`);
    console.log(
      `host program ${host ? "built" : "missing: npm run build"}; loopback ${loopback ? "listens" : "cannot listen"}`,
    );
  }
  const lines = engineLines(models);
  for (const line of options.quiet ? lines.slice(-1) : lines) console.log(line);
}

/** True if a server can be had on loopback. */
function canListen(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(0, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

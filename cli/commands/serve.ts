/** `murmur serve`: the coordinator alone; its clients join from other machines. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import {
  absolute,
  commonLaunch,
  newRunFolder,
  type ServeLaunch,
} from "../../run/folder/launch-record.ts";
import { fileHashes } from "../../run/scenario/named-files.ts";
import { readAnyScenario } from "../../run/scenario/read-scenario.ts";
import { readAllowList } from "../../run/serve/allow-list.ts";
import { checkPlaintext, listenAddress } from "../../run/serve/dial-address.ts";
import type { Seats, ServeFlags } from "../../run/serve/served.ts";
import { servedScenario } from "../../run/serve/served-scenario.ts";
import type { TlsFiles } from "../../server/listener/web-socket-listener.ts";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import { type Called, type RunFlags, runCommand } from "../operations/run-command.ts";
import { warn } from "../terminal/output.ts";

interface ServeOptions extends RunFlags, ServeFlags {}

export async function serve(file: string, options: ServeOptions): Promise<void> {
  const started = performance.now();
  doorOf(options);
  const scenario = servedScenario(await readAnyScenario(file, options), file, options.simulation);
  seatsOf(options, scenario.clients.count, file);
  const { listen, publicHost, joiners, wait, simulation } = options;
  const { insecurePlaintext = false } = options;
  const launch: ServeLaunch = {
    ...commonLaunch(file, options, await fileHashes([scenario], file)),
    command: "serve",
    ...{ listen, publicHost, joiners, wait, insecurePlaintext, simulation },
    tlsCert: absolute(options.tlsCert),
    tlsKey: absolute(options.tlsKey),
    allow: absolute(options.allow),
  };
  const folder = newRunFolder(scenario, { ...options, warn }, launch);
  await goServe({ scenario, file, options, started, folder }, launch);
}

/** From its folder on, be it a new one or one that was cut off. */
export async function goServe(called: Called, launch: ServeLaunch): Promise<void> {
  const { file, scenario } = called;
  const seats = seatsOf(launch, scenario.clients.count, file);
  const served = { options: launch, ...doorOf(launch), seats };
  // One process for the held-out rows: the coordinator's own parses none.
  await runCommand(called, 1, async (setup, signal) => {
    const { runServed } = await import("../../run/serve/served-clients.ts");
    await runServed(setup, served, signal);
  });
}

/** Where clients come in. */
function doorOf(options: ServeFlags) {
  const listen = listenAddress(options.listen);
  const tls = tlsFiles(options);
  if (!tls)
    checkPlaintext(
      listen.host,
      options.insecurePlaintext === true,
      "--listen",
      "Give --tls-cert and --tls-key.",
    );
  return { listen, tls };
}

function seatsOf({ allow, joiners }: ServeFlags, count: number, file: string): Seats {
  const allowed = allow === undefined ? undefined : readAllowList(allow);
  const seats = allowed?.length ?? joiners ?? count;
  if (count % seats === 0) return { allowed, joiners: seats, clientsEach: count / seats };
  throw new ScenarioError({
    what: "clients.count",
    where: basename(file),
    got: count,
    expected: `a multiple of the ${seats} that are to join${allow ? ` by ${allow}` : ""}`,
    fix: "Make them equal; or a multiple, where each joins with several virtual clients.",
  });
}

function tlsFiles({ tlsCert, tlsKey }: ServeFlags): TlsFiles | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  const read = (path: string | undefined, flag: string) => {
    try {
      if (path === undefined) throw new Error("nothing");
      return readFileSync(path);
    } catch (cause) {
      throw new ScenarioError({
        what: "tls",
        where: flag,
        got: reasonOf(cause),
        expected: "a certificate and its private key, PEM",
        fix: "Give --tls-cert and --tls-key together, each a file that can be read.",
      });
    }
  };
  return { cert: read(tlsCert, "--tls-cert"), key: read(tlsKey, "--tls-key") };
}

/** IO: how a run was started, in its folder from the start: with it, `murmur resume` needs nothing else. */
import { basename, resolve } from "node:path";
import { z } from "zod";
import { networkOf } from "../../server/run-folder/network-folder.ts";
import { freeRunPath, LAUNCH_FILE, RunFolder } from "../../server/run-folder/run-folder.ts";
import { TRANSCRIPT_FILE } from "../../server/run-folder/transcript-file.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { parseScenario, resolvedYaml } from "../../shared/scenario/scenario.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import type { Override } from "../../shared/scenario/text.ts";
import type { FileHashes } from "../scenario/named-files.ts";

/** The one key that only a command line may point outside. */
export const SOURCE_FOLDER = "data.source.folder";
const common = {
  format: z.literal(1),
  /** The scenario's file, absolute: rows and hierarchies are named from its folder. */
  file: z.string(),
  /** 32 hex digits, once it is drawn: clients that wait know the run by it. */
  runId: z.string().optional(),
  /** What was typed, for the report; the scenario beside it is resolved. */
  set: z.array(z.strictObject({ path: z.string(), value: z.string() })),
  /** Where a flag said so, and else no scenario may: a folder outside the file's own. */
  typedFolder: z.string().optional(),
  /** SHA-256 by path, of all files that the scenario names (`checkFiles`); it goes when the run has ended. */
  files: z.record(z.string(), z.string()).optional(),
};
const runSchema = z.strictObject({
  ...common,
  command: z.literal("run"),
  hosts: z.number().int().min(1),
  port: z.number().int().optional(),
  /** Absolute. */
  clientLedgers: z.string().optional(),
  /** A statement: what the run costs is kept beside no file of private rows. */
  noDataLedger: z.literal(true).optional(),
});
const serveSchema = z.strictObject({
  ...common,
  command: z.literal("serve"),
  listen: z.string(),
  publicHost: z.string().optional(),
  /** Absolute, as the next two. */
  tlsCert: z.string().optional(),
  tlsKey: z.string().optional(),
  allow: z.string().optional(),
  joiners: z.number().int().optional(),
  wait: z.number(),
  insecurePlaintext: z.boolean(),
  simulation: z.boolean(),
});
const launchSchema = z.discriminatedUnion("command", [runSchema, serveSchema]);

export type RunLaunch = z.infer<typeof runSchema>;
export type ServeLaunch = z.infer<typeof serveSchema>;
export type Launch = z.infer<typeof launchSchema>;

/** What every launch has, from the flags that all have. @param files what the scenario names */
export function commonLaunch(
  file: string,
  { set }: { readonly set: readonly Override[] },
  files: FileHashes,
) {
  const typedFolder = set.findLast(({ path }) => path === SOURCE_FOLDER)?.value;
  return { format: 1 as const, file: resolve(file), set: [...set], typedFolder, files };
}

export function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

type Warn = (text: string) => void;

export interface NewFolder {
  /** Its path; absent: a free one below runs/. */
  readonly out?: string | undefined;
  /** Keep what the coordinator receives under masks. */
  readonly transcript?: boolean | undefined;
  readonly warn?: Warn | undefined;
}

/**
 * A folder for a new run, locked, in which is how it was started.
 *
 * @throws ScenarioError if there is no place for it
 */
export function newRunFolder(
  scenario: Scenario,
  { out, transcript = false, warn }: NewFolder,
  launch: Launch,
): RunFolder {
  if (transcript && scenario.privacy.trust !== "distributed")
    throw new ScenarioError({
      what: "flag",
      where: "--transcript",
      got: `trust ${scenario.privacy.trust}`,
      expected: "trust distributed: elsewhere what arrives is no noise, and may not be kept",
      fix: "Leave it out, or --set privacy.trust=distributed.",
    });
  const folder = RunFolder.create(out ?? freeRunPath("runs", scenario.name, scenario.seed));
  try {
    checkDisk(folder, launch, warn);
    folder.write("scenario.resolved.yaml", resolvedYaml(scenario));
    writeLaunch(folder, launch);
    if (transcript) folder.write(TRANSCRIPT_FILE, "");
    return folder;
  } catch (error) {
    folder.abandon();
    throw error;
  }
}

/** Which port it came to be, where the flag left it open. @param audience "host:port" */
export function keepPort(folder: RunFolder, audience: string): void {
  const launch = readLaunch(folder);
  if (launch.command !== "serve") return;
  const port = audience.slice(audience.lastIndexOf(":"));
  writeLaunch(folder, { ...launch, listen: launch.listen.replace(/:0$/, port) });
}

/** The run's id, 16 bytes: the one that is noted, or the one that is drawn now, and then noted. */
export function keptRunId(folder: RunFolder, draw: () => Uint8Array): Uint8Array {
  const launch = readLaunch(folder);
  if (launch.runId !== undefined) return Buffer.from(launch.runId, "hex");
  const drawn = draw();
  writeLaunch(folder, { ...launch, runId: Buffer.from(drawn).toString("hex") });
  return drawn;
}

function writeLaunch(folder: RunFolder, launch: Launch): void {
  folder.write(LAUNCH_FILE, `${JSON.stringify(launch, null, 2)}\n`, 0o600);
}

/** How a run that was cut off was started. @throws ScenarioError `resume` where nothing says so */
export function readLaunch(folder: RunFolder): Launch {
  try {
    return launchSchema.parse(JSON.parse(folder.read(LAUNCH_FILE).toString("utf8")));
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "resume",
        where: `${folder.building}/${LAUNCH_FILE}`,
        got: "nothing that says how the run was started",
        expected: "what murmur run or murmur serve wrote there",
        fix: "Start the run anew.",
      },
      { cause },
    );
  }
}

/** As it was resolved then, flags and all. */
export function readResolved(folder: RunFolder, { file, typedFolder: value }: Launch): Scenario {
  const text = folder.read("scenario.resolved.yaml").toString("utf8");
  return parseScenario(
    text,
    basename(file),
    value === undefined ? [] : [{ path: SOURCE_FOLDER, value }],
  );
}

/** Neither locks nor syncs hold across machines: with others' clients that will not do. */
function checkDisk({ building }: RunFolder, { command }: Launch, warn?: Warn): void {
  const network = networkOf(building);
  if (network === undefined) return;
  if (command === "serve")
    throw new ScenarioError({
      what: "run folder",
      where: "--out",
      got: `a folder on ${network}`,
      expected: "a disk of this machine, on which a lock and a sync mean what they say",
      fix: "Name another with --out.",
    });
  warn?.(`the run folder is on ${network}: what was charged may not outlast a crash there`);
}

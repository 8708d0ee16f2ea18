/**
 * `murmur run` as a user starts it, with all that leaves its client processes kept: sockets, IPC,
 * both outputs, the log, and each file that it leaves behind.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { type ClientStream, readClientStream } from "./client-stream.ts";
import { murmurProcess, scratch } from "./murmur.ts";
import type { Haystack } from "./needles.ts";

const TAP = pathToFileURL(join(import.meta.dirname, "tap.mjs")).href;
/** Of a run folder: what belongs to a client's owner. */
const OWNERS = "clients-private";

export interface CapturedRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** By the first of the names that the host's `ready` lists; of one that sent none, by its number. */
  readonly sockets: ReadonlyMap<string, ClientStream>;
  /** True if the transport's own count of each socket's bytes is that of what was kept. */
  readonly whole: boolean;
  /** Of each host, as the structured clones that it sent. */
  readonly ipc: readonly Buffer[];
  /** Connections that hosts opened, "tcp" or "udp" each. */
  readonly dialled: readonly string[];
  /** By path below the scenario's folder: all files there, its own and those of owners left out. */
  readonly shared: ReadonlyMap<string, Buffer>;
  /** The clients' own reports and ledgers, by path. */
  readonly owned: ReadonlyMap<string, Buffer>;
}

export interface CaptureSettings {
  readonly hosts?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** A text that each host is made to leak. */
  readonly leak?: string;
}

/** @param files by path, the scenario as scenario.yaml among them */
export async function capturedRun(
  files: Readonly<Record<string, string | Buffer>>,
  { hosts = 2, env = {}, leak }: CaptureSettings = {},
): Promise<CapturedRun> {
  const folder = scratch();
  const tapped = scratch();
  try {
    writeAll(folder.path, files);
    const ledgers = join(folder.path, "ledgers");
    const temporary = join(folder.path, "tmp");
    for (const path of [ledgers, temporary]) mkdirSync(path);
    const scenario = join(folder.path, "scenario.yaml");
    const out = join(folder.path, "run");
    const args = ["run", scenario, "--json", "--hosts", `${hosts}`, "--out", out];
    const log = ["--log", join(folder.path, "log.jsonl"), "--log-level", "debug"];
    const ended = await murmurProcess([...args, ...log, "--client-ledgers", ledgers], {
      ...env,
      // A file anywhere else would have to be named by somebody.
      HOME: temporary,
      TMPDIR: temporary,
      NODE_OPTIONS: `--import=${TAP}`,
      MURMUR_TAP: tapped.path,
      ...(leak === undefined ? {} : { MURMUR_TAP_LEAK: leak }),
    });
    const left = filesIn(folder.path).filter(([path]) => !(path in files));
    const isOwned = ([path]: readonly [string, Buffer]) =>
      path.split("/").includes(OWNERS) || path.startsWith("ledgers/") || path.includes(".murmur/");
    return {
      ...ended,
      ...tapOf(tapped.path),
      shared: new Map(left.filter((file) => !isOwned(file))),
      owned: new Map(left.filter(isOwned)),
    };
  } finally {
    folder.remove();
    tapped.remove();
  }
}

function writeAll(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

function tapOf(folder: string): Pick<CapturedRun, "sockets" | "whole" | "ipc" | "dialled"> {
  const files = filesIn(folder);
  const of = (kind: string) => files.filter(([name]) => name.startsWith(`${kind}-`));
  const counts = new Map(files.filter(([name]) => name.endsWith(".bytes")));
  const sockets = of("socket").filter(([name]) => !name.endsWith(".bytes"));
  const numberOf = (name: string) => /^socket-\d+/.exec(name)?.[0] ?? "";
  const streams = sockets.map(([name, bytes]) => {
    const stream = readClientStream(bytes);
    return [firstClient(stream) ?? numberOf(name), stream] as const;
  });
  return {
    sockets: new Map(streams.sort(([a], [b]) => (a < b ? -1 : 1))),
    whole: sockets.every(
      ([name, { length }]) => String(counts.get(`${numberOf(name)}.bytes`)) === String(length),
    ),
    ipc: of("ipc").map(([, bytes]) => bytes),
    dialled: of("dialled").flatMap(([, bytes]) => bytes.toString().trim().split("\n")),
  };
}

function firstClient({ texts, objects }: ClientStream): string | undefined {
  const ready = texts.map((text) => JSON.parse(text)).find(({ t }) => t === "ready");
  const names = objects.get(ready?.clientsStream);
  return names && JSON.parse(names.toString())[0];
}

function filesIn(folder: string): [path: string, bytes: Buffer][] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => [relative(folder, path), readFileSync(path)]);
}

/** All that left its clients, wherever it went; owners' files are no part of it. */
export function haystacksOf(run: CapturedRun): Haystack[] {
  const text = (place: string, content: string) => ({ place, bytes: Buffer.from(content) });
  const sockets = [...run.sockets].flatMap(([client, stream]) => [
    { place: `socket of ${client}, request`, bytes: stream.request },
    ...stream.texts.map((message, i) => text(`socket of ${client}, message ${i}`, message)),
    ...stream.frames.map((bytes, i) => ({ place: `socket of ${client}, frame ${i}`, bytes })),
    ...stream.controls.map((bytes, i) => ({ place: `socket of ${client}, control ${i}`, bytes })),
    ...[...stream.objects].map(([number, bytes]) => ({
      place: `socket of ${client}, object ${number}`,
      bytes,
      entries: true,
    })),
  ]);
  return [
    ...sockets,
    ...run.ipc.map((bytes, i) => ({ place: `IPC of host ${i}`, bytes, entries: true })),
    text("stdout", run.stdout),
    text("stderr", run.stderr),
    ...[...run.shared].map(([path, bytes]) => ({
      place: path,
      bytes,
      entries: path.endsWith(".bin"),
    })),
    text("names of files", [...run.shared.keys(), ...run.owned.keys()].join("\n")),
  ];
}

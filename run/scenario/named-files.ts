/** IO: the files that scenarios name → a hash of each: by it another content shows. */
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { sourceFolder } from "../../client/data/source-folder.ts";
import type { MemoryFiles } from "../../client/source/memory-files.ts";
import { openInside } from "../../client/source/source-file.ts";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import { parametersHash } from "../../shared/model/model.ts";
import { sourceFiles } from "../../shared/scenario/data-schema.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { modelFile } from "./model-file.ts";

/** Path, as the scenario has it → SHA-256. Of private rows it is a function: it stays where they are. */
export type FileHashes = Readonly<Record<string, string>>;

/**
 * Rows, held-out people, hierarchies, channel constants and models, each once however large.
 *
 * @param file the scenarios', from whose folder they are named
 * @param memory what is read in the place of files of their names
 * @throws ScenarioError `path.…` for one that cannot be read
 */
export async function fileHashes(
  scenarios: readonly Scenario[],
  file: string,
  memory?: MemoryFiles,
): Promise<FileHashes> {
  const folder = resolve(dirname(file));
  const hashes = new Map<string, string>();
  const where = basename(file);
  const add = async (from: string, path: string, key: string, told = path) => {
    if (!hashes.has(told)) hashes.set(told, await contentHash(from, path, `${where}, ${key}`));
  };
  for (const scenario of scenarios) {
    const { source } = scenario.data;
    const own = rowFiles(scenario);
    const rows = own.length > 0 ? await sourceFolder(folder, source) : folder;
    for (const path of own) {
      const held = memory?.get(path);
      if (held) hashes.set(path, sha256(held));
      else await add(rows, path, "data.source", join(source.folder ?? "", path));
    }
    for (const { path, key } of levelFiles(scenario)) await add(folder, path, key);
    const { model } = scenario;
    if (model.kind !== "file" || hashes.has(model.file)) continue;
    for (const [name, hash] of await modelHashes(model, folder, where)) hashes.set(name, hash);
  }
  return Object.fromEntries([...hashes].sort());
}

/** Of a model's file, of its weights, which lie in files of their own that it names, and of its provenance. */
async function modelHashes(
  model: Extract<Scenario["model"], { readonly kind: "file" }>,
  folder: string,
  where: string,
): Promise<ReadonlyMap<string, string>> {
  // First, so that what is no model is refused in its own words.
  const { parameters, past } = (await modelFile(model, folder)) ?? {};
  const hashes = new Map([[model.file, await contentHash(folder, model.file, where)]]);
  if (parameters) hashes.set(`${model.file}, its weights`, parametersHash(parameters));
  if (past) hashes.set(`${model.file}, its provenance`, sha256(canonicalJson(past)));
  return hashes;
}

/** Whether a scenario names any at all. */
export function namesFiles(scenario: Scenario): boolean {
  return (
    rowFiles(scenario).length + levelFiles(scenario).length > 0 || scenario.model.kind === "file"
  );
}

function rowFiles({ data: { source } }: Scenario): string[] {
  return [...sourceFiles(source), ...(source.testFile === undefined ? [] : [source.testFile])];
}

/** Each with the key that names it. */
function levelFiles({
  data,
  features,
}: Scenario): { readonly path: string; readonly key: string }[] {
  const named: (readonly [unknown, string])[] = [
    ...Object.entries(data.columns).map(
      ([name, { hierarchy }]) => [hierarchy, `data.columns.${name}.hierarchy`] as const,
    ),
    ...Object.entries(features).map(
      ([name, { scatter }]) => [scatter?.channels, `features.${name}.scatter.channels`] as const,
    ),
  ];
  return named.flatMap(([path, key]) => (typeof path === "string" ? [{ path, key }] : []));
}

async function contentHash(folder: string, path: string, where: string): Promise<string> {
  const handle = await openInside(folder, path, where);
  const hash = createHash("sha256");
  for await (const bytes of handle.createReadStream()) hash.update(bytes);
  return hash.digest("hex");
}

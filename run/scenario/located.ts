/** IO: where a path of a command leads. It may be any; those that a scenario names may not leave its folder. */
import { realpath } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { TableFile } from "../../client/table/anonymize-table.ts";

/** Links are followed: what a file names lies beside where it lies itself. */
export async function located(path: string): Promise<TableFile> {
  const real = await realpath(path).catch(() => resolve(path));
  return { folder: dirname(real), path: basename(real) };
}

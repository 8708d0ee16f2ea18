/** Files of rows in a folder of their own, and everything that a table of them gives. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { openTable } from "../../client/source/open-table.ts";
import type { Cell } from "../../client/source/table-source.ts";
import { isRefusal, type Problem } from "../../shared/errors.ts";

export interface ReadTable {
  readonly header: readonly string[];
  readonly typed: boolean;
  readonly lines: readonly number[];
  readonly rows: readonly (readonly Cell[])[];
}

export class TableFiles {
  /** Holds the scenario's folder, and what lies beside that. */
  readonly root = mkdtempSync(join(tmpdir(), "murmur-source-"));
  readonly folder = join(this.root, "scenario");

  constructor() {
    mkdirSync(this.folder);
  }

  write(name: string, content: string | Uint8Array): string {
    writeFileSync(join(this.folder, name), content);
    return name;
  }

  async read(name: string, options: Parameters<typeof openTable>[2] = {}): Promise<ReadTable> {
    const { header, typed, batches } = await openTable(this.folder, name, options);
    const rows: (readonly Cell[])[] = [];
    const lines: number[] = [];
    for await (const batch of batches) {
      for (const { line, cells } of batch) {
        lines.push(line);
        rows.push(cells);
      }
    }
    return { header, typed, lines, rows };
  }

  /** What the file is refused for; anything but a refusal is thrown. */
  async refusal(name: string, options: Parameters<typeof openTable>[2] = {}): Promise<Problem> {
    try {
      await this.read(name, options);
    } catch (error) {
      if (isRefusal(error)) return error.problem;
      throw error;
    }
    return expect.unreachable(`${name} was read`);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }
}

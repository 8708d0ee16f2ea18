/** `murmur schema`: the shipped schema, on standard output, whatever the flags. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { murmur, ROOT } from "../../support/murmur.ts";

const SHIPPED = readFileSync(join(ROOT, "scenarios/scenario.schema.json"), "utf8");

it.each([[[]], [["--json"]], [["--quiet"]]])(
  "prints the schema that is shipped, given %j",
  async (flags) => {
    const { status, stdout, stderr } = await murmur(["schema", ...flags]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(SHIPPED);
  },
);

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { KERNEL_BYTES } from "../../../../shared/engine/simd/kernel-bytes.ts";

const BUILD = join(import.meta.dirname, "../../../../shared/engine/simd/build-kernel.mjs");

it("is what its sources compile to: npm run build:kernel after a change", () => {
  const compiled = execFileSync(process.execPath, [BUILD, "--print"], { encoding: "utf8" });
  expect(compiled === KERNEL_BYTES).toBe(true);
});

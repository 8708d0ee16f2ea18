/** Every link of a page in this repository leads to a file that is there; ARCHITECTURE.md stays short. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((name) => name !== "" && existsSync(join(ROOT, name)));

it("has no link that leads nowhere", () => {
  const links = PAGES.flatMap((page) =>
    [
      ...readFileSync(join(ROOT, page), "utf8").matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g),
    ].map(([, target = ""]) => ({ page, target })),
  );
  expect(links.length).toBeGreaterThan(100);
  const broken = links.filter(({ page, target }) => !existsSync(join(ROOT, dirname(page), target)));
  expect(broken).toEqual([]);
});

it("has an ARCHITECTURE.md of at most 12 KB", () => {
  expect(readFileSync(join(ROOT, "ARCHITECTURE.md")).length).toBeLessThanOrEqual(12 * 1024);
});

/** IO: what part of a round of a real run goes into its epsilon. Usage: FILE [--set key=value …] */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openingOf, readLines } from "../shared/accounting/ledger-line.ts";
import { Spending } from "../shared/accounting/spending.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const [file = "scenarios/purchases-clients.yaml", ...flags] = process.argv.slice(2);

const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));
const run = join(folder, "run");
try {
  // Under secure noise the ledger's lines tell the time.
  const args = ["run", file, "--set", "privacy.noise=secure", ...flags, "--quiet", "--out", run];
  execFileSync(process.execPath, [MAIN, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const lines = readLines(readFileSync(join(run, "ledger.jsonl"), "utf8"), "ledger.jsonl");

  const released = lines.flatMap(({ entry, time }) =>
    entry.kind === "release" && time !== undefined ? [Date.parse(time)] : [],
  );
  const roundMs = released.slice(1).map((at, i) => at - (released[i] ?? at));

  const spending = new Spending(openingOf(lines));
  const charges = lines.flatMap(({ entry }) => (entry.kind === "charge" ? [entry.events] : []));
  const accountingMs = charges.map((events) => {
    const start = performance.now();
    spending.charge(events);
    return performance.now() - start;
  });

  // The first charge finds nothing kept; the plan's own calibration has warmed the coordinator's.
  const [round, accounting] = [mean(roundMs), mean(accountingMs.slice(1))];
  process.stdout.write(
    `${file}, ${charges.length} attempts, accountant ${openingOf(lines).accountant}: ` +
      `${((100 * accounting) / round).toFixed(2)} % of a round, ${accounting.toFixed(3)} ms of ` +
      `${round.toFixed(0)} (means), worked out while the hosts train\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

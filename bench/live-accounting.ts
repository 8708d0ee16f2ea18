/**
 * IO: what live accounting costs a round of a real run: its own time, and what it adds to the round,
 * for it is worked out while the hosts train. Usage: FILE PAIRS [--set key=value …]; the scenario must
 * sample, so that PLD and the cheap RDP both serve.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LedgerLine, openingOf, readLines } from "../shared/ledger/ledger-line.ts";
import { Spending } from "../shared/ledger/spending.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const [file = "scenarios/purchases-clients.yaml", pairs = "3", ...flags] = process.argv.slice(2);

/** The ledger of a run; under secure noise its lines tell the time. */
function ledgerOf(accountant: string): LedgerLine[] {
  const folder = mkdtempSync(join(tmpdir(), "murmur-bench-"));
  const out = join(folder, "run");
  const set = ["--set", "privacy.noise=secure", "--set", `privacy.accountant=${accountant}`];
  try {
    const args = [MAIN, "run", file, ...set, ...flags, "--quiet", "--out", out];
    execFileSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    return readLines(readFileSync(join(out, "ledger.jsonl"), "utf8"), "ledger.jsonl");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mean time from one release to the next. */
function roundMs(lines: readonly LedgerLine[]): number {
  const released = lines.flatMap(({ entry, time }) =>
    entry.kind === "release" && time !== undefined ? [Date.parse(time)] : [],
  );
  return ((released.at(-1) ?? NaN) - (released[0] ?? NaN)) / (released.length - 1);
}

/** Mean time of a charge's epsilon, but for the first, before which nothing is kept. */
function chargeMs(lines: readonly LedgerLine[]): number {
  const spending = new Spending(openingOf(lines));
  const charges = lines.flatMap(({ entry }) => (entry.kind === "charge" ? [entry.events] : []));
  const [, ...times] = charges.map((events) => {
    const start = performance.now();
    spending.charge(events);
    return performance.now() - start;
  });
  return times.reduce((sum, ms) => sum + ms, 0) / times.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const measured = Array.from({ length: Number(pairs) }, () => {
  const [pld, rdp] = [ledgerOf("pld"), ledgerOf("rdp")];
  return { pldMs: roundMs(pld), rdpMs: roundMs(rdp), chargeMs: chargeMs(pld) };
});
const charge = median(measured.map(({ chargeMs }) => chargeMs));
const round = median(measured.map(({ pldMs }) => pldMs));
const ratio = median(measured.map(({ pldMs, rdpMs }) => pldMs / rdpMs));
process.stdout.write(
  `${file}: a round of ${round.toFixed(1)} ms, epsilon by PLD ${charge.toFixed(2)} ms of its own ` +
    `time, worked out while the hosts train; rounds take ${ratio.toFixed(3)} times as long as with RDP ` +
    `(medians of ${pairs} pairs)\n`,
);

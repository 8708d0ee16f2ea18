/** Commands that cannot be meant: one line that says what and how to mend it, exit 2, nothing written. */
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { murmur, murmurProcess, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const { path: folder, remove } = scratch();
afterAll(remove);
const FILE = "scenarios/purchases.yaml";
const CLINICS = "scenarios/clinics.yaml";
const NORTH = "scenarios/data/clinics/north.csv";
const OUT = join(folder, "out");
const key = join(folder, "open.pem");
const full = join(folder, "full");

beforeAll(async () => {
  mkdirSync(full);
  writeFileSync(join(full, "mine.txt"), "mine");
  await murmur(["keys", "new", "--out", key]);
  chmodSync(key, 0o644);
});

const joining = (...more: string[]) => ["join", "ws://localhost:1", ...more];
const COMMANDS: readonly [input: string, args: readonly string[], says: string][] = [
  ["an unknown flag", ["run", FILE, "--hots", "2"], "Did you mean --hosts?"],
  ["half a seed", ["run", FILE, "--seed", "1.5"], "whole number"],
  ["a seed below zero", ["run", FILE, "--seed", "-1"], "whole number"],
  ["an empty seed", ["run", FILE, "--seed", ""], "whole number"],
  ["a key set twice", ["run", FILE, "--set", "seed=1", "--set", "seed=2"], "each key once"],
  ["a value for a block", ["run", FILE, "--set", "privacy=1"], "expected keys and their values"],
  ["no hosts", ["run", FILE, "--hosts", "0"], "whole number"],
  ["a million hosts", ["run", FILE, "--hosts", "1000000"], "whole number"],
  ["a port that is none", ["run", FILE, "--port", "70000"], "whole number"],
  ["a folder that is not empty", ["run", FILE, "--out", full], "run folder"],
  [
    "everywhere, without TLS",
    ["serve", CLINICS, "--listen", "0.0.0.0:0", "--out", OUT],
    "plaintext",
  ],
  [
    "seeded noise for others' rows",
    ["serve", CLINICS, "--listen", "localhost:0", "--set", "privacy.noise=seeded", "--out", OUT],
    "privacy.noise",
  ],
  ["no data", joining("--key", key), "--data"],
  [
    "a key that others may read",
    joining("--key", key, "--data", NORTH, "--server-key", "A".repeat(43)),
    "key file",
  ],
  [
    "a sweep of a million runs",
    ["sweep", FILE, "--over", "privacy.epsilon=1", "--repeat", "1000000", "--out", OUT],
    "from 1 to 1000",
  ],
  ["two commands", ["run", "verify", FILE], "too many arguments"],
  ["no command of ours", ["dance"], "unknown command"],
  ["a scenario that never ends", ["run", "/dev/zero"], "path.notFile"],
  ["no scenario", ["run", "scenarios/nowhere.yaml"], "path.missing"],
];

it.each(COMMANDS.map(([input, args, says]) => ({ input, args, says })))(
  "input command: $input → exit 2",
  async ({ args, says }) => {
    const { status, stderr, stdout } = await murmur(args);
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe("");
    expect(status).toBe(2);
    expect(readdirSync(folder).sort()).toEqual(["full", "open.pem"]);
    expect(readdirSync(full)).toEqual(["mine.txt"]);
  },
  TIMEOUT_MS,
);

it(
  "input command: a port that is taken → exit 2",
  async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? String(address.port) : "";
    try {
      const { status, stderr } = await murmurProcess(["run", FILE, "--port", port, "--out", OUT]);
      expect(stderr).toContain("EADDRINUSE");
      expect(status).toBe(2);
    } finally {
      server.close();
    }
  },
  TIMEOUT_MS,
);

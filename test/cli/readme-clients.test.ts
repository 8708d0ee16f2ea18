/** README, "Clients on other machines": its commands as they stand there, in four terminals. */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { loopbackCertificate } from "../support/certificate.ts";
import { murmur, ROOT, scratch } from "../support/murmur.ts";
import { Started } from "../support/served-run.ts";

const TIMEOUT_MS = 180_000;
const CLINICS = ["scenarios/clinics.yaml", "scenarios/data/clinics"];

/** Each column, each input with its formula, who counts, the label, who sees what, ε by adversary. */
const SHOWN = [
  /^ {4}patient +directIdentifier +dropped$/m,
  /^ {4}age +quasiIdentifier +4 bands: /m,
  /^ {4}ward +quasiIdentifier +\d categories: .*surgery, medicine, heart/m,
  /^ {4}returned +target +the label alone/m,
  /^Rows that count: every row$/m,
  /^The label: returns, returned == "yes"$/m,
  /^ {4}ward +oneHot\(ward\) +\d inputs$/m,
  /^ {4}days +days +1 input, cut to \[0, 30\]$/m,
  /under masks: only their sum can be read/,
  /^ {4}the coordinator +2\.000 /m,
];

let folder = scratch();
const started: Started[] = [];
beforeEach(() => {
  folder = scratch();
});
afterEach(async () => {
  for (const { child } of started) child.kill("SIGKILL");
  await Promise.all(started.map(({ ended }) => ended));
  folder.remove();
});

/** The section's commands, in its order. */
function commands(): string[] {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const section = /^## Clients on other machines$(.*?)^## /ms.exec(readme)?.[1] ?? "";
  return section
    .split("\n")
    .filter((line) => line.startsWith("    "))
    .map((line) => line.trim());
}

/** A port that is free, for the one in the text may not be. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "localhost", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

it(
  "a coordinator and three clinics, as the section says: shown first, then accepted",
  async () => {
    const port = await freePort();
    mkdirSync(join(folder.path, "scenarios/data"), { recursive: true });
    for (const path of CLINICS)
      cpSync(join(ROOT, path), join(folder.path, path), { recursive: true });
    const [keyA, keyB, keyC, certificate = "", serve = "", ...joins] = commands();
    expect(joins).toHaveLength(3);

    for (const line of [keyA, keyB, keyC]) {
      const [, args = "", list = ""] = /^npx murmur-fl (.*) >> (\S+)$/.exec(line ?? "") ?? [];
      const { stdout } = await run(args).ended;
      writeFileSync(join(folder.path, list), stdout, { flag: "a" });
    }
    // Not every machine has openssl; what the line would write, two files, is written here.
    expect(certificate).toMatch(/^openssl .*=DNS:localhost -keyout tls\.key -out tls\.crt$/);
    const { cert, key } = loopbackCertificate();
    writeFileSync(join(folder.path, "tls.crt"), cert);
    writeFileSync(join(folder.path, "tls.key"), key);

    const coordinator = run(argsOf(serve, port));
    const [, hash = ""] = await coordinator.says(/plan ([0-9a-f]{64}); to join/);
    await coordinator.says(/murmur join wss:\/\/localhost/);

    // No terminal is here to be asked at, so that the first command only shows what it would agree to.
    const shown = await run(argsOf(joins[0] ?? "", port)).ended;
    expect(shown.stderr).toMatch(
      new RegExp(`^ScenarioError: plan\\.acceptance .*--accept ${hash}.*nothing of the rows`),
    );
    expect(shown.status).toBe(2);
    for (const line of SHOWN) expect(shown.stdout).toMatch(line);
    await coordinator.says(/north read the plan, and may join/);

    for (const clinic of joins.map((line) => run(`${argsOf(line, port)} --accept ${hash}`))) {
      const { status, stderr } = await clinic.ended;
      expect(stderr).toBe("");
      expect(status).toBe(0);
    }
    const { status, stdout } = await coordinator.ended;
    expect(status).toBe(0);
    const runFolder = stdout.trim().split("\n").at(-1) ?? "";
    const verified = await murmur(["verify", join(folder.path, runFolder)]);
    expect(verified.status).toBe(0);
    // The file's rows are public, so that a run of its own would be seeded; between machines none is.
    const manifest = readFileSync(join(folder.path, runFolder, "manifest.json"), "utf8");
    expect(JSON.parse(manifest).noise).toBe("secure");
  },
  TIMEOUT_MS,
);

function argsOf(line: string, port: number): string {
  const [, args = ""] = /^npx murmur-fl (.*)$/.exec(line) ?? [];
  expect(args).toContain("localhost:8443");
  return args.replace("localhost:8443", `localhost:${port}`);
}

function run(args: string): Started {
  const process = new Started(folder.path, args.split(" "));
  started.push(process);
  return process;
}

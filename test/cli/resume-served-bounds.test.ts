/** A coordinator that is killed amid private bounds, under secure noise, while their owners are in its run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { murmur } from "../support/murmur.ts";
import { AGREED, servedFolder, studyYaml } from "../support/served-run.ts";

const WIDER = JSON.stringify({ epsilon: 39, delta: 0.01 });
const STUDY = studyYaml("{ testFile: test.csv }")
  .replace("rounds: 3", "rounds: 1")
  .replace('formula: "income", bounds: [0, 1000]', 'formula: "income", bounds: private')
  .replace("epsilon: 2,", "epsilon: 30, spareAttempts: 1, bounds: { share: 0.9 },");
const { at, start } = servedFolder((path) => {
  writeFileSync(join(path, "coordinator/study.yaml"), STUDY);
  for (const owner of ["a", "b"]) writeFileSync(join(path, owner, "wide.json"), WIDER);
});
const entries = (...names: string[]) =>
  readFileSync(at(...names), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

it("row 14: killed after the second charge of its bounds: owners wait, charge each attempt once, and the run ends", {
  timeout: 180_000,
}, async () => {
  const kill = { MURMUR_FAILPOINT: "ledger-after-sync:kill:charge-3" };
  const tls = ["--tls-cert", "tls.crt", "--tls-key", "tls.key"];
  const listen = ["--listen", "127.0.0.1:0", "--out", "run", ...tls];
  const coordinator = start("coordinator", ["serve", "study.yaml", ...listen], kill);
  const said = /murmur join (wss:\S+) .*--server-key (\S+)/;
  const [, url = "", key = ""] = await coordinator.says(said);
  const owners = ["a", "b"].map((where, i) =>
    start(where, [
      ...["join", url, "--data", "rows.csv", ...AGREED],
      ...["--token", `../coordinator/run.tokens/c${i + 1}.token`],
      ...["--ca", "../coordinator/tls.crt", "--server-key", key],
    ]),
  );
  await coordinator.ended;
  expect(coordinator.child.signalCode, "the failpoint was never reached").toBe("SIGKILL");
  const again = start("coordinator", ["resume", "run"]);
  for (const { ended } of [...owners, again]) expect(await ended).toMatchObject({ status: 0 });
  const ledger = entries("coordinator/run/ledger.jsonl");
  expect(ledger.map(({ kind }) => kind)).toEqual([
    ...["open", "charge", "bounds", "charge", "abort", "resumed"],
    ...["charge", "bounds", "charge", "bounds", "charge", "release", "close"],
  ]);
  const { status, stdout } = await murmur(["verify", at("coordinator/run"), "--json"]);
  expect([status, JSON.parse(stdout).charges]).toEqual([0, 5]);
  const charged = ledger.flatMap(({ kind, attempt }) => (kind === "charge" ? [attempt] : []));
  for (const where of ["a", "b"]) {
    const own = entries(where, "rows.csv.murmur/own.jsonl").flatMap(({ kind, attempt }) =>
      kind === "participation" ? [attempt] : [],
    );
    expect(new Set(own).size, "none twice").toBe(own.length);
    // An attempt that was cut off may have come to one owner and not to another.
    const others = charged.filter((attempt) => !own.includes(attempt));
    expect(others.length).toBeLessThanOrEqual(1);
  }
});

/** A run's folder that somebody handed over, to be gone on with. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { RunFolder } from "../../../server/run-folder/run-folder.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { scratch } from "../../support/murmur.ts";

let folder: ReturnType<typeof scratch>;
const at = (name: string) => join(folder.path, name);
beforeEach(() => {
  folder = scratch();
  mkdirSync(at("run.tmp"));
  mkdirSync(at("home"));
  writeFileSync(at("home/secret.control"), "precious");
});
afterEach(() => folder.remove());

it.each(["rounds.jsonl", "ledger.jsonl", "launch.json.tmp", "report.html", "clients-private"])(
  "is not gone on with where a link is planted as %s, and nothing is written",
  (name) => {
    symlinkSync(
      at(name === "clients-private" ? "home" : "home/secret.control"),
      at(`run.tmp/${name}`),
    );
    expect(() => RunFolder.reopen(at("run"))).toThrow(ScenarioError);
    expect(() => RunFolder.reopen(at("run"))).toThrow(`run folder (${at(`run.tmp/${name}`)})`);
    expect(existsSync(at("run.tmp/run.lock"))).toBe(false);
    expect(readFileSync(at("home/secret.control"), "utf8")).toBe("precious");
  },
);

it("is gone on with where all in it is its own", () => {
  writeFileSync(at("run.tmp/rounds.jsonl"), "");
  const reopened = RunFolder.reopen(at("run"));
  reopened.write("report.html", "page");
  reopened.finish();
  expect(readFileSync(at("run/report.html"), "utf8")).toBe("page");
});

/** Where a run's folder says that clients' ledgers lie, when somebody handed that folder over. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkLedgers } from "../../../run/folder/resumed-ledgers.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { scratch } from "../../support/murmur.ts";

const RUN_ID = "0123456789abcdef".repeat(2);
let folder: ReturnType<typeof scratch>;
const at = (name: string) => join(folder.path, name);
beforeEach(() => {
  folder = scratch();
  mkdirSync(at("ledgers"));
});
afterEach(() => folder.remove());

const launch = () => ({
  ...{ format: 1 as const, command: "run" as const, file: "a.yaml", set: [], hosts: 1 },
  ...{ runId: RUN_ID, clientLedgers: at("ledgers") },
});
const checked = (typed?: string, change = {}) =>
  checkLedgers({ ...launch(), ...change }, "run", typed);

it("is no folder that does not know the run, be it there or not, unless it is typed", () => {
  for (const place of ["ledgers", "not there"]) {
    const planted = { clientLedgers: at(place) };
    expect(() => checked(undefined, planted)).toThrow(ScenarioError);
    expect(() => checked(undefined, planted)).toThrow(`--client-ledgers ${at(place)}`);
    expect(() => checked(at(place), planted)).not.toThrow();
  }
  writeFileSync(at("ledgers/a.jsonl"), '{"kind":"rows","runId":"ffff"}\n');
  expect(() => checked()).toThrow(ScenarioError);
});

it("is the one that the run has written to", () => {
  writeFileSync(at("ledgers/a.jsonl"), `{"kind":"rows","runId":"${RUN_ID}"}\n`);
  expect(() => checked()).not.toThrow();
  // Before a run had an id it wrote to none.
  expect(() => checked(undefined, { runId: undefined })).toThrow(ScenarioError);
});

it("is not another than the run began with: what it charged must be in one place", () => {
  expect(() => checked(at("other"))).toThrow("Name the folder with which the run was started.");
  expect(() => checked(at("other"), { clientLedgers: undefined })).toThrow("started without");
  expect(() => checked(undefined, { clientLedgers: undefined })).not.toThrow();
});

/** A run without processes, sockets or a folder: as a program calls it. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { parse } from "yaml";
import type { RunResult } from "../../run/run-result.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { simulate } from "../../run/simulate.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { ROOT, scratch } from "../support/murmur.ts";
import { bytesOf, bytesOfResult } from "../support/run-bytes.ts";

const folder = scratch();
afterAll(folder.remove);
const HOST = join(ROOT, "dist/client/host.js");
const PURCHASES = "scenarios/purchases.yaml";
const SMALL = {
  "data.source.rows": 120,
  "data.source.testRows": 20,
  ...{ "clients.count": 4, "clients.minCohort": 2, "privacy.population": 120 },
  ...{ "training.rounds": 2, "training.learningRate": 0.1 },
};

it("takes a scenario as an object: the same run as of its file", async () => {
  const object = parse(readFileSync(PURCHASES, "utf8"));
  const [one, other] = [
    await simulate(PURCHASES, { set: SMALL, seed: 3 }),
    await simulate(object, { set: SMALL, seed: 3, folder: "scenarios" }),
  ];
  expect(other.model.hash).toBe(one.model.hash);
  const unseeded = await simulate(PURCHASES, { set: SMALL });
  expect(unseeded.model.hash).not.toBe(one.model.hash);
});

it("tells of itself in order, and writes to no stream and no folder", async () => {
  const write = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write"));
  const before = readdirSync(".");
  const events: string[] = [];
  await simulate(PURCHASES, { set: SMALL, onEvent: ({ event }) => events.push(event) });
  for (const spy of write) expect(spy).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  expect(readdirSync(".")).toEqual(before);
  const shown = ["opened", "training-begins", "round", "round", "results", "finished"];
  expect(events.filter((event) => shown.includes(event))).toEqual(shown);
  expect(events.filter((event) => event === "attempt-charged")).toHaveLength(2);
});

const ROWS = `amount,paid\n${Array.from({ length: 60 }, (_, i) => `${i},${i % 2 ? "yes" : "no"}`).join("\n")}\n`;
const PRIVATE = {
  format: 1,
  name: "private",
  data: {
    source: { file: "rows.csv", testRows: 10 },
    columns: {
      amount: { role: "sensitive", type: "integer", bounds: [0, 100] },
      paid: { role: "target" },
    },
    target: { name: "pays", column: "paid", positive: "yes" },
  },
  features: { amount: { formula: "amount", bounds: [0, 100] } },
  training: { rounds: 1 },
  privacy: { epsilon: 2, delta: 1e-3, population: 50 },
  clients: { count: 2 },
};

it("refuses private rows without a folder: no charge lives in memory alone", async () => {
  writeFileSync(join(folder.path, "rows.csv"), ROWS);
  const refused = simulate(PRIVATE, { folder: folder.path });
  await expect(refused).rejects.toThrow(ScenarioError);
  await expect(refused).rejects.toThrow("no charge lives in memory alone");
  expect(existsSync(join(folder.path, "rows.csv.murmur"))).toBe(false);
});

it("charges private rows to a folder's ledger and to the file's own", async () => {
  const out = join(folder.path, "run");
  const { epsilon, folder: path } = await simulate(PRIVATE, { folder: folder.path, out });
  expect(path).toBe(out);
  expect(epsilon).toBeLessThanOrEqual(2);
  expect(existsSync(join(out, "ledger.jsonl"))).toBe(true);
  expect(existsSync(join(out, "report.html"))).toBe(true);
  expect(existsSync(join(folder.path, "rows.csv.murmur/own.jsonl"))).toBe(true);
});

it("ends when it is aborted, with the signal's reason", async () => {
  const abort = new AbortController();
  const why = new Error("enough");
  const running = simulate(PURCHASES, {
    set: { ...SMALL, "training.rounds": 50 },
    signal: abort.signal,
    onEvent: ({ event }) => event === "round" && abort.abort(why),
  });
  await expect(running).rejects.toBe(why);
  await expect(simulate(PURCHASES, { signal: abort.signal })).rejects.toBe(why);
});

it("is iterated for its events while it is awaited for its result, and fails in both", async () => {
  const heard: string[] = [];
  const running = simulate(PURCHASES, { set: SMALL, onEvent: ({ event }) => heard.push(event) });
  const looped: string[] = [];
  let last: RunResult | undefined;
  for await (const one of running) {
    looped.push(one.event);
    if (one.event === "finished") last = one.result;
  }
  expect(looped).toEqual(heard);
  expect(looped.at(-1)).toBe("finished");
  expect(last).toEqual(await running);
  const abort = new AbortController();
  const aborted = simulate(PURCHASES, { set: SMALL, signal: abort.signal });
  await expect(
    (async () => {
      for await (const { event } of aborted) if (event === "round") abort.abort();
    })(),
  ).rejects.toThrow(/aborted/);
  await expect(aborted).rejects.toThrow(/aborted/);
});

it("throws nothing by itself: what is refused is a rejection", async () => {
  const calls = [
    () => simulate({ format: 2 }),
    () => simulate("no such file.yaml"),
    () => runScenario("no such file.yaml"),
  ];
  for (const call of calls) await expect(call()).rejects.toThrow(ScenarioError);
});

it("takes the scenario as it is at the call", async () => {
  const object = parse(readFileSync(PURCHASES, "utf8"));
  const options = { set: SMALL, folder: "scenarios" };
  const running = simulate(object, options);
  object.seed = 99;
  expect((await running).model.hash).toBe((await simulate(PURCHASES, options)).model.hash);
});

it.each(["clients-joined", "update", "round", "finished"])(
  "ends with what onEvent throws at %s, and does not wait for clients",
  async (when) => {
    const why = new Error(when);
    const onEvent = ({ event }: { readonly event: string }) => {
      if (event === when) throw why;
    };
    await expect(simulate(PURCHASES, { set: SMALL, onEvent })).rejects.toBe(why);
  },
);

it("rejects with what a host refuses", async () => {
  const set = { ...SMALL, "privacy.population": 130 };
  await expect(simulate(PURCHASES, { set })).rejects.toThrow(/privacy\.population/);
});

it("has the bytes of a run on 1, 2 and 5 hosts, which a program may ask for as well", async () => {
  const options = { set: { ...SMALL, "clients.count": 6 } };
  const here = bytesOfResult(await simulate(PURCHASES, options));
  for (const hosts of [1, 2, 5]) {
    const out = join(folder.path, `hosts-${hosts}`);
    const outcome = await runScenario(PURCHASES, { ...options, hosts, out, hostProgram: HOST });
    expect(bytesOfResult(outcome), `${hosts} hosts`).toEqual(here);
    expect(bytesOf(out), `the folder of ${hosts} hosts`).toEqual(here);
  }
});

/** A sweep as a program calls it: worker processes are real ones. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { sweep } from "../../../run/sweep/sweep.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { ROOT, scratch } from "../../support/murmur.ts";

const SCENARIO = "scenarios/purchases.yaml";
const folder = scratch();
afterAll(folder.remove);
const OPTIONS = {
  seed: 3,
  repeat: 1,
  jobs: 1,
  out: join(folder.path, "sweep"),
  set: {
    "training.rounds": 1,
    "training.learningRate": 1,
    "data.source.rows": 200,
    "privacy.population": 200,
  },
  over: { "privacy.epsilon": [0.5, "none"] },
  workerProgram: join(ROOT, "dist/run/sweep-worker.js"),
};

it("ends by its signal, goes on where it was, and comes to its curves", async () => {
  const stop = new AbortController();
  const broken = sweep(SCENARIO, {
    ...OPTIONS,
    signal: stop.signal,
    onEvent: ({ event }) => event === "run" && stop.abort(new Error("enough")),
  });
  await expect(broken).rejects.toThrow("enough");
  const heard: string[] = [];
  const running = sweep(SCENARIO, OPTIONS);
  for await (const event of running)
    heard.push(event.event === "opened" ? `${event.before} before, ${event.todo} to do` : "run");
  expect(heard).toEqual(["1 before, 1 to do", "run"]);
  const outcome = await running;
  expect(outcome).toMatchObject({
    folder: OPTIONS.out,
    runs: 2,
    failed: 0,
    price: null,
    unfit: null,
  });
  const [curve, ...others] = outcome.curves;
  expect(others).toEqual([]);
  expect(curve?.points.map(({ epsilon }) => epsilon.modelRecipients)).toEqual([
    expect.closeTo(0.5, 3),
  ]);
  expect(outcome.results.map(({ outcome }) => outcome)).toEqual(["done", "done"]);
  expect(existsSync(join(OPTIONS.out, "curve.csv"))).toBe(true);
});

it("refuses a bad point before anything runs", async () => {
  const out = join(folder.path, "none");
  const running = sweep(SCENARIO, { ...OPTIONS, out, over: { "privacy.epsilon": [1, -1] } });
  await expect(running).rejects.toThrow(ScenarioError);
  expect(existsSync(out)).toBe(false);
});

/** What murmur sweep makes of a file and flags, before anything runs. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readScenario } from "../../../run/scenario/read-scenario.ts";
import { planSweep, type SweepFlags, variedValues } from "../../../run/scenario/sweep-plan.ts";
import { scratch } from "../../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const PURCHASES = "scenarios/purchases.yaml";
const flags = (over: Record<string, string>, more: Partial<SweepFlags> = {}): SweepFlags => ({
  set: [],
  over: Object.entries(over).map(([path, values]) => ({ path, values })),
  ...more,
});

describe("a plan", () => {
  it("has each point's own scenario, under its own hash", async () => {
    const { runs, isPublic } = await planSweep(
      PURCHASES,
      flags({ "privacy.epsilon": "0.1,none", "privacy.trust": "central,local" }, { repeat: 2 }),
    );
    expect(isPublic).toBe(true);
    const told = runs.map(({ seed, scenario: { privacy } }) => [
      seed,
      privacy.trust,
      privacy.epsilon,
    ]);
    expect(told).toEqual([
      [7, "central", 0.1],
      [7, "local", 0.1],
      [7, "none", 1],
      [8, "central", 0.1],
      [8, "local", 0.1],
      [8, "none", 1],
    ]);
    for (const { seed, scenario } of runs) expect(scenario.seed).toBe(seed);
    expect(new Set(runs.map(({ id }) => id)).size).toBe(6);
  });

  it("has for each point what murmur run would be told, to the same scenario", async () => {
    const over = { "privacy.epsilon": "0.1,none", "privacy.trust": "central,local" };
    const more = { "model.hidden": "[8],[4, 2]", name: `"1e3","true",plain` };
    const set = [{ path: "privacy.trust", value: "distributed" }];
    const { runs } = await planSweep(
      PURCHASES,
      flags({ ...more, "privacy.epsilon": "1,none" }, { set }),
    );
    const all = [...runs, ...(await planSweep(PURCHASES, flags(over))).runs];
    for (const { scenario, set: typed, seed } of all) {
      const { sweep: _, ...alone } = await readScenario(PURCHASES, { set: typed, seed });
      const { sweep: __, ...swept } = scenario;
      expect(alone).toEqual(swept);
    }
    expect(all.at(-1)?.set).toContainEqual({ path: "privacy.trust", value: "none" });
  });

  it("is another one's for any other key, value or first seed, and the same one's again", async () => {
    const identity = async (own: SweepFlags) => (await planSweep(PURCHASES, own)).identity;
    const over = { "privacy.epsilon": "0.1,1" };
    const first = await identity(flags(over));
    expect(await identity(flags(over))).toBe(first);
    expect(await identity(flags(over, { repeat: 9 }))).toBe(first);
    const others = await Promise.all([
      identity(flags({ "privacy.epsilon": "0.1,1.1" })),
      identity(flags(over, { seed: 8 })),
      identity(flags(over, { set: [{ path: "training.clipNorm", value: "1" }] })),
    ]);
    expect(new Set([first, ...others]).size).toBe(4);
  });

  it("runs its twin without noise, whatever --set says of trust", async () => {
    const { runs } = await planSweep(
      PURCHASES,
      flags(
        { "privacy.epsilon": "1,none" },
        { repeat: 1, set: [{ path: "privacy.trust", value: "local" }] },
      ),
    );
    expect(runs.map(({ scenario }) => scenario.privacy.trust)).toEqual(["local", "none"]);
  });

  it("with more seeds has the runs of fewer, under the same numbers", async () => {
    const over = { "privacy.epsilon": "0.1,1,none" };
    const [fewer, more] = await Promise.all(
      [2, 3].map((repeat) => planSweep(PURCHASES, flags(over, { repeat }))),
    );
    expect(fewer?.runs).toHaveLength(6);
    expect(more?.runs.slice(0, 6)).toEqual(fewer?.runs);
  });

  it("counts the people whom its seeds hold out of private rows, each others", async () => {
    const retail = "scenarios/online-retail.yaml";
    const set = [{ path: "data.source.public", value: "false" }];
    const over = { "privacy.epsilon": "0.3,0.6,none" };
    const { heldOut, runs } = await planSweep(retail, flags(over, { set, repeat: 3 }));
    const each = runs[0]?.scenario.data.source.testRows ?? 0;
    expect(each).toBeGreaterThan(0);
    expect(heldOut).toEqual({ seeds: 3, people: 3 * each });
    const varied = { "data.source.testRows": "100,50" };
    const { heldOut: both } = await planSweep(retail, flags(varied, { set, repeat: 2 }));
    expect(both).toEqual({ seeds: 2, people: 2 * 150 });
    // One seed holds out the same people in all its runs; public rows are nobody's secret.
    expect((await planSweep(retail, flags(over, { set, repeat: 1 }))).heldOut).toBeNull();
    expect((await planSweep(retail, flags(over, { repeat: 3 }))).heldOut).toBeNull();
    expect((await planSweep(PURCHASES, flags(over, { repeat: 3 }))).heldOut).toBeNull();
  });

  it("is what the file's block says, where no flag does", async () => {
    cpSync("scenarios", join(folder.path, "scenarios"), { recursive: true });
    const file = join(folder.path, "scenarios/purchases.yaml");
    const block =
      "sweep: { over: { training.clipNorm: [1, 2], model.hidden: [[4], [8]] }, repeat: 2 }";
    writeFileSync(file, `${readFileSync(file, "utf8")}\n${block}\n`);
    const { settings, spec } = await planSweep(file, flags({}));
    expect(spec.repeat).toBe(2);
    expect(settings).toHaveLength(4);
    expect(settings[1]).toEqual({ "training.clipNorm": 1, "model.hidden": [8] });
    const flagged = await planSweep(file, flags({ "training.clipNorm": "3" }, { repeat: 7 }));
    expect(flagged.runs).toHaveLength(7);
  });
});

it("parts values at commas outside brackets, and reads them as YAML", () => {
  expect(variedValues("k", "[16],[32, 8],none,1e-5,true")).toEqual([
    [16],
    [32, 8],
    "none",
    1e-5,
    true,
  ]);
});

describe("refused before anything runs", () => {
  it.each<[string, SweepFlags, string]>([
    ["an unknown key", flags({ "privacy.epsilom": "1" }), "Did you mean epsilon?"],
    ["an unknown block", flags({ "privcy.epsilon": "1" }), "Did you mean privacy?"],
    ["one bad value of several", flags({ "privacy.epsilon": "1,-2" }), "got -2"],
    ["a value of another type", flags({ "training.rounds": "5,many" }), "training.rounds"],
    ["points that contradict the file", flags({ "clients.minCohort": "8,80" }), "minCohort"],
    ["an empty value", flags({ "privacy.epsilon": "1,,2" }), "a value between two commas"],
    ["no number", flags({ "privacy.epsilon": ".nan" }), "a value between two commas"],
    ["nothing to vary", flags({}), "no key to vary"],
    [
      "noise to vary where there is none",
      flags({ "privacy.epsilon": "1,none" }, { set: [{ path: "privacy.trust", value: "none" }] }),
      "privacy.epsilon, where privacy.trust is none",
    ],
    [
      "a key that is set too",
      flags({ "privacy.epsilon": "1" }, { set: [{ path: "privacy.epsilon", value: "2" }] }),
      "the key twice",
    ],
    ["a seed", flags({ seed: "1,2" }), "Seeds follow from"],
  ])("%s", async (_, own, text) => {
    await expect(planSweep(PURCHASES, own)).rejects.toThrow(text);
  });

  it("a key named twice", async () => {
    const twice = { path: "privacy.epsilon", values: "1" };
    const plan = planSweep(PURCHASES, { set: [], over: [twice, twice] });
    await expect(plan).rejects.toThrow("a key twice");
  });
});

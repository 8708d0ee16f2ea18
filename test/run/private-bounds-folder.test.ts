/** `bounds: private` in run folders: the bytes of a simulation with any number of hosts, and a ledger that is held to. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { predict } from "../../run/predict.ts";
import { runScenario } from "../../run/run-scenario.ts";
import { simulate } from "../../run/simulate.ts";
import { verify } from "../../run/verify.ts";
import { ROOT, scratch } from "../support/murmur.ts";

const folder = scratch();
afterAll(folder.remove);
const hostProgram = join(ROOT, "dist/client/host.js");
const row = (i: number) => `${i % 10 === 9 ? "" : 20 + (i % 40)},${i % 40 < 20 ? "no" : "yes"}`;
const ROWS = ["age,paid", ...Array.from({ length: 1_200 }, (_, i) => row(i))].join("\n");
writeFileSync(join(folder.path, "rows.csv"), `${ROWS}\n`);

const scenarioOf = (trust: string) => ({
  format: 1,
  name: "ages",
  data: {
    source: { file: "rows.csv", testRows: 200, public: true },
    columns: {
      age: { role: "insensitive", type: "integer", missing: -1 },
      paid: { role: "target" },
    },
    target: { name: "pays", column: "paid", positive: "yes" },
  },
  features: { age: { formula: "age", bounds: "private" } },
  training: { rounds: 3, learningRate: 1 },
  privacy: { trust, epsilon: 20, delta: 1e-4, population: 1_000 },
  clients: { count: 5 },
});

it.each(["central", "local", "distributed"])(
  "has the bytes of a simulation on 1, 2 and 5 hosts, and holds to its ledger, under %s",
  { timeout: 180_000 },
  async (trust) => {
    const alone = await simulate(scenarioOf(trust), { folder: folder.path });
    const out = (hosts: number) => join(folder.path, `${trust}-${hosts}`);
    for (const hosts of [1, 2, 5]) {
      const options = { folder: folder.path, hosts, hostProgram, out: out(hosts) };
      const forked = await runScenario(scenarioOf(trust), options);
      expect([forked.model.hash, forked.trace.bounds]).toEqual([
        alone.model.hash,
        alone.trace.bounds,
      ]);
      expect(forked.ledger.map(({ hash }) => hash)).toEqual(alone.ledger.map(({ hash }) => hash));
    }
    const run = out(2);
    expect(verify(run).charges).toBe(6);
    const [, high = 0] = alone.trace.bounds?.features[0]?.bounds ?? [];
    const said = predict(run, { age: 5_000, paid: "yes" }).layers[0]?.lines[0];
    expect(said).toBe(`age ${Number(high.toFixed(2))} → 1`);
    const path = join(run, "ledger.jsonl");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(`${high}`, `${high + 1}`));
    expect(() => verify(run)).toThrow("ledger");
  },
);

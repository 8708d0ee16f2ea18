/** Runs on the same private rows add up, by the real command. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { gaussianEpsilon } from "../../shared/accounting/mechanisms/gaussian.ts";
import { murmur, scratch } from "../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const SCENARIO = `
format: 1
name: own
seed: 3
data:
  source: { file: rows.csv, testFile: held-out.csv }
  columns:
    age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [40, 60] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
features:
  age: { formula: "oneHot(age)" }
training: { rounds: 3, learningRate: 1 }
privacy: { trust: central, epsilon: 1, delta: 1e-4, population: 60 }
clients: { count: 2, minCohort: 2 }
`;
const rows = (count: number) =>
  `age,bought\n${Array.from({ length: count }, (_, i) => `${20 + (i % 60)},${i % 3 === 0 ? "yes" : "no"}\n`).join("")}`;

it(
  "says after the second run that these rows have lost more, by the root of summed squares",
  async () => {
    const folder = scratch();
    const at = (name: string) => join(folder.path, name);
    try {
      writeFileSync(at("own.yaml"), SCENARIO);
      writeFileSync(at("rows.csv"), rows(60));
      writeFileSync(at("held-out.csv"), rows(20));
      const run = (out: string, ...more: string[]) =>
        murmur(["run", at("own.yaml"), "--hosts", "1", "--out", at(out), ...more]);

      // Where no ledger can be kept nothing is read, and nothing left.
      writeFileSync(at("rows.csv.murmur"), "");
      const refused = await run("none");
      expect(refused.status).toBe(2);
      expect(refused.stderr).toMatch(/dataLedger\.folder.*--no-data-ledger/);
      rmSync(at("rows.csv.murmur"));
      expect(readdirSync(folder.path).sort()).toEqual(["held-out.csv", "own.yaml", "rows.csv"]);

      const first = await run("first");
      expect(first.stderr).toBe("");
      expect(first.stdout).toContain(
        "rows.csv, against whoever gets the model: this run ε 1.000; these rows so far ε 1.000 in 1 run\n",
      );
      const second = await run("second");
      const said =
        /against whoever gets the model: this run ε 1\.000; these rows so far ε (\S+) in 2 runs/;
      const epsilon = Number(said.exec(second.stdout)?.[1]);
      const { noiseMultiplier } = JSON.parse(readFileSync(at("second/plan.json"), "utf8")).privacy;
      const due = gaussianEpsilon(Math.sqrt(6) / noiseMultiplier, 1e-4);
      expect(epsilon).toBeCloseTo(due, 2);
      expect(epsilon).toBeGreaterThan(1.3);
      expect(second.stdout).toContain("if no plan was chosen by another's outcome; a copy");
      expect(readFileSync(at("second/report.html"), "utf8")).toContain(`in 2 runs`);
      expect(existsSync(at("held-out.csv.murmur"))).toBe(false);

      const verified = await murmur(["verify", at("second")]);
      expect(verified.stdout).toMatch(said);

      const linted = await murmur(["lint", at("own.yaml")]);
      expect(linted.stdout).toMatch(/these rows so far ε \S+ in 2 runs/);

      // A limit set beforehand: a run that would pass it is refused before it begins.
      mkdirSync(at("rows.csv.murmur"), { recursive: true });
      const limits = at("rows.csv.murmur/limits.json");
      writeFileSync(limits, '{"epsilon": 2, "delta": 1e-4}');
      const over = await run("third");
      expect(over.stderr).toMatch(
        /^BudgetError: dataLedger\.limits \(rows\.csv\.murmur\/limits\.json\): got epsilon .*Nothing was charged\.$/m,
      );
      expect(over.stderr).not.toContain("the plan received");
      expect(over.status).toBe(2);
      expect(existsSync(at("third"))).toBe(false);
      expect(readFileSync(at("rows.csv.murmur/own.jsonl"), "utf8")).not.toMatch(
        /"time"|"client":"c/,
      );

      const unkept = await run("fourth", "--no-data-ledger");
      expect(unkept.stdout).toContain("no ledger of the file was kept (--no-data-ledger)");
      expect(readFileSync(at("fourth/report.html"), "utf8")).toContain("--no-data-ledger");
      expect((await murmur(["verify", at("fourth")])).stdout).toContain("--no-data-ledger");
    } finally {
      folder.remove();
    }
  },
  TIMEOUT_MS,
);

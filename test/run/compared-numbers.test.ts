/** Runs whose target is a number, held against each other and drawn: by R², in the place of accuracy. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { curveLines } from "../../cli/screen/curve-lines.ts";
import { curvesOf } from "../../compare/curve.ts";
import { measuredRun } from "../../run/folder/measured-run.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { murmur, runJson, scratch } from "../support/murmur.ts";
import { type NumberRow, numberRows, numberScenario } from "../support/number-scenario.ts";
import { doneResult } from "../support/sweep-results.ts";

const folder = scratch();
afterAll(folder.remove);
const at = (name: string) => join(folder.path, name);
const csv = (rows: readonly NumberRow[]) =>
  ["a,b,y", ...rows.map(({ a, b, y }) => `${a},${b},${y}`)].join("\n");

it("tells R² of a run's folder, with its errors beside, and compares by it", async () => {
  writeFileSync(at("train.csv"), csv(numberRows(60, 1)));
  writeFileSync(at("test.csv"), csv(numberRows(40, 2)));
  const scenario = numberScenario({});
  const source = { file: "train.csv", testFile: "test.csv", public: true };
  const text = stringify({ ...scenario, data: { ...scenario.data, source } });
  writeFileSync(at("numbers.yaml"), text);
  const run = (rounds: number) =>
    runJson(at("numbers.yaml"), ["--set", `training.rounds=${rounds}`, "--out", at(`${rounds}`)]);
  const [few, many] = [await run(2), await run(20)];
  const measured = measuredRun(at("20"));
  expect(measured.accuracy).toBe(many.errors.r2);
  expect(measured.errors?.rmse).toBe(many.errors.rmse);
  expect(measured.errors?.baseline.rmse).toBe(many.baseline.rmse);
  expect([measured.majority, measured.rows]).toEqual([0, 40]);
  const { stdout } = await murmur(["compare", at("2"), at("20")]);
  for (const text of ["R² and ε", "R², %", "their mean", "R² by round, %"])
    expect(stdout).toContain(text);
  expect(stdout).not.toMatch(/accuracy|largest class/i);
  const gain = 100 * (many.errors.r2 - few.errors.r2);
  expect(stdout).toContain(`B − A: +${gain.toFixed(1)} points`);
});

it("draws a sweep's R² against ε", () => {
  const errors = { rmse: 3, mae: 2, r2: 0.4, baseline: { mean: 4, rmse: 5, mae: 4 } };
  const results = [0.1, 1].map((epsilon) => ({
    ...doneResult({ "privacy.epsilon": epsilon }, 1, 0.4, epsilon),
    ...{ errors, majority: 0 },
  }));
  const curves = curvesOf(results, (curve) => stream(seededRoot(curve), "simulate", "bootstrap"));
  const lines = curveLines(curves, []).join("\n");
  expect(lines).toContain("Held-out R², %, against ε");
  expect(lines).toContain("their mean");
  const classes = results.map(({ errors: _, ...result }) => result);
  const ofClasses = curvesOf(classes, (curve) =>
    stream(seededRoot(curve), "simulate", "bootstrap"),
  );
  expect(curveLines(ofClasses, []).join("\n")).toContain("Held-out accuracy, %, against ε");
});

/** Runs whose target is a number, held against each other and drawn: by R², in the place of accuracy. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, expect, it } from "vitest";
import { stringify } from "yaml";
import { curveLines } from "../../cli/screen/curve-lines.ts";
import { seedsAsObject } from "../../cli/screen/seeds-as-object.ts";
import { curvesOf } from "../../compare/curve.ts";
import { curveCsv } from "../../compare/curve-csv.ts";
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
  const { stdout: json } = await murmur(["compare", at("2"), at("20"), "--json"]);
  const { settings } = JSON.parse(json);
  for (const [i, { errors }] of [few, many].entries()) {
    const { r2, rmse, mae, accuracy, runs } = settings[i];
    expect([r2.mean, rmse.mean, mae.mean]).toEqual([errors.r2, errors.rmse, errors.mae]);
    expect([runs[0].r2, runs[0].rmse, runs[0].mae]).toEqual([errors.r2, errors.rmse, errors.mae]);
    expect([accuracy, runs[0].accuracy]).toEqual([undefined, undefined]);
  }
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
  const source = { name: "n", murmur: "m" };
  const measuredIn = (drawn: typeof curves) =>
    parse<Record<string, string>>(curveCsv(drawn, source), { columns: true }).map(
      ({ measure, mean, rmse, mae }) => [measure, mean, rmse, mae],
    );
  expect(measuredIn(curves)).toEqual(results.map(() => ["r2", "0.4", "3", "2"]));
  const [point] = JSON.parse(JSON.stringify(curves, seedsAsObject))[0].points;
  expect([point.r2.mean, point.rmse.mean, point.mae.mean]).toEqual([0.4, 3, 2]);
  expect(point.accuracy).toBeUndefined();
  const classes = results.map(({ errors: _, ...result }) => result);
  const ofClasses = curvesOf(classes, (curve) =>
    stream(seededRoot(curve), "simulate", "bootstrap"),
  );
  expect(curveLines(ofClasses, []).join("\n")).toContain("Held-out accuracy, %, against ε");
  expect(measuredIn(ofClasses)).toEqual(results.map(() => ["accuracy", "0.4", "", ""]));
  const [ofClass] = JSON.parse(JSON.stringify(ofClasses, seedsAsObject))[0].points;
  expect(ofClass.accuracy.mean).toBe(0.4);
});

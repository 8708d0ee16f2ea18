/** Targets that are numbers, from a scenario to what comes out, by every algorithm and trust. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { simulate } from "../../run/simulate.ts";
import { murmur, scratch } from "../support/murmur.ts";
import { type NumberRow, numberRows, numberScenario } from "../support/number-scenario.ts";
import { problemOf } from "../support/problem.ts";

const folder = scratch();
const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
afterAll(folder.remove);
const [LOW, HIGH] = [-10, 20];

/** Solves the normal equations by Cramer's rule: [weight of a, weight of b, bias] of y brought to [-1, 1]. */
function leastSquares(rows: readonly NumberRow[]): number[] {
  const inputs = rows.map(({ a, b }) => [a, b, 1]);
  const targets = rows.map(({ y }) => (2 * (y - LOW)) / (HIGH - LOW) - 1);
  const sum = (of: (i: number) => number) => rows.reduce((all, _, i) => all + of(i), 0);
  const matrix = [0, 1, 2].map((r) =>
    [0, 1, 2].map((c) => sum((i) => (inputs[i]?.[r] ?? 0) * (inputs[i]?.[c] ?? 0))),
  );
  const right = [0, 1, 2].map((r) => sum((i) => (inputs[i]?.[r] ?? 0) * (targets[i] ?? 0)));
  const det = (m: readonly (readonly number[])[]) => {
    const at = (r: number, c: number) => m[r]?.[c] ?? 0;
    return [0, 1, 2].reduce(
      (all, c) =>
        all +
        at(0, c) * at(1, (c + 1) % 3) * at(2, (c + 2) % 3) -
        at(0, c) * at(1, (c + 2) % 3) * at(2, (c + 1) % 3),
      0,
    );
  };
  const whole = det(matrix);
  return [0, 1, 2].map(
    (j) => det(matrix.map((row, r) => row.map((x, c) => (c === j ? (right[r] ?? 0) : x)))) / whole,
  );
}

describe("a target that is a number", () => {
  it("is learned to least squares where nothing is noised or clipped, with R² as by hand", async () => {
    const scenario = numberScenario({
      training: { rounds: 300, learningRate: 0.5, clipNorm: 8 },
    });
    const result = await simulate(scenario);
    const [wa = 0, wb = 0, bias = 0] = leastSquares(numberRows(60, 1));
    expect(result.model.spec.loss).toBe("squaredError");
    expect(Math.abs((result.model.parameters[0] ?? 0) - wa)).toBeLessThan(3e-5);
    expect(Math.abs((result.model.parameters[1] ?? 0) - wb)).toBeLessThan(3e-5);
    expect(Math.abs((result.model.parameters[2] ?? 0) - bias)).toBeLessThan(3e-5);

    const test = numberRows(40, 2);
    const given = test.map(({ a, b }) => LOW + ((wa * a + wb * b + bias + 1) / 2) * (HIGH - LOW));
    const mean = test.reduce((sum, { y }) => sum + y, 0) / 40;
    const square = test.reduce((sum, { y }, i) => sum + (y - (given[i] ?? 0)) ** 2, 0);
    const spread = test.reduce((sum, { y }) => sum + (y - mean) ** 2, 0);
    expect(result.accuracy).toBeNull();
    expect(result.errors?.r2).toBeCloseTo(1 - square / spread, 4);
    expect(result.errors?.rmse).toBeCloseTo(Math.sqrt(square / 40), 3);
    // The mean of squares on the scale that is learned: half the declared width is 15.
    expect(result.loss).toBeCloseTo(square / 40 / 15 ** 2, 6);
    expect(result.baseline).toMatchObject({
      rows: 40,
      rmse: expect.closeTo(Math.sqrt(spread / 40), 4),
    });
    expect(result.warnings).toEqual([]);
    expect(result.rounds.at(-1)?.errors).toEqual(result.errors);
  });

  it("is learned by Huber's loss as such, and less by one that is far off", async () => {
    const rows = numberRows(60, 1).map((row, i) => (i % 10 === 0 ? { ...row, y: 20 } : row));
    const training = { rounds: 300, learningRate: 1, clipNorm: 8 };
    const [squares, huber] = [
      await simulate(numberScenario({ rows, training })),
      await simulate(numberScenario({ rows, training, model: { loss: "huber" } })),
    ];
    expect(huber.model.spec.loss).toBe("huber");
    expect(huber.errors?.r2 ?? 0).toBeGreaterThan((squares.errors?.r2 ?? 1) + 0.02);
  });

  it("counts beyond its bounds for the bound", async () => {
    const rows = numberRows(60, 1);
    const [clipped, beyond] = [
      rows.map((row, i) => (i < 5 ? { ...row, y: i % 2 ? 20 : -10 } : row)),
      rows.map((row, i) => (i < 5 ? { ...row, y: i % 2 ? 9e9 : -21.5 } : row)),
    ];
    const hashes = await Promise.all(
      [clipped, beyond].map(
        async (those) => (await simulate(numberScenario({ rows: those }))).model.hash,
      ),
    );
    expect(hashes[0]).toBe(hashes[1]);
  });

  const UNIT_CLIENT = { unit: "client", population: 3 };
  const NOISED = { epsilon: 30, noise: "seeded", delta: 1e-3 };
  const ways = ["central", "local", "distributed", "none"].flatMap((trust) =>
    ["dpSgd", "fedSgd", "fedAvg", "fedProx", "scaffold"]
      .filter((algorithm) => trust !== "distributed" || algorithm !== "scaffold")
      .map((algorithm) => [trust, algorithm] as const),
  );

  it.each(ways)("is learned under trust %s by %s", async (trust, algorithm) => {
    const isClient = algorithm !== "dpSgd";
    const result = await simulate(
      numberScenario({
        training: {
          ...{ algorithm, rounds: 12, learningRate: 0.4, clipNorm: 3 },
          ...(algorithm === "fedProx" && { proximal: 0.01 }),
          ...(/fedAvg|fedProx|scaffold/.test(algorithm) && { localEpochs: 3, batchSize: 10 }),
        },
        privacy: {
          trust,
          ...(isClient && UNIT_CLIENT),
          ...(trust !== "none" && NOISED),
        },
      }),
    );
    const [wa = NaN, wb = NaN, bias = NaN] = result.model.parameters;
    const squares = numberRows(40, 2).map(({ a, b, y }) => {
      const output = Math.min(1, Math.max(-1, wa * a + wb * b + bias));
      return (y - (LOW + ((output + 1) / 2) * (HIGH - LOW))) ** 2;
    });
    const rmse = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / 40);
    expect(result.errors?.rmse).toBeCloseTo(rmse, 4);
    // Three clients as units are too few for their noise; sixty records are not.
    if (trust === "none" || (algorithm === "dpSgd" && trust !== "local"))
      expect(result.errors?.r2).toBeGreaterThan(0.5);
    expect(result.plan.contract.target).toEqual({
      ...{ kind: "number", name: "size", column: "y", bounds: [-10, 20] },
    });
  });

  it("is shown in its own units, on the screen, in the report, and of one person", async () => {
    const file = join(folder.path, "numbers.yaml");
    const scenario = numberScenario({ privacy: { trust: "central", epsilon: 20 } });
    const csv = (rows: readonly NumberRow[]) =>
      ["a,b,y", ...rows.map(({ a, b, y }) => `${a},${b},${y}`)].join("\n");
    write("train.csv", csv(numberRows(60, 1)));
    write("test.csv", csv(numberRows(40, 2)));
    const source = { file: "train.csv", testFile: "test.csv", public: true };
    write("numbers.yaml", stringify({ ...scenario, data: { ...scenario.data, source } }));
    const out = join(folder.path, "run");
    const { status, stdout, stderr } = await murmur(["run", file, "--out", out, "--hosts", "1"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/epoch +loss +R² +ε/);
    expect(stdout).toMatch(
      /5 Evaluation +40 × 2 → R² 0\.\d{3}, RMSE \d\.\d+, privacy loss ε (20\.0|19\.9)/,
    );
    expect(stdout).toMatch(/always giving their mean, 3\.\d+, is off by RMSE 2\.88\d+/);
    expect(stdout).toMatch(/6 Prediction +1 × 2 → size -?\d/);
    expect(existsSync(join(out, "report.html"))).toBe(true);
    const html = readFileSync(join(out, "report.html"), "utf8");
    for (const text of ["Held-out R²", "Predicted against true", "true − predicted"])
      expect(html).toContain(text);
    expect(html).not.toMatch(/accuracy (none|NaN)|NaN/);

    const row = JSON.stringify({ a: 0.5, b: -0.5 });
    const predicted = await murmur(["predict", out, "--row", row, "--json"]);
    const { value, likelihood, checked } = JSON.parse(predicted.stdout);
    expect(likelihood).toBeNull();
    expect(checked).toBe(true);
    expect(value).toBeGreaterThan(4);
    expect(value).toBeLessThan(11);
    const quiet = await murmur(["predict", out, "--row", row, "--quiet"]);
    expect(Number(quiet.stdout)).toBe(value);

    const exported = join(folder.path, "exported");
    expect((await murmur(["export", out, "--out", exported])).status).toBe(0);
    const json = JSON.parse(readFileSync(join(exported, "model.json"), "utf8"));
    const { target } = json.userDefinedMetadata;
    expect([target.name, target.bounds]).toEqual(["size", [LOW, HIGH]]);
    const bytes = readFileSync(join(exported, "weights.bin"));
    const [wa, wb, bias] = [0, 4, 8].map((at) => bytes.readFloatLE(at));
    const output = (wa ?? 0) * 0.5 - (wb ?? 0) * 0.5 + (bias ?? 0);
    const [low, high] = target.bounds;
    const formula = new Function("low", "high", "output", "min", "max", `return ${target.value}`);
    const units = formula(low, high, output, Math.min, Math.max);
    expect(units).toBeCloseTo(value, 4);
    // It goes on training, as any exported model does.
    write("tuned.yaml", readFileSync(file, "utf8").replace(/model:\n( +.*\n)*/, ""));
    const tuned = ["--set", "model={file: exported/model.json}", "--hosts", "1", "--quiet"];
    const to = ["--out", join(folder.path, "tuned")];
    const goes = await murmur(["run", join(folder.path, "tuned.yaml"), ...tuned, ...to]);
    expect([goes.status, goes.stderr]).toEqual([0, ""]);
  });
});

describe("refuses", () => {
  const refused = (scenario: object) => problemOf(async () => simulate(scenario));

  it("a cell that is none, and a row without one, as of a label", async () => {
    const rows = numberRows(60, 1);
    const with_ = (y: string) => rows.map((row, i) => (i === 7 ? { ...row, y } : row));
    expect(await refused(numberScenario({ rows: with_("") }))).toBe(
      "ScenarioError data.missingLabel",
    );
    expect(await refused(numberScenario({ rows: with_("much") }))).toBe(
      "ScenarioError data.notANumber",
    );
  });

  it("what needs classes", async () => {
    const scenario = numberScenario({});
    const { data } = scenario;
    const what = (more: object) => refused({ ...scenario, ...more });
    expect(await what({ statistics: { noiseMultiplier: 3, classCounts: true } })).toBe(
      "ScenarioError statistics.classCounts",
    );
    expect(await what({ data: { ...data, partition: { kind: "dirichlet", alpha: 1 } } })).toBe(
      "ScenarioError data.partition.kind",
    );
    expect(await what({ model: { kind: "logistic" } })).toBe("ScenarioError model.kind");
    expect(await what({ model: { loss: "crossEntropy" } })).toBe("ScenarioError model.loss");
    expect(await what({ data: { ...data, target: { ...data.target, positive: 3 } } })).toBe(
      "ScenarioError data.target",
    );
    expect(
      await what({
        data: { ...data, columns: { ...data.columns, y: { role: "target", type: "text" } } },
      }),
    ).toBe("ScenarioError data.columns.y.type");
  });

  it("a loss of numbers of a target that has classes", async () => {
    const scenario = numberScenario({});
    const target = { name: "size", column: "y", positive: 4 };
    const problem = await refused({
      ...scenario,
      model: { kind: "logistic", loss: "huber" },
      data: { ...scenario.data, target },
    });
    expect(problem).toBe("ScenarioError model.loss");
  });
});

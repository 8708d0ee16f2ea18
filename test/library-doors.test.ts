/** The library's functions, called wrongly: each wrong argument is refused by its name, and met nowhere inside. */
import { describe, expect, it } from "vitest";
import * as accounting from "../accounting.ts";
import * as tables from "../anonymize.ts";
import * as murmur from "../murmur.ts";
import { isRefusal } from "../shared/errors.ts";

const SCENARIO = "scenarios/purchases.yaml";
const circle: Record<string, unknown> = {};
circle.self = circle;

/** No path, no object, no list of rows. */
type Wrong = readonly [name: string, value: unknown];
const NEVER: readonly Wrong[] = [
  ["nothing", undefined],
  ["null", null],
  ["a number", 7],
  ["NaN", Number.NaN],
  ["true", true],
  ["a bigint", 1n],
  ["a symbol", Symbol("x")],
  ["a function", () => 1],
];
const NO_SCENARIO: readonly Wrong[] = [
  ...NEVER,
  ["a list", []],
  ["a circle", circle],
  ["a path with a NUL", "\0"],
];

/** JavaScript's view of a function: no type holds it. */
type Door = (...args: readonly unknown[]) => unknown;
const untyped = (door: unknown) => door as Door;

async function refusal(call: () => unknown) {
  try {
    await call();
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("in the place of a scenario", () => {
  const doors = ["simulate", "run", "lint", "planScenario", "readScenario"] as const;
  it.each(
    doors.flatMap((door) =>
      NO_SCENARIO.map(([name, value]) => [door, String(name), value] as const),
    ),
  )("%s refuses %s", async (door, _, value) => {
    const { name, problem } = await refusal(() => untyped(Reflect.get(murmur, door))(value));
    expect([name, problem.what]).toEqual(["ScenarioError", "argument"]);
    expect(problem.where).toBe(`${door}, the scenario`);
  });

  it.each<Wrong>([...NEVER, ["an object", {}]])("sweep refuses %s", async (_, value) => {
    const { problem } = await refusal(() => untyped(murmur.sweep)(value));
    expect(problem.where).toBe("sweep, the scenario");
  });
});

describe("in the place of a run's folder", () => {
  it.each(
    (["predict", "verify", "exportModel"] as const).flatMap((door) =>
      [...NEVER, ["a list", []], ["an object", {}]].map(([name, value]) => [door, name, value]),
    ),
  )("%s refuses %s", async (door, _, value) => {
    const call = untyped(Reflect.get(murmur, String(door)));
    const { problem } = await refusal(() => call(value, {}));
    expect(problem.where).toBe(`${String(door)}, the run`);
  });

  it("and of a row, or where to export to", async () => {
    const where = async (call: () => unknown) => (await refusal(call)).problem.where;
    expect(await where(() => untyped(murmur.predict)("runs/none", null))).toBe("predict, the row");
    expect(await where(() => untyped(murmur.exportModel)("runs/none"))).toBe("exportModel, out");
    expect(await where(() => untyped(murmur.verify)("runs/none", null))).toBe("verify, options");
  });
});

describe("in the place of options", () => {
  it.each([
    ["null", null, "options"],
    ["a list", [], "options"],
    ["text", "privacy.epsilon=1", "options"],
    ["an option of another function", { epsilon: 1 }, "epsilon"],
    ["a seed that is text", { seed: "7" }, "seed"],
    ["set as text", { set: "privacy.epsilon=1" }, "set"],
    ["set as a list", { set: [1] }, "set"],
    ["a key without a value", { set: { "privacy.epsilon": undefined } }, "set, privacy.epsilon"],
    ["a bigint for a key", { set: { "privacy.epsilon": 1n } }, "set, privacy.epsilon"],
    ["a circle for a key", { set: { model: circle } }, "set, model"],
    ["a folder that is a number", { folder: 3 }, "folder"],
    ["no AbortSignal", { signal: {} }, "signal"],
    ["no function", { onEvent: "print" }, "onEvent"],
    ["out as a number", { out: 3 }, "out"],
  ])("simulate refuses %s", async (_, options, where) => {
    const { name, problem } = await refusal(() => untyped(murmur.simulate)(SCENARIO, options));
    expect([name, problem.where]).toEqual(["ScenarioError", `simulate, ${where}`]);
  });

  it.each([
    ["lint", { out: "x" }, "out"],
    ["planScenario", { hosts: 2 }, "hosts"],
    ["run", { hosts: "two" }, "hosts"],
    ["sweep", { over: { "privacy.epsilon": 1 } }, "over, privacy.epsilon"],
    ["sweep", { over: [] }, "over"],
    ["sweep", null, "options"],
  ] as const)("%s refuses %j", async (door, options, where) => {
    const { problem } = await refusal(() => untyped(Reflect.get(murmur, door))(SCENARIO, options));
    expect(problem.where).toBe(`${door}, ${where}`);
  });

  it("a number that is none is refused where the scenario says what it must be", async () => {
    for (const [key, value] of [
      ["privacy.epsilon", Number.NaN],
      ["seed", -1],
    ] as const) {
      const { name } = await refusal(() =>
        murmur.planScenario(SCENARIO, { set: { [key]: value } }),
      );
      expect(name).toBe("ScenarioError");
    }
  });
});

describe("tables", () => {
  const SCHEMA = { columns: { age: { role: "drop" } } };
  const ROWS = [{ age: 34 }];

  it.each<Wrong>([...NEVER, ["an object", {}]])("of %s are none", async (_, value) => {
    for (const call of [
      () => untyped(tables.anonymize)(value, SCHEMA),
      () => untyped(tables.scan)(value),
      () => untyped(tables.risks)(value, { quasiIdentifiers: ["age"] }),
    ])
      expect((await refusal(call)).problem.what).toBe("argument");
  });

  it.each<Wrong>([...NEVER, ["text", "x"], ["a list", [1]], ["a circle", circle]])(
    "with a row that is %s are refused by its line",
    async (_, value) => {
      for (const call of [
        () => untyped(tables.anonymize)([...ROWS, value], SCHEMA),
        () => untyped(tables.scan)([...ROWS, value]),
      ])
        expect((await refusal(call)).problem.where).toMatch(/^the rows, line 2/);
    },
  );

  it("with a cell that is NaN, or no cell, are refused by their line", async () => {
    for (const cell of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 1, {}, circle]) {
      const { problem } = await refusal(() => untyped(tables.scan)([...ROWS, { age: cell }]));
      expect(problem.where).toMatch(/^the rows, line 2/);
    }
  });

  it.each([
    ["no roles", ROWS, undefined, "options"],
    ["roles as a list", ROWS, [], "options"],
    ["no quasi-identifiers", ROWS, {}, "quasiIdentifiers"],
    ["one of them as text", ROWS, { quasiIdentifiers: "age" }, "quasiIdentifiers"],
    ["a row that is a number", [3], { quasiIdentifiers: ["age"] }, "a row"],
    ["an order that is none", ROWS, { quasiIdentifiers: [], order: { age: 1 } }, "order, age"],
    ["a circle in a row", [{ age: circle }], { quasiIdentifiers: ["age"] }, "age"],
  ])("risks refuses %s", async (_, rows, roles, where) => {
    const { problem } = await refusal(() => untyped(tables.risks)(rows, roles));
    expect(problem.where).toBe(`risks, ${where}`);
  });

  it.each<Wrong>([...NEVER, ["a list", []], ["a circle", circle]])(
    "by a schema that is %s are refused",
    async (_, value) => {
      expect((await refusal(() => untyped(tables.anonymize)(ROWS, value))).name).toBe(
        "ScenarioError",
      );
    },
  );
});

describe("the accountant", () => {
  const EVENT = { mechanism: "gaussian", noiseMultiplier: 1 };
  const AT = { epsilon: 1, delta: 1e-5 };
  const DOORS = ["epsilon", "delta", "leastNoise", "mostSteps", "largestRate"] as const;

  it.each(
    DOORS.flatMap((door) =>
      [...NEVER, ["an object", {}], ["a circle", circle]].map((one) => [door, ...one]),
    ),
  )(
    "%s refuses %s for events, for one of them, for options and for a number",
    async (door, _, value) => {
      const call = untyped(Reflect.get(accounting, String(door)));
      // A number is fine where one is wanted: 7 is no delta, and both together no question.
      for (const args of [
        [value, AT],
        [[value], AT],
        [[EVENT], value],
        [[EVENT], { delta: value, epsilon: value }],
      ])
        expect((await refusal(() => call(...args))).name).toMatch(/^(Scenario|Budget)Error$/);
    },
  );
});

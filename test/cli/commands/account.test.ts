/** `murmur account` as built: a real process, JSON lines in and out. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { allowed, golden } from "../../support/accounting-vectors.ts";
import { goldenMechanisms, ofKind } from "../../support/mechanism-vectors.ts";
import { murmur, ROOT } from "../../support/murmur.ts";

const MAIN = join(ROOT, "dist/cli/main.js");
const started: ChildProcessWithoutNullStreams[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

function start(): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [MAIN, "account"], { cwd: ROOT });
  started.push(child);
  return child;
}

interface Answers {
  readonly status: number | null;
  readonly stderr: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a stranger's program prints.
  readonly answers: any[];
}

/** The answers to some lines, objects or raw text. */
async function ask(lines: readonly unknown[]): Promise<Answers> {
  const child = start();
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  child.stdin.end(text.join("\n"));
  const [status] = await once(child, "close");
  const printed = stdout.split("\n");
  expect(printed.pop()).toBe("");
  return { status, stderr, answers: printed.map((line) => JSON.parse(line)) };
}

const poisson = (rate: number) => ({ kind: "poisson", rate });
const sampled = {
  mechanism: "gaussian",
  noiseMultiplier: 1.1,
  sampling: poisson(0.01),
  steps: 1000,
};

/** The improved conversion of rho · order, over 100,000 orders. */
function leastOverOrders(rho: number, delta: number): number {
  let least = Infinity;
  for (let i = 0; i < 100_000; i++) {
    const order = 1 + Math.exp(-12 + i / 4000);
    const chance = Math.log(delta * order) / (order - 1);
    least = Math.min(least, rho * order + Math.log(1 - 1 / order) - chance);
  }
  return least;
}

describe("golden cases, all in one run", () => {
  const { sections } = golden;
  const { zcdp, fixed_size_sampling_wor, tree_aggregation } = goldenMechanisms;
  const due: { id: string; line: object; key: string; low: number; high: number }[] = [];
  const add = (id: string, line: object, key: string, [low, high]: readonly [number, number]) =>
    due.push({ id, line, key, low, high });

  for (const { id, inputs, expected, tolerance } of sections.rdp_to_epsilon) {
    const { q: rate, sigma: noiseMultiplier, steps, delta } = inputs;
    const line = { ...sampled, noiseMultiplier, sampling: poisson(rate), steps, delta };
    const by = { ...line, accountant: "rdp" };
    add(id, by, "epsilon", allowed(expected.epsilon_improved, tolerance));
    const classical = allowed(expected.epsilon_classical_mironov, tolerance);
    add(id, { ...by, conversion: "classical" }, "epsilon", classical);
  }
  for (const { id, inputs, expected, tolerance } of sections.heterogeneous_composition) {
    const events = inputs.phases.map(({ q, sigma: noiseMultiplier, steps }) => {
      return { mechanism: "gaussian", noiseMultiplier, sampling: poisson(q), steps };
    });
    const range = allowed(expected.epsilon_rdp_improved, {
      rel: tolerance.rdp_rel,
      abs: tolerance.rdp_abs,
    });
    add(id, { events, delta: inputs.delta, accountant: "rdp" }, "epsilon", range);
  }
  for (const { id, inputs, expected } of sections.calibration) {
    const { epsilon, delta, q, steps } = inputs;
    const line = { mechanism: "gaussian", sampling: poisson(q), steps, epsilon, delta };
    const sigma = expected.sigma_rdp;
    add(id, { ...line, accountant: "rdp", solve: "noiseMultiplier" }, "noiseMultiplier", [
      sigma * (1 - 1e-6),
      sigma * 1.001,
    ]);
  }
  for (const { id, inputs, expected, tolerance } of ofKind(zcdp, "discrete_gaussian")) {
    const { l2_sensitivity: l2Sensitivity, sigma, steps, delta } = inputs;
    const event = { mechanism: "discreteGaussian", sigma, l2Sensitivity, steps };
    add(
      id,
      { ...event, delta, accountant: "zcdp" },
      "epsilon",
      allowed(expected.epsilon, tolerance),
    );
  }
  for (const { id, inputs, expected } of ofKind(zcdp, "distributed_discrete_gaussian")) {
    const { clients, sigma_per_client: sigma, dim: dimension } = inputs;
    const event = {
      mechanism: "distributedDiscreteGaussian",
      clients,
      sigma,
      dimension,
      l2Sensitivity: inputs.l2_sensitivity,
      l1Sensitivity: inputs.l1_sensitivity,
    };
    const line = { ...event, delta: 1e-5, accountant: "zcdp" };
    const epsilon = leastOverOrders(expected.rho_zcdp, 1e-5);
    add(id, line, "epsilon", allowed(epsilon, { rel: 1e-7 }));
  }
  for (const { id, inputs, expected, tolerance } of fixed_size_sampling_wor) {
    if (!("steps" in inputs && "epsilon" in expected)) continue;
    const line = {
      mechanism: "gaussian",
      noiseMultiplier: 2 * inputs.sigma,
      sampling: { kind: "fixedSize", size: inputs.sample_size, population: inputs.dataset_size },
      steps: inputs.steps,
      adjacency: "replaceOne",
      delta: inputs.delta,
      accountant: "rdp",
    };
    add(id, line, "epsilon", allowed(expected.epsilon, tolerance));
    add(id, line, "order", [expected.optimal_order, expected.optimal_order]);
  }
  for (const { id, inputs, expected, tolerance } of tree_aggregation) {
    const { sigma: noiseMultiplier, steps, delta } = inputs;
    const event = { mechanism: "treeAggregation", noiseMultiplier, steps };
    const range = allowed(expected.epsilon, tolerance);
    add(id, { ...event, delta, accountant: "rdp" }, "epsilon", range);
  }

  it("answers each within its tolerance", async () => {
    const { status, stderr, answers } = await ask(due.map(({ line }) => line));
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(answers).toHaveLength(due.length);
    expect(due.length).toBeGreaterThan(140);
    due.forEach(({ id, key, low, high }, i) => {
      expect(answers[i][key], id).toBeGreaterThanOrEqual(low);
      expect(answers[i][key], id).toBeLessThanOrEqual(high);
    });
  });
});

it("answers the issue's own line, by every accountant that has a theorem for it", async () => {
  const line = { ...sampled, delta: 1e-5 };
  const { status, answers } = await ask([
    { ...line, accountant: "pld" },
    { ...line, accountant: "rdp" },
    { ...line, accountant: "gdp" },
    { ...line, accountant: "zcdp" },
    { ...line, accountant: "rdp", delta: undefined, epsilon: 1.7117700912927798 },
  ]);
  const [pld, rdp, gdp, zcdp, back] = answers;
  expect(Object.keys(pld)).toEqual(["epsilon"]);
  expect(pld.epsilon).toBeLessThan(rdp.epsilon);
  expect(rdp).toEqual({ epsilon: expect.closeTo(1.71177, 4), order: 9.6 });
  expect(gdp).toEqual({ line: 3, error: expect.stringContaining("gdp for poisson sampling") });
  expect(zcdp).toEqual({ line: 4, error: expect.stringContaining("zcdp for poisson sampling") });
  expect(back.delta).toBeCloseTo(1e-5, 12);
  expect(status).toBe(1);
});

it("solves for noise, steps and rate; each answer, accounted for, keeps the target closely", async () => {
  const target = { epsilon: 1.4, delta: 1e-6 };
  const event = {
    mechanism: "gaussian",
    noiseMultiplier: 1.3,
    sampling: poisson(0.02),
    steps: 300,
  };
  const { noiseMultiplier, sampling, steps, ...bare } = event;
  for (const accountant of ["pld", "rdp"]) {
    const by = { ...target, accountant };
    const { status, answers } = await ask([
      { ...bare, sampling, steps, ...by, solve: "noiseMultiplier" },
      { ...bare, noiseMultiplier, sampling, ...by, solve: "steps" },
      {
        ...bare,
        noiseMultiplier,
        sampling: { kind: "poisson" },
        steps,
        ...by,
        solve: "samplingRate",
      },
      { ...bare, noiseMultiplier, steps, ...by, solve: "samplingRate" },
      {
        events: [
          { mechanism: "treeAggregation", noiseMultiplier: 9, steps: [30] },
          { ...bare, sampling, steps },
        ],
        ...by,
        solve: "noiseMultiplier",
      },
    ]);
    expect(status).toBe(0);
    const [noise, most, rate, sameRate, beside] = answers;
    expect(sameRate).toEqual(rate);
    const delta = { delta: 1e-6, accountant };
    const again = await ask([
      { ...event, ...delta, noiseMultiplier: noise.noiseMultiplier },
      { ...event, ...delta, steps: most.steps },
      { ...event, ...delta, sampling: poisson(rate.samplingRate) },
      { ...event, ...delta, steps: most.steps + 1 },
    ]);
    for (const [i, answer] of [noise, most, rate].entries()) {
      expect(again.answers[i].epsilon).toBe(answer.epsilon);
      expect(answer.epsilon).toBeLessThanOrEqual(1.4);
      if (answer !== most) expect(answer.epsilon).toBeGreaterThan(1.4 * (1 - 1e-3));
    }
    expect(again.answers[3].epsilon).toBeGreaterThan(1.4);
    expect(beside.noiseMultiplier).toBeGreaterThan(noise.noiseMultiplier);
  }
});

it("knows every mechanism, by each way of stating its noise", async () => {
  const by = { delta: 1e-5, accountant: "rdp", steps: 3 };
  const pairs = [
    [
      { mechanism: "gaussian", noiseMultiplier: 5 },
      { mechanism: "gaussian", sigma: 10, l2Sensitivity: 2 },
    ],
    [
      { mechanism: "laplace", noiseMultiplier: 4 },
      { mechanism: "laplace", scale: 10, l1Sensitivity: 2.5 },
      { mechanism: "laplace", epsilonPerStep: 0.25 },
    ],
    [
      { mechanism: "exponential", epsilonPerStep: 0.4 },
      { mechanism: "exponential", scale: 10, sensitivity: 2 },
    ],
    [
      // 4 answers, drawn anew half of the time: epsilon log 5.
      { mechanism: "randomizedResponse", categories: 4, epsilonPerStep: Math.log(5) },
      { mechanism: "randomizedResponse", categories: 4, resampleProbability: 0.5 },
    ],
  ];
  for (const ways of pairs) {
    const { status, answers } = await ask(ways.map((way) => ({ ...way, ...by })));
    expect(status).toBe(0);
    for (const { epsilon } of answers) {
      expect(epsilon).toBeGreaterThan(0);
      expect(epsilon / answers[0].epsilon).toBeCloseTo(1, 12);
    }
  }
});

it("a golden Laplace delta, and a sensitivity that doubles under replaceOne", async () => {
  const line = {
    mechanism: "laplace",
    scale: 4,
    l1Sensitivity: 2,
    accountant: "pld",
    epsilon: 0.1,
  };
  const { answers } = await ask([line, { ...line, adjacency: "replaceOne", scale: 8 }]);
  expect(answers[0].delta).toBeCloseTo(0.181269246922, 11);
  expect(answers[1]).toEqual(answers[0]);
});

it("noise 0 is infinite in a word, order infinity is null, no steps cost nothing", async () => {
  const by = { delta: 1e-5, accountant: "rdp" };
  const { status, answers } = await ask([
    { ...sampled, noiseMultiplier: 0, ...by },
    { ...sampled, noiseMultiplier: 0, epsilon: 3, accountant: "pld" },
    { mechanism: "laplace", noiseMultiplier: 2, ...by },
    { ...sampled, steps: 0, ...by },
  ]);
  expect(answers[0]).toEqual({ epsilon: null, note: expect.stringContaining("infinite") });
  expect(answers[1]).toEqual({ delta: 1 });
  expect(answers[2]).toEqual({ epsilon: expect.closeTo(0.5, 12), order: null });
  expect(answers[3].epsilon).toBe(0);
  expect(status).toBe(0);
});

describe("a bad line gets an error object with its number, the rest goes on, exit 1", () => {
  const line = { ...sampled, delta: 1e-5, accountant: "rdp" };
  const without = (key: string) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => name !== key));
  const bad: [string, unknown, string][] = [
    ["text that is no JSON", "{", "text that is no JSON"],
    ["a list", "[]", "no object"],
    ["an unknown key", { ...line, noise: 3 }, "unknownKey (line N): got noise, expected one of"],
    ["an unknown mechanism", { ...line, mechanism: "gauss" }, "expected one of gaussian"],
    ["no mechanism", without("mechanism"), "got nothing"],
    ["no accountant", without("accountant"), "accountant"],
    ["an unknown accountant", { ...line, accountant: "auto" }, "accountant"],
    ["delta 0", { ...line, delta: 0 }, "delta (line N): got 0, expected number to be >0"],
    ["delta 1", { ...line, delta: 1 }, "delta"],
    ["neither delta nor epsilon", without("delta"), "neither"],
    ["both, and nothing to solve for", { ...line, epsilon: 1 }, "both"],
    ["a target without epsilon", { ...without("steps"), solve: "steps" }, "both an epsilon > 0"],
    ["a target epsilon of 0", { ...without("steps"), epsilon: 0, solve: "steps" }, "epsilon > 0"],
    [
      "two events that leave out what is sought",
      {
        events: [
          { ...sampled, steps: undefined },
          { ...sampled, steps: undefined },
        ],
        delta: 1e-5,
        epsilon: 1,
        accountant: "rdp",
        solve: "steps",
      },
      "2 events that leave it out",
    ],
    [
      "steps sought of a tree",
      {
        mechanism: "treeAggregation",
        noiseMultiplier: 3,
        delta: 1e-5,
        epsilon: 1,
        accountant: "rdp",
        solve: "steps",
      },
      "exactly one that takes it",
    ],
    ["a solved key that is stated", { ...line, epsilon: 1, solve: "steps" }, "leaves it out"],
    ["a negative noise", { ...line, noiseMultiplier: -1 }, "noiseMultiplier (line N): got -1"],
    ["no noise at all", without("noiseMultiplier"), "none"],
    ["noise in two ways", { ...line, sigma: 1, l2Sensitivity: 1 }, "several"],
    ["half a ratio", { ...without("noiseMultiplier"), sigma: 1 }, "one without the other"],
    ["a rate of 0", { ...line, sampling: poisson(0) }, "sampling.rate"],
    ["a rate that underflows", { ...line, sampling: poisson(5e-324) }, "sampling.rate"],
    ["a rate above 1", { ...line, sampling: poisson(1.01) }, "sampling.rate"],
    ["half a step", { ...line, steps: 0.5 }, "steps"],
    ["a conversion for pld", { ...line, accountant: "pld", conversion: "classical" }, "conversion"],
    [
      "a sample larger than the population",
      { ...line, sampling: { kind: "fixedSize", size: 9, population: 8 } },
      "at most the population",
    ],
    ["a key beside events", { ...line, events: [sampled] }, "unknownKey"],
    [
      "events that nothing covers",
      { ...line, adjacency: "replaceOne" },
      "poisson sampling of gaussian under replaceOne",
    ],
    [
      "a fault inside events",
      { events: [sampled, { ...sampled, steps: -1 }], delta: 1e-5, accountant: "rdp" },
      "steps (line N, events.1)",
    ],
    [
      "an epsilon that no noise keeps",
      { ...without("noiseMultiplier"), epsilon: 1e-300, delta: 1e-30, solve: "noiseMultiplier" },
      "some noise",
    ],
    ["a line of 2 MiB", `{"mechanism":"${"g".repeat(1 << 21)}"}`, "1048576 bytes"],
    ["text that would rewrite the terminal", { ...line, mechanism: "\u001b[2J" }, "\\u001b[2J"],
  ];
  let found: Answers;
  beforeAll(async () => {
    found = await ask(bad.flatMap(([, one]) => [line, one, ""]));
  });

  it.each(bad.map(([name, , part], i) => [name, part, i] as const))("%s", (_, part, i) => {
    const number = 3 * i + 2;
    const due = part.replace("line N", `line ${number}`);
    expect(found.answers[2 * i].epsilon).toBeCloseTo(1.71177, 4);
    expect(found.answers[2 * i + 1]).toEqual({
      line: number,
      error: expect.stringContaining(due),
    });
  });

  it("and nothing else", () => {
    expect(found.answers).toHaveLength(2 * bad.length);
    expect(found.stderr).toBe("");
    expect(found.status).toBe(1);
  });
});

it("answers each line as it comes, and holds no more of a line than it reads", async () => {
  const child = start();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value ?? "null");
  const text = `${JSON.stringify({ ...sampled, delta: 1e-5, accountant: "rdp" })}\n`;
  child.stdin.write(text);
  const first = await next();
  expect(first.order).toBe(9.6);
  const megabyte = "x".repeat(1 << 20);
  for (let i = 0; i < 200; i++) {
    if (!child.stdin.write(megabyte)) await once(child.stdin, "drain");
  }
  child.stdin.write(`\n${text}`);
  expect((await next()).line).toBe(2);
  expect(await next()).toEqual(first);
  const [, peak = ""] =
    /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8")) ?? [];
  expect(Number(peak)).toBeGreaterThan(0);
  expect(Number(peak) / 1024).toBeLessThan(180);
  child.stdin.end();
  const [status] = await once(child, "exit");
  expect(status).toBe(1);
});

it("ends quietly when nobody reads on", async () => {
  const child = start();
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {});
  child.stdout.destroy();
  const text = `${JSON.stringify({ ...sampled, delta: 1e-5, accountant: "rdp" })}\n`;
  child.stdin.write(text.repeat(1000));
  const [status] = await once(child, "exit");
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

it("--help ends with the keys, and its example works as it stands", async () => {
  const { status, stdout } = await murmur(["account", "--help"]);
  expect(status).toBe(0);
  const [, example = ""] =
    /Example:\n( {2}npx murmur-fl account <<'END'\n[\s\S]*?\nEND\n)/.exec(stdout) ?? [];
  const script = example.replace("npx murmur-fl", `'${process.execPath}' '${MAIN}'`);
  const printed = await new Promise<string>((resolve, reject) => {
    execFile("sh", ["-c", script], (error, out) => (error ? reject(error) : resolve(out)));
  });
  const [epsilon, noise] = printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(epsilon.epsilon).toBeGreaterThan(1);
  expect(noise.noiseMultiplier).toBeGreaterThan(1);
  for (const key of ["solve", "conversion", "adjacency", "fixedSize", "treeAggregation"]) {
    expect(stdout).toContain(key);
  }
});

/** `murmur doctor`: one real process, whose every engine is tried on three models. */
import { expect, it } from "vitest";
import { murmurProcess } from "../../support/murmur.ts";

const TIMEOUT_MS = 180_000;
const KINDS = ["fused", "tfjsNode", "tfjsWasm", "tfjsCpu"];
const MODELS = ["9-16-1", "784-128-10", "CNN 28×28"];

interface Probe {
  readonly kind: string;
  readonly works: boolean;
  readonly stepMs?: number;
  readonly reason?: string;
}

it(
  "tells JSON of each engine on each model: a step's time, or why there is none",
  async () => {
    const { status, stdout, stderr } = await murmurProcess(["doctor", "--json"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ auto: "fused", host: true, loopback: true });
    expect(found.models.map(({ name }: { name: string }) => name)).toEqual(MODELS);
    for (const { name, engines } of found.models) {
      expect(engines.map(({ kind }: Probe) => kind)).toEqual(KINDS);
      for (const { kind, works, stepMs, reason } of engines) {
        // The native library is optional; the others come with Murmur and know every layer.
        if (kind !== "tfjsNode") expect({ name, kind, reason }).toEqual({ name, kind });
        if (works) expect(stepMs).toBeGreaterThan(0);
        else expect(reason).not.toBe("");
      }
    }
    const { ratios } = found;
    expect(ratios).toHaveLength(MODELS.length);
    const [{ engines }] = found.models;
    const timeOf = (wanted: string) =>
      engines.find(({ kind }: Probe) => kind === wanted).stepMs / engines[0].stepMs;
    expect(ratios[0].ratio).toBeCloseTo(timeOf(ratios[0].against), 9);
    for (const kind of KINDS.slice(2)) expect(timeOf(kind)).toBeGreaterThanOrEqual(ratios[0].ratio);
  },
  TIMEOUT_MS,
);

it(
  "prints a table, and what auto takes with the ratios that were measured",
  async () => {
    const { status, stdout, stderr } = await murmurProcess(["doctor"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    const head = lines.findIndex((line) => line.startsWith("ms a step"));
    for (const name of MODELS) expect(lines[head]).toContain(name);
    expect(lines.slice(head + 1, head + 5).map((line) => line.split(" ")[0])).toEqual(KINDS);
    expect(lines.at(-1)).toMatch(/^auto takes fused .*as fast as tfjs\w+ on 9-16-1/);
    expect(stdout).not.toContain("\u001b");
  },
  TIMEOUT_MS,
);

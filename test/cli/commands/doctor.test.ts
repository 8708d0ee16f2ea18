/** `murmur doctor`: one real process, whose every engine is tried on three models; and what is printed of it. */
import { expect, it } from "vitest";
import { engineLines } from "../../../cli/screen/doctor-engines.ts";
import type { EngineKind } from "../../../shared/engine/core/engine.ts";
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

it("prints a table, and what auto takes with the ratios that were measured", () => {
  const probe = (kind: EngineKind, stepMs: number) => ({ kind, works: true, stepMs }) as const;
  const reason = "the addon is not installed";
  const engines = [
    probe("fused", 0.5),
    { kind: "tfjsNode", works: false, reason },
    probe("tfjsWasm", 1.25),
    probe("tfjsCpu", 4),
  ] as const;
  const lines = engineLines(MODELS.map((name) => ({ name, engines: [...engines] })));
  const [head = "", ...rows] = lines;
  expect(head).toMatch(/^ms a step/);
  for (const name of MODELS) expect(head).toContain(name);
  expect(rows.slice(0, 4).map((line) => line.split(/ +/))).toEqual([
    ["fused", "0.500", "0.500", "0.500"],
    ["tfjsNode", "–", "–", "–"],
    ["tfjsWasm", "1.250", "1.250", "1.250"],
    ["tfjsCpu", "4.000", "4.000", "4.000"],
  ]);
  expect(rows.slice(4, -1).join("\n")).toContain(reason);
  expect(lines.at(-1)).toMatch(/^auto takes fused .*2\.5 × as fast as tfjsWasm on 9-16-1/);
});

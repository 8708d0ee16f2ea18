/** What a step costs each engine, on models of three sizes: what `murmur doctor` measures and prints. */
import { type EngineProbe, probeEngines } from "../../shared/engine/choose-engine.ts";
import { buildModel } from "../../shared/model/build-model.ts";
import type { LayerSpec, ModelSpec } from "../../shared/model/model-spec.ts";
import { columns } from "./print-trace.ts";

/** Every engine on one model. */
export interface MeasuredModel {
  readonly name: string;
  readonly engines: readonly EngineProbe[];
}

/** Layers that a step is timed on. */
export const dense = (units: number, activation: "tanh" | "linear" = "linear"): LayerSpec => ({
  kind: "dense",
  units,
  activation,
});
export const conv = (filters: number): LayerSpec => ({
  kind: "conv",
  filters,
  size: [5, 5],
  stride: [2, 2],
  padding: "same",
  activation: "tanh",
});
const init = { kind: "glorotUniform" } as const;

/** The reference scenario's, a wide one, and one for pictures of 28 × 28. */
const MODELS: readonly (readonly [name: string, spec: ModelSpec])[] = [
  [
    "9-16-1",
    {
      input: [1, 1, 9],
      layers: [dense(16, "tanh"), dense(1)],
      loss: "binaryCrossEntropy",
      init,
    },
  ],
  [
    "784-128-10",
    {
      input: [1, 1, 784],
      layers: [dense(128, "tanh"), dense(10)],
      loss: "categoricalCrossEntropy",
      init,
    },
  ],
  [
    "CNN 28×28",
    {
      input: [28, 28, 1],
      layers: [conv(16), conv(32), dense(10)],
      loss: "categoricalCrossEntropy",
      init,
    },
  ],
];

/** About five seconds. One after the other: two at once would time each other. */
export async function measureModels(): Promise<MeasuredModel[]> {
  const measured: MeasuredModel[] = [];
  for (const [name, spec] of MODELS)
    measured.push({ name, engines: await probeEngines(buildModel(spec)) });
  return measured;
}

/** A table of milliseconds a step, then what `auto` takes and why. */
export function engineLines(models: readonly MeasuredModel[]): string[] {
  const kinds = models[0]?.engines.map(({ kind }) => kind) ?? [];
  const head = ["ms a step of 80 examples", ...models.map(({ name }) => name)];
  const rows = kinds.map((kind) => [
    kind,
    ...models.map(({ engines }) => {
      const probe = engines.find((other) => other.kind === kind);
      return probe?.works ? probe.stepMs.toFixed(3) : "–";
    }),
  ]);
  return [...columns([head, ...rows]), ...faultLines(models), autoLine(models)];
}

/** Why an engine does not work, each reason once. */
function faultLines(models: readonly MeasuredModel[]): string[] {
  const faults = models.flatMap(({ name, engines }) =>
    engines.flatMap((probe) =>
      probe.works ? [] : [{ kind: probe.kind, name, reason: probe.reason }],
    ),
  );
  const lines = new Map<string, string[]>();
  for (const { kind, name, reason } of faults) {
    const line = `${kind} not here: ${reason}`;
    lines.set(line, [...(lines.get(line) ?? []), name]);
  }
  return [...lines].map(([line, names]) =>
    names.length === models.length ? line : `${line} (${names.join(", ")})`,
  );
}

/** How many times as fast fused is as the best of the others on each model. */
export function fusedRatios(
  models: readonly MeasuredModel[],
): { readonly name: string; readonly against: string; readonly ratio: number }[] {
  return models.flatMap(({ name, engines }) => {
    const works = engines.flatMap((probe) => (probe.works ? [probe] : []));
    const fused = works.find(({ kind }) => kind === "fused");
    const [best] = works.filter(({ kind }) => kind !== "fused").sort((a, b) => a.stepMs - b.stepMs);
    if (!fused || !best) return [];
    return [{ name, against: best.kind, ratio: best.stepMs / fused.stepMs }];
  });
}

function autoLine(models: readonly MeasuredModel[]): string {
  const ratios = fusedRatios(models).map(
    ({ name, against, ratio }) => `${ratio.toFixed(1)} × as fast as ${against} on ${name}`,
  );
  return `auto takes fused everywhere, for a run's bytes depend on its engine; here it is ${ratios.join(", ") || "the only one"}`;
}

/**
 * The choice of an engine, made once a run by whoever launches it. A run's bytes depend on its engine.
 * So `auto` is the fused kernel, which runs every model there is, whatever a measurement would say;
 * and a named engine is that one or a refusal.
 */
import { ScenarioError } from "../errors.ts";
import { patchesOf } from "../model/build-model.ts";
import type { Model } from "../model/model.ts";
import type { Engine, EngineKind, Examples } from "./core/engine.ts";
import { fusedEngine } from "./fused/engine.ts";
import { plainEngine } from "./plain/engine.ts";

const KINDS: readonly EngineKind[] = ["fused", "tfjsNode", "tfjsWasm", "tfjsCpu"];

/** What `murmur doctor` prints of an engine. */
export type EngineProbe =
  | {
      readonly kind: EngineKind;
      readonly works: true;
      /** Median time of one clipped sum over 80 examples, once it is compiled, in milliseconds. */
      readonly stepMs: number;
    }
  | { readonly kind: EngineKind; readonly works: false; readonly reason: string };

/** Examples in a probe step: more than one block of the sum, and the last one not full. */
const PROBE_ROWS = 80;
const TOLERANCE = 1e-5;
// A fifth of a second; a first step takes up to ten times as long as the hundredth.
const TIMING_MS = 200;
const MOST_STEPS = 500;

/** Makes an engine of `kind`; tests put a broken one in its place. */
export type EngineLoader = (kind: EngineKind, model: Model) => Promise<Engine>;

/**
 * The engine that `training.engine` asks for.
 *
 * @throws ScenarioError `training.engine` where that one does not work here, naming those that do
 */
export async function chooseEngine(
  wanted: "auto" | EngineKind,
  model: Model,
  load: EngineLoader = loadEngine,
): Promise<Engine> {
  if (wanted === "auto" || wanted === "fused") return fusedEngine(model);
  const tried = await tryEngine(wanted, model, load);
  if (tried.works) return tried.engine;
  const working: EngineKind[] = [];
  for (const kind of KINDS) if ((await tryEngine(kind, model, load)).works) working.push(kind);
  throw new ScenarioError({
    what: "training.engine",
    where: "the scenario",
    got: wanted,
    expected: `an engine that works here (${working.join(", ")}): ${tried.reason}`,
    fix: "Name one of those, or auto.",
  });
}

/** Every engine on `model`: whether it works here, and how long a step takes. */
export async function probeEngines(
  model: Model,
  load: EngineLoader = loadEngine,
): Promise<EngineProbe[]> {
  const probes: EngineProbe[] = [];
  // One after the other: two at once would time each other.
  for (const kind of KINDS) {
    const tried = await tryEngine(kind, model, load);
    probes.push(
      tried.works
        ? { kind, works: true, stepMs: medianStepMs(tried.engine) }
        : { kind, works: false, reason: tried.reason },
    );
  }
  return probes;
}

type Tried =
  | { readonly works: true; readonly engine: Engine }
  | { readonly works: false; readonly reason: string };

/** Loads an engine and holds its first step against the plain engine's. */
async function tryEngine(kind: EngineKind, model: Model, load: EngineLoader): Promise<Tried> {
  try {
    const engine = await load(kind, model);
    const apart = furthestApart(step(engine), step(plainEngine(model)));
    if (apart <= TOLERANCE) return { works: true, engine };
    return { works: false, reason: `its step is ${apart} off the plain engine's` };
  } catch (error) {
    // Whatever a library throws when it cannot run here is what the probe is to find out.
    return { works: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** TensorFlow.js costs 0.2 s and 70 MB or more, so only who asks for it imports it. */
async function loadEngine(kind: EngineKind, model: Model): Promise<Engine> {
  if (kind === "fused") return fusedEngine(model);
  const { tensorflowEngine } = await import("./tensorflow/engine.ts");
  return tensorflowEngine(kind, model);
}

/** Of the later half of the steps that fit the time. */
function medianStepMs(engine: Engine): number {
  const times: number[] = [];
  const end = performance.now() + TIMING_MS;
  for (let start = performance.now(); start < end && times.length < MOST_STEPS; ) {
    step(engine);
    const now = performance.now();
    times.push(now - start);
    start = now;
  }
  const later = times.slice(Math.floor(times.length / 2)).sort((a, b) => a - b);
  return later[Math.floor(later.length / 2)] ?? NaN;
}

/** A step on fixed numbers of no meaning, of every class in turn; the sum is of length 1 or less. */
function step(engine: Pick<Engine, "model" | "clippedSum">): Float64Array {
  const { model } = engine;
  const wave = (length: number) => Float32Array.from({ length }, (_, i) => Math.sin(1 + 7 * i));
  const classes = Math.max(2, model.outputs);
  const examples: Examples = {
    count: PROBE_ROWS,
    width: model.inputs,
    inputs: wave(PROBE_ROWS * model.inputs),
    labels: Float32Array.from({ length: PROBE_ROWS }, (_, i) => i % classes),
  };
  return engine.clippedSum(initial(model, wave), examples, 1 / PROBE_ROWS);
}

/** Each layer's parameters waves as high as a drawn kernel's: else those of wide layers would saturate. */
function initial(
  { layers, parameters }: Model,
  wave: (length: number) => Float32Array,
): Float32Array {
  const all = new Float32Array(parameters);
  for (const layer of layers) {
    const into = layer.kind === "conv" ? patchesOf(layer).width : layer.inputs;
    const height = Math.min(1, Math.sqrt(6 / (into + layer.outputs)));
    all.set(
      wave(layer.parameters).map((x) => height * x),
      layer.offset,
    );
  }
  return all;
}

/** Largest difference of a coordinate; NaN where one is NaN. */
function furthestApart(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b[i] ?? NaN))), 0);
}

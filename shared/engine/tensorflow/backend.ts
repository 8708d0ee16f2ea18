/**
 * TensorFlow.js and its backends, imported when an engine is asked for and not before: that costs
 * 0.2–0.9 s and 70–100 MB in every process that does it.
 */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { EngineKind } from "../core/engine.ts";

export type TensorFlow = typeof import("@tensorflow/tfjs-core");
export type TensorflowKind = Exclude<EngineKind, "fused">;

const BACKENDS = { tfjsNode: "tensorflow", tfjsWasm: "wasm", tfjsCpu: "cpu" } as const;

/**
 * TensorFlow.js with the backend of `kind` started, and its greetings to the console off.
 *
 * @throws Error where that backend is not installed or does not start
 */
export async function loadTensorflow(kind: TensorflowKind): Promise<TensorFlow> {
  const tf = await import("@tensorflow/tfjs-core");
  tf.enableProdMode();
  if (kind === "tfjsNode") await importNative();
  else if (kind === "tfjsWasm") await importWasm();
  else await import("@tensorflow/tfjs-backend-cpu");
  if (!(await withoutCrashListeners(() => tf.setBackend(BACKENDS[kind])))) {
    throw new Error(`TensorFlow.js cannot start its ${BACKENDS[kind]} backend`);
  }
  return tf;
}

/** Makes `kind`, which is loaded, the process's backend again, should another have run since. */
export function selectBackend(tf: TensorFlow, kind: TensorflowKind): void {
  if (tf.getBackend() === BACKENDS[kind]) return;
  // A started backend is switched to before this returns; only starting one takes time.
  void tf.setBackend(BACKENDS[kind]);
}

async function importNative(): Promise<void> {
  // Read by the native library when it is loaded: warnings and errors only.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  // Not a literal: this optional package is often absent, and the compiler would look for it.
  const name: string = "@tensorflow/tfjs-node";
  try {
    await import(name);
  } catch (cause) {
    throw new Error(`${name} is not installed, or its library does not load`, { cause });
  }
}

/**
 * Runs `start` and takes off what it has put on `process`: WASM's loader listens for crashes only to
 * throw them on from inside, which buries a bug's stack under a page of compiled code.
 */
async function withoutCrashListeners(start: () => Promise<boolean>): Promise<boolean> {
  const before = crashListeners();
  const started = await start();
  for (const { event, listener } of crashListeners()) {
    const known = before.some((old) => old.event === event && old.listener === listener);
    if (!known && isListener(listener)) process.removeListener(event, listener);
  }
  return started;
}

function crashListeners(): { event: string; listener: unknown }[] {
  return ["uncaughtException", "unhandledRejection"].flatMap((event) =>
    process.rawListeners(event).map((listener) => ({ event, listener })),
  );
}

function isListener(value: unknown): value is (...values: unknown[]) => void {
  return typeof value === "function";
}

async function importWasm(): Promise<void> {
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  // The package would fetch its binaries from beside a page; on Node they are files.
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
  wasm.setWasmPaths(`${dirname(entry)}/`);
}

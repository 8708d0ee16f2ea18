/** A sweep that a program asks for. */
import {
  jsonOf,
  type OptionKinds,
  requireList,
  requireOptions,
  requireText,
} from "../../shared/call-arguments.ts";
import { type CallOptions, overridesOf } from "../call.ts";
import { Running } from "../running.ts";
import { runSweep, type SweepEvent, type SweepOutcome, type SweepPlace } from "./run-sweep.ts";

export interface SweepOptions extends SweepPlace, Pick<CallOptions, "seed" | "set" | "signal"> {
  /** Values by dotted key: `{ "privacy.epsilon": [0.1, 1, "none"] }`. Absent: the scenario's own `sweep:`. */
  readonly over?: Readonly<Record<string, readonly unknown[]>>;
  /** Seeds of each setting; absent: the scenario's, or 5. */
  readonly repeat?: number;
  /** So many settings of the grid, at random; absent: all. */
  readonly sample?: number;
  readonly onEvent?: (event: SweepEvent) => void;
}

const WHERE = "sweep";
const SWEEP_OPTIONS = {
  seed: "number",
  set: "object",
  signal: "signal",
  onEvent: "function",
  over: "object",
  repeat: "number",
  sample: "number",
  out: "text",
  jobs: "number",
  shard: "object",
  dataLedger: "flag",
  workerProgram: "text",
} as const satisfies OptionKinds;

/**
 * Returns at once: a promise of the outcome, and an iterable of the events. Runs have processes of their own, `jobs`
 * at a time; what has finished stays in the folder, and the same call goes on from there.
 *
 * @param file path of a scenario
 * @throws ScenarioError for a fault of the file, an option or any point, before anything runs; the signal's reason
 */
export function sweep(file: string, options: SweepOptions = {}): Running<SweepEvent, SweepOutcome> {
  return new Running(async (tell) => {
    requireText(file, "the scenario", WHERE);
    requireOptions(options, SWEEP_OPTIONS, WHERE);
    const { seed, set, over = {}, onEvent, signal, ...rest } = options;
    const varied = Object.entries(over).map(([path, values]) => ({
      path,
      values: valuesText(path, values),
    }));
    const flags = { ...rest, set: overridesOf({ ...(set && { set }) }, WHERE), over: varied };
    const both = (event: SweepEvent) => {
      onEvent?.(event);
      tell(event);
    };
    const never = new AbortController().signal;
    return runSweep(file, { ...flags, ...(seed !== undefined && { seed }) }, both, signal ?? never);
  });
}

/** As a flag has them: JSON is YAML. */
function valuesText(path: string, values: unknown): string {
  const name = `over, ${path}`;
  requireList(values, name, WHERE);
  return values.map((one) => (typeof one === "string" ? one : jsonOf(one, name, WHERE))).join(",");
}

/** A sweep that a program asks for. */
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

/**
 * Returns at once: a promise of the outcome, and an iterable of the events. Runs have processes of their own, `jobs`
 * at a time; what has finished stays in the folder, and the same call goes on from there.
 *
 * @param file path of a scenario
 * @throws ScenarioError for a fault of the file, an option or any point, before anything runs; the signal's reason
 */
export function sweep(
  file: string,
  { seed, set, over = {}, onEvent, signal, ...rest }: SweepOptions = {},
): Running<SweepEvent, SweepOutcome> {
  return new Running(async (tell) => {
    const varied = Object.entries(over).map(([path, values]) => ({
      path,
      values: values.map(valueText).join(","),
    }));
    const flags = { ...rest, set: overridesOf({ ...(set && { set }) }), over: varied };
    const both = (event: SweepEvent) => {
      onEvent?.(event);
      tell(event);
    };
    const never = new AbortController().signal;
    return runSweep(file, { ...flags, ...(seed !== undefined && { seed }) }, both, signal ?? never);
  });
}

/** As a flag has it: JSON is YAML. */
function valueText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

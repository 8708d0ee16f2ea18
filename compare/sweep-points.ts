/** What a sweep varies → its points: a grid or a sample of it, times seeds. Pure. */
import { canonicalJson } from "../shared/canonical.ts";
import { ScenarioError } from "../shared/errors.ts";
import { type Random, seededRoot, stream } from "../shared/random.ts";
import { MOST_RUNS } from "../shared/scenario/sweep-schema.ts";

/** Dotted keys of the scenario and their values, in the order in which they were asked for. */
export type Setting = Readonly<Record<string, unknown>>;

export interface SweepSpec {
  readonly over: Readonly<Record<string, readonly unknown[]>>;
  /** Seeds of each setting: `seed`, `seed` + 1 …, the same for all, so that runs pair up. */
  readonly repeat: number;
  readonly seed: number;
  /** null: the whole grid. */
  readonly sample: number | null;
}

export interface SweepPoint {
  /** Its place among all, over all shards. */
  readonly index: number;
  readonly setting: Setting;
  readonly seed: number;
}

export const EPSILON = "privacy.epsilon";
export const TRUST = "privacy.trust";
const TWIN = "none";

/**
 * The settings, each once: what says `privacy.epsilon: none` runs without noise, whatever it says of
 * trust.
 *
 * @throws ScenarioError for more than can be meant
 */
export function settingsOf(spec: SweepSpec): Setting[] {
  const keys = Object.entries(spec.over);
  const grid = keys.reduce((product, [, values]) => product * values.length, 1);
  const runs = Math.min(grid, spec.sample ?? grid) * spec.repeat;
  if (runs > MOST_RUNS) throw tooMany(runs);
  const numbers =
    spec.sample === null || spec.sample >= grid
      ? Array.from({ length: grid }, (_, i) => i)
      : drawn(spec.sample, grid, stream(seededRoot(spec.seed), "sweep"));
  const settings = numbers.map((number) => withTwin(settingAt(keys, number)));
  return [...new Map(settings.map((setting) => [canonicalJson(setting), setting])).values()];
}

/** Seed by seed: what the points of one seed share is then prepared once. */
export function pointsOf(settings: readonly Setting[], { repeat, seed }: SweepSpec): SweepPoint[] {
  return Array.from({ length: repeat }, (_, i) =>
    settings.map((setting, place) => ({
      index: i * settings.length + place,
      setting,
      seed: seed + i,
    })),
  ).flat();
}

/** Point `number` of the grid, the last key changing fastest. */
function settingAt(keys: readonly [string, readonly unknown[]][], number: number): Setting {
  let rest = number;
  const entries = keys.toReversed().map(([key, values]) => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return [key, value] as const;
  });
  return Object.fromEntries(entries.reverse());
}

function withTwin(setting: Setting): Setting {
  if (setting[EPSILON] !== TWIN) return setting;
  const { [EPSILON]: _, ...others } = setting;
  return { ...others, [TRUST]: TWIN };
}

/** `count` of the numbers below `grid`, each once, ascending (Floyd, in Bentley 1987). */
function drawn(count: number, grid: number, random: Random): number[] {
  const chosen = new Set<number>();
  for (let last = grid - count; last < grid; last++) {
    const number = random.below(last + 1);
    chosen.add(chosen.has(number) ? last : number);
  }
  return [...chosen].sort((a, b) => a - b);
}

function tooMany(runs: number): ScenarioError {
  return new ScenarioError({
    what: "--over",
    where: "the sweep",
    got: `${runs.toLocaleString("en")} runs`,
    expected: `at most ${MOST_RUNS.toLocaleString("en")}`,
    fix: "Name fewer values, or --sample some of the grid.",
  });
}

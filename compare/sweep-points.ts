/** What a sweep varies → its points: a grid or a sample of it, times seeds. Pure. */
import { canonicalJson } from "../shared/canonical.ts";
import { ScenarioError } from "../shared/errors.ts";
import { type Random, seededRoot, stream } from "../shared/noise/random.ts";
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

const EPSILON = "privacy.epsilon";
export const TRUST = "privacy.trust";
/** Keys that say how much noise there is: of none, nothing. */
export const NOISE_KEYS: ReadonlySet<string> = new Set([EPSILON, "privacy.noiseMultiplier"]);
const TWIN = "none";

/** Keys and the values of each: every setting is one of their product. */
type Grid = readonly (readonly [string, readonly unknown[]])[];

/**
 * The settings, each once, all that spend ε before their baselines: what says `none` of `privacy.epsilon` or
 * `privacy.trust` runs without noise, whatever it says of the other or of noise. A sample is of these.
 *
 * @throws ScenarioError for more than can be meant
 */
export function settingsOf({ over, repeat, seed, sample }: SweepSpec): Setting[] {
  const grid = Object.entries(over).map(([key, values]) => [key, distinct(values)] as const);
  const grids = [noisedGrid(grid), ...baselineGrid(grid)];
  const all = grids.reduce((sum, one) => sum + sizeOf(one), 0);
  const runs = Math.min(all, sample ?? all) * repeat;
  if (runs > MOST_RUNS) throw tooMany(runs);
  const numbers =
    sample === null || sample >= all
      ? Array.from({ length: all }, (_, i) => i)
      : drawn(sample, all, stream(seededRoot(seed), "sweep"));
  return numbers.map((number) => settingIn(grids, number));
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

function noisedGrid(grid: Grid): Grid {
  return grid.map(([key, values]) => [key, saysBaseline(key) ? values.filter(isNoised) : values]);
}

/** One grid of the baselines there are, or none. */
function baselineGrid(grid: Grid): Grid[] {
  if (!grid.some(([key, values]) => saysBaseline(key) && values.includes(TWIN))) return [];
  const others = grid.filter(([key]) => key !== TRUST && !NOISE_KEYS.has(key));
  return [[...others, [TRUST, [TWIN]]]];
}

const saysBaseline = (key: string) => key === EPSILON || key === TRUST;
const isNoised = (value: unknown) => value !== TWIN;

function distinct(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}

function sizeOf(grid: Grid): number {
  return grid.reduce((product, [, values]) => product * values.length, 1);
}

function settingIn([grid = [], ...others]: readonly Grid[], number: number): Setting {
  const size = sizeOf(grid);
  return number < size ? settingAt(grid, number) : settingIn(others, number - size);
}

/** Point `number` of the grid, the last key changing fastest. */
function settingAt(grid: Grid, number: number): Setting {
  let rest = number;
  const entries = grid.toReversed().map(([key, values]) => {
    const value = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    return [key, value] as const;
  });
  return Object.fromEntries(entries.reverse());
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

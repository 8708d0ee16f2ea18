/** IO: a scenario and flags → every run of a sweep, each one's scenario checked before any begins. */

import {
  NOISE_KEYS,
  pointsOf,
  type Setting,
  type SweepPoint,
  type SweepSpec,
  settingsOf,
  TRUST,
} from "../../compare/sweep-points.ts";
import { canonicalJson, sha256 } from "../../shared/canonical.ts";
import { ScenarioError } from "../../shared/errors.ts";
import { isPublicData, type Scenario } from "../../shared/scenario/schema.ts";
import { USUAL_SEEDS } from "../../shared/scenario/sweep-schema.ts";
import type { Override } from "../../shared/scenario/text.ts";
import { parseYaml } from "../../shared/scenario/text.ts";
import { VERSION } from "../../shared/version.ts";
import { type FileHashes, fileHashes } from "./named-files.ts";
import { readScenario } from "./read-scenario.ts";

/** One `--over key=v1,v2`: a dotted path and the text of its values. */
export interface Varied {
  readonly path: string;
  readonly values: string;
}

export interface SweepFlags {
  readonly set: readonly Override[];
  readonly over: readonly Varied[];
  readonly seed?: number;
  readonly repeat?: number;
  readonly sample?: number;
}

export interface SweepRun extends SweepPoint {
  /** SHA-256 of its resolved scenario. */
  readonly id: string;
  readonly scenario: Scenario;
  /** What makes the file's scenario this one, seed aside: as murmur run would be told. */
  readonly set: readonly Override[];
}

export interface SweepPlan {
  readonly name: string;
  readonly spec: SweepSpec;
  readonly settings: readonly Setting[];
  readonly runs: readonly SweepRun[];
  /** Over the first seed's runs, and what runs them: more seeds are more of the same sweep. */
  readonly identity: string;
  /** Of all that they name: what they say alone does not tell their rows. */
  readonly files: FileHashes;
  /** True where nobody's privacy hangs on any of them. */
  readonly isPublic: boolean;
  readonly heldOut: DrawnHeldOut | null;
}

/** Held-out people whom seeds draw from private rows, each others: nothing is charged for them. */
export interface DrawnHeldOut {
  /** More than one. */
  readonly seeds: number;
  /** At most so many, over all seeds. */
  readonly people: number;
}

/** @throws ScenarioError naming the first fault of the file, of a flag, or of a point */
export async function planSweep(file: string, flags: SweepFlags): Promise<SweepPlan> {
  const base = await readScenario(file, flags);
  const spec = specOf(base, flags);
  const settings = settingsOf(spec);
  const scenarios: Scenario[] = [];
  const sets: Override[][] = [];
  for (const setting of settings) {
    const overrides = Object.entries(setting).map(([path, value]) => ({
      path,
      value: overrideText(value),
    }));
    const set = [...unvaried(flags.set, setting), ...overrides];
    sets.push(set);
    scenarios.push(await readScenario(file, { ...flags, set }));
  }
  const runs = pointsOf(settings, spec).map((point) => {
    const at = point.index % settings.length;
    const scenario = { ...(scenarios[at] ?? base), seed: point.seed };
    const { sweep: _, ...identified } = scenario;
    const id = sha256(canonicalJson(identified));
    return { ...point, scenario, set: sets[at] ?? [], id };
  });
  const first = runs.slice(0, settings.length).map(({ id }) => id);
  const identity = sha256(canonicalJson({ murmur: VERSION, runs: first }));
  const isPublic = scenarios.every(isPublicData);
  const files = await fileHashes(scenarios, file);
  const heldOut = drawnHeldOut(runs);
  return { name: base.name, spec, settings, runs, identity, files, isPublic, heldOut };
}

/** null where no seed holds out others than another. */
function drawnHeldOut(runs: readonly SweepRun[]): DrawnHeldOut | null {
  const drawing = runs.filter(
    ({ scenario }) => !isPublicData(scenario) && (scenario.data.source.testRows ?? 0) > 0,
  );
  const seeds = new Set(drawing.map(({ seed }) => seed)).size;
  if (seeds < 2) return null;
  // Settings of one seed and one source hold out the same.
  const draws = new Map(
    drawing.map(({ seed, scenario: { data } }) => [
      canonicalJson([seed, data.source]),
      data.source.testRows ?? 0,
    ]),
  );
  return { seeds, people: [...draws.values()].reduce((sum, people) => sum + people, 0) };
}

/** The flags, and the file's block where they say nothing. */
function specOf(base: Scenario, flags: SweepFlags): SweepSpec {
  const typed = flags.over.map(({ path, values }) => [path, variedValues(path, values)] as const);
  const over = typed.length > 0 ? Object.fromEntries(typed) : (base.sweep?.over ?? {});
  if (Object.keys(over).length < Math.max(1, typed.length)) {
    const got = typed.length > 0 ? "a key twice" : "no key to vary";
    const fix = "Name each key once: --over privacy.epsilon=0.1,1,none, or sweep: in the file.";
    throw refused(got, "at least one key and its values", fix);
  }
  const own = Object.keys(over).find((key) => key === "seed" || key.split(".")[0] === "sweep");
  if (own !== undefined)
    throw refused(own, "a key of a run", "Seeds follow from --seed and --repeat.");
  const varied = [...NOISE_KEYS].find((key) => over[key]?.some((value) => value !== "none"));
  if (varied !== undefined && !over[TRUST] && base.privacy.trust === "none")
    throw refused(
      `${varied}, where privacy.trust is none`,
      "a trust under which there is noise to vary",
      "Name one: --set privacy.trust=central, say.",
    );
  return {
    over,
    repeat: flags.repeat ?? base.sweep?.repeat ?? USUAL_SEEDS,
    seed: base.seed,
    sample: flags.sample ?? base.sweep?.sample ?? null,
  };
}

/** What a twin says of trust holds, whatever `--set` says; a key that is varied is set nowhere else. */
function unvaried(set: readonly Override[], setting: Setting): readonly Override[] {
  return set.filter(({ path }) => !(path === TRUST && setting[TRUST] === "none"));
}

/** As YAML has it: a word as it is, unless that would be read as something else. */
function overrideText(value: unknown): string {
  const isWord = typeof value === "string" && /^[a-z]\w*$/i.test(value);
  return isWord && parseYaml(value, "a value") === value ? value : JSON.stringify(value);
}

/** `a,b,[1, 2],3`: commas part values where no bracket is open. @throws ScenarioError for what is no value */
export function variedValues(path: string, text: string): unknown[] {
  const parts = [""];
  let depth = 0;
  for (const c of text) {
    if (c === "[" || c === "{") depth += 1;
    if (c === "]" || c === "}") depth -= 1;
    if (c === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += c;
  }
  return parts.map((part) => {
    const value = parseYaml(part, `--over ${path}`);
    if (value !== null && !(typeof value === "number" && !Number.isFinite(value))) return value;
    throw refused(`${path}=${part}`, "a value between two commas", "Write key=value,value.");
  });
}

function refused(got: string, expected: string, fix: string): ScenarioError {
  return new ScenarioError({ what: "--over", where: "the sweep", got, expected, fix });
}

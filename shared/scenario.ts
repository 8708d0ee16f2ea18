/**
 * YAML text → Scenario. The text is a stranger's: anchors, tags, duplicate keys and deep nests are
 * refused before zod sees it, and every fault is told with its path into the file.
 */
import { Document, isAlias, isNode, parse, parseDocument, visit } from "yaml";
import type { z } from "zod";
import { ScenarioError, shown } from "./errors.ts";
import { NOT_YET, ROLE_KEYS, type Scenario, scenarioSchema } from "./scenario-schema.ts";

const MAX_SCENARIO_BYTES = 1 << 20;
const MAX_DEPTH = 32;

/** One `--set key=value`: the dotted path and the value's YAML text. */
export interface Override {
  readonly path: string;
  readonly value: string;
}

/**
 * @param text the scenario file's text
 * @param file its name, for messages only
 * @throws ScenarioError naming the first fault and its place
 */
export function parseScenario(
  text: string,
  file: string,
  overrides: readonly Override[] = [],
): Scenario {
  const raw = applyOverrides(parseYaml(text, file), overrides);
  refuseNotYet(raw, file);
  const result = scenarioSchema.safeParse(raw);
  if (!result.success) throw schemaError(result.error, raw, file);
  checkTogether(result.data, file);
  return freeze(result.data);
}

/** The scenario with every default filled in, as YAML that `parseScenario` takes back. */
export function resolvedYaml(scenario: Scenario): string {
  return new Document(scenario).toString({ lineWidth: 120, aliasDuplicateObjects: false } as const);
}

/** Survivors below which an attempt aborts; four fifths of the clients unless the file says. */
export function minCohort({ clients }: Scenario): number {
  return clients.minCohort ?? Math.ceil(0.8 * clients.count);
}

/** True where rows may be counted and shown: nobody's privacy hangs on them. */
export function isPublicData({ data }: Scenario): boolean {
  return data.source.generator !== undefined || data.source.public;
}

function parseYaml(text: string, file: string): unknown {
  const refuse = (what: string, got: unknown, expected: string, fix: string): never => {
    throw new ScenarioError({ what, where: file, got, expected, fix });
  };
  if (Buffer.byteLength(text) > MAX_SCENARIO_BYTES)
    refuse("yaml.size", `${Buffer.byteLength(text)} bytes`, "at most 1 MiB", "Move data to files.");
  const document = parseDocument(text, {
    schema: "core",
    strict: true,
    uniqueKeys: true,
    merge: false,
  });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault) {
    const what = fault.code === "TAG_RESOLVE_FAILED" ? "yaml.tag" : "yaml";
    const line = fault.linePos?.[0].line ?? 0;
    refuse(what, `line ${line}: ${fault.message.split("\n")[0]}`, "plain YAML", "Mend that line.");
  }
  visit(document, {
    Node: (_, node, path) => {
      if (isAlias(node) || (isNode(node) && "anchor" in node && node.anchor))
        refuse("yaml.alias", "an anchor or alias", "plain values", "Write the value out.");
      if (path.length > 2 * MAX_DEPTH)
        refuse("yaml.depth", "a deeper nest", `at most ${MAX_DEPTH} levels`, "Flatten it.");
    },
  });
  return document.toJS({ maxAliasCount: 0 });
}

function applyOverrides(raw: unknown, overrides: readonly Override[]): unknown {
  const seen = new Set<string>();
  for (const { path, value } of overrides) {
    const bad = (got: string, expected: string): never => {
      const fix = "Write --set key.of.the.file=value, each key once.";
      throw new ScenarioError({ what: "--set", where: `--set ${path}`, got, expected, fix });
    };
    if (seen.has(path)) bad("the key twice", "each key once");
    seen.add(path);
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let parent = raw;
    for (const key of keys) {
      if (!isRecord(parent)) return bad(`no block ${key}`, "a key of the scenario");
      if (!Object.hasOwn(parent, key)) parent[key] = {};
      parent = parent[key];
    }
    if (!isRecord(parent) || last === "" || last === "__proto__")
      return bad("a key inside a value", "a key of the scenario");
    if (isRecord(parent[last])) bad("a value for a whole block", "a key inside that block");
    parent[last] = parse(value, { schema: "core" });
  }
  return raw;
}

function refuseNotYet(raw: unknown, file: string): void {
  for (const [pattern, values] of NOT_YET) {
    for (const [path, value] of matches(raw, pattern.split("."))) {
      if (values && !values.includes(value)) continue;
      throw new ScenarioError({
        what: path,
        where: file,
        got: values ? value : "the key",
        expected: "a feature that this version has; this one is not yet built",
        fix: "Leave it out, or choose another value.",
      });
    }
  }
}

/** The [path, value] pairs of `raw` that a pattern with `*` reaches. */
function matches(raw: unknown, [key, ...rest]: readonly string[], at = ""): [string, unknown][] {
  if (key === undefined) return [[at, raw]];
  if (!isRecord(raw)) return [];
  const keys = key === "*" ? Object.keys(raw) : Object.hasOwn(raw, key) ? [key] : [];
  return keys.flatMap((k) => matches(raw[k], rest, at === "" ? k : `${at}.${k}`));
}

function schemaError(error: z.ZodError, raw: unknown, file: string): ScenarioError {
  const issue = error.issues[0];
  const path = issue?.path.map(String) ?? [];
  if (issue?.code === "unrecognized_keys") {
    const key = issue.keys[0] ?? "";
    const known = knownKeys(path);
    const near = nearest(key, known);
    return new ScenarioError({
      what: "unknownKey",
      where: `${file}, ${[...path, key].join(".")}`,
      got: key,
      expected: known.length > 0 ? `one of ${known.join(", ")}` : "a key of the scenario format",
      fix: near ? `Did you mean ${near}?` : "Remove it.",
    });
  }
  const got = path.reduce<unknown>(
    (at, key) => (isRecord(at) || Array.isArray(at) ? Reflect.get(at, key) : undefined),
    raw,
  );
  const more = error.issues.length > 1 ? ` (${error.issues.length - 1} more after this one)` : "";
  return new ScenarioError({
    what: path.join(".") || "the scenario",
    where: file,
    got: got === undefined ? "nothing" : typeof got === "object" ? shown(JSON.stringify(got)) : got,
    expected: issue?.message ?? "a valid value",
    fix: `Mend it in the file or with --set${more}.`,
  });
}

/** The keys that the schema allows at a path, as far as plain objects go. */
function knownKeys(path: readonly string[]): string[] {
  let schema: unknown = scenarioSchema;
  for (const key of path) {
    schema = bare(schema);
    if (isRecord(schema) && isRecord(schema.shape)) schema = schema.shape[key];
    else if (isRecord(schema) && "valueType" in schema) schema = schema.valueType;
    else return [];
  }
  schema = bare(schema);
  return isRecord(schema) && isRecord(schema.shape) ? Object.keys(schema.shape) : [];
}

/** A schema without its `optional`, `default` and `prefault` wrappers. */
function bare(schema: unknown): unknown {
  let inner = schema;
  while (isRecord(inner) && isRecord(inner.def) && "innerType" in inner.def)
    inner = inner.def.innerType;
  return inner;
}

function nearest(key: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase();
  return known
    .map((name) => ({ name, distance: editDistance(plain(key), plain(name)) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function checkTogether(scenario: Scenario, file: string): void {
  const { data, training, privacy, clients, model } = scenario;
  const demand = (holds: boolean, what: string, got: unknown, expected: string, fix: string) => {
    if (!holds) throw new ScenarioError({ what, where: file, got, expected, fix });
  };
  const { source } = data;
  const from = [source.generator, source.file].filter((name) => name !== undefined);
  demand(
    from.length === 1,
    "data.source",
    from.join(" and ") || "neither",
    "a generator or a file",
    "Name exactly one.",
  );
  if (source.generator) {
    demand(
      source.rows !== undefined,
      "data.source.rows",
      "nothing",
      "how many people to generate",
      "Set it to privacy.population.",
    );
    demand(
      source.rows === privacy.population,
      "data.source.rows",
      source.rows,
      `privacy.population, ${privacy.population}`,
      "Make the two equal.",
    );
    demand(
      source.testRows !== undefined,
      "data.source.testRows",
      "nothing",
      "how many held-out people to generate",
      "Set it, 200 say.",
    );
  }
  demand(
    !source.events || source.person !== undefined,
    "data.source.person",
    "nothing",
    "the column that names the person",
    "Name the column on which events are joined.",
  );
  const both = privacy.epsilon !== undefined && privacy.noiseMultiplier !== undefined;
  demand(
    !both,
    "privacy.epsilon",
    "epsilon and noiseMultiplier",
    "one of the two",
    "Remove one: each follows from the other.",
  );
  const neither = privacy.epsilon === undefined && privacy.noiseMultiplier === undefined;
  demand(
    !neither || privacy.trust === "none",
    "privacy.epsilon",
    "nothing",
    "epsilon, or noiseMultiplier",
    "Set privacy.epsilon to 1, say.",
  );
  demand(
    privacy.delta * privacy.population < 1,
    "privacy.delta",
    privacy.delta,
    `a number below 1 / population = ${1 / privacy.population}`,
    "At 1 / population a record could be published outright; take population^-1.1 or less.",
  );
  const cohort = minCohort(scenario);
  demand(
    cohort <= clients.count,
    "clients.minCohort",
    cohort,
    `at most clients.count, ${clients.count}`,
    "Lower it, or add clients.",
  );
  demand(
    privacy.colluders < cohort,
    "privacy.colluders",
    privacy.colluders,
    `below minCohort, ${cohort}`,
    "Lower it.",
  );
  const rates = training.learningRate;
  demand(
    !Array.isArray(rates) || rates.length === training.rounds,
    "training.learningRate",
    Array.isArray(rates) ? `${rates.length} rates` : rates,
    `a number, or one for each of the ${training.rounds} rounds`,
    "Make the list as long as training.rounds.",
  );
  const { kind, rate } = training.sampling;
  demand(
    (kind === "poisson") === (rate !== undefined),
    "training.sampling.rate",
    rate ?? "nothing",
    kind === "poisson" ? "the chance of a record to be in a round" : "nothing beside kind: full",
    "Give poisson a rate, full none.",
  );
  demand(
    (model.kind === "mlp") === (model.hidden !== undefined),
    "model.hidden",
    model.hidden ?? "nothing",
    model.kind === "mlp" ? "the hidden layer's width, as a list" : "nothing beside kind: logistic",
    "Set it for an mlp only.",
  );
  const { partition, target } = data;
  demand(
    (partition.kind === "dirichlet") === (partition.alpha !== undefined),
    "data.partition.alpha",
    partition.alpha ?? "nothing",
    "a number > 0 with kind: dirichlet only",
    "Mend the partition.",
  );
  demand(
    (partition.kind === "byColumn") === (partition.column !== undefined),
    "data.partition.column",
    partition.column ?? "nothing",
    "a column with kind: byColumn only",
    "Mend the partition.",
  );
  const byEvent =
    target.event !== undefined &&
    target.within !== undefined &&
    target.column === undefined &&
    target.positive === undefined;
  const byColumn =
    target.column !== undefined &&
    target.positive !== undefined &&
    target.event === undefined &&
    target.within === undefined;
  demand(
    byEvent || byColumn,
    "data.target",
    "neither or both",
    "event and within, or column and positive",
    "Say what the label is.",
  );
  const mayBeSeeded = isPublicData(scenario) || privacy.noise !== "seeded";
  demand(
    mayBeSeeded,
    "privacy.noise",
    "seeded",
    "secure, since the data are private",
    "Whoever holds the seed can subtract the noise: remove the key.",
  );
  for (const [name, column] of Object.entries(data.columns)) {
    const { may, must } = ROLE_KEYS[column.role];
    const given = Object.keys(column).filter(
      (key) => key !== "from" && key !== "role" && Reflect.get(column, key) !== undefined,
    );
    const odd = given.find((key) => !may.includes(key));
    demand(
      odd === undefined,
      `data.columns.${name}.${odd}`,
      odd,
      `a key that fits role ${column.role}: ${may.join(", ") || "none"}`,
      "Remove it, or change the role.",
    );
    const lacking = must.find((key) => !given.includes(key));
    demand(
      lacking === undefined,
      `data.columns.${name}.${lacking}`,
      "nothing",
      `${must.join(", ")} for role ${column.role}`,
      "Add it.",
    );
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

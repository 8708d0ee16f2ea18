/** A scenario file → Scenario: every fault is told with its path into the file. */
import { Document } from "yaml";
import { ScenarioError } from "../errors.ts";
import { isRecord } from "../record.ts";
import { checkTogether } from "./check.ts";
import { leadsOutside } from "./data-check.ts";
import { schemaError } from "./refusal/schema-error.ts";
import { type Scenario, scenarioSchema } from "./schema.ts";
import { applyOverrides, type Override, parseYaml } from "./text.ts";

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
  const raw = withAuto(withPerson(applyOverrides(parseYaml(text, file), overrides)), file);
  const result = scenarioSchema.safeParse(withLinearKind(raw));
  if (!result.success) throw schemaError(result.error, raw, file, scenarioSchema);
  checkTogether(result.data, file);
  checkFolder(result.data, file, overrides);
  return freeze(result.data);
}

/** `data.person` is short for `data.source.person`; both together are left for the schema to refuse. */
function withPerson(raw: unknown): unknown {
  if (!isRecord(raw) || !isRecord(raw.data) || !isRecord(raw.data.source)) return raw;
  const { person, source, ...data } = raw.data;
  if (person === undefined || source.person !== undefined) return raw;
  return { ...raw, data: { ...data, source: { ...source, person } } };
}

/**
 * `training: auto` is short for a block of its own, which nothing else can be in.
 *
 * @throws ScenarioError where it is in a block with others
 */
function withAuto(raw: unknown, file: string): unknown {
  if (!isRecord(raw)) return raw;
  if (raw.training === "auto") return { ...raw, training: { auto: true } };
  if (!isRecord(raw.training) || !Object.hasOwn(raw.training, "auto")) return raw;
  throw new ScenarioError({
    what: "training.auto",
    where: file,
    got: "a key of training",
    expected: "training: auto, which chooses rounds, learningRate, momentum and clipNorm",
    fix: "Write training: auto by itself, or leave auto out.",
  });
}

/**
 * Of a file that says nothing of its model: the linear one that fits a target with classes, or one that is a
 * number; and what a number is learned by.
 */
function withLinearKind(raw: unknown): unknown {
  if (!isRecord(raw) || !isRecord(raw.data) || !isRecord(raw.data.target)) return raw;
  const { model = {} } = raw;
  const { classes, bounds } = raw.data.target;
  if ((classes === undefined && bounds === undefined) || !isRecord(model)) return raw;
  const said = ["kind", "file", "hidden", "layers"].some((key) => Object.hasOwn(model, key));
  if (classes !== undefined) return said ? raw : { ...raw, model: { kind: "softmax", ...model } };
  const kind = said ? {} : { kind: "linear" };
  return { ...raw, model: { ...kind, loss: "squaredError", ...model } };
}

/** The scenario with every default filled in, as YAML that `parseScenario` takes back. */
export function resolvedYaml(scenario: Scenario): string {
  const { training } = scenario;
  const written = { ...scenario, training: training.auto ? "auto" : training };
  return new Document(written, { aliasDuplicateObjects: false }).toString({ lineWidth: 120 });
}

/**
 * A file may be a stranger's, and reads nothing outside its own folder but installed packages; whoever
 * types a command may read what they can.
 */
function checkFolder({ data }: Scenario, file: string, overrides: readonly Override[]): void {
  const { folder } = data.source;
  const typed = overrides.some(({ path }) => path === "data.source.folder");
  if (folder === undefined || typed || !leadsOutside(folder)) return;
  throw new ScenarioError({
    what: "path.escape",
    where: `${file}, data.source.folder`,
    got: folder,
    expected: "a folder beside the scenario, or npm:PACKAGE/FOLDER",
    fix: "Name another folder on the command line: --set data.source.folder=FOLDER.",
  });
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

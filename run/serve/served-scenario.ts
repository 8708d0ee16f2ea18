/** A scenario as a coordinator runs it whose clients join from elsewhere, and bring their own rows. */
import { basename } from "node:path";
import { ScenarioError } from "../../shared/errors.ts";
import { faultScript } from "../../shared/scenario/fault-schema.ts";
import { isPublicData, type Scenario } from "../../shared/scenario/schema.ts";

/**
 * The same without a word of where clients' rows are. Noise is secure, whatever the scenario's own rows
 * are, unless it is a simulation on both sides.
 *
 * @param file its path, for messages
 * @throws ScenarioError for what only makes sense where all rows are this machine's
 */
export function servedScenario(scenario: Scenario, file: string, simulation: boolean): Scenario {
  for (const rule of RULES) {
    const broken = rule(scenario, simulation);
    if (!broken) continue;
    const [what, got, expected, fix] = broken;
    throw new ScenarioError({ what, where: basename(file), got, expected, fix });
  }
  const { data, privacy } = scenario;
  // Held-out rows stay; so does what says how to read their file.
  const { file: _file, files: _files, rows: _rows, ...source } = data.source;
  const seeded = simulation && (privacy.noise ?? (isPublicData(scenario) ? "seeded" : "secure"));
  return {
    ...scenario,
    data: { ...data, source, partition: { kind: "iid" } },
    privacy: { ...privacy, noise: seeded || "secure" },
  };
}

type Broken = readonly [what: string, got: unknown, expected: string, fix: string];

const RULES: readonly ((scenario: Scenario, simulation: boolean) => Broken | undefined)[] = [
  ({ data: { source } }) => {
    if (source.generator !== undefined || source.testFile !== undefined) return undefined;
    return [
      "data.source.testFile",
      "nothing",
      "a public file of held-out people, since clients keep their rows",
      "Name one, in the place of testRows.",
    ];
  },
  ({ data: { anonymity } }) => {
    if (!anonymity.unsafe) return undefined;
    return [
      "data.anonymity.unsafe",
      true,
      "levels that are written down: no coordinator reads rows to learn them",
      "Write them down, and remove the key.",
    ];
  },
  ({ clients }) => {
    if (faultScript(clients).length === 0) return undefined;
    const { dropOut, stragglers } = clients;
    const key = dropOut > 0 ? "dropOut" : stragglers ? "stragglers" : "faults";
    const what = `clients.${key}`;
    const expected = "none: clients that join from elsewhere fail by themselves";
    return [what, "a simulated fault", expected, "Remove it, or take murmur run."];
  },
  ({ evaluation }) => {
    if (!evaluation?.perClient || evaluation.federated) return undefined;
    return [
      "evaluation.perClient",
      "no evaluation.federated",
      "counts that clients noise themselves: nobody else sees their rows",
      "Add evaluation.federated, or remove the key.",
    ];
  },
  ({ privacy: { noise } }, simulation) => {
    if (noise !== "seeded" || simulation) return undefined;
    return [
      "privacy.noise",
      "seeded",
      "secure: clients' rows are their own",
      "Remove the key; or say --simulation on both sides, where rows are made up or public.",
    ];
  },
];

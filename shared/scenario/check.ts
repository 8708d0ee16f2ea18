/** What a scenario's keys must hold together, each rule with the place, what was there and the mend. */
import { ScenarioError } from "../errors.ts";
import { told } from "../record.ts";
import { DATA_RULES } from "./data-check.ts";
import { FAULT_RULES } from "./fault-check.ts";
import { FEATURE_RULES } from "./feature-check.ts";
import { PRIVACY_RULES } from "./privacy-check.ts";
import type { Rule } from "./rule.ts";
import { isPublicData, type Scenario } from "./schema.ts";
import { TRAINING_RULES } from "./training-check.ts";

/** @throws ScenarioError for the first broken rule */
export function checkTogether(scenario: Scenario, file: string): void {
  const rules = [
    ...DATA_RULES.map((rule) => () => rule(scenario.data)),
    ...FEATURE_RULES,
    ...RULES,
    ...TRAINING_RULES,
    ...FAULT_RULES,
    ...PRIVACY_RULES,
  ];
  for (const rule of rules) {
    const broken = rule(scenario);
    if (!broken) continue;
    const [what, got, expected, fix] = broken;
    throw new ScenarioError({ what, where: file, got, expected, fix });
  }
}

const RULES: readonly Rule[] = [
  ({ model }) => {
    if (model.kind === "file") return undefined;
    const { kind } = model;
    const lists = [
      ["hidden", "mlp", "[16]"],
      ["layers", "cnn", "[{ kind: conv, filters: 8 }]"],
    ] as const;
    for (const [key, due, example] of lists) {
      const got = model[key];
      if (got !== undefined && kind !== due)
        return [
          `model.${key}`,
          told(got),
          `none with kind: ${kind}`,
          `Remove it, or take kind: ${due}.`,
        ];
      if (got === undefined && kind === due)
        return [
          `model.${key}`,
          "nothing",
          `a list with kind: ${kind}`,
          `Add one, ${key}: ${example} say.`,
        ];
    }
    return undefined;
  },
  (scenario) => {
    const { kind } = scenario.data.partition;
    if (kind === "iid" || kind === "files" || isPublicData(scenario)) return undefined;
    return [
      "data.partition.kind",
      kind,
      "iid or files, since the data are private",
      "Remove it, or say data.source.public: true if the rows are: dealt by label, column or size, one person's change would move others to other clients.",
    ];
  },
  ({ data: { source }, clients: { count } }) => {
    if (source.files === undefined || source.files.length === count) return undefined;
    return [
      "clients.count",
      count,
      `one for each of the ${source.files.length} files`,
      "Set it so.",
    ];
  },
  ({ data: { anonymity }, training: { sampling }, privacy: { unit } }) => {
    if (anonymity.mode === "report" || unit === "record") return undefined;
    return [
      "data.anonymity.mode",
      `${anonymity.mode} with unit ${unit}, ${sampling.kind} sampling`,
      "report where the unit is a client: all its rows are one unit already",
      "Take mode: report.",
    ];
  },
];

/** What a scenario's keys must hold together, each rule with the place, what was there and the mend. */
import { ScenarioError } from "../errors.ts";
import { DATA_RULES } from "./data-check.ts";
import { PRIVACY_RULES, type Rule } from "./scenario-privacy-check.ts";
import { isPublicData, type Scenario } from "./scenario-schema.ts";

/** @throws ScenarioError for the first broken rule */
export function checkTogether(scenario: Scenario, file: string): void {
  const rules = [
    ...DATA_RULES.map((rule) => () => rule(scenario.data)),
    ...RULES,
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
  ({ training: { learningRate, rounds } }) => {
    if (!Array.isArray(learningRate) || learningRate.length === rounds) return undefined;
    return [
      "training.learningRate",
      `${learningRate.length} rates`,
      `a number, or one for each of the ${rounds} rounds`,
      "Make the list as long as training.rounds.",
    ];
  },
  ({ model }) => {
    if ((model.kind === "mlp") === (model.hidden !== undefined)) return undefined;
    return [
      "model.hidden",
      model.hidden ?? "nothing",
      "the hidden width in a list with kind: mlp, none with kind: logistic",
      "Add it, or remove it.",
    ];
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

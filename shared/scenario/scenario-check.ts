/** What a scenario's keys must hold together, each rule with the place, what was there and the mend. */
import { ScenarioError } from "../errors.ts";
import { type Broken, PRIVACY_RULES, type Rule } from "./scenario-privacy-check.ts";
import { isPublicData, ROLE_KEYS, type Scenario } from "./scenario-schema.ts";

/** @throws ScenarioError for the first broken rule */
export function checkTogether(scenario: Scenario, file: string): void {
  for (const rule of [...RULES, ...PRIVACY_RULES]) {
    const broken = rule(scenario);
    if (!broken) continue;
    const [what, got, expected, fix] = broken;
    throw new ScenarioError({ what, where: file, got, expected, fix });
  }
}

const RULES: readonly Rule[] = [
  ({ data: { source } }) => {
    const named = [source.generator, source.file].filter((name) => name !== undefined);
    if (named.length === 1) return undefined;
    return [
      "data.source",
      named.join(" and ") || "neither",
      "a generator or a file",
      "Name exactly one.",
    ];
  },
  ({ data: { source } }) => {
    if (source.file === undefined || source.rows === undefined) return undefined;
    return ["data.source.rows", source.rows, "none beside a file, which has its own", "Remove it."];
  },
  ({ data: { source } }) => {
    if (source.testRows !== undefined) return undefined;
    return [
      "data.source.testRows",
      "nothing",
      "how many people are held out",
      "Set it, to 200 say.",
    ];
  },
  ({ data: { source } }) => {
    if (!source.events || source.person !== undefined) return undefined;
    return [
      "data.source.person",
      "nothing",
      "the column that names the person",
      "Name the column on which events are joined.",
    ];
  },
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
  ({ data: { partition } }) => {
    if ((partition.kind === "dirichlet") === (partition.alpha !== undefined)) return undefined;
    return [
      "data.partition.alpha",
      partition.alpha ?? "nothing",
      "a number with kind: dirichlet, none otherwise",
      "Add it, or remove it.",
    ];
  },
  ({ data: { partition } }) => {
    if ((partition.kind === "byColumn") === (partition.column !== undefined)) return undefined;
    return [
      "data.partition.column",
      partition.column ?? "nothing",
      "a column with kind: byColumn, none otherwise",
      "Add it, or remove it.",
    ];
  },
  (scenario) => {
    const { kind } = scenario.data.partition;
    if (kind === "iid" || isPublicData(scenario)) return undefined;
    return [
      "data.partition.kind",
      kind,
      "iid, since the data are private",
      "Remove it: dealt by label or column, one person's change would move others to other clients.",
    ];
  },
  ({ data: { target } }) => {
    const { event, within, column, positive } = target;
    const given = [event, within, column, positive]
      .map((key) => (key === undefined ? "-" : "x"))
      .join("");
    if (given === "xx--" || given === "--xx") return undefined;
    return [
      "data.target",
      "another mix",
      "event and within, or column and positive",
      "Say what the label is.",
    ];
  },
  ({ data }) =>
    firstOf(Object.entries(data.columns), ([name, column]) => {
      const { may, must } = ROLE_KEYS[column.role];
      const given = Object.entries(column)
        .filter(([, value]) => value !== undefined)
        .map(([key]) => key);
      const odd = given.find((key) => key !== "from" && key !== "role" && !may.includes(key));
      if (odd)
        return [
          `data.columns.${name}.${odd}`,
          odd,
          `a key that fits role ${column.role} (${may.join(", ") || "none"})`,
          "Remove it, or change the role.",
        ];
      const lacking = must.find((key) => !given.includes(key));
      if (lacking)
        return [
          `data.columns.${name}.${lacking}`,
          "nothing",
          `${must.join(", ")} with role ${column.role}`,
          "Add it.",
        ];
      return undefined;
    }),
];

function firstOf<T>(
  items: readonly T[],
  rule: (item: T) => Broken | undefined,
): Broken | undefined {
  for (const item of items) {
    const broken = rule(item);
    if (broken) return broken;
  }
  return undefined;
}

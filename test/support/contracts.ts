/** Contracts for tests: of the scenarios that ship, and of small ones written in place. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import type { DataAssignment } from "../../client/data/assignment.ts";
import { buildContract } from "../../shared/contract/build.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { declaredPeople, type Scenario } from "../../shared/scenario/schema.ts";

export const SCENARIOS = join(import.meta.dirname, "../../scenarios");

export function shippedScenario(name: string): Scenario {
  return parseScenario(readFileSync(join(SCENARIOS, `${name}.yaml`), "utf8"), `${name}.yaml`);
}

export function contractFor(scenario: Scenario): Promise<Contract> {
  return buildContract(scenario, (path) => readFile(join(SCENARIOS, path), "utf8"));
}

/** The worked rows that ship as vectors. */
export function vectors(name: string): unknown {
  return parse(readFileSync(join(import.meta.dirname, `../vectors/${name}.yaml`), "utf8"));
}

/** Plain people, one row each; every part of the file can be replaced. */
export function peopleScenario(
  parts: Partial<Record<"columns" | "features" | "target" | "rest", string>> = {},
) {
  const columns = parts.columns ?? PEOPLE_COLUMNS;
  const features = parts.features ?? 'age: { formula: "oneHot(age)" }';
  const target = parts.target ?? '{ name: buys, column: bought, positive: "yes" }';
  const text = `
format: 1
name: people
seed: 3
data:
  source: { file: people.csv, testRows: 2, public: true }
  columns:
${indented(columns, 4)}
  target: ${target}
  ${parts.rest ?? ""}
features:
${indented(features, 2)}
privacy: { epsilon: 1, delta: 1e-5, population: 8 }
clients: { count: 2, minCohort: 2 }
`;
  return parseScenario(text, "people.yaml");
}

const PEOPLE_COLUMNS = `email: { role: directIdentifier }
age: { role: quasiIdentifier, type: integer, bounds: [0, 120], bands: [18, 38] }
city: { role: quasiIdentifier, hierarchy: { Rome: [south], Oslo: [north] }, level: 1, unseen: other }
income: { role: quasiIdentifier, type: number, bounds: [0, 1000] }
bought: { role: target }`;

export function assignmentFor(
  scenario: Scenario,
  overrides: Partial<DataAssignment> = {},
): DataAssignment {
  const clients = Array.from({ length: scenario.clients.count }, (_, i) => `client-${i}`);
  return {
    source: scenario.data.source,
    folder: SCENARIOS,
    partition: scenario.data.partition,
    seed: scenario.seed,
    population: scenario.privacy.unit === "record" ? scenario.privacy.population : null,
    declaredPeople: declaredPeople(scenario),
    clients,
    mine: clients,
    heldOut: true,
    keys: {},
    ...overrides,
  };
}

function indented(text: string, spaces: number): string {
  return text.replace(/^/gm, " ".repeat(spaces));
}

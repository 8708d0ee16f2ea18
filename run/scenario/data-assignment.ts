/** Which clients there are, and what a host hears of their data. */
import { dirname, resolve } from "node:path";
import type { DataAssignment } from "../../client/data/assignment.ts";
import { keySources } from "../../client/data/person-keys.ts";
import { numberedNames } from "../../shared/client-names.ts";
import { declaredPeople, isPublicData, type Scenario } from "../../shared/scenario/schema.ts";

/** c01 … c10. */
export function clientNames(count: number): string[] {
  return numberedNames("c", count);
}

/**
 * @param clients names of all
 * @param mine those of them that one host holds
 */
export function dataAssignment(
  scenario: Scenario,
  file: string,
  clients: string[],
  mine: string[],
  heldOut: boolean,
): DataAssignment {
  const { data, privacy, seed, predict } = scenario;
  const counted = isPublicData(scenario) && privacy.unit === "record";
  return {
    source: data.source,
    folder: resolve(dirname(file)),
    partition: data.partition,
    keys: keySources(data.columns),
    seed,
    population: counted ? privacy.population : null,
    declaredPeople: declaredPeople(scenario),
    clients,
    mine,
    heldOut,
    predictRow: predict?.row,
  };
}

/** `bounds: heldOut`: read off the held-out rows while the plan is made, for they are public by declaration. */
import type { MemoryFiles } from "../../client/source/memory-files.ts";
import { learnedFeatures, withBounds } from "../../shared/bounds/learned-features.ts";
import { publicBounds } from "../../shared/bounds/public-bounds.ts";
import type { Range } from "../../shared/bounds/range.ts";
import type { Contract } from "../../shared/contract/contract.ts";
import type { Examples } from "../../shared/engine/core/engine.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import { clientNames, dataAssignment } from "./data-assignment.ts";

/**
 * The contract with those bounds in it. Of the clients' rows none is looked at; where the held-out ones are some of
 * theirs, the whole table is read.
 *
 * @throws ScenarioError where the data do not fit the contract
 */
export async function withHeldOutBounds(
  contract: Contract,
  scenario: Scenario,
  file: string,
  memory?: MemoryFiles,
): Promise<Contract> {
  const asked = learnedFeatures(contract).filter(
    ({ feature }) => scenario.features[feature.name]?.bounds === "heldOut",
  );
  if (asked.length === 0) return contract;
  // A launcher that is asked for none reads no row.
  const { prepare } = await import("../../client/prepare/prepare.ts");
  const names = clientNames(scenario.clients.count);
  const assignment = dataAssignment(scenario, file, names, [], true);
  const { heldOut } = await prepare(contract, assignment, { reports: false, memory });
  if (heldOut === null) throw new TypeError("no held-out rows in an assignment of them");
  const bounds = asked.map(({ feature, input, missing }): [string, Range] => [
    feature.name,
    publicBounds(present(heldOut, input, missing), feature),
  ]);
  return withBounds(contract, new Map(bounds));
}

function* present(
  { inputs, width, count }: Examples,
  input: number,
  missing: number | null,
): Generator<number> {
  const absent = missing === null ? null : Math.fround(missing);
  for (let row = 0; row < count; row++) {
    const value = inputs[row * width + input] ?? Number.NaN;
    if (value !== absent) yield value;
  }
}

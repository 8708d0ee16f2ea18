import { expect, it } from "vitest";
import { KeptPreparation } from "../../../client/prepare/kept-preparation.ts";
import { prepare } from "../../../client/prepare/prepare.ts";
import { assignmentFor, contractFor } from "../../support/contracts.ts";
import { smallScenario } from "../../support/small-scenario.ts";

const scenario = smallScenario();
const assignment = (seed: number) => assignmentFor({ ...scenario, seed });

it("prepares the same rows once, and others anew, as prepare does", async () => {
  const contract = await contractFor(scenario);
  const preparation = new KeptPreparation();
  const first = await preparation.of(contract, assignment(7), true);
  const again = await preparation.of(contract, assignment(7), true);
  expect(again.clients).toBe(first.clients);
  expect([first.seconds.size > 0, again.seconds.size]).toEqual([true, 0]);
  const other = await preparation.of(contract, assignment(8), true);
  expect(other).not.toBe(first);
  expect(other.heldOut).toEqual((await prepare(contract, assignment(8))).heldOut);
  const [feature, ...features] = contract.features;
  const narrower = { ...contract, features: feature ? features : contract.features };
  expect((await preparation.of(narrower, assignment(8), true)).heldOut?.width).toBeLessThan(
    other.heldOut?.width ?? 0,
  );
});

/** One more person through a finished run's model, by the client's own stages. */
import { preparePerson } from "../client/prepare/prepare.ts";
import { requireObject, requireText } from "../shared/call-arguments.ts";
import type { PredictionTrace } from "../shared/events/trace.ts";
import { parametersHash } from "../shared/model/model.ts";
import { boundContract } from "../shared/plan/bound-contract.ts";
import { predictPerson } from "./execute/predict-person.ts";
import { runLedger, runParameters, runPlan } from "./folder/run-files.ts";

/**
 * @param run folder of a finished run
 * @param row raw columns by name, as of the scenario's table; an image as the list of its pixels, 0 to 255
 * @param where names the row in refusals
 * @returns four layers; `checked` is false where one of the privacy checks of the last fails
 * @throws ScenarioError for a row that the run's contract has no place for; BudgetError for a damaged ledger
 */
export function predict(
  run: string,
  row: Readonly<Record<string, unknown>>,
  where = "the row",
): PredictionTrace {
  requireText(run, "the run", "predict");
  requireObject(row, "the row", "predict", "an object of the table's columns");
  const sealed = runPlan(run);
  const ledger = runLedger(run, sealed);
  const contract = boundContract(sealed.plan, ledger);
  const person = preparePerson({ ...row }, contract, where);
  const parameters = runParameters(run, sealed);
  const evidence = {
    ...{ contract, ledger },
    modelHash: parametersHash(parameters),
  };
  return predictPerson(person, sealed.model, parameters, evidence);
}

/** Stages 4 to 6, which the coordinator's side has. */

import { unitsText } from "../../shared/events/held-out-numbers.ts";
import type { PreparedReport } from "../../shared/events/host-report.ts";
import type { PredictionTrace, StageTrace } from "../../shared/events/trace.ts";
import { weightsOf } from "../../shared/model/model.ts";
import type { Scenario } from "../../shared/scenario/schema.ts";
import type { RunContext } from "./run-context.ts";

export function serverStages(
  { scenario, sealed }: Pick<RunContext, "scenario" | "sealed">,
  { heldOut, stages }: PreparedReport,
  prediction: PredictionTrace,
): StageTrace[] {
  const namesIn = stages.at(-1)?.namesOut ?? [];
  const rows = trainingRows(scenario, stages);
  const weights = sealed.model.layers.flatMap((layer) =>
    weightsOf(layer).map(({ name, shape }) => `${layer.name}/${name} ${shape.join("×")}`),
  );
  const label = [sealed.plan.contract.target.name];
  const test = { rowsIn: heldOut.count, rowsOut: heldOut.count };
  return [
    {
      name: "train",
      rowsIn: rows,
      namesIn,
      rowsOut: 1,
      namesOut: weights,
      note: `${sealed.model.parameters} parameters`,
    },
    { name: "evaluate", ...test, namesIn, namesOut: label },
    {
      name: "predict",
      rowsIn: 1,
      namesIn,
      rowsOut: 1,
      namesOut: label,
      note: predictedText(prediction),
    },
  ];
}

function predictedText({ likelihood, value }: PredictionTrace): string {
  return value === undefined ? `likelihood ${likelihood?.toFixed(4)}` : unitsText(value);
}

/** Rows that clients train on; null where they are private. */
export function trainingRows({ privacy }: Scenario, stages: readonly StageTrace[]): number | null {
  const all = stages.at(-1)?.rowsOut ?? null;
  return all === null || privacy.unit === "client" ? all : privacy.population;
}

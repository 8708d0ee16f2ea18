/** What comes of a run once it has trained: the model that is handed out, looked at from all sides. */

import { fairness } from "../../server/evaluation/fairness.ts";
import { classNames, reportHeldOut } from "../../server/evaluation/held-out.ts";
import { reportNumbers } from "../../server/evaluation/number-errors.ts";
import type { Ending } from "../../server/rounds/coordinator.ts";
import { judge } from "../../server/rounds/evaluate.ts";
import { type ModelState, outputModel } from "../../server/step/release.ts";
import { withLearned } from "../../shared/bounds/broadcast.ts";
import type { Learned } from "../../shared/bounds/learned-ranges.ts";
import { claimsOf } from "../../shared/claims/claim.ts";
import { targetBounds } from "../../shared/contract/target-scale.ts";
import { outputsInTurns } from "../../shared/engine/core/work-slices.ts";
import type { PreparedReport } from "../../shared/events/host-report.ts";
import type { FairnessTrace, HeldOutTrace, RoundTrace, Trace } from "../../shared/events/trace.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import { parametersHash } from "../../shared/model/model.ts";
import { contractWith } from "../../shared/plan/bound-contract.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { predictPerson } from "./predict-person.ts";
import type { RunContext } from "./run-context.ts";
import type { RunFacts, RunOutcome } from "./run-outcome.ts";
import { serverStages } from "./server-stages.ts";

export interface Trained {
  readonly rounds: RoundTrace[];
  readonly state: ModelState;
  /** The clients' own counts that were released last, by client index. */
  readonly answers: ReadonlyMap<number, Int32Array> | undefined;
  readonly ending: Ending;
}

/** Stages 5 and 6, of what is handed out. */
export async function outcomeOf(
  run: RunContext,
  prepared: PreparedReport,
  { state: last, answers, ending, rounds }: Trained,
  ledger: Ledger,
  before: Pick<Trace, "statistics" | "clientLabels" | "start" | "faults" | "bounds"> & {
    readonly learned: Learned | undefined;
  },
): Promise<RunOutcome> {
  const { sealed, engine, watch, record, hosts, registry } = run;
  const { privacy } = sealed.plan;
  const { learned } = before;
  const contract = contractWith(sealed.plan.contract, learned);
  // Where models are averaged, no single round's.
  const parameters = outputModel(last);
  const outputs = await outputsInTurns(engine, parameters, prepared.heldOut);
  const { labels } = prepared.heldOut;
  const evaluation = judge(sealed.model, outputs, labels, contract.target);
  const heldOut = heldOutOf(sealed, outputs, labels);
  const fairness = await fairnessOf(run, withLearned(parameters, learned), answers);
  watch.lap("evaluate");
  const modelHash = parametersHash(parameters);
  const evidence = { contract, ledger: record.lines(ledger), modelHash };
  const prediction = predictPerson(prepared.person, sealed.model, parameters, evidence);
  watch.lap("predict");
  const { statistics, start, clientLabels, faults, bounds } = before;
  const { soFar } = run.owners;
  const trace = {
    ...{ statistics, start, clientLabels, rounds, faults },
    ...(bounds && { bounds }),
    ...(soFar.length > 0 && { soFar }),
    claims: claimsOf(privacy, ledger.lines),
    stages: [...prepared.stages, ...serverStages(run, prepared, prediction)],
    heldOut,
    fairness,
    prediction,
  };
  return {
    ...factsOf(run),
    ...{ trace, prediction, evaluation, ending, parameters, modelHash },
    ...{ spent: ledger.spent, ledger: ledger.lines },
    ...{ clients: registry.clients, diverged: hosts.diverged },
  };
}

function heldOutOf(
  { model, plan: { contract } }: SealedPlan,
  outputs: Float32Array,
  labels: Float32Array,
): HeldOutTrace {
  const bounds = targetBounds(contract.target);
  if (bounds) return reportNumbers(outputs, labels, bounds);
  return { classes: classNames(contract.target), ...reportHeldOut(model, outputs, labels) };
}

/** @param run whose plan is sealed */
export function factsOf({
  scenario,
  sealed,
  engine,
  deployment,
}: Pick<RunContext, "scenario" | "sealed" | "engine" | "deployment">): RunFacts {
  const { place, notes, command, tellsRows } = deployment;
  const isPrivate = command === "run" && !tellsRows;
  return { scenario, sealed, engine: engine.kind, place, notes, isPrivate };
}

/** Accuracy by client where the scenario asks: from what was released of them, or simulated. */
async function fairnessOf(
  { scenario, hosts, registry }: RunContext,
  parameters: Float32Array,
  answers: ReadonlyMap<number, Int32Array> | undefined,
): Promise<FairnessTrace | null> {
  const { perClient, federated } = scenario.evaluation ?? {};
  if (!perClient) return null;
  if (!federated) return fairness(await hosts.countRight(parameters), "simulation");
  const counts = registry.clients.flatMap(({ name }, clientIndex) => {
    const own = answers?.get(clientIndex);
    return own ? [{ client: name, right: own[0] ?? 0, wrong: own[1] ?? 0 }] : [];
  });
  return fairness(counts, "charged");
}

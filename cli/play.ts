/** A launched run from its first stage to its last: coordinate, show, and write all down. */
import { readFileSync } from "node:fs";
import { coordinate, type Ending } from "../server/coordinator.ts";
import { countRound } from "../server/count-round.ts";
import { evaluate, judge } from "../server/evaluate.ts";
import { fairness } from "../server/evaluation/fairness.ts";
import { classNames, reportHeldOut } from "../server/evaluation/held-out.ts";
import { handedOut, type ModelState } from "../server/release.ts";
import type { RoundTools } from "../server/run-attempt.ts";
import { initialState } from "../server/server-round.ts";
import { statisticsOf } from "../server/statistics.ts";
import { Ledger } from "../shared/accounting/ledger.ts";
import { readLines } from "../shared/accounting/ledger-line.ts";
import { claimsOf } from "../shared/claim.ts";
import type { Examples } from "../shared/engine/engine.ts";
import { outputsInTurns } from "../shared/engine/turns.ts";
import type { PreparedReport } from "../shared/host-report.ts";
import { parametersHash, weightsOf } from "../shared/model/model.ts";
import { ledgerOpening } from "../shared/plan.ts";
import { tellsRounds } from "../shared/privacy-events.ts";
import { secureRoot, seededRoot } from "../shared/random.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import type {
  FairnessTrace,
  PredictionTrace,
  RoundTrace,
  StageTrace,
  StatisticTrace,
  Trace,
} from "../shared/trace.ts";
import { predictPerson } from "./predict-person.ts";
import type { Scene } from "./scene.ts";
import { Screen } from "./screen.ts";
import { writeRun } from "./write-run.ts";

export async function play(scene: Scene): Promise<void> {
  const { sealed, engine, hosts, registry, folder } = scene;
  const screen = new Screen(scene);
  screen.opening();
  const prepared = await hosts.prepared;
  for (const stage of prepared.stages) screen.stage(stage);
  await registry.joined;
  scene.watch.lap("prepare");
  const { tellsRows } = scene.venue;
  if (tellsRows) screen.clients(await hosts.ofNote);
  const ledger = openLedger(scene);
  const start = initialState(sealed, scene.scenario.seed, scene.initial);
  const before = await evaluate(engine, start.parameters, prepared.heldOut);
  const { count } = prepared.heldOut;
  const secure = sealed.plan.privacy.noise === "secure";
  const root = secure ? secureRoot : seededRoot(scene.scenario.seed);
  const tellsLosses = tellsRows && tellsRounds(sealed.plan.privacy);
  const tools = { sealed, registry, ledger, root, tellsLosses };
  folder.keep = secure;
  const statistics = await statisticsBefore(tools, start);
  screen.statistics(statistics);
  screen.trainingBegins(before, trainingRows(scene.scenario, prepared.stages), count);
  const trained = await train(scene, screen, tools, prepared.heldOut, start);
  ledger.close(trained.ending.reason);
  scene.watch.lap("train");
  const { loss, accuracy } = before;
  const told = { statistics, start: { loss, accuracy }, rounds: trained.rounds };
  await conclude(scene, screen, prepared, trained, ledger, told);
}

/** Stages 5 and 6, of what is handed out: shown, and written down. */
async function conclude(
  scene: Scene,
  screen: Screen,
  prepared: PreparedReport,
  { state: last, answers, ending }: Trained,
  ledger: Ledger,
  told: Pick<Trace, "statistics" | "start" | "rounds">,
): Promise<void> {
  const { sealed, engine, hosts, registry, folder } = scene;
  const { privacy, contract } = sealed.plan;
  // Where models are averaged, no single round's.
  const state = { ...last, parameters: handedOut(last) };
  const outputs = await outputsInTurns(engine, state.parameters, prepared.heldOut);
  const { labels } = prepared.heldOut;
  const evaluation = judge(sealed.model, outputs, labels);
  const modelHash = parametersHash(state.parameters);
  const prediction = predictPerson(prepared.person, sealed.model, state.parameters, {
    contract,
    // From the disk, so that what is checked is what is kept.
    ledger: readLines(readFileSync(folder.file("ledger.jsonl"), "utf8"), "ledger.jsonl"),
    modelHash,
  });
  const heldOut = reportHeldOut(sealed.model, outputs, labels);
  const trace = {
    ...told,
    claims: claimsOf(privacy, ledger.lines),
    stages: [...prepared.stages, ...serverStages(scene, prepared, prediction)],
    heldOut: { classes: classNames(contract.target), ...heldOut },
    fairness: await fairnessOf(scene, state, answers),
    prediction,
  };
  screen.results(evaluation, trace, prediction, ending);
  scene.watch.lap("evaluate");
  writeRun(scene, trace, evaluation, state, ledger);
  // Told goodbye, each host ends its clients' own reports; only then is the folder whole.
  await registry.close("the run has ended");
  await hosts.end(TIMING.closeMs);
  folder.finish();
  screen.end({ trace, last: evaluation, ending, spent: ledger.spent, modelHash });
}

function openLedger({ sealed, runId, folder }: Scene): Ledger {
  const secure = sealed.plan.privacy.noise === "secure";
  const clock = secure ? () => new Date().toISOString() : undefined;
  const opening = ledgerOpening(sealed, Buffer.from(runId).toString("hex"));
  // Before the first charge: a ledger whose run was cut off is held against its plan.
  folder.write("plan.json", sealed.bytes);
  return new Ledger(folder.file("ledger.jsonl"), opening, clock);
}

/** What is released of the clients' records before the first round. */
async function statisticsBefore(tools: RoundTools, start: ModelState): Promise<StatisticTrace[]> {
  const { privacy, contract } = tools.sealed.plan;
  if (privacy.counts.statistics === null) return [];
  const outcome = await countRound(tools, "statistics", start, 0, 0);
  return outcome.kind === "released" ? statisticsOf(outcome.counts, privacy, contract) : [];
}

interface Trained {
  readonly rounds: RoundTrace[];
  readonly state: ModelState;
  /** The clients' own counts that were released last, by vclient. */
  readonly answers: ReadonlyMap<number, Int32Array> | undefined;
  readonly ending: Ending;
}

async function train(
  { engine, folder }: Scene,
  screen: Screen,
  tools: RoundTools,
  heldOut: Examples,
  start: ModelState,
): Promise<Trained> {
  const rounds: RoundTrace[] = [];
  let state = start;
  let answers: ReadonlyMap<number, Int32Array> | undefined;
  folder.write("rounds.jsonl", "");
  const running = coordinate(tools, engine, heldOut, start);
  for (;;) {
    const next = await running.next();
    if (next.done) return { rounds, state, answers, ending: next.value };
    state = next.value.state;
    answers = next.value.answers ?? answers;
    rounds.push(next.value.trace);
    folder.appendRound(next.value.trace);
    screen.epoch(next.value.trace);
  }
}

/** Accuracy by client where the scenario asks: from what was released of them, or simulated. */
async function fairnessOf(
  { scenario, hosts, registry }: Scene,
  { parameters }: ModelState,
  answers: ReadonlyMap<number, Int32Array> | undefined,
): Promise<FairnessTrace | null> {
  const { perClient, federated } = scenario.evaluation ?? {};
  if (!perClient) return null;
  if (!federated) return fairness(await hosts.countRight(parameters), "simulation");
  const counts = registry.clients.flatMap(({ name }, vclient) => {
    const own = answers?.get(vclient);
    return own ? [{ client: name, right: own[0] ?? 0, wrong: own[1] ?? 0 }] : [];
  });
  return fairness(counts, "charged");
}

/** The stages that the coordinator's side has: 4 to 6. */
function serverStages(
  { scenario, sealed }: Scene,
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
      note: `likelihood ${prediction.likelihood.toFixed(4)}`,
    },
  ];
}

/** Rows that clients train on; null where they are private. */
function trainingRows({ privacy }: Scenario, stages: readonly StageTrace[]): number | null {
  const all = stages.at(-1)?.rowsOut ?? null;
  return all === null || privacy.unit === "client" ? all : privacy.population;
}

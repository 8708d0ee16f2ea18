/** A launched run from its first stage to its last: coordinate, show, and write all down. */
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { coordinate, type Ending } from "../server/coordinator.ts";
import { countRound } from "../server/count-round.ts";
import { type Evaluation, evaluate } from "../server/evaluate.ts";
import type { ModelState } from "../server/release.ts";
import { reportHtml } from "../server/report-html.ts";
import type { RoundTools } from "../server/run-attempt.ts";
import { initialState } from "../server/server-round.ts";
import { statisticsOf } from "../server/statistics.ts";
import { byAdversary } from "../shared/accounting/event.ts";
import { Ledger } from "../shared/accounting/ledger.ts";
import { readLines } from "../shared/accounting/ledger-line.ts";
import { claimsOf, rawClaim } from "../shared/claim.ts";
import type { Examples } from "../shared/engine/engine.ts";
import type { PreparedReport } from "../shared/host-report.ts";
import { modelJson, WEIGHTS_FILE, weightBytes } from "../shared/layers-format.ts";
import { parametersHash } from "../shared/model.ts";
import { ledgerOpening } from "../shared/plan.ts";
import { hidesCohort } from "../shared/privacy-events.ts";
import { secureRoot, seededRoot } from "../shared/random.ts";
import { resolvedYaml } from "../shared/scenario/scenario.ts";
import type { Scenario } from "../shared/scenario/scenario-schema.ts";
import { TIMING } from "../shared/timing.ts";
import type {
  PredictionTrace,
  RoundTrace,
  StageTrace,
  StatisticTrace,
  Trace,
} from "../shared/trace.ts";
import { VERSION } from "../shared/version.ts";
import { predictPerson } from "./predict-person.ts";
import type { Scene } from "./scene.ts";
import { Screen } from "./screen.ts";

export async function play(scene: Scene): Promise<void> {
  const { sealed, engine, hosts, registry, folder } = scene;
  const screen = new Screen(scene);
  screen.opening();
  const prepared = await hosts.prepared;
  for (const stage of prepared.stages) screen.stage(stage);
  await registry.joined;
  const ledger = openLedger(scene);
  const start = initialState(sealed, scene.scenario.seed);
  const before = evaluate(engine, start.parameters, prepared.heldOut);
  const { count } = prepared.heldOut;
  const secure = sealed.plan.privacy.noise === "secure";
  const root = secure ? secureRoot : seededRoot(scene.scenario.seed);
  const tools = { sealed, registry, ledger, root };
  folder.keep = secure;
  const statistics = await statisticsBefore(tools, start);
  screen.statistics(statistics);
  screen.trainingBegins(before, trainingRows(scene.scenario, prepared.stages), count);
  const trained = await train(scene, screen, tools, prepared.heldOut, start);
  const { rounds, state, ending } = trained;
  ledger.close(ending.reason);
  // Nothing released: what is shown is the initial model.
  const last = trained.evaluation ?? before;
  const prediction = predictPerson(prepared.person, sealed.model, state.parameters, {
    contract: sealed.plan.contract,
    // From the disk, so that what is checked is what is kept.
    ledger: readLines(readFileSync(folder.file("ledger.jsonl"), "utf8"), "ledger.jsonl"),
    modelHash: parametersHash(state.parameters),
  });
  const claims = claimsOf(sealed.plan.privacy, ledger.lines);
  const trace = {
    claims,
    statistics,
    stages: [...prepared.stages, ...serverStages(scene, prepared, prediction)],
    start: { loss: before.loss, accuracy: before.accuracy },
    rounds,
    prediction,
  };
  const { spent } = ledger;
  screen.results(last, rounds, claims, prediction, ending);
  writeFolder(scene, trace, last, state, ledger);
  // Told goodbye, each host ends its clients' own reports; only then is the folder whole.
  await registry.close("the run has ended");
  await hosts.end(TIMING.closeMs);
  folder.finish();
  screen.end({ trace, last, ending, spent, modelHash: parametersHash(state.parameters) });
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

async function train(
  { engine, folder }: Scene,
  screen: Screen,
  tools: RoundTools,
  heldOut: Examples,
  start: ModelState,
): Promise<{
  rounds: RoundTrace[];
  state: ModelState;
  evaluation: Evaluation | undefined;
  ending: Ending;
}> {
  const rounds: RoundTrace[] = [];
  let state = start;
  let evaluation: Evaluation | undefined;
  folder.write("rounds.jsonl", "");
  const running = coordinate(tools, engine, heldOut, start);
  for (;;) {
    const next = await running.next();
    if (next.done) return { rounds, state, evaluation, ending: next.value };
    state = next.value.state;
    evaluation = next.value.evaluation;
    rounds.push(next.value.trace);
    folder.appendRound(next.value.trace);
    screen.epoch(next.value.trace);
  }
}

/** The stages that the coordinator's side has: 4 to 6. */
function serverStages(
  { scenario, sealed }: Scene,
  { heldOut, stages }: PreparedReport,
  prediction: PredictionTrace,
): StageTrace[] {
  const namesIn = stages.at(-1)?.namesOut ?? [];
  const rows = trainingRows(scenario, stages);
  const weights = sealed.model.layers.flatMap(({ name, inputs, outputs }) => [
    `${name}/kernel ${inputs}×${outputs}`,
    `${name}/bias ${outputs}`,
  ]);
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

function writeFolder(
  scene: Scene,
  trace: Trace,
  last: Evaluation,
  { parameters }: ModelState,
  { spent, tip }: Ledger,
): void {
  const { scenario, sealed, engine, registry, folder, runId } = scene;
  folder.write("scenario.resolved.yaml", resolvedYaml(scenario));
  folder.writeJson("model/model.json", modelJson(sealed.model));
  folder.write(`model/${WEIGHTS_FILE}`, weightBytes(parameters));
  folder.writeJson("trace.json", trace);
  folder.writeJson("manifest.json", {
    format: 1,
    murmur: VERSION,
    node: process.version,
    engine: engine.kind,
    seed: scenario.seed,
    noise: sealed.plan.privacy.noise,
    runId: Buffer.from(runId).toString("hex"),
    planHash: sealed.hash,
    modelHash: parametersHash(parameters),
    ledger: tip,
    hardware: {
      cores: cpus().length,
      processor: cpus()[0]?.model ?? "unknown",
      memoryBytes: totalmem(),
    },
  });
  const secret = hidesCohort(sealed.plan.privacy);
  for (const { name, joined, lost, declined, updates, bytes } of registry.clients) {
    folder.writeJson(`clients/${name}.json`, {
      client: name,
      joined,
      lost,
      declined: secret ? null : declined,
      privacy: {
        trust: sealed.plan.privacy.trust,
        epsilon: spent,
        delta: sealed.plan.privacy.delta,
        rawTable: byAdversary((adversary) => rawClaim(trace.claims, adversary)),
      },
      egress: {
        what: "one update a round that it is in: lattice integers",
        // Epsilon counts on nobody's knowing which rounds these were.
        updates: secret ? null : updates,
        bytes: secret ? null : bytes,
        to: "the coordinator",
      },
    });
  }
  folder.write("report.html", reportHtml({ scenario, plan: sealed.plan, trace, evaluation: last }));
}

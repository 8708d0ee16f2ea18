/** A launched run from its first stage to its last: coordinate, show, and write all down. */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { backOff } from "../client/link/back-off.ts";
import { fates } from "../client/simulated-faults.ts";
import { reportPage } from "../compare/report/report-page.ts";
import { type Checkpoint, saveCheckpoint } from "../server/checkpoint.ts";
import { coordinate, type Ending } from "../server/coordinator.ts";
import { countRound } from "../server/count-round.ts";
import { evaluate, judge } from "../server/evaluate.ts";
import { fairness } from "../server/evaluation/fairness.ts";
import { classNames, reportHeldOut } from "../server/evaluation/held-out.ts";
import { FaultBook } from "../server/fault-book.ts";
import { handedOut, type ModelState } from "../server/release.ts";
import { RoundClock } from "../server/round-clock.ts";
import type { RoundTools } from "../server/run-attempt.ts";
import type { RunFolder } from "../server/run-folder.ts";
import { initialState } from "../server/server-round.ts";
import { statisticsOf } from "../server/statistics.ts";
import { TRANSCRIPT_FILE, transcriptIn } from "../server/transcript-file.ts";
import type { Ledger } from "../shared/accounting/ledger.ts";
import { readLines } from "../shared/accounting/ledger-line.ts";
import { claimsOf } from "../shared/claim.ts";
import { tellsRounds } from "../shared/cohort-secrecy.ts";
import type { Examples } from "../shared/engine/engine.ts";
import { outputsInTurns } from "../shared/engine/turns.ts";
import type { PreparedReport } from "../shared/host-report.ts";
import { parametersHash } from "../shared/model/model.ts";
import { secureRoot, seededRoot } from "../shared/random.ts";
import type { RunEvent } from "../shared/run-event.ts";
import { faultScript } from "../shared/scenario/fault-schema.ts";
import { TIMING } from "../shared/timing.ts";
import type { FairnessTrace, RoundTrace, StatisticTrace, Trace } from "../shared/trace.ts";
import { predictPerson } from "./predict-person.ts";
import { readReport } from "./read-report.ts";
import { openRun } from "./resume-point.ts";
import type { Scene } from "./scene.ts";
import { Screen } from "./screen.ts";
import { serverStages, trainingRows } from "./server-stages.ts";
import { writeRun } from "./write-run.ts";

/** Clients whose labels a trace counts: a figure shows no more. */
const MOST_CLIENT_LABELS = 40;
const MS_PER_SECOND = 1_000;

/** Whence coins, noise and cohorts come. */
export type Chance = Pick<RoundTools, "root" | "draw">;

/**
 * @param signal once aborted, no round follows the one that is open
 * @param chance a test's own; no command gives one
 */
export async function play(scene: Scene, signal: AbortSignal, chance?: Chance): Promise<void> {
  const { sealed, engine, hosts, registry, folder, runId, resumed, observe } = scene;
  const screen = new Screen(scene);
  screen.opening();
  const prepared = await hosts.prepared;
  scene.watch.prepared(prepared);
  observe({ event: "prepared" });
  for (const stage of prepared.stages) screen.stage(stage);
  await registry.joined;
  observe({ event: "cohort-complete" });
  scene.watch.lap("join");
  const { tellsRows } = scene.venue;
  const ofNote = tellsRows ? await hosts.ofNote : null;
  if (ofNote) screen.clients(ofNote);
  const tellsAll = tellsRounds(sealed.plan.privacy);
  folder.tellsTimes = tellsAll;
  const ledger = openRun(folder, sealed, runId, resumed);
  scene.owners.catchUp(ledger.lines);
  ledger.charges(scene.owners);
  const start = initialState(sealed, scene.scenario.seed, scene.initial);
  scene.watch.lap("start");
  const before = await evaluate(engine, start.parameters, prepared.heldOut);
  scene.watch.lap("evaluate");
  const { count } = prepared.heldOut;
  const secure = sealed.plan.privacy.noise === "secure";
  const root = secure ? secureRoot : seededRoot(scene.scenario.seed);
  const tellsLosses = tellsRows && tellsAll;
  const faults = faultBook(scene);
  // There from the start where one was asked for: a run that is resumed goes on with it.
  const record = folder.has(TRANSCRIPT_FILE) ? transcriptIn(folder) : undefined;
  const pause = (failed: number) =>
    wait(
      backOff(failed, TIMING, () => 1),
      undefined,
      { ref: false },
    );
  const written = () => folder.hideTimes();
  const { roundSeconds } = sealed.plan.privacy;
  const clock = roundSeconds === undefined ? undefined : new RoundClock(roundSeconds);
  const tools = {
    ...{
      sealed,
      clients: registry.rounds,
      ledger,
      root,
      tellsLosses,
      faults,
      observe,
      record,
      pause,
    },
    ...{ written, clock, ...chance },
  };
  folder.keep = true;
  const first = begun(scene) ?? (await firstCheckpoint(tools, start, folder));
  screen.statistics(first.statistics);
  screen.trainingBegins(before, trainingRows(scene.scenario, prepared.stages), count);
  const trained = await train(scene, screen, tools, prepared.heldOut, first, signal);
  ledger.close(trained.ending.reason);
  observe({ event: "training-ends", ...trained.ending });
  scene.watch.roundsEnd();
  const { loss, accuracy } = before;
  const told = {
    ...{ statistics: first.statistics, start: { loss, accuracy } },
    clientLabels: ofNote?.labels.slice(0, MOST_CLIENT_LABELS) ?? [],
    ...{ rounds: trained.rounds, faults: faults?.trace },
  };
  await conclude(scene, screen, prepared, trained, ledger, told);
}

/** Stages 5 and 6, of what is handed out: shown, and written down. */
async function conclude(
  scene: Scene,
  screen: Screen,
  prepared: PreparedReport,
  { state: last, answers, ending }: Trained,
  ledger: Ledger,
  told: Pick<Trace, "statistics" | "clientLabels" | "start" | "rounds" | "faults">,
): Promise<void> {
  const { sealed, engine, hosts, registry, folder, watch } = scene;
  const { privacy, contract } = sealed.plan;
  // Where models are averaged, no single round's.
  const state = { ...last, parameters: handedOut(last) };
  const outputs = await outputsInTurns(engine, state.parameters, prepared.heldOut);
  const { labels } = prepared.heldOut;
  const evaluation = judge(sealed.model, outputs, labels);
  const heldOut = reportHeldOut(sealed.model, outputs, labels);
  const fairness = await fairnessOf(scene, state, answers);
  watch.lap("evaluate");
  const modelHash = parametersHash(state.parameters);
  const prediction = predictPerson(prepared.person, sealed.model, state.parameters, {
    contract,
    // From the disk, so that what is checked is what is kept.
    ledger: readLines(readFileSync(folder.file("ledger.jsonl"), "utf8"), "ledger.jsonl"),
    modelHash,
  });
  watch.lap("predict");
  const { soFar } = scene.owners;
  const trace = {
    ...told,
    ...(soFar.length > 0 && { soFar }),
    claims: claimsOf(privacy, ledger.lines),
    stages: [...prepared.stages, ...serverStages(scene, prepared, prediction)],
    heldOut: { classes: classNames(contract.target), ...heldOut },
    fairness,
    prediction,
  };
  screen.results(evaluation, trace, prediction, ending);
  writeRun(scene, trace, state, ledger);
  folder.write("report.html", await reportPage(readReport(folder.file("."), sealed)));
  // Told goodbye, each host ends its clients' own reports; only then is the folder whole.
  await registry.close("the run has ended");
  await hosts.end(TIMING.closeMs);
  folder.finish();
  const durationMs = performance.now() - scene.started;
  scene.observe({ event: "run-ends", durationMs });
  const seconds = tellsRounds(privacy) ? durationMs / MS_PER_SECOND : null;
  screen.end({ trace, last: evaluation, ending, spent: ledger.spent, modelHash, seconds });
}

/**
 * Where a resumed run goes on. Own hosts keep no control on the disk where who was drawn is a secret:
 * they begin anew at zeros, and so does the coordinator's, which is the mean of theirs.
 */
function begun({ resumed, venue, sealed }: Scene): Checkpoint | undefined {
  const { checkpoint } = resumed ?? {};
  const isKept = venue.command === "serve" || tellsRounds(sealed.plan.privacy);
  if (!checkpoint?.state.control || isKept) return checkpoint;
  const control = new Float32Array(checkpoint.state.control.length);
  return { ...checkpoint, state: { ...checkpoint.state, control } };
}

/** Before the first round, once all that is asked before it was. */
async function firstCheckpoint(
  tools: RoundTools,
  state: ModelState,
  { building }: RunFolder,
): Promise<Checkpoint> {
  const statistics = await statisticsBefore(tools, state);
  const ledger = tools.ledger.tip;
  const first = {
    ...{ round: 0, state, ledger, statistics },
    ...{ answers: undefined, faults: tools.faults?.trace },
  };
  saveCheckpoint(building, tools.sealed, first);
  tools.written?.();
  return first;
}

/**
 * Where what goes amiss is kept; undefined where it would tell who was in a round. What a script does in
 * an attempt follows from script and seed alone, here as in the hosts.
 */
function faultBook({ scenario, sealed, registry, resumed }: Scene): FaultBook | undefined {
  if (!tellsRounds(sealed.plan.privacy)) return undefined;
  const names = registry.clients.map(({ name }) => name);
  const { source } = scenario.data;
  const fate = fates(faultScript(scenario.clients), {
    source,
    seed: scenario.seed,
    clients: names,
  });
  const scripted = (order: Parameters<typeof fate>[0], client: string) =>
    fate(order, client).faults.map(({ kind }) => kind);
  return new FaultBook(names, scripted, resumed?.checkpoint?.faults);
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
  { engine, folder, sealed, resumed, observe, venue }: Scene,
  screen: Screen,
  tools: RoundTools,
  heldOut: Examples,
  first: Checkpoint,
  signal: AbortSignal,
): Promise<Trained> {
  const rounds = [...(resumed?.rounds ?? [])];
  for (const told of rounds) screen.epoch(told);
  let last = first;
  const durable = sealed.plan.privacy.noise === "secure";
  // Clients from elsewhere outlive the process that asked them.
  const isKnown = resumed !== undefined && venue.command === "serve";
  const running = coordinate(tools, engine, heldOut, first.state, first.round, isKnown);
  for (;;) {
    signal.throwIfAborted();
    const next = await running.next();
    const { state, answers } = last;
    if (next.done) return { rounds, state, answers, ending: next.value };
    const { trace } = next.value;
    // Told first: a round that is in the checkpoint is then sure to be in rounds.jsonl.
    folder.appendRound(trace, durable);
    last = {
      ...{ round: trace.round + 1, state: next.value.state, ledger: tools.ledger.tip },
      ...{ statistics: first.statistics, answers: next.value.answers ?? answers },
      faults: tools.faults?.trace,
    };
    saveCheckpoint(folder.building, sealed, last);
    folder.hideTimes();
    rounds.push(trace);
    observe(released(trace));
    screen.epoch(trace);
  }
}

/** What is told of a round to whoever operates the run. */
function released({ round, attempts, lost, ...rest }: RoundTrace): RunEvent {
  const { loss, accuracy, epsilon, modelHash } = rest;
  const told = { loss, accuracy, epsilon, modelHash };
  return { event: "round-released", round, attempts, lost, ...told };
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

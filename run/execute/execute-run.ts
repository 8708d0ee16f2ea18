/** A run whose clients are on their way, from its first stage to its last: coordinated, shown, written down. */
import { setTimeout as wait } from "node:timers/promises";
import { backOff } from "../../client/connection/back-off.ts";
import { injectedFaults } from "../../client/round/injected-faults.ts";
import { FaultLog } from "../../server/attempts/fault-log.ts";
import { raceAbort } from "../../server/attempts/race-abort.ts";
import { RoundClock } from "../../server/attempts/round-clock.ts";
import type { RoundTools } from "../../server/attempts/run-attempt.ts";
import { statisticsOf } from "../../server/evaluation/statistics.ts";
import { coordinate } from "../../server/rounds/coordinator.ts";
import { countRound } from "../../server/rounds/count-round.ts";
import { evaluate } from "../../server/rounds/evaluate.ts";
import { learnBounds } from "../../server/rounds/learn-bounds.ts";
import { initialState } from "../../server/rounds/server-round.ts";
import type { Checkpoint } from "../../server/run-folder/checkpoint.ts";
import type { ModelState } from "../../server/step/release.ts";
import type { Examples } from "../../shared/engine/core/engine.ts";
import type { ClientSummaries, PreparedReport } from "../../shared/events/host-report.ts";
import type { RunEvent } from "../../shared/events/run-event.ts";
import type { RoundTrace, StatisticTrace } from "../../shared/events/trace.ts";
import type { Ledger } from "../../shared/ledger/ledger.ts";
import { secureRoot, seededRoot } from "../../shared/noise/random.ts";
import { contractWith } from "../../shared/plan/bound-contract.ts";
import { tellsRounds } from "../../shared/privacy/cohort-secrecy.ts";
import { faultScript } from "../../shared/scenario/fault-schema.ts";
import { TIMING } from "../../shared/timing.ts";
import { boundReport, boundsTrace } from "./learned-bounds.ts";
import { outcomeOf, type Trained } from "./outcome-of.ts";
import type { RunContext, RunRecord } from "./run-context.ts";
import type { RunOutcome } from "./run-outcome.ts";
import { trainingRows } from "./server-stages.ts";

/** Clients whose labels a trace counts: a figure shows no more. */
const MOST_CLIENT_LABELS = 40;
const MS_PER_SECOND = 1_000;

/** Whence coins, noise and cohorts come. */
export type Chance = Pick<RoundTools, "root" | "draw">;

/**
 * Coordinates a run whose clients are on their way, from its first stage to its last file. Rejects soon after
 * `run.brokenOff` is aborted; once it has settled, it writes nothing more.
 *
 * @param signal once aborted, no round follows the one that is open
 * @param chance a test's own; no command gives one
 */
export async function executeRun(
  run: RunContext,
  signal: AbortSignal,
  chance?: Chance,
): Promise<RunOutcome> {
  const { sealed, hosts, registry, record, observe, show, watch, brokenOff } = run;
  const prepared = await raceAbort(hosts.prepared, brokenOff);
  watch.prepared(prepared);
  observe({ event: "prepared" });
  for (const stage of prepared.stages) show({ event: "client-stage", stage });
  await raceAbort(registry.joined, brokenOff);
  observe({ event: "cohort-complete" });
  watch.lap("join");
  const summaries = run.deployment.tellsRows ? await raceAbort(hosts.ofNote, brokenOff) : null;
  if (summaries) show({ event: "clients-prepared", summaries });
  const ledger = record.openLedger(sealed, run);
  try {
    return await overLedger(run, ledger, { prepared, summaries }, signal, chance);
  } finally {
    ledger.letGo();
  }
}

/** What clients of our own have said of their rows. */
interface Heard {
  readonly prepared: PreparedReport;
  readonly summaries: ClientSummaries | null;
}

/** All that is charged, and what comes of it. */
async function overLedger(
  run: RunContext,
  ledger: Ledger,
  heard: Heard,
  signal: AbortSignal,
  chance?: Chance,
): Promise<RunOutcome> {
  const { sealed, engine, hosts, registry, record, observe, show, watch, brokenOff } = run;
  run.owners.catchUp(ledger.lines);
  ledger.charges(run.owners);
  const start = initialState(sealed, run.scenario.seed, run.initial);
  watch.lap("start");
  const { target } = sealed.plan.contract;
  const unbound = roundTools(run, ledger, chance);
  if (sealed.plan.privacy.bounds) record.trains();
  const ended = AbortSignal.any([signal, brokenOff]);
  const learned = await learnBounds(unbound, start, isKnown(run), ended);
  const tools = { ...unbound, learned };
  const bounds = learned && boundsTrace(sealed.plan, learned);
  if (bounds) show({ event: "bounds", bounds });
  const prepared = learned ? boundReport(heard.prepared, sealed.plan, learned) : heard.prepared;
  const evaluation = await evaluate(engine, start.parameters, prepared.heldOut, target);
  const { loss, accuracy, errors, count: testRows } = evaluation;
  const initial = { loss, accuracy, ...(errors && { errors }) };
  watch.lap("evaluate");
  record.trains();
  const first = begun(run) ?? (await firstCheckpoint(tools, start, record));
  const { statistics } = first;
  show({ event: "statistics", statistics });
  const rows = trainingRows(run.scenario, prepared.stages);
  show({ event: "training-begins", ...initial, rows, testRows });
  const trained = await train(run, tools, prepared.heldOut, first, signal);
  ledger.close(trained.ending.reason);
  observe({ event: "training-ends", ...trained.ending });
  watch.roundsEnd();
  const clientLabels = heard.summaries?.labels.slice(0, MOST_CLIENT_LABELS) ?? [];
  const before = { statistics, start: initial, clientLabels, learned, bounds };
  const faults = tools.faults?.trace;
  const summary = { ...before, faults };
  const outcome = await raceAbort(outcomeOf(run, prepared, trained, ledger, summary), brokenOff);
  show({ event: "results", outcome });
  await record.write(run, outcome, ledger);
  // Told goodbye, each host ends its clients' own reports; only then is the folder whole.
  await registry.close("the run has ended");
  await hosts.end(TIMING.closeMs);
  brokenOff.throwIfAborted();
  record.finish();
  const durationMs = performance.now() - run.started;
  observe({ event: "run-ends", durationMs });
  const seconds = tellsRounds(sealed.plan.privacy) ? durationMs / MS_PER_SECOND : null;
  show({ event: "finished", outcome, path: record.path, seconds });
  return outcome;
}

/** What a round has at hand. */
function roundTools(run: RunContext, ledger: Ledger, chance?: Chance): RoundTools {
  const { sealed, registry, record, observe, scenario, brokenOff } = run;
  const { noise, roundSeconds } = sealed.plan.privacy;
  const pause = (failed: number) =>
    wait(
      backOff(failed, TIMING, () => 1),
      undefined,
      { ref: false, signal: brokenOff },
    );
  return {
    ...{ sealed, clients: registry.rounds, ledger, observe, pause, faults: faultLog(run) },
    root: noise === "secure" ? secureRoot : seededRoot(scenario.seed),
    tellsLosses: run.deployment.tellsRows && tellsRounds(sealed.plan.privacy),
    record: record.transcript,
    written: () => record.hideTimes(),
    clock: roundSeconds === undefined ? undefined : new RoundClock(roundSeconds),
    ...chance,
  };
}

/**
 * Where a resumed run goes on. Own hosts keep no control on the disk where who was drawn is a secret:
 * they begin anew at zeros, and so does the coordinator's, which is the mean of theirs.
 */
function begun({ resumed, deployment, sealed }: RunContext): Checkpoint | undefined {
  const { checkpoint } = resumed ?? {};
  const isKept = deployment.command === "serve" || tellsRounds(sealed.plan.privacy);
  if (!checkpoint?.state.control || isKept) return checkpoint;
  const control = new Float32Array(checkpoint.state.control.length);
  return { ...checkpoint, state: { ...checkpoint.state, control } };
}

/** Before the first round, once all that is asked before it was. */
async function firstCheckpoint(
  tools: RoundTools,
  state: ModelState,
  record: RunRecord,
): Promise<Checkpoint> {
  const statistics = await statisticsBefore(tools, state);
  const ledger = tools.ledger.head;
  const first = {
    ...{ round: 0, state, ledger, statistics },
    ...{ answers: undefined, faults: tools.faults?.trace },
  };
  record.checkpoint(tools.sealed, first);
  return first;
}

/**
 * Where what goes amiss is kept; undefined where it would tell who was in a round. What a script does in
 * an attempt follows from script and seed alone, here as in the hosts.
 */
function faultLog({ scenario, sealed, registry, resumed }: RunContext): FaultLog | undefined {
  if (!tellsRounds(sealed.plan.privacy)) return undefined;
  const names = registry.clients.map(({ name }) => name);
  const { source } = scenario.data;
  const fate = injectedFaults(faultScript(scenario.clients), {
    source,
    seed: scenario.seed,
    clients: names,
  });
  const scripted = (order: Parameters<typeof fate>[0], client: string) =>
    fate(order, client).faults.map(({ kind }) => kind);
  return new FaultLog(names, scripted, resumed?.checkpoint?.faults);
}

/** What is released of the clients' records before the first round. */
async function statisticsBefore(tools: RoundTools, start: ModelState): Promise<StatisticTrace[]> {
  const { privacy, contract } = tools.sealed.plan;
  if (privacy.counts.statistics === null) return [];
  const attempt = tools.ledger.nextAttempt(0);
  const outcome = await countRound(tools, "statistics", start, 0, attempt);
  if (outcome.kind !== "released") return [];
  return statisticsOf(outcome.counts, privacy, contractWith(contract, tools.learned));
}

async function train(
  run: RunContext,
  tools: RoundTools,
  heldOut: Examples,
  first: Checkpoint,
  signal: AbortSignal,
): Promise<Trained> {
  const { engine, record, sealed, resumed, observe, show, brokenOff } = run;
  const rounds = [...(resumed?.rounds ?? [])];
  for (const round of rounds) show({ event: "round", round });
  let last = first;
  const durable = sealed.plan.privacy.noise === "secure";
  const running = coordinate(tools, engine, heldOut, first.state, first.round, isKnown(run));
  for (;;) {
    for (const ended of [signal, brokenOff]) ended.throwIfAborted();
    const next = await running.next();
    const { state, answers } = last;
    if (next.done) return { rounds, state, answers, ending: next.value };
    const { trace } = next.value;
    // Told first: a round that is in the checkpoint is then sure to be in rounds.jsonl.
    record.round(trace, durable);
    last = {
      ...{ round: trace.round + 1, state: next.value.state, ledger: tools.ledger.head },
      ...{ statistics: first.statistics, answers: next.value.answers ?? answers },
      faults: tools.faults?.trace,
    };
    record.checkpoint(sealed, last);
    rounds.push(trace);
    observe(released(trace));
    show({ event: "round", round: trace });
  }
}

/** Clients from elsewhere outlive the process that asked them. */
function isKnown({ resumed, deployment }: RunContext): boolean {
  return resumed !== undefined && deployment.command === "serve";
}

/** What a log says of a round. */
function released({ round, attempts, lost, ...rest }: RoundTrace): RunEvent {
  const { loss, accuracy, errors, epsilon, modelHash } = rest;
  const figures = { loss, accuracy, ...(errors && { errors }), epsilon, modelHash };
  return { event: "round-released", round, attempts, lost, ...figures };
}

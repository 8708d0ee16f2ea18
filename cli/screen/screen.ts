/** What a run shows while it goes: lines for people, a bar on a terminal, one object for `--json`. */
import { join, relative } from "node:path";
import { SingleBar } from "cli-progress";
import { PURCHASES_BAYES_ACCURACY } from "../../client/data/purchases-bayes.ts";
import { spentText } from "../../compare/setting-text.ts";
import type { Progress, RunFacts, RunOutcome } from "../../run/execute/run-outcome.ts";
import { roundsBetweenEvaluations } from "../../server/rounds/coordinator.ts";
import { plannedRaw, rawEpsilon, withRawEpsilon } from "../../shared/claims/claim.ts";
import { heldOutPrivate, unitParts } from "../../shared/claims/unit-text.ts";
import { deltaText } from "../../shared/epsilon-text.ts";
import { printable } from "../../shared/errors.ts";
import { unitsText } from "../../shared/events/held-out-numbers.ts";
import type { ClientSummaries } from "../../shared/events/host-report.ts";
import { soFarParts } from "../../shared/events/so-far-text.ts";
import type {
  RoundTrace,
  StageTrace,
  StartTrace,
  StatisticTrace,
} from "../../shared/events/trace.ts";
import { hidesCohort, tellsRounds } from "../../shared/privacy/cohort-secrecy.ts";
import type { PrivacyPlan } from "../../shared/privacy/plan.ts";
import { clientsWithoutRows } from "../../shared/privacy/terms.ts";
import { type OutputOptions, warn } from "../terminal/output.ts";
import { divergedLines, ofNoteLines } from "./client-notes.ts";
import { faultLines } from "./fault-lines.ts";
import { fairnessLines, heldOutLines } from "./held-out-lines.ts";
import {
  boundsLines,
  epochLine,
  evaluationLines,
  federatedLines,
  predictionLines,
  privacyLines,
  publishedLine,
  stageLines,
  statisticLines,
  trainingHead,
} from "./print-trace.ts";
import { roundCurve } from "./round-curve.ts";
import { runSummary } from "./run-summary.ts";

/** More rounds than this and only some lines are shown; rounds.jsonl has all. */
const MOST_EPOCH_LINES = 25;

type TrainingBegins = Extract<Progress, { readonly event: "training-begins" }>;
type Finished = Extract<Progress, { readonly event: "finished" }>;

const PRIVATE_ROWS =
  "private rows: those that do not fit add nothing, and each owner's report alone says so (clients-private)";

export class Screen {
  readonly #isJson: boolean;
  readonly #isQuiet: boolean;
  readonly #bar: SingleBar | undefined;
  #run: RunFacts | undefined;
  #columns = 0;
  #testRows = 0;
  #before: StartTrace = { loss: 0, accuracy: 0 };

  constructor({ json = false, quiet = false }: OutputOptions) {
    this.#isJson = json;
    this.#isQuiet = quiet;
    if (this.#talks && process.stderr.isTTY) {
      const format = "    training {bar} round {value}/{total}";
      this.#bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true });
    }
  }

  show(progress: Progress): void {
    switch (progress.event) {
      case "notice":
        warn(progress.text);
        break;
      case "opened":
        this.#opening(progress.run);
        break;
      case "client-stage":
        this.#stage(progress.stage);
        break;
      case "clients-prepared":
        this.#clients(progress.summaries);
        break;
      case "bounds":
        this.#say([...boundsLines(progress.bounds), ""]);
        break;
      case "statistics":
        this.#statistics(progress.statistics);
        break;
      case "training-begins":
        this.#trainingBegins(progress);
        break;
      case "round":
        this.#round(progress.round);
        break;
      case "results":
        this.#results(progress.outcome);
        break;
      case "finished":
        this.#end(progress);
        break;
    }
  }

  get #talks(): boolean {
    return !this.#isJson && !this.#isQuiet;
  }

  /** Opened before all else. */
  get #facts(): RunFacts {
    if (!this.#run) throw new Error("a run is shown before it is opened");
    return this.#run;
  }

  #opening(run: RunFacts): void {
    this.#run = run;
    const { scenario, sealed, engine, place, isPrivate } = run;
    const { trust, epsilon, clients } = sealed.plan.privacy;
    const without = clientsWithoutRows(sealed.plan.privacy);
    const none = trust === "none" ? "no privacy" : "no ε, for what model.file brings along";
    const privacy =
      epsilon === null
        ? none
        : epsilonAtDelta(sealed.plan.privacy, plannedRaw(sealed.plan.privacy), epsilon);
    this.#say([
      `Murmur · ${scenario.name}, seed ${scenario.seed}: ${privacy}, trust ${trust}`,
      `${scenario.clients.count} clients ${place}, engine ${engine}`,
      // Whatever is in them: to say it only where some do not fit would tell of the rows.
      ...(isPrivate ? [PRIVATE_ROWS] : []),
      ...(without > 0
        ? [
            `WARNING: ${clients} clients, more than there are rows: ${without} at least have none, and send zeros and noise`,
          ]
        : []),
      "",
    ]);
  }

  #stage(stage: StageTrace): void {
    this.#columns = stage.namesOut.length;
    this.#say([...stageLines(stage), ""]);
  }

  #clients(summaries: ClientSummaries): void {
    const lines = ofNoteLines(summaries);
    if (lines.length > 0) this.#say([...lines, ""]);
  }

  #statistics(statistics: readonly StatisticTrace[]): void {
    if (statistics.length > 0) this.#say([...statisticLines(statistics), ""]);
  }

  #trainingBegins({ rows, testRows, ...start }: TrainingBegins): void {
    const { sealed, scenario } = this.#facts;
    const { inputs, layers, parameters } = sealed.model;
    const { kind } = scenario.model;
    const shape = [inputs, ...layers.map(({ outputs }) => outputs)].join("-");
    this.#before = start;
    this.#testRows = testRows;
    this.#say(
      trainingHead(`${kind} ${shape}, ${parameters} parameters`, this.#columns, rows, start),
    );
    this.#bar?.start(sealed.plan.privacy.rounds, 0);
  }

  #round(round: RoundTrace): void {
    const { privacy } = this.#facts.sealed.plan;
    const { rounds } = privacy;
    const evaluated = roundsBetweenEvaluations(rounds);
    const every = evaluated * Math.ceil(rounds / (evaluated * MOST_EPOCH_LINES));
    const shown = (round.round + 1) % every === 0 || round.round + 1 === rounds;
    const { loss } = round;
    if (shown && loss !== null) {
      // The bar sits on the terminal's last line: it gives way, then comes back below.
      this.#bar?.stop();
      const raw = withRawEpsilon(privacy, { ...round, loss });
      this.#say([epochLine(raw, this.#before, privacy, this.#testRows)]);
      this.#before = raw;
      if (round.round + 1 < rounds) this.#bar?.start(rounds, round.round + 1);
    } else this.#bar?.update(round.round + 1);
  }

  #results(outcome: RunOutcome): void {
    this.#bar?.stop();
    const { sealed, scenario, trace, evaluation, prediction, clients, notes } = outcome;
    const { start, rounds, claims, heldOut, fairness, faults, soFar = [] } = trace;
    const { privacy, contract } = sealed.plan;
    const diverged = divergedLines(outcome.diverged);
    const ended = endingLines(outcome);
    const ofRaw = rounds.map((round) => withRawEpsilon(privacy, round));
    const curve = roundCurve(start, ofRaw);
    this.#say([...publishedLine(scenario, privacy.rounds), ...curve, ...ended, ...diverged, ""]);
    this.#say([
      ...evaluationLines(
        this.#columns,
        heldOut,
        evaluation.loss,
        rawEpsilon(claims, "modelRecipients"),
      ),
      ...heldOutLines(heldOut),
      ...federatedLines(rounds.at(-1)),
      ...fairnessLines(fairness),
      ...bestPossible(outcome),
      "",
      ...predictionLines(this.#columns, contract.target.name, prediction),
      "",
      ...privacyLines(
        privacy,
        claims,
        contract.where !== null,
        unitParts(sealed.plan, heldOutPrivate(scenario)),
      ),
      ...soFarParts(soFar, (adversary) => rawEpsilon(claims, adversary)).map(
        (part) => `    ${part}`,
      ),
      ...notes.map((note) => `    ${note}`),
      "",
    ]);
    this.#say(faultLines(faults));
    const lost = clients.filter((client) => client.lost).map(({ name }) => name);
    if (lost.length > 0) this.#say([`Lost clients: ${lost.join(", ")}`]);
    const declined = clients.filter((client) => client.declined).map(({ name }) => name);
    // Only a client that was drawn can decline: where nobody may know who was, nobody is named, nor is it
    // said that there was one.
    const named = hidesCohort(privacy)
      ? "not named, for that would tell who was drawn"
      : declined.join(", ");
    if (declined.length > 0 && tellsRounds(privacy))
      this.#say([`Clients that declined, their own ledgers' limit reached: ${named}`]);
  }

  #end({ outcome, path, seconds }: Finished): void {
    if (this.#isJson) {
      console.log(JSON.stringify(runSummary(outcome, path, seconds)));
      return;
    }
    const { evaluation, spent, trace } = outcome;
    const { privacy } = outcome.sealed.plan;
    const place = relative(process.cwd(), path ?? "");
    const seeded = privacy.noise === "seeded" && privacy.trust !== "none";
    const note = seeded ? " if the noise were secure" : "";
    if (this.#isQuiet)
      console.log(
        `${reachedText(evaluation)}, ${epsilonAtDelta(privacy, rawEpsilon(trace.claims, "modelRecipients"), spent.modelRecipients, note)}`,
      );
    else {
      const took = seconds === null ? "" : `${seconds.toFixed(2)} s. `;
      console.log(`${took}Report: ${join(place, "report.html")}`);
    }
    console.log(place);
  }

  #say(lines: readonly string[]): void {
    if (this.#talks) for (const line of lines) console.log(printable(line));
  }
}

function reachedText({ accuracy, errors }: RunOutcome["evaluation"]): string {
  if (accuracy !== null) return `accuracy ${accuracy.toFixed(4)}`;
  return `R² ${errors?.r2?.toFixed(4) ?? "none"}, RMSE ${unitsText(errors?.rmse ?? Number.NaN)}`;
}

/** Against the raw table; where it has no ε, that of the anonymized beside it. */
function epsilonAtDelta(
  { delta }: PrivacyPlan,
  raw: number | null,
  epsilon: number | null,
  note = "",
): string {
  const told = spentText(raw, epsilon);
  return `ε ${told}${note} at δ ${deltaText(delta)}`;
}

function endingLines({ ending: { reason }, sealed }: RunOutcome): string[] {
  const { minCohort, spareAttempts } = sealed.plan.privacy;
  if (reason === "budget")
    return [
      `    ended early: one more attempt is not within the budget (an aborted attempt stays charged; privacy.spareAttempts is ${spareAttempts})`,
    ];
  if (reason === "cohort")
    return [
      `    ended early: fewer than clients.minCohort = ${minCohort} clients are left or answered`,
    ];
  return [];
}

/** What the best of all models would reach on generated people; a short test may still exceed it. */
function bestPossible({ scenario }: RunFacts): string[] {
  if (scenario.data.source.generator !== "purchases") return [];
  const percent = (100 * PURCHASES_BAYES_ACCURACY).toFixed(1);
  return [`    best possible on generated purchases: ${percent} % (Bayes, by simulation)`];
}

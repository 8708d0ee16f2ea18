/** What a run shows while it goes: lines for people, a bar on a terminal, one object for `--json`. */
import { join, relative } from "node:path";
import { SingleBar } from "cli-progress";
import { PURCHASES_BAYES_ACCURACY } from "../client/generators/purchases-bayes.ts";
import { spentText } from "../compare/setting-text.ts";
import { type Ending, roundsBetweenEvaluations } from "../server/coordinator.ts";
import type { Evaluation } from "../server/evaluate.ts";
import { plannedRaw, rawEpsilon, withRawEpsilon } from "../shared/claim.ts";
import { hidesCohort, tellsRounds } from "../shared/cohort-secrecy.ts";
import { deltaText } from "../shared/epsilon-text.ts";
import { printable } from "../shared/errors.ts";
import type { ClientsOfNote } from "../shared/host-report.ts";
import type { PrivacyPlan } from "../shared/privacy-plan.ts";
import { soFarParts } from "../shared/so-far-text.ts";
import type {
  PredictionTrace,
  RoundTrace,
  StageTrace,
  StatisticTrace,
  Trace,
} from "../shared/trace.ts";
import { heldOutPrivate, unitParts } from "../shared/unit-text.ts";
import { divergedLines, ofNoteLines } from "./client-notes.ts";
import { faultLines } from "./fault-lines.ts";
import { fairnessLines, heldOutLines } from "./held-out-lines.ts";
import {
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
import { type Outcome, runSummary } from "./run-summary.ts";
import type { Scene } from "./scene.ts";

/** More rounds than this and only some lines are shown; rounds.jsonl has all. */
const MOST_EPOCH_LINES = 25;

const PRIVATE_ROWS =
  "private rows: those that do not fit add nothing, and each owner's report alone says so (clients-private)";

export class Screen {
  readonly #scene: Scene;
  readonly #talks: boolean;
  readonly #bar: SingleBar | undefined;
  #columns = 0;
  #testRows = 0;
  #before = { loss: 0, accuracy: 0 };

  constructor(scene: Scene) {
    this.#scene = scene;
    const { json, quiet } = scene.options;
    this.#talks = !json && !quiet;
    if (this.#talks && process.stderr.isTTY) {
      const format = "    training {bar} round {value}/{total}";
      this.#bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true });
    }
  }

  opening(): void {
    const { scenario, sealed, engine, venue } = this.#scene;
    const { trust, epsilon } = sealed.plan.privacy;
    const none = trust === "none" ? "no privacy" : "no ε, for what model.file brings along";
    const privacy =
      epsilon === null
        ? none
        : epsilonAtDelta(sealed.plan.privacy, plannedRaw(sealed.plan.privacy), epsilon);
    this.#say([
      `Murmur · ${scenario.name}, seed ${scenario.seed}: ${privacy}, trust ${trust}`,
      `${scenario.clients.count} clients ${venue.told}, engine ${engine.kind}`,
      // Whatever is in them: to say it only where some do not fit would tell of the rows.
      ...(venue.command === "run" && !venue.tellsRows ? [PRIVATE_ROWS] : []),
      "",
    ]);
  }

  stage(stage: StageTrace): void {
    this.#columns = stage.namesOut.length;
    this.#say([...stageLines(stage), ""]);
  }

  clients(ofNote: ClientsOfNote): void {
    const lines = ofNoteLines(ofNote);
    if (lines.length > 0) this.#say([...lines, ""]);
  }

  statistics(statistics: readonly StatisticTrace[]): void {
    if (statistics.length > 0) this.#say([...statisticLines(statistics), ""]);
  }

  trainingBegins(
    start: { loss: number; accuracy: number },
    rows: number | null,
    testRows: number,
  ): void {
    const { sealed } = this.#scene;
    const { inputs, layers, parameters } = sealed.model;
    const { kind } = this.#scene.scenario.model;
    const shape = [inputs, ...layers.map(({ outputs }) => outputs)].join("-");
    this.#before = start;
    this.#testRows = testRows;
    this.#say(
      trainingHead(`${kind} ${shape}, ${parameters} parameters`, this.#columns, rows, start),
    );
    this.#bar?.start(sealed.plan.privacy.rounds, 0);
  }

  epoch(round: RoundTrace): void {
    const { privacy } = this.#scene.sealed.plan;
    const { rounds } = privacy;
    const evaluated = roundsBetweenEvaluations(rounds);
    const every = evaluated * Math.ceil(rounds / (evaluated * MOST_EPOCH_LINES));
    const shown = (round.round + 1) % every === 0 || round.round + 1 === rounds;
    const { loss, accuracy } = round;
    if (shown && loss !== null && accuracy !== null) {
      // The bar sits on the terminal's last line: it gives way, then comes back below.
      this.#bar?.stop();
      const told = withRawEpsilon(privacy, { ...round, loss, accuracy });
      this.#say([epochLine(told, this.#before, privacy, this.#testRows)]);
      this.#before = told;
      if (round.round + 1 < rounds) this.#bar?.start(rounds, round.round + 1);
    } else this.#bar?.update(round.round + 1);
  }

  results(
    last: Evaluation,
    { start, rounds, claims, heldOut, fairness, faults, soFar = [] }: Trace,
    prediction: PredictionTrace,
    ending: Ending,
  ): void {
    this.#bar?.stop();
    const { sealed, registry, venue } = this.#scene;
    const { privacy, contract } = sealed.plan;
    const diverged = divergedLines(this.#scene.hosts.diverged);
    const ended = endingLines(ending, this.#scene);
    const told = rounds.map((round) => withRawEpsilon(privacy, round));
    const curve = roundCurve(start.accuracy, told);
    this.#say([
      ...publishedLine(this.#scene.scenario, privacy.rounds),
      ...curve,
      ...ended,
      ...diverged,
      "",
    ]);
    this.#say([
      ...evaluationLines(
        last.count,
        this.#columns,
        last.accuracy,
        last.interval,
        rawEpsilon(claims, "modelRecipients"),
      ),
      ...heldOutLines(heldOut),
      ...federatedLines(rounds.at(-1)),
      ...fairnessLines(fairness),
      ...bestPossible(this.#scene),
      "",
      ...predictionLines(this.#columns, contract.target.name, prediction),
      "",
      ...privacyLines(
        privacy,
        claims,
        contract.where !== null,
        unitParts(this.#scene.sealed.plan, heldOutPrivate(this.#scene.scenario)),
      ),
      ...soFarParts(soFar, (adversary) => rawEpsilon(claims, adversary)).map(
        (part) => `    ${part}`,
      ),
      ...venue.notes.map((note) => `    ${note}`),
      "",
    ]);
    this.#say(faultLines(faults));
    const lost = registry.clients.filter((client) => client.lost).map(({ name }) => name);
    if (lost.length > 0) this.#say([`Lost clients: ${lost.join(", ")}`]);
    const declined = registry.clients.filter((client) => client.declined).map(({ name }) => name);
    // Only a client that was drawn can decline: where nobody may know who was, nobody is named, nor is it
    // said that there was one.
    const named = hidesCohort(privacy)
      ? "not named, for that would tell who was drawn"
      : declined.join(", ");
    if (declined.length > 0 && tellsRounds(privacy))
      this.#say([`Clients that declined, their own ledgers' limit reached: ${named}`]);
  }

  end(outcome: Outcome): void {
    const { folder, options } = this.#scene;
    if (options.json) {
      console.log(JSON.stringify(runSummary(this.#scene, outcome)));
      return;
    }
    const { last, spent, trace, seconds } = outcome;
    const { privacy } = this.#scene.sealed.plan;
    const path = relative(process.cwd(), folder.path);
    const seeded = privacy.noise === "seeded" && privacy.trust !== "none";
    const note = seeded ? " if the noise were secure" : "";
    if (options.quiet)
      console.log(
        `accuracy ${last.accuracy.toFixed(4)}, ${epsilonAtDelta(privacy, rawEpsilon(trace.claims, "modelRecipients"), spent.modelRecipients, note)}`,
      );
    else {
      const took = seconds === null ? "" : `${seconds.toFixed(2)} s. `;
      console.log(`${took}Report: ${join(path, "report.html")}`);
    }
    console.log(path);
  }

  #say(lines: readonly string[]): void {
    if (this.#talks) for (const line of lines) console.log(printable(line));
  }
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

function endingLines({ reason }: Ending, { sealed }: Scene): string[] {
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
function bestPossible({ scenario }: Scene): string[] {
  if (scenario.data.source.generator !== "purchases") return [];
  const percent = (100 * PURCHASES_BAYES_ACCURACY).toFixed(1);
  return [`    best possible on generated purchases: ${percent} % (Bayes, by simulation)`];
}

/** Each stage in two sentences, with the run's own numbers. */

import { rawEpsilon } from "../shared/claims/claim.ts";
import { type Contract, type ContractColumn, modelInputs } from "../shared/contract/contract.ts";
import { describeColumn } from "../shared/contract/describe-column.ts";
import { isFormulaFeature } from "../shared/contract/feature.ts";
import { isTextRecoding, textRule } from "../shared/contract/text-rules/rules.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { heldOutBaseline } from "../shared/events/held-out-baseline.ts";
import { tellsNumbers, unitsText } from "../shared/events/held-out-numbers.ts";
import type { RoundTrace, StageName, StageTrace } from "../shared/events/trace.ts";
import type { Plan } from "../shared/plan/plan.ts";
import { countedSampling } from "../shared/privacy/events.ts";
import type { PrivacyPlan } from "../shared/privacy/plan.ts";
import { heldOutWords } from "./held-out-part.ts";
import { countText, listText, percentText, shortNumber } from "./report-text.ts";
import type { RunReport } from "./run-report.ts";

export function explainStage(report: RunReport, stage: StageTrace): string {
  return EXPLAIN[stage.name](report, stage);
}

const EXPLAIN: Record<StageName, (report: RunReport, stage: StageTrace) => string> = {
  collect: ({ scenario }, { rowsOut, namesOut }) => {
    const clients = countText(scenario.clients.count, "client");
    const rows = rowsOut === null ? "Rows, how many is not told," : countText(rowsOut, "row");
    return `${rows} of ${countText(namesOut.length, "column")} lie at ${clients}: ${listText(namesOut)}. No row is in anything that a client sends.`;
  },
  anonymize: ({ plan }) => {
    const { columns, anonymity } = plan.contract;
    const dropped = columns.filter((column) => describeColumn(column).startsWith("dropped"));
    const kept = columns.filter(({ role }) => role === "quasiIdentifier" || role === "sensitive");
    const told = (does: string, which: readonly ContractColumn[], how = "") =>
      which.length > 0 ? [`${does} ${listText(which.map(({ name }) => name))}${how}`] : [];
    const first = [
      ...told("drops", dropped),
      ...told(
        "keeps",
        kept.filter((column) => !isWhole(column)),
        " at fixed levels",
      ),
      ...told("keeps", kept.filter(isWhole), " as in the rows"),
    ];
    const alone = anonymity.unsafe
      ? "Some of those levels were learned from the rows (unsafe), so that no ε holds against the raw table."
      : anonymity.mode === "report"
        ? "Each row is recoded by itself, so that nobody else's row decides how yours looks."
        : `Rows that fewer than ${anonymity.k} share are ${anonymity.mode === "suppress" ? "left out" : "made alike"}, which takes a look at all of a client's rows, and costs ε against the raw table.`;
    return `${first.length > 0 ? `Each client ${listText(first)}.` : "No column is dropped or made coarser."} ${alone}`;
  },
  engineer: ({ plan: { contract } }, { namesOut }) => {
    const formulas = contract.features.every(isFormulaFeature);
    const made = formulas ? "Formulas make" : "Public constants scale images to";
    const within = formulas ? ", each between -1 and 1," : "";
    return `${made} ${countText(namesOut.length, "feature")} of what is left, and ${countText(modelInputs(contract), "number")}${within} go into the model for each row. ${boundsText(contract)}`;
  },
  train: ({ trace, plan }) => {
    const { privacy } = plan;
    const { start, rounds, claims } = trace;
    const last = rounds.findLast(({ loss }) => loss !== null) ?? start;
    const spent = rawEpsilon(claims, "modelRecipients");
    const cost =
      privacy.trust === "none"
        ? "nothing is noised, and no privacy is promised to anybody"
        : `ε against whoever gets the model is then ${epsilonText(spent)}`;
    return `${trainingText(plan, rounds.length)} Held-out ${start.accuracy === null ? "R²" : "accuracy"} goes from ${shareText(start)} to ${shareText(last)}; ${cost}.`;
  },
  evaluate: ({ trace }) => {
    const { heldOut } = trace;
    const free =
      "Those rows are public by declaration: looking at them costs no ε, and they have none of their own.";
    if (tellsNumbers(heldOut)) return `${heldOutWords(heldOut, null).reached} ${free}`;
    const { rows, right, accuracy, interval, majority, majorityClass } = heldOutBaseline(heldOut);
    const [low, high] = interval;
    return `The last model is right on ${right} of ${countText(rows, "row")} that nobody trained on: ${percentText(accuracy)} (95 % interval ${percentText(low)} to ${percentText(high)}). Always calling the most frequent class, ${majorityClass}, is right on ${percentText(majority)} of them. ${free}`;
  },
  predict: ({ trace: { prediction } }) => {
    if (prediction === null) return "Nobody was predicted.";
    const { label, likelihood, value, layers, checked } = prediction;
    const as =
      value === undefined
        ? `${label} with a likelihood of ${likelihood?.toFixed(2)}`
        : `${label} ${unitsText(value)}`;
    const checks = countText(layers.at(-1)?.lines.length ?? 0, "check");
    return `One more person goes through the model in ${layers.length} layers, and comes out as ${as}. The last layer looks back: ${checked ? `all its ${checks} hold` : `of its ${checks} not all hold`}.`;
  },
};

/** Accuracy in percent; of a number, R². */
function shareText({ accuracy, errors }: Pick<RoundTrace, "accuracy" | "errors">): string {
  return accuracy === null ? (errors?.r2?.toFixed(3) ?? "none") : percentText(accuracy);
}

/** What a round is, and who adds what noise. */
function trainingText({ privacy, training }: Plan, rounds: number): string {
  const { unit, clipNorm, adaptiveClipping, localSteps } = privacy;
  const length = adaptiveClipping
    ? `a length that adapts, ${shortNumber(clipNorm)} at first`
    : `length ${shortNumber(clipNorm)}`;
  const drawn = countedSampling(privacy).kind === "full" ? "" : " that is drawn for it";
  const sum =
    localSteps === 1
      ? "and sends that one sum"
      : `${localSteps} times, each time from where that left the model, and sends what comes of it`;
  const control = training.algorithm === "scaffold" ? " and its control variate with it" : "";
  const does =
    unit === "record"
      ? `every client adds up how each of its records${drawn} would change the model, each change cut to ${length}, ${sum}`
      : `each client${drawn} trains on its own rows and sends how far the model moved${control}, cut to ${length}`;
  return `In each of ${countText(rounds, "round")} ${does}; ${noiseText(privacy)}.`;
}

/** Whose noise it is, and how much. */
export function noiseText(privacy: PrivacyPlan): string {
  const { noiseStddev, scale, noiseShares = 1, localSteps, adaptiveClipping } = privacy;
  // The lattice is as fine as the clip norm, and the noise a fixed number of its steps.
  const adapts = adaptiveClipping ? " at first, that grows and shrinks with the clip norm," : "";
  const size = `standard deviation ${shortNumber((Math.sqrt(noiseShares) * noiseStddev) / scale)}${adapts}`;
  switch (String(privacy.trust)) {
    case "central":
      return `the coordinator adds noise of ${size} to every number of the total`;
    case "local":
      return `${localSteps === 1 ? "before it sends anything" : `in each of its ${localSteps} steps`} the client adds noise of ${size} to every number`;
    case "distributed":
      return `each client adds its share of the noise, so that from ${noiseShares} honest ones alone every number of the total has noise of ${size}, and masks hide all but the total`;
    default:
      return "nobody adds noise";
  }
}

/** Not made coarser: what is in a row is what is kept of it. */
function isWhole(column: ContractColumn): boolean {
  if (!("recoding" in column)) return false;
  const { recoding } = column;
  switch (recoding.kind) {
    case "number":
      return [recoding.grid, recoding.clip, recoding.bornBeforeMs].every((cut) => cut === null);
    case "image":
      return true;
    default:
      return isTextRecoding(recoding) && textRule(recoding.kind).isWhole(recoding);
  }
}

function boundsText({ features }: Pick<Contract, "features">): string {
  const learns = features.some((feature) => feature.kind === "number" && feature.learned);
  return learns
    ? "Bounds come from the scenario, or are learned of the rows before training: noised, and charged."
    : "All bounds come from the scenario, not from the rows: to learn them there would tell about people.";
}

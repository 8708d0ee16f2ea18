/** The key insight, and three questions with their answers, as this run has them. */
import { HOLDS_AGAINST, rawEpsilon } from "../shared/claims/claim.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { ScenarioError } from "../shared/errors.ts";
import { escapeHtml } from "../shared/page/html-page.ts";
import { type PrivacyPlan, planPrivacy } from "../shared/privacy/plan.ts";
import { FEWEST_CLIENTS } from "../shared/secagg/terms.ts";
import { noiseText } from "./explain-stage.ts";
import { details, section } from "./html-parts.ts";
import { countText, listText, oddsText, shortNumber } from "./report-text.ts";
import type { RunReport } from "./run-report.ts";

export function insightPart({ plan: { privacy, contract }, trace }: RunReport): string {
  const kept = trace.stages.find(({ name }) => name === "anonymize")?.namesOut.length ?? 0;
  const columns = contract.columns.filter(({ role }) => role !== "target").length;
  const spent = rawEpsilon(trace.claims, "modelRecipients");
  const noise =
    spent === null
      ? "Only noise limits that, and nothing here promises a limit: its ε is ∞."
      : `Only noise limits that: ε against ${HOLDS_AGAINST.modelRecipients} is ${epsilonText(spent)} here, so that any one ${privacy.unit} makes nothing more than ${oddsText(spent)} likelier, δ aside${seededText(privacy)}.`;
  const explained = `Three things are at work, and none does another's: federated learning leaves rows where they are, anonymization decides what of them may be computed with (${kept} of ${countText(columns, "column")} here), and differential privacy limits what the result gives away. A model trained on anonymized rows that never moved can still tell about the people in them. ${noise}`;
  return section({ id: "insight", title: "The key insight", explained }, []);
}

function seededText({ noise, trust }: PrivacyPlan): string {
  return noise === "seeded" && trust !== "none"
    ? ", if the noise were secure (seeded noise protects nobody)"
    : "";
}

interface Question {
  readonly asks: string;
  /** The right one at `right`. */
  readonly options: readonly string[];
  readonly right: number;
  readonly because: string;
}

export function quizPart(report: RunReport): string {
  const questions = [anonymization(report), smallerEpsilon(report), coordinator(report)];
  return section({ id: "quiz", title: "Three questions", explained: QUIZ_EXPLAINED }, [
    ...questions.map(
      ({ asks, options, right, because }, q) => `<fieldset class="question">
<legend>${q + 1}. ${escapeHtml(asks)}</legend>
${options
  .map(
    (option, i) =>
      `<label><input type="radio" name="question-${q + 1}"${i === right ? " data-right" : ""}> ${escapeHtml(option)}</label>`,
  )
  .join("\n")}
<p class="verdict" role="status"></p>
${details("The answer, and why", [`<p><b>${escapeHtml(options[right] ?? "")}</b> ${escapeHtml(because)}</p>`])}
</fieldset>`,
    ),
  ]);
}

const QUIZ_EXPLAINED =
  "Choose an answer, and the page says whether it holds for this run, and why. Nothing is sent or kept.";

function anonymization({ plan: { privacy, contract }, trace }: RunReport): Question {
  const kept = trace.stages.find(({ name }) => name === "anonymize")?.namesOut ?? [];
  // The label is not among the kept columns, but training reads it.
  const gone = contract.columns.filter(
    ({ name, role }) => role !== "target" && !kept.includes(name),
  );
  const left =
    gone.length > 0
      ? `Here ${listText(gone.map(({ name }) => name))} went no further.`
      : "Here no column had to go.";
  const bound =
    rawEpsilon(trace.claims, "modelRecipients") === null
      ? "This run has no such bound: its model may tell about anybody in the rows."
      : `That bound is ε${privacy.rawFactor === 1 ? ", and it would be the same had every column been kept" : ""}.`;
  return {
    asks: "What is anonymization for in this run?",
    options: [
      "It makes sure that the model tells nothing about anybody.",
      "It keeps what names people out of training, at the client, before anything is computed.",
      "It hides each client's update from the coordinator.",
    ],
    right: 1,
    because: `${left} What is left can still single people out, and the model is made of it: how much it gives away needs a bound of its own. ${bound}`,
  };
}

function smallerEpsilon({ plan: { privacy } }: RunReport): Question {
  return {
    asks: "What would a smaller ε have done to this run?",
    options: [
      "More noise in every round: a stronger promise, and as a rule less accuracy.",
      "Fewer rows to train on: the same promise, to fewer people.",
      "Nothing but a smaller number in the ledger.",
    ],
    right: 0,
    because: `${halfText(privacy)} Rows, clipping and rounds stay as they are. How much accuracy that costs is to be measured: murmur sweep --over privacy.epsilon=… does.`,
  };
}

/** What half the ε takes in noise, where that is quick to find. */
function halfText(privacy: PrivacyPlan): string {
  const { epsilon, accountant, noiseMultiplier } = privacy;
  if (epsilon === null)
    return "This run has no noise and its ε is ∞: any finite ε would have put noise on it.";
  const half = halvedText(privacy, epsilon);
  if (accountant !== "gdp" && accountant !== "zcdp") return `${half} takes more noise.`;
  try {
    const other = planPrivacy({ ...privacy, targetEpsilon: epsilon / 2, statedNoise: null });
    const times = shortNumber(other.noiseMultiplier / noiseMultiplier);
    return `${half} takes ${times} times the noise.`;
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return `${half} takes more noise than this plan can carry.`;
  }
}

/** Of the raw table, like every ε of the page; of the anonymized, and so named, where the two differ. */
function halvedText(privacy: PrivacyPlan, epsilon: number): string {
  const halved = `ε ${epsilonText(epsilon / 2)} instead of ${epsilonText(epsilon)}`;
  if (privacy.rawFactor === 1) return halved;
  const raw = privacy.rawFactor === null ? " (none holds against the raw one)" : "";
  return `${halved} against the anonymized table${raw}`;
}

/** Few clients cannot hide among each other, and a clip norm that adapts has its noise from the coordinator. */
function otherTrusts({ clients, adaptiveClipping }: PrivacyPlan): string {
  const trusts =
    clients < FEWEST_CLIENTS ? "privacy.trust local" : "privacy.trust distributed, or local";
  return adaptiveClipping === null ? trusts : `${trusts}, and a clip norm that stays`;
}

const CAN_READ = [
  "Yes, exactly as the client computed it.",
  "Yes, but only with the client's own noise on it.",
  "No, only the total of many clients.",
] as const;

function coordinator({ plan: { privacy }, trace: { claims } }: RunReport): Question {
  const epsilon = epsilonText(rawEpsilon(claims, "coordinator"));
  const assumption = claims.find(({ adversary }) => adversary === "coordinator")?.assumption ?? "";
  const trust = String(privacy.trust);
  const right = trust === "local" ? 1 : trust === "distributed" ? 2 : 0;
  const because = [
    `Trust is ${trust}: ${noiseText(privacy)}. The ε against the coordinator is ${epsilon} (${assumption}).`,
    ...(right === 0 ? [`Who would rather not trust it takes ${otherTrusts(privacy)}.`] : []),
    ...(privacy.noise === "seeded" && trust !== "none"
      ? [
          "And this noise is seeded: whoever has the seed can subtract it, so that it protects nobody.",
        ]
      : []),
  ];
  return {
    asks: "Can the coordinator of this run read one client's update?",
    options: CAN_READ,
    right,
    because: because.join(" "),
  };
}

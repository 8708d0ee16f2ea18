/** One person through the model, in four layers, each with the numbers that went through it. */
import type { LedgerLine } from "../shared/accounting/ledger-line.ts";
import { openingOf, spentAgainst } from "../shared/accounting/ledger-line.ts";
import type { Contract } from "../shared/contract/contract.ts";
import { epsilonText } from "../shared/epsilon-text.ts";
import { forwardLayers } from "../shared/forward-layers.ts";
import type { PreparedPerson } from "../shared/host-report.ts";
import type { Model } from "../shared/model.ts";
import type { PredictionTrace } from "../shared/trace.ts";

/** What a prediction is checked against. */
export interface PrivacyEvidence {
  readonly contract: Contract;
  /** The run's ledger, its chain verified. */
  readonly ledger: readonly LedgerLine[];
  /** Of the parameters that predict. */
  readonly modelHash: string;
}

const SHOWN_ACTIVATIONS = 9;

export function predictPerson(
  person: PreparedPerson,
  model: Model,
  parameters: Float32Array,
  evidence: PrivacyEvidence,
): PredictionTrace {
  const { layers, logit, probability } = forwardLayers(model, parameters, person.inputs);
  const checks = privacyCheck(person, evidence);
  return {
    likelihood: probability,
    checked: checks.every(({ holds }) => holds),
    layers: [
      { name: "input preprocessing", lines: preprocessing(person, evidence.contract) },
      {
        name: "model forward pass",
        lines: layers.map(({ name, size, activations }) => {
          const few = activations.slice(0, SHOWN_ACTIVATIONS).map((a) => a.toFixed(3));
          return `${name} ${size}: ${few.join(" ")}${size > few.length ? " …" : ""}`;
        }),
      },
      {
        name: "output activation",
        lines: [`sigmoid(${logit.toFixed(4)}) = ${probability.toFixed(4)}`],
      },
      {
        name: "privacy check",
        lines: checks.map(({ holds, says }) => `${holds ? "✓" : "✗"} ${says}`),
      },
    ],
  };
}

/** Each feature: its value within the public bounds, and the model inputs that it becomes. */
function preprocessing({ features, inputs }: PreparedPerson, contract: Contract): string[] {
  let at = 0;
  return features.map(({ name, value }, i) => {
    const width = contract.features[i]?.width ?? 1;
    const own = Array.from(inputs.subarray(at, at + width), (x) => String(Number(x.toFixed(3))));
    at += width;
    const shown = typeof value === "string" ? value : String(Number(value.toFixed(2)));
    return `${name} ${shown} → ${own.join(" ")}`;
  });
}

/** Each check in words, with what it found. */
function privacyCheck(
  person: PreparedPerson,
  { contract, ledger, modelHash }: PrivacyEvidence,
): { readonly holds: boolean; readonly says: string }[] {
  const released = ledger.findLast(({ entry }) => entry.kind === "release")?.entry;
  const ours = released?.kind === "release" && released.modelHash === modelHash;
  const { budget } = openingOf(ledger);
  const spent = spentAgainst(ledger, "modelRecipients");
  const within = budget === null || spent <= budget;
  const identifiers = contract.columns.filter(({ role }) => role === "directIdentifier");
  const entered = identifiers.filter(({ name }) => person.columns.includes(name));
  const clipped = person.inputs.every((x) => x >= -1 && x <= 1);
  const finite = Number.isFinite(spent) ? spent : null;
  return [
    { holds: true, says: `the ledger's chain of ${ledger.length} lines verifies` },
    { holds: ours, says: `the model is the one it released last (${modelHash.slice(0, 12)}…)` },
    budget === null
      ? { holds: true, says: `no budget was promised: ε ${epsilonText(finite)}` }
      : {
          holds: within,
          says: `ε ${epsilonText(finite)} is within the budget of ${epsilonText(budget)}`,
        },
    {
      holds: entered.length === 0,
      says: `no identifier entered the forward pass (dropped: ${identifiers.map(({ name }) => name).join(", ") || "none declared"})`,
    },
    { holds: clipped, says: "the input was clipped to its public bounds" },
  ];
}

/** One person through the model, in four layers, each with the numbers that went through it. */

import { type Contract, targetClasses } from "../../shared/contract/contract.ts";
import type { Feature } from "../../shared/contract/feature.ts";
import { targetBounds, targetOfOutput } from "../../shared/contract/target-scale.ts";
import { epsilonText } from "../../shared/epsilon-text.ts";
import { unitsText } from "../../shared/events/held-out-numbers.ts";
import type { PreparedPerson } from "../../shared/events/host-report.ts";
import type { PredictionTrace } from "../../shared/events/trace.ts";
import type { LedgerLine } from "../../shared/ledger/ledger-line.ts";
import { lastRelease, openingOf, spentAgainst } from "../../shared/ledger/ledger-line.ts";
import { forwardLayers } from "../../shared/model/forward-layers.ts";
import { likeliestClass } from "../../shared/model/loss.ts";
import type { Model } from "../../shared/model/model.ts";
import type { Loss } from "../../shared/model/model-spec.ts";
import { rawFactor } from "../../shared/privacy/group-privacy.ts";

/** What a prediction is checked against. */
export interface PrivacyEvidence {
  readonly contract: Contract;
  /** The run's ledger, its chain verified. */
  readonly ledger: readonly LedgerLine[];
  /** Of the parameters that predict. */
  readonly modelHash: string;
}

/** Numbers of a feature that a line shows. */
const SHOWN_INPUTS = 9;

export function predictPerson(
  person: PreparedPerson,
  model: Model,
  parameters: Float32Array,
  evidence: PrivacyEvidence,
): PredictionTrace {
  const { layers, outputs, probabilities } = forwardLayers(model, parameters, person.inputs);
  const { target } = evidence.contract;
  const classes = targetClasses(target);
  const likeliest = likeliestClass(model.loss, outputs, 0, outputs.length);
  const bounds = targetBounds(target);
  // Of two classes with a positive label it is that one's likelihood, however small.
  const told = classes === null ? 1 : likeliest;
  const likelihood = probabilities[told] ?? Number.NaN;
  const label = classes?.[told] ?? target.name;
  const value = bounds && targetOfOutput(outputs[0] ?? Number.NaN, bounds);
  const said =
    value === null
      ? few(classes ? probabilities : [likelihood], outputs.length, 4)
      : unitsText(value);
  const checks = privacyCheck(person, evidence);
  return {
    label,
    ...(value === null ? { likelihood } : { likelihood: null, value }),
    checked: checks.every(({ holds }) => holds),
    layers: [
      { name: "input preprocessing", lines: preprocessing(person, evidence.contract) },
      {
        name: "model forward pass",
        lines: layers.map(
          ({ name, size, activations }) => `${name} ${size}: ${few(activations, size, 3)}`,
        ),
      },
      {
        name: "output activation",
        lines: [
          `${ACTIVATIONS[model.loss]}(${few(outputs, outputs.length, 4)}) = ${said}`,
          ...(classes ? [`likeliest: ${label} ${likelihood.toFixed(4)}`] : []),
        ],
      },
      {
        name: "privacy check",
        lines: checks.map(({ holds, says }) => `${holds ? "✓" : "✗"} ${says}`),
      },
    ],
  };
}

/** What makes probabilities of the outputs. */
const ACTIVATIONS: Record<Loss, string> = {
  binaryCrossEntropy: "sigmoid",
  categoricalCrossEntropy: "softmax",
  meanSquaredError: "clip to [0, 1] ",
  squaredError: "between its bounds ",
  huber: "between its bounds ",
};

/** The first few of `size` numbers. */
function few(values: readonly number[], size: number, decimals: number): string {
  const shown = values.slice(0, SHOWN_INPUTS).map((x) => x.toFixed(decimals));
  return [...shown, ...(size > shown.length ? ["…"] : [])].join(" ");
}

/** Each feature: its value within the public bounds, and the model inputs that it becomes. */
function preprocessing({ features, inputs }: PreparedPerson, contract: Contract): string[] {
  let at = 0;
  return features.map(({ name, value }, i) => {
    const width = contract.features[i]?.width ?? 1;
    const own = Array.from(inputs.subarray(at, at + Math.min(width, SHOWN_INPUTS)), (x) =>
      String(Number(x.toFixed(3))),
    );
    if (width > own.length) own.push(`… (${width})`);
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
  const released = lastRelease(ledger);
  const ours =
    released !== undefined && (released.averagedHash ?? released.modelHash) === modelHash;
  const { budget, unit } = openingOf(ledger);
  const spent = spentAgainst(ledger, "modelRecipients");
  const within = budget === null || spent <= budget;
  const identifiers = contract.columns.filter(({ role }) => role === "directIdentifier");
  const entered = identifiers.filter(({ name }) => person.columns.includes(name));
  const clipped = isWithinBounds(person.inputs, contract);
  const finite = Number.isFinite(spent) ? spent : null;
  // What is budgeted and charged; against the raw table the claims tell another.
  const isRaw = rawFactor(contract.anonymity, unit) === 1;
  const counted = `ε ${epsilonText(finite)}${isRaw ? "" : " against the anonymized table"}`;
  return [
    { holds: true, says: `the ledger's chain of ${ledger.length} lines verifies` },
    { holds: ours, says: `the model is the one it released last (${modelHash.slice(0, 12)}…)` },
    budget === null
      ? { holds: true, says: `no budget was promised: ${counted}` }
      : {
          holds: within,
          says: `${counted} is within the budget of ${epsilonText(budget)}`,
        },
    {
      holds: entered.length === 0,
      says: `no identifier entered the forward pass (dropped: ${identifiers.map(({ name }) => name).join(", ") || "none declared"})`,
    },
    { holds: clipped, says: "the input was clipped to its public bounds" },
  ];
}

/** Every input lies where its feature's public constants put it. */
function isWithinBounds(inputs: Float32Array, { features }: Pick<Contract, "features">): boolean {
  let at = 0;
  return features.every((feature) => {
    const [low, high] = inputBounds(feature);
    const own = inputs.subarray(at, at + feature.width);
    at += feature.width;
    return own.every((x) => x >= low && x <= high);
  });
}

/** As float32 rounds them. Scattering coefficients have no ends of their own: they are finite. */
function inputBounds(feature: Feature): readonly [low: number, high: number] {
  if (feature.kind === "scatter") return [-LARGEST_FLOAT, LARGEST_FLOAT];
  if (feature.kind !== "image") return [-1, 1];
  const { mean, stddev } = feature;
  return [Math.fround(-mean / stddev), Math.fround((1 - mean) / stddev)];
}

const LARGEST_FLOAT = (2 - 2 ** -23) * 2 ** 127;

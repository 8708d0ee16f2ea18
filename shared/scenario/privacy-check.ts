/** What a scenario's privacy, its unit and its sampling must hold together: a rule each. */

import { hidesCohort } from "../privacy/cohort-secrecy.ts";
import { CLOCK_IS_FOR } from "../privacy/terms.ts";
import { trainingFault } from "../training/algorithms.ts";
import { PERSON_RULES } from "./person-check.ts";
import type { Rule } from "./rule.ts";
import { isPublicData, minCohort } from "./schema.ts";

export const PRIVACY_RULES: readonly Rule[] = [
  ...PERSON_RULES,
  ({ data: { source }, privacy: { unit, population } }) => {
    if (!source.generator) return undefined;
    const rows = source.rows ?? "nothing";
    if (unit === "client")
      return source.rows === undefined
        ? ["data.source.rows", rows, "how many people there are in all", "Set it."]
        : undefined;
    if (source.rows === population) return undefined;
    return ["data.source.rows", rows, `privacy.population, ${population}`, "Make the two equal."];
  },
  ({ privacy: { unit, population }, clients }) => {
    if (unit === "record" || population === clients.count) return undefined;
    return [
      "privacy.population",
      population,
      `clients.count, ${clients.count}: with unit client the units are the clients`,
      "Make the two equal.",
    ];
  },
  ({ privacy, training }) => {
    const fault = trainingFault(training, { ...privacy, sampling: training.sampling });
    if (!fault) return undefined;
    const [key, got, expected, fix] = fault;
    return [`training.${key}`, got, expected, fix];
  },
  ({ privacy: { trust, rotation } }) => {
    if (!rotation || trust === "distributed") return undefined;
    return [
      "privacy.rotation",
      rotation,
      "none: only sums under masks must fit into 32 bits with all their noise",
      "Remove it, or set privacy.trust to distributed.",
    ];
  },
  ({ training: { sampling }, privacy: { unit, trust, roundSeconds }, clients }) => {
    if (roundSeconds === undefined) return undefined;
    if (!hidesCohort({ unit, trust, sampling }))
      return ["privacy.roundSeconds", roundSeconds, CLOCK_IS_FOR, "Remove it."];
    if (clients.deadlineSeconds === undefined) return undefined;
    return [
      "clients.deadlineSeconds",
      clients.deadlineSeconds,
      "none beside privacy.roundSeconds, which is the time that a client has",
      "Remove it.",
    ];
  },
  ({ training: { sampling, algorithm }, privacy: { trust, colluders } }) => {
    if (trust !== "distributed")
      return colluders === undefined || (trust === "central" && sampling.kind === "fixedSize")
        ? undefined
        : [
            "privacy.colluders",
            colluders,
            "none: it counts under trust distributed, and for sampling of kind fixedSize under central",
            "Remove it.",
          ];
    if (sampling.kind !== "full")
      return [
        "training.sampling.kind",
        sampling.kind,
        "full with trust distributed: no theorem amplifies sums of discrete noise, and shares of noise need their bearers",
        "Take kind: full, or trust central.",
      ];
    if (algorithm !== "scaffold") return undefined;
    return [
      "training.algorithm",
      algorithm,
      "another with trust distributed: under masks no client knows for sure that its control was counted",
      "Take fedAvg, or trust central.",
    ];
  },
  ({ training: { sampling }, privacy: { unit, population } }) => {
    const { kind, size } = sampling;
    if (kind === "fixedSize" && unit === "record")
      return [
        "training.sampling.kind",
        kind,
        "poisson: nobody sees all records to draw exactly so many of them",
        "Take kind: poisson with a rate, or unit client.",
      ];
    if ((kind === "fixedSize") !== (size !== undefined))
      return [
        "training.sampling.size",
        size ?? "nothing",
        "a size with kind: fixedSize, none otherwise",
        "Add it, or remove it.",
      ];
    if (size === undefined || size <= population) return undefined;
    return ["training.sampling.size", size, `at most the ${population} clients`, "Lower it."];
  },
  ({ training: { sampling }, privacy: { adjacency } }) => {
    if (adjacency !== "replaceOne" || sampling.kind !== "poisson") return undefined;
    return [
      "privacy.adjacency",
      adjacency,
      "zeroOut with Poisson sampling: for another unit in its place no theorem is at hand",
      "Take zeroOut, or another sampling.",
    ];
  },
  ({ data: { source }, privacy: { adjacency } }) => {
    const { where, person, generator } = source;
    if (adjacency !== "replaceOne" || where === undefined) return undefined;
    // By hashes of their keys nobody is held out in another's place.
    if (person !== undefined && generator === undefined) return undefined;
    return [
      "privacy.adjacency",
      adjacency,
      "zeroOut with data.source.where: one who comes into the population would move held-out ones",
      "Take zeroOut, name the persons' column in data.source.person, or filter the file beforehand.",
    ];
  },
  ({ statistics, evaluation, privacy: { unit } }) => {
    if (unit === "record" || !(statistics || evaluation?.federated)) return undefined;
    return [
      statistics ? "statistics" : "evaluation.federated",
      "unit client",
      "unit record: all rows of a client together have no bound on what they count",
      "Remove it, or take unit record.",
    ];
  },
  (scenario) => {
    const { perClient = false, federated } = scenario.evaluation ?? {};
    if (!perClient || federated || isPublicData(scenario)) return undefined;
    return [
      "evaluation.perClient",
      "private data, and no evaluation.federated",
      "counts that are noised and charged, or generated or public rows, which a simulation may count",
      "Add evaluation.federated, or remove the key.",
    ];
  },
  ({ statistics, evaluation, data: { target } }) => {
    if (target.bounds === undefined) return undefined;
    const [key, got] = statistics?.classCounts
      ? ["statistics.classCounts", true]
      : evaluation?.federated
        ? ["evaluation.federated", "set"]
        : ["evaluation.perClient", evaluation?.perClient ?? false];
    if (got === false) return undefined;
    return [key, got, "none: it counts classes, and the target is a number", "Remove it."];
  },
  ({ statistics }) => {
    if (!statistics || statistics.classCounts || Object.keys(statistics.quantiles).length > 0)
      return undefined;
    return ["statistics", "nothing to count", "classCounts, or quantiles", "Name what to count."];
  },
  ({ training: { adaptiveClipping, clipping, clipNorm }, privacy: { trust } }) => {
    if (!adaptiveClipping) return undefined;
    const what = "training.adaptiveClipping";
    if (trust === "local" || trust === "distributed")
      return [what, `trust ${trust}`, "trust central: one noise on the sum of bits", "Remove it."];
    if (clipping === "perLayer")
      return [what, "clipping perLayer", "flat: one bit tells of one norm", "Remove either."];
    const [low, high] = adaptiveClipping.bounds;
    if (low <= clipNorm && clipNorm <= high) return undefined;
    return [
      `${what}.bounds`,
      `${low} to ${high}`,
      `bounds around training.clipNorm, ${clipNorm}`,
      "Widen them, or mend clipNorm, which is that of the first round.",
    ];
  },
  ({ privacy: { epsilon, noiseMultiplier } }) => {
    if (epsilon === undefined || noiseMultiplier === undefined) return undefined;
    return [
      "privacy.epsilon",
      "epsilon and noiseMultiplier",
      "one of the two",
      "Remove one: each follows from the other.",
    ];
  },
  ({ privacy: { epsilon, noiseMultiplier, trust } }) => {
    if (epsilon !== undefined || noiseMultiplier !== undefined || trust === "none")
      return undefined;
    return [
      "privacy.epsilon",
      "nothing",
      "epsilon, or noiseMultiplier",
      "Set privacy.epsilon to 1, say.",
    ];
  },
  ({ privacy: { delta, population } }) => {
    if (delta * population < 1) return undefined;
    return [
      "privacy.delta",
      delta,
      `a number below 1 / population = ${1 / population}`,
      "Take population^-1.1 or less: at 1 / population a record could be published outright.",
    ];
  },
  (scenario) => {
    const cohort = minCohort(scenario);
    if (cohort <= scenario.clients.count) return undefined;
    return [
      "clients.minCohort",
      cohort,
      `at most clients.count, ${scenario.clients.count}`,
      "Lower it, or add clients.",
    ];
  },
  ({ training: { sampling } }) => {
    if ((sampling.kind === "poisson") === (sampling.rate !== undefined)) return undefined;
    return [
      "training.sampling.rate",
      sampling.rate ?? "nothing",
      "a rate with kind: poisson, none with kind: full",
      "Add it, or remove it.",
    ];
  },
  (scenario) => {
    if (scenario.privacy.noise !== "seeded" || isPublicData(scenario)) return undefined;
    return [
      "privacy.noise",
      "seeded",
      "secure, since the data are private",
      "Remove the key: whoever holds the seed can subtract the noise.",
    ];
  },
];

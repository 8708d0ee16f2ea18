/** What a scenario's rates, its coordinator's step and its simulated losses must hold together. */
import { aggregationFault } from "../training/aggregation.ts";
import { faultScript } from "./fault-schema.ts";
import type { Rule } from "./rule.ts";
import { isPublicData, minCohort } from "./schema.ts";

export const TRAINING_RULES: readonly Rule[] = [
  ({ training: { auto }, privacy: { unit } }) => {
    if (!auto || unit === "record") return undefined;
    return [
      "training",
      "auto with unit client",
      "auto with unit record: what a client's step is worth hangs on its rows, of which a plan knows nothing",
      "Write rounds, learningRate and clipNorm out.",
    ];
  },
  (scenario) => {
    const { training, privacy, clients } = scenario;
    const fault = aggregationFault(training.aggregation, {
      trust: privacy.trust,
      algorithm: training.algorithm,
      adapts: training.adaptiveClipping !== undefined,
      clients: clients.count,
      minCohort: minCohort(scenario),
    });
    if (!fault) return undefined;
    const [key, got, expected, fix] = fault;
    return [`training.${key}`, got, expected, fix];
  },
  ({ training: { learningRate, rounds } }) => {
    if (!Array.isArray(learningRate) || learningRate.length === rounds) return undefined;
    return [
      "training.learningRate",
      `a list of ${learningRate.length}`,
      `a number, or one for each of the ${rounds} rounds`,
      "Make the list as long as training.rounds.",
    ];
  },
  ({ training: { learningRate, rounds } }) => {
    if (typeof learningRate === "number" || !("schedule" in learningRate)) return undefined;
    const { warmup } = learningRate;
    if (warmup < rounds) return undefined;
    return [
      "training.learningRate.warmup",
      warmup,
      `fewer than the ${rounds} rounds`,
      "Shorten it: the schedule begins after it.",
    ];
  },
  ({ training: { momentum, serverOptimizer } }) => {
    if (momentum === undefined || serverOptimizer === undefined) return undefined;
    return [
      "training.momentum",
      "momentum and serverOptimizer",
      "one of the two",
      "Remove it: momentum is short for serverOptimizer: { kind: momentum, momentum: … }.",
    ];
  },
  ({ training: { averaging, rounds } }) => {
    if (averaging?.kind !== "mean" || averaging.from <= rounds) return undefined;
    return [
      "training.averaging.from",
      averaging.from,
      `one of the rounds 1 to ${rounds}`,
      "Lower it: a mean over no model is none.",
    ];
  },
  (scenario) => {
    const { dropOut, stragglers, faults } = scenario.clients;
    if (faultScript(scenario.clients).length === 0 || isPublicData(scenario)) return undefined;
    const short = dropOut > 0 ? ["dropOut", dropOut] : ["stragglers", stragglers?.share];
    const [key, got] = faults.length > 0 ? ["faults", `${faults.length} of them`] : short;
    return [
      `clients.${key}`,
      got,
      "none on private data: it simulates clients that fail",
      "Remove it, or say data.source.public: true if the rows are.",
    ];
  },
  ({ clients: { stragglers }, privacy: { unit } }) => {
    if (!stragglers || unit === "client") return undefined;
    return [
      "clients.stragglers",
      "unit record",
      "unit client: where records are the unit, a client has no local epochs to leave unfinished",
      "Remove it, or simulate clients that are lost by clients.dropOut.",
    ];
  },
  ({ clients: { stragglers }, training: { localEpochs } }) => {
    if (!stragglers || stragglers.localEpochs < localEpochs) return undefined;
    return [
      "clients.stragglers.localEpochs",
      stragglers.localEpochs,
      `fewer than training.localEpochs, ${localEpochs}`,
      "Lower it, or raise training.localEpochs.",
    ];
  },
];

import { expect, it } from "vitest";
import {
  ALGORITHMS,
  algorithmOf,
  stepsLocally,
  type TrainingKeys,
  trainingFault,
  vectorLength,
} from "../../../shared/training/algorithms.ts";

const REST = { adjacency: "zeroOut", sampling: { kind: "full" } } as const;
const OF = {
  record: { unit: "record", trust: "central", ...REST },
  client: { unit: "client", trust: "central", ...REST },
} as const;
const plain = (algorithm: TrainingKeys["algorithm"], more: Partial<TrainingKeys> = {}) => ({
  algorithm,
  localEpochs: 1,
  localSteps: 1,
  ...(algorithm === "fedProx" && { proximal: 0.1 }),
  ...more,
});

it.each(ALGORITHMS)("%s goes with one unit, and with that alone", (algorithm) => {
  const [due, other] =
    algorithm === "dpSgd" ? (["record", "client"] as const) : (["client", "record"] as const);
  expect(trainingFault(plain(algorithm), OF[due])).toBeUndefined();
  expect(trainingFault(plain(algorithm), OF[other])?.[0]).toBe("algorithm");
});

it.each(["fedAvg", "fedProx", "scaffold"] as const)(
  "%s takes epochs, batches and a server's rate",
  (algorithm) => {
    const more = { localEpochs: 5, batchSize: 10, serverLearningRate: 0.5 };
    expect(trainingFault(plain(algorithm, more), OF.client)).toBeUndefined();
    // In a plan nothing is left to a default.
    expect(trainingFault(plain(algorithm, { serverLearningRate: null }), OF.client)?.[0]).toBe(
      "serverLearningRate",
    );
  },
);

it.each([
  ["dpSgd", "record", { localEpochs: 2 }, "localEpochs"],
  ["dpSgd", "record", { batchSize: 2 }, "batchSize"],
  ["dpSgd", "record", { serverLearningRate: 1 }, "serverLearningRate"],
  ["dpSgd", "record", { localSteps: 2 }, "localSteps"],
  ["fedSgd", "client", { localEpochs: 2 }, "localEpochs"],
  ["fedSgd", "client", { batchSize: 2 }, "batchSize"],
  ["fedSgd", "client", { serverLearningRate: 2 }, "serverLearningRate"],
  ["fedAvg", "client", { proximal: 0 }, "proximal"],
  ["scaffold", "client", { proximal: 0.5 }, "proximal"],
  ["fedProx", "client", { proximal: undefined }, "proximal"],
  ["fedProx", "client", { proximal: null }, "proximal"],
  ["scaffold", "client", { localSteps: 3 }, "localSteps"],
] as const)("%s with unit %s refuses %j", (algorithm, unit, more, key) => {
  expect(trainingFault(plain(algorithm, more), OF[unit])?.[0]).toBe(key);
});

it("lets records take noised steps of their own under local alone", () => {
  const steps = plain("dpSgd", { localSteps: 4 });
  expect(trainingFault(steps, { ...OF.record, trust: "local" })).toBeUndefined();
  expect(trainingFault(steps, { ...OF.record, trust: "none" })?.[0]).toBe("localSteps");
});

it("sends twice the model's length under scaffold", () => {
  expect(ALGORITHMS.map((name) => vectorLength(name, 7))).toEqual([7, 7, 7, 7, 14]);
  expect(ALGORITHMS.filter(stepsLocally)).toEqual(["fedAvg", "fedProx", "scaffold"]);
});

it("does not amplify samples of a fixed size for clients that remember rounds", () => {
  const fixedSize = { ...OF.client, sampling: { kind: "fixedSize" } } as const;
  const replaced = { ...fixedSize, adjacency: "replaceOne" } as const;
  expect(trainingFault(plain("scaffold"), replaced)?.[0]).toBe("sampling");
  // Where all count as drawn, or each by coins of its own, they may remember.
  expect(trainingFault(plain("scaffold"), fixedSize)).toBeUndefined();
  expect(trainingFault(plain("fedAvg"), replaced)).toBeUndefined();
  // Of one from outside nobody can tell.
  expect(trainingFault(plain("outside/toy"), replaced)?.[0]).toBe("sampling");
  expect(trainingFault(plain("outside/toy"), fixedSize)).toBeUndefined();
});

it("takes an algorithm from outside as one of clients, whose state it keeps none of", () => {
  const toy = plain("outside/toy", { localEpochs: 5, batchSize: 10, serverLearningRate: 0.5 });
  expect(trainingFault(toy, OF.client)).toBeUndefined();
  expect(trainingFault(toy, OF.record)?.[0]).toBe("algorithm");
  expect(trainingFault({ ...toy, proximal: 0.1 }, OF.client)?.[0]).toBe("proximal");
  expect(vectorLength("outside/toy", 7)).toBe(7);
  expect(algorithmOf("fedAvg")).toBe("fedAvg");
  expect(algorithmOf("outside/a-1")).toBe("outside/a-1");
  for (const text of ["outside/", "outside/A", "outside/a/b", "outside/a\n", "outside", "fedavg"])
    expect(algorithmOf(text)).toBeUndefined();
});

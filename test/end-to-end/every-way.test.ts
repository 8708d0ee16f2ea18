/**
 * A seeded run has the same bytes whichever way it is run: simulated, on 1, 2 and 5 hosts, served to clients that
 * join, and resumed. Over every trust, algorithm and sampler that a scenario may put together.
 */
import { afterAll, describe, expect, it } from "vitest";
import { effort } from "../support/effort.ts";
import { INCOMES, numberCases } from "../support/number-cases.ts";
import type { RunCase } from "../support/run-cases.ts";
import { Study, withoutRows } from "../support/study-ways.ts";

type Settings = RunCase["set"];
type Choices = Readonly<Record<string, Settings>>;

const UNIT_CLIENT = { "privacy.unit": "client", "privacy.population": 5, "privacy.epsilon": 10 };
const EPOCHS = { ...UNIT_CLIENT, "training.batchSize": 10, "training.localEpochs": 2 };
const ALGORITHMS: Choices = {
  dpSgd: {},
  fedSgd: { ...UNIT_CLIENT, "training.algorithm": "fedSgd" },
  fedAvg: { ...EPOCHS, "training.algorithm": "fedAvg" },
  fedProx: { ...EPOCHS, "training.algorithm": "fedProx", "training.proximal": 0.1 },
  scaffold: { ...EPOCHS, "training.algorithm": "scaffold" },
};
const SAMPLERS: Choices = {
  full: {},
  // By the accountant that takes least time: this is not about what they say.
  poisson: {
    ...{ "training.sampling.kind": "poisson", "training.sampling.rate": 0.5 },
    "privacy.accountant": "rdp",
  },
  "fixed size": { "training.sampling.kind": "fixedSize", "training.sampling.size": 3 },
};
const TRUSTS = ["central", "local", "distributed", "none"];

/** What no scenario may put together (shared/scenario). */
function isRefused(trust: string, algorithm: string, sampler: string): boolean {
  if (trust === "distributed") return sampler !== "full" || algorithm === "scaffold";
  return algorithm === "dpSgd" && sampler === "fixed size";
}

/** No theorem amplifies it against other neighbours; for clients that remember rounds, against fewer. */
function adjacencyOf(algorithm: string, sampler: string): Settings {
  if (sampler !== "fixed size") return {};
  return { "privacy.adjacency": algorithm === "scaffold" ? "zeroOut" : "replaceOne" };
}

const CASES = TRUSTS.flatMap((trust) =>
  Object.entries(ALGORITHMS).flatMap(([algorithm, own]) =>
    Object.entries(SAMPLERS)
      .filter(([sampler]) => !isRefused(trust, algorithm, sampler))
      .map(([sampler, drawn]) => ({
        name: `${trust}, ${algorithm}, ${sampler}`,
        set: {
          "privacy.trust": trust,
          ...own,
          ...drawn,
          ...adjacencyOf(algorithm, sampler),
        },
      })),
  ),
);
const NUMBERS = numberCases(5).map(({ name, set }) => ({ name, set: { ...INCOMES, ...set } }));
const OF_EACH_TRUST = CASES.filter(({ name }) => /dpSgd, full/.test(name));
const RESUMED = CASES.filter(({ name }) => /dpSgd|fedAvg|scaffold, full/.test(name));
const SERVED_AND_RESUMED = CASES.filter(({ name }) =>
  /dpSgd, full|scaffold, (full|poisson)/.test(name),
);

const study = new Study();
afterAll(() => study.end());

/** On five as well in the long tests; of each trust, and on forked hosts, in all of them. */
const HOSTS = effort([2], [2, 5]);

it.each(CASES)("$name: on several hosts, and served", async ({ set }) => {
  const { bytes, trace } = await study.simulated(set);
  expect(bytes).toMatchSnapshot();
  for (const count of HOSTS)
    expect(await study.onHosts(set, count), `on ${count} hosts`).toEqual(bytes);
  const served = await study.served(set);
  expect(served.bytes.trace).toMatchSnapshot();
  expect(served.bytes, "served").toEqual({ ...bytes, trace: served.bytes.trace });
  expect(withoutRows(served.trace), "the trace served").toBe(withoutRows(trace));
});

it.each(NUMBERS)("$name: on several hosts, forked, served, and resumed", async ({ set }) => {
  const { bytes, trace } = await study.simulated(set);
  expect(bytes).toMatchSnapshot();
  expect(await study.onHosts(set, 2), "on 2 hosts").toEqual(bytes);
  expect(await study.forked(set), "on a forked host").toEqual(bytes);
  expect(await study.resumed(set), "resumed").toEqual(bytes);
  const served = await study.served(set);
  expect(served.bytes, "served").toEqual({ ...bytes, trace: served.bytes.trace });
  expect(withoutRows(served.trace), "the trace served").toBe(withoutRows(trace));
});

it.each(OF_EACH_TRUST)("$name: on 1, 2 and 5 forked hosts", async ({ set }) => {
  const { bytes } = await study.simulated(set);
  for (const count of [1, 2, 5])
    expect(await study.forked(set, count), `on ${count} forked hosts`).toEqual(bytes);
});

describe("broken off after a round, and resumed", () => {
  it.each(RESUMED)("$name", async ({ set }) => {
    const { bytes } = await study.simulated(set);
    expect(await study.resumed(set)).toEqual(bytes);
  });

  it.each(SERVED_AND_RESUMED)("$name, served", async ({ set }) => {
    const { bytes, trace } = await study.simulated(set);
    const served = await study.servedAndResumed(set);
    expect(served.bytes).toEqual({ ...bytes, trace: served.bytes.trace });
    expect(withoutRows(served.trace)).toBe(withoutRows(trace));
  });
});

it("is said of every combination that a scenario may have, and of no other", async () => {
  const refused = TRUSTS.flatMap((trust) =>
    Object.entries(ALGORITHMS).flatMap(([algorithm, own]) =>
      Object.entries(SAMPLERS)
        .filter(([sampler]) => isRefused(trust, algorithm, sampler))
        .map(([sampler, drawn]) => ({
          "privacy.trust": trust,
          ...own,
          ...drawn,
          ...adjacencyOf(algorithm, sampler),
        })),
    ),
  );
  for (const set of refused)
    await expect(study.simulated(set), JSON.stringify(set)).rejects.toThrow(
      /^training\.|privacy\./,
    );
  expect(refused.length + CASES.length).toBe(4 * 5 * 3);
});

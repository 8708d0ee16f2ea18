import { describe, expect, it } from "vitest";
import {
  attemptEventsSchema,
  eventSchema,
  hashSchema,
  rulesKeys,
  runKeys,
  samplingSchema,
} from "../../../shared/accounting/event-schema.ts";

const poisson = { kind: "poisson", rate: 0.01 };
const fixed = { kind: "fixedSize", size: 3, population: 9 };
const gaussian = {
  ...{ mechanism: "gaussian", noiseMultiplier: 1.5, sampling: poisson, adjacency: "zeroOut" },
};
const lattice = {
  ...{ mechanism: "distributedDiscreteGaussian", clients: 4, sigma: 20, dimension: 7 },
  ...{ l2Sensitivity: 5, sampling: { kind: "full" }, adjacency: "replaceOne" },
};
const none = { mechanism: "none" };
const MOST_ROWS = 1_000_000;

describe("samplingSchema", () => {
  it.each([
    { kind: "full" },
    poisson,
    { kind: "poisson", rate: 1e-5 },
    { kind: "poisson", rate: 1, rowsPerCoin: 1 },
    fixed,
    { kind: "fixedSize", size: 1, population: 1, known: 1 },
  ])("takes %j as it is", (sampling) => {
    expect(samplingSchema.parse(sampling)).toEqual(sampling);
  });

  it.each([
    { kind: "half" },
    { kind: "full", rate: 1 },
    { kind: "poisson" },
    { kind: "poisson", rate: 0.9e-5 },
    { kind: "poisson", rate: 1.01 },
    { ...poisson, rowsPerCoin: 0 },
    { ...poisson, rowsPerCoin: MOST_ROWS + 1 },
    { ...poisson, rowsPerCoin: 1.5 },
    { ...poisson, size: 3 },
    { ...fixed, size: 0 },
    { ...fixed, size: 2.5 },
    { ...fixed, population: 0 },
    { ...fixed, population: 9.5 },
    { ...fixed, known: 0 },
    { ...fixed, known: 1.5 },
    { ...fixed, rate: 0.5 },
  ])("refuses %j", (sampling) => {
    expect(samplingSchema.safeParse(sampling).success).toBe(false);
  });
});

describe("eventSchema", () => {
  it.each([
    gaussian,
    { ...gaussian, sampling: fixed, adjacency: "replaceOne", steps: 2, rows: 2 },
    lattice,
    { ...lattice, clients: 1, sigma: 1, dimension: 1, l2Sensitivity: 1, rows: 5 },
    none,
  ])("takes %j as it is", (event) => {
    expect(eventSchema.parse(event)).toEqual(event);
  });

  it.each([
    { ...none, rows: 2 },
    { mechanism: "laplace", noiseMultiplier: 1 },
    { ...gaussian, noiseMultiplier: 0 },
    { ...gaussian, noiseMultiplier: Infinity },
    { ...gaussian, adjacency: "addOrRemove" },
    { ...gaussian, steps: 1 },
    { ...gaussian, steps: 2.5 },
    { ...gaussian, rows: 1 },
    { ...gaussian, rows: 2.5 },
    { ...gaussian, rows: MOST_ROWS + 1 },
    { ...gaussian, sigma: 4 },
    ...["clients", "sigma", "dimension", "l2Sensitivity"].flatMap((key) => [
      { ...lattice, [key]: 0 },
      { ...lattice, [key]: 1.5 },
    ]),
    { ...lattice, sampling: poisson },
    { ...lattice, sampling: { kind: "full", rate: 1 } },
    { ...lattice, steps: 2 },
  ])("refuses %j", (event) => {
    expect(eventSchema.safeParse(event).success).toBe(false);
  });
});

it("attemptEventsSchema wants an event for each adversary, and no more", () => {
  const events = { modelRecipients: gaussian, otherClients: none, coordinator: lattice };
  expect(attemptEventsSchema.parse(events)).toEqual(events);
  for (const key of Object.keys(events)) {
    const { [key as "coordinator"]: _, ...fewer } = events;
    expect(attemptEventsSchema.safeParse(fewer).success).toBe(false);
  }
  expect(attemptEventsSchema.safeParse({ ...events, others: none }).success).toBe(false);
});

describe("ids and rules", () => {
  it.each([
    [hashSchema, 64],
    [runKeys.planHash, 64],
    [runKeys.runId, 32],
  ])("hex digits, no more and no fewer (%#)", (schema, digits) => {
    expect(schema.safeParse("0f".repeat(digits / 2)).success).toBe(true);
    for (const text of ["0".repeat(digits - 1), "0".repeat(digits + 1), "g".repeat(digits)])
      expect(schema.safeParse(text).success, text).toBe(false);
    expect(schema.safeParse(`${"0".repeat(digits - 1)}F`).success).toBe(false);
  });

  it.each(["delta", "chargedDelta"] as const)("%s lies between 0 and 1", (key) => {
    expect([0, 1e-300, 0.999, 1].map((x) => rulesKeys[key].safeParse(x).success)).toEqual([
      ...[false, true, true, false],
    ]);
  });
});

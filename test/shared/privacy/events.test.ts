import { describe, expect, it } from "vitest";
import type { Sampler } from "../../../shared/accounting/mechanisms/event.ts";
import { tableDistance } from "../../../shared/noise/gaussian-table.ts";
import {
  attemptEvents,
  countedSampling,
  eventsAtClients,
  privacyEvent,
  releaseDistance,
} from "../../../shared/privacy/events.ts";

const full: Sampler = { kind: "full" };
const poisson: Sampler = { kind: "poisson", rate: 0.25 };
const fixed = (size: number, population: number): Sampler => ({
  kind: "fixedSize",
  size,
  population,
});
const central = {
  unit: "client",
  trust: "central",
  adjacency: "zeroOut",
  noiseMultiplier: 3,
  sampling: poisson,
} as const;
const shares = {
  ...{ noiseShares: 3, noiseStddev: 64, sensitivity: 100, parameters: 7 },
  ...{ clients: 5, minCohort: 4, colluders: 1 },
};
const distributed = { ...central, trust: "distributed", sampling: full, ...shares } as const;

describe("what one attempt lets each adversary learn", () => {
  it("under central is the noised sum, and to the coordinator, who adds the noise, all", () => {
    const noised = { mechanism: "gaussian", noiseMultiplier: 3, sampling: poisson };
    expect(attemptEvents(central)).toEqual({
      modelRecipients: { ...noised, adjacency: "zeroOut" },
      otherClients: { ...noised, adjacency: "zeroOut" },
      coordinator: { mechanism: "none" },
    });
  });

  it("under local is noised for the coordinator too; under none it is all for everybody", () => {
    const { coordinator } = attemptEvents({ ...central, trust: "local", unit: "record" });
    expect(coordinator).toMatchObject({ mechanism: "gaussian", noiseMultiplier: 3 });
    const bare = attemptEvents({ ...central, trust: "none" });
    expect(Object.values(bare)).toEqual(Array(3).fill({ mechanism: "none" }));
  });

  it("says steps and rows where there is more than one, and no key where there is one", () => {
    const event = privacyEvent({ ...central, localSteps: 4, rowsPerPerson: 3 }, "otherClients");
    expect(event).toMatchObject({ steps: 4, rows: 3 });
    const one = privacyEvent({ ...central, localSteps: 1, rowsPerPerson: 1 }, "otherClients");
    expect(Object.keys(one)).not.toContain("steps");
    expect(Object.keys(one)).not.toContain("rows");
  });

  it("under distributed is the sum of the shares, the same for everybody, with the unit's rows", () => {
    const events = Object.values(attemptEvents({ ...distributed, rowsPerPerson: 2 }));
    expect(events[0]).toMatchObject({
      ...{ mechanism: "distributedDiscreteGaussian", adjacency: "zeroOut", rows: 2 },
    });
    expect(events).toEqual(Array(3).fill(events[0]));
  });

  it.each(["noiseShares", "noiseStddev", "sensitivity", "parameters"])(
    "under distributed is no event without %s",
    (key) => {
      const lacking = { ...distributed, [key]: undefined };
      expect(() => privacyEvent(lacking, "coordinator")).toThrow("without shares of noise");
    },
  );
});

describe("a fixed sample's secrecy", () => {
  const of = (sampling: Sampler, adversary: "otherClients" | "modelRecipients") =>
    privacyEvent({ ...central, sampling }, adversary);

  it("is a client less to one who knows of itself, and whole to who has no client", () => {
    expect(of(fixed(4, 10), "otherClients")).toMatchObject({ sampling: fixed(4, 9) });
    expect(of(fixed(4, 10), "modelRecipients")).toMatchObject({ sampling: fixed(4, 10) });
  });

  it("is none where all the others are drawn", () => {
    expect(of(fixed(8, 10), "otherClients")).toMatchObject({ sampling: fixed(8, 9) });
    expect(of(fixed(9, 10), "otherClients")).toMatchObject({ sampling: full });
  });

  it("is counted without those who collude, against model recipients, while any others are", () => {
    const against = (colluders: number) =>
      (["modelRecipients", "otherClients"] as const).map((adversary) =>
        privacyEvent({ ...central, sampling: fixed(4, 10), colluders }, adversary),
      );
    for (const event of against(9))
      expect(event).toMatchObject({ sampling: { ...fixed(4, 10), known: 9 } });
    for (const event of against(10)) expect(event).toMatchObject({ sampling: full });
  });

  it("by Poisson sampling is left as it is", () => {
    expect(of(poisson, "otherClients")).toMatchObject({ sampling: poisson });
  });
});

describe("a person at several clients", () => {
  it("moves one noised sum by as many times the rows", () => {
    const at = (clients: number, rowsPerPerson?: number) =>
      eventsAtClients({ ...central, rowsPerPerson }, "otherClients", clients);
    expect(at(3, 2)).toMatchObject({ event: { rows: 6 }, count: 1 });
    expect(at(3)).toMatchObject({ event: { rows: 3 }, count: 1 });
    expect(at(1, 2)).toMatchObject({ event: { rows: 2 }, count: 1 });
    expect(Object.keys(at(1).event)).not.toContain("rows");
  });

  it("is in as many releases where each client noises its own, and in a bare one once", () => {
    const local = { ...central, trust: "local", unit: "record", rowsPerPerson: 2 } as const;
    const { event, count } = eventsAtClients(local, "coordinator", 3);
    expect([event, count]).toEqual([privacyEvent(local, "coordinator"), 3]);
    const bare = eventsAtClients(central, "coordinator", 3);
    expect(bare).toEqual({ event: { mechanism: "none" }, count: 1 });
  });
});

it("counts on no sample of clients where each update says whose it is", () => {
  const counted = (unit: "client" | "record", trust: "central" | "local") =>
    countedSampling({ unit, trust, sampling: poisson });
  expect(counted("client", "local")).toEqual(full);
  for (const [unit, trust] of [
    ["record", "local"],
    ["client", "central"],
    ["record", "central"],
  ] as const)
    expect(counted(unit, trust)).toEqual(poisson);
});

describe("how far an attempt's noise is from the one accounted for", () => {
  const noise = { noiseStddev: 64, bitNoiseStddev: 0, parameters: 7 };

  it("adds up over all draws: entries, bits, local steps", () => {
    const [ofEntry, ofBits] = [tableDistance(64), tableDistance(9)];
    expect(ofBits).toBeGreaterThan(0);
    expect(releaseDistance(noise)).toBe(7 * ofEntry);
    expect(releaseDistance({ ...noise, bitNoiseStddev: 9 })).toBe(7 * ofEntry + ofBits);
    expect(releaseDistance({ ...noise, bitNoiseStddev: 9, localSteps: 3 })).toBe(
      3 * (7 * ofEntry + ofBits),
    );
  });

  it("is of all the shares that are counted on, and the chance that masks come off", () => {
    // All five mask with all: nothing comes off by chance. Of 2,000 each masks with some (terms.test.ts).
    expect(releaseDistance({ ...shares, bitNoiseStddev: 0 })).toBe(3 * 7 * tableDistance(64));
    const many = { ...shares, clients: 2000, minCohort: 1900, bitNoiseStddev: 0 };
    expect(releaseDistance(many)).toBe(3 * 7 * tableDistance(64) + 2 ** -40);
  });

  it.each(["clients", "minCohort", "colluders"])("is no number without %s", (key) => {
    const lacking = { ...shares, bitNoiseStddev: 0, [key]: undefined };
    expect(() => releaseDistance(lacking)).toThrow("without a cohort");
  });
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { claimRows, claimsOf, claimText, plannedClaims } from "../../../shared/claims/claim.ts";
import { Ledger } from "../../../shared/ledger/ledger.ts";
import { attemptEvents } from "../../../shared/privacy/events.ts";
import type { PrivacyTerms } from "../../../shared/privacy/terms.ts";
import { openingFor, sealedWith } from "../../support/plans.ts";
import { exactGaussianEpsilon } from "../../support/statistics.ts";

const folder = mkdtempSync(join(tmpdir(), "murmur-claim-"));
afterAll(() => rmSync(folder, { recursive: true }));
let ledgers = 0;

/** The claims of a run of that plan after three attempts. */
function claimed(terms: Partial<PrivacyTerms>) {
  const sealed = sealedWith(terms);
  const { privacy } = sealed.plan;
  const ledger = new Ledger(join(folder, `${ledgers++}.jsonl`), openingFor(sealed));
  for (const round of [0, 1, 2]) {
    ledger.charge(round, 0, attemptEvents(privacy));
    ledger.release(round, 0, "ab".repeat(32));
  }
  return { privacy, ledger, claims: claimsOf(privacy, ledger.lines) };
}

it("has one claim an adversary, against the raw table what it is against the anonymized", () => {
  const { claims, ledger } = claimed({});
  expect(claims.map(({ adversary }) => adversary)).toEqual([
    "modelRecipients",
    "otherClients",
    "coordinator",
  ]);
  for (const { adversary, anonymized, raw, everyRound } of claims) {
    expect(anonymized).toBe(ledger.spent[adversary]);
    expect(raw).toBe(anonymized);
    expect(everyRound).toBeUndefined();
  }
});

it("says what a unit in every round would pay, exactly composed, where sampling hides that", () => {
  const sampling = { kind: "poisson", rate: 0.2 } as const;
  const { claims, privacy } = claimed({ sampling, accountant: "pld" });
  const [model, , coordinator] = claims;
  const due = exactGaussianEpsilon(Math.sqrt(3) / privacy.noiseMultiplier, 1e-5);
  expect(model?.everyRound).toBeCloseTo(due, 6);
  expect(model?.everyRound ?? 0).toBeGreaterThan(2 * (model?.raw ?? Infinity));
  expect(coordinator).toMatchObject({ raw: null, everyRound: null });
  expect(model?.assumption).toContain("which records");
});

it("rests on nobody under local, and on nothing at all under none", () => {
  const local = claimed({ trust: "local" }).claims;
  for (const { raw, assumption } of local) {
    expect(raw).toBeGreaterThan(0);
    expect(assumption).toMatch(/^each client noises/);
  }
  const none = claimed({ trust: "none", targetEpsilon: null }).claims;
  expect(claimRows(none).map((row) => row[2])).toEqual(["∞", "∞", "∞"]);
});

it.each([
  ["central", { trust: "central" }],
  ["local", { trust: "local" }],
  ["none", { trust: "none", targetEpsilon: null }],
  ["sampled", { sampling: { kind: "poisson", rate: 0.2 }, accountant: "pld" }],
] as const)("says before a run of %s what its ledger will say after it", (_, terms) => {
  const { claims, privacy } = claimed(terms);
  expect(plannedClaims(privacy, 3)).toEqual(claims);
  expect(plannedClaims(privacy, 2)[0]?.raw ?? 0).toBeLessThan(claims[0]?.raw ?? Infinity);
});

it("names unit, adjacency, sampler and accountant with every ε", () => {
  const plan = claimed({ adjacency: "replaceOne", accountant: "zcdp" }).privacy;
  const text = claimText(plan);
  for (const part of [
    "δ 1e-5",
    "unit record",
    "replaceOne",
    "every record",
    "zCDP",
    "trust central",
  ])
    expect(text).toContain(part);
});

it("shows a unit in every round beside the sampled one, and says what each rests on", () => {
  const sampling = { kind: "poisson", rate: 0.2 } as const;
  const records = claimed({ sampling, accountant: "pld" }).claims;
  const [model = [], , coordinator = []] = claimRows(records);
  expect(Number(model[3])).toBeGreaterThan(2 * Number(model[2]));
  expect(coordinator.slice(1, 4)).toEqual(["∞", "∞", "∞"]);
  expect(coordinator[4]).toBe("no guarantee: it sees exact updates");
  const clients = { unit: "client", clients: 400, minCohort: 300 } as const;
  const [secret] = claimed({ ...clients, sampling, accountant: "pld" }).claims;
  expect(secret?.assumption).toContain("which clients were drawn");
  const [full] = claimed({}).claims;
  expect(full?.assumption).toBe("the coordinator noises the sum, shows nothing else");
  expect(claimRows(claimed({}).claims)[0]?.[3]).toBe(claimRows(claimed({}).claims)[0]?.[2]);
  const [local] = claimed({ trust: "local", sampling, accountant: "pld" }).claims;
  expect(local?.assumption).toContain("which records it drew");
});

it("says whose noise it would be, and where a sample is no secret", () => {
  expect(claimText(claimed({}).privacy)).toContain("seeded noise protects nobody");
  expect(claimText(claimed({ noise: "secure" }).privacy)).not.toContain("seeded");
  const none = claimed({ trust: "none", targetEpsilon: null });
  expect(claimText(none.privacy)).toBe("trust none: no privacy");
  expect(none.claims[0]?.assumption).toContain("nothing is noised");
  const sampling = { kind: "fixedSize", size: 9, population: 400 } as const;
  const clients = { unit: "client", clients: 400, minCohort: 300, sampling } as const;
  const drawn = claimText(claimed(clients).privacy);
  expect(drawn).toContain("9 of 400 clients");
  expect(drawn).not.toContain("counted as all");
  expect(claimText(claimed({ ...clients, trust: "local" }).privacy)).toContain("counted as all");
});

it("names the clients that may collude, in its line and in what each epsilon rests on", () => {
  const sampling = { kind: "fixedSize", size: 9, population: 400 } as const;
  const drawn = { unit: "client", clients: 400, minCohort: 300, sampling } as const;
  const said = claimed({ ...drawn, colluders: 20 });
  expect(claimText(said.privacy)).toContain(
    "ε holds even if 20 clients collude and know which of them were drawn, against whoever gets the model too",
  );
  const [model, others, coordinator] = said.claims.map(({ assumption }) => assumption);
  for (const assumption of [model, others])
    expect(assumption).toContain("which clients were drawn, but for 20 that collude");
  expect(coordinator).not.toContain("collude");

  const unsaid = claimed(drawn);
  expect(claimText(unsaid.privacy)).toContain("if no two of them collude");
  expect(unsaid.claims[0]?.assumption).toContain("drawn, and no client is among them");
  expect(unsaid.claims[1]?.assumption).toContain("drawn, but each for itself");
  // What no secret sample is claimed of rests on no number of colluders.
  const poisson = {
    ...drawn,
    sampling: { kind: "poisson", rate: 0.2 },
    accountant: "pld",
  } as const;
  for (const terms of [poisson, { ...drawn, trust: "local" } as const, {}])
    expect(claimText(claimed(terms).privacy)).not.toContain("collude");
});

it("prices counts that go with the attempts, and several runs on the same rows", () => {
  const counts = {
    statistics: { noiseMultiplier: 12, classes: 2, histograms: [] },
    evaluation: { noiseMultiplier: 16, every: 3 },
  };
  const { privacy } = claimed({ counts });
  const z = privacy.noiseMultiplier;
  const mu = (rounds: number, evaluations: number) =>
    Math.sqrt(rounds / z ** 2 + 1 / 12 ** 2 + evaluations / 16 ** 2);
  const raw = (attempts: number, runs?: number) => plannedClaims(privacy, attempts, runs)[0]?.raw;
  expect(raw(3)).toBeCloseTo(exactGaussianEpsilon(mu(3, 1), 1e-5), 6);
  // A spare attempt has no evaluation of its own.
  expect(raw(9)).toBeCloseTo(exactGaussianEpsilon(mu(9, 2), 1e-5), 6);
  expect(raw(7, 4)).toBeCloseTo(exactGaussianEpsilon(2 * mu(7, 2), 1e-5), 6);
});

describe("against the raw table", () => {
  it("prices the rows that suppression lets one row move, at the plan's own δ", () => {
    const { claims, privacy } = claimed({ rawFactor: 5 });
    const [model, , coordinator] = claims;
    // Five times the sensitivity, exactly; what is 2^-128 of noise is below the digits.
    const mu = (5 * Math.sqrt(3)) / privacy.noiseMultiplier;
    const exact = exactGaussianEpsilon(mu, 1e-5);
    expect(model?.raw ?? 0).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
    expect(model?.raw).toBeCloseTo(exact, 5);
    expect(model?.rawDelta).toBe(1e-5);
    expect(coordinator).toMatchObject({ anonymized: null, raw: null, rawDelta: null });
    expect(plannedClaims(privacy, 3)).toEqual(claims);
    const [row = []] = claimRows(claims);
    expect(Number(row[2])).toBeCloseTo(exact, 2);
    const told = /against the raw table: ε ([\d.]+), at the same δ \(.*may move 5 rows/.exec(
      claimText(privacy),
    );
    const planned = (5 * Math.sqrt(privacy.rounds)) / privacy.noiseMultiplier;
    expect(Number(told?.[1])).toBeCloseTo(exactGaussianEpsilon(planned, 1e-5), 2);
  });

  it("says δ as it is where nothing is suppressed, and no second price", () => {
    const { claims, privacy } = claimed({});
    expect(claims[0]).toMatchObject({ raw: claims[0]?.anonymized, rawDelta: 1e-5 });
    expect(claimText(privacy)).not.toContain("raw table");
  });

  it("says none under mondrian, where the anonymized table still has its ε", () => {
    const { claims, privacy } = claimed({ rawFactor: null });
    expect(claims[0]).toMatchObject({ raw: null, rawDelta: null });
    expect(claims[0]?.anonymized).toBeGreaterThan(0);
    const rows = claimRows(claims);
    expect(rows.map((row) => row[2])).toEqual(["none", "none", "∞"]);
    expect(rows.map((row) => row[3])).toEqual(["none", "none", "∞"]);
    expect(Number(rows[0]?.[1])).toBeGreaterThan(0);
    expect(claimText(privacy)).toMatch(/against the raw table: none \(rows decide/);
  });

  it("prices a unit in every round too, and says none where the noise table's part would pass δ", () => {
    const sampling = { kind: "poisson", rate: 0.2 } as const;
    const sampled = { sampling, accountant: "pld" } as const;
    const { claims, privacy } = claimed({ ...sampled, rawFactor: 3 });
    const [three] = claims;
    const mu = (3 * Math.sqrt(3)) / privacy.noiseMultiplier;
    expect(three?.everyRound).toBeCloseTo(exactGaussianEpsilon(mu, 1e-5), 5);
    // By their coins less, but more than the one row's.
    expect(three?.raw ?? Infinity).toBeLessThan(three?.everyRound ?? 0);
    expect(three?.raw ?? 0).toBeGreaterThan(three?.anonymized ?? Infinity);
    const many = claimed({ rawFactor: 10_000 }).claims;
    expect(many[0]).toMatchObject({ raw: null, rawDelta: null });
    expect(claimRows(many)[0]?.[2]).toBe("none");
  });
});

import { describe, expect, it } from "vitest";
import { reportPage } from "../../report/report-page.ts";
import type { RunReport } from "../../report/run-report.ts";
import { plannedClaims } from "../../shared/claims/claim.ts";
import { planPrivacy } from "../../shared/privacy/plan.ts";
import { NUMBER_RECODING } from "../support/plans.ts";
import { reportFor } from "../support/run-reports.ts";

const HOSTILE = `</script><img src=x onerror="alert('1')">`;
const MAX_BYTES = 2 * 2 ** 20;

/** A page's words, with its marks' places as spaces. */
function words(html: string): string {
  return html
    .replace(/<style>.*?<\/style>|<script>.*?<\/script>|<svg.*?<\/svg>/gs, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, " ");
}

describe("reportPage", () => {
  it("has the six stages, four layers, three rungs and three questions", async () => {
    const html = await reportPage(await reportFor());
    for (const id of ["collect", "anonymize", "engineer", "train", "evaluate", "predict"])
      expect(html.split(`<section id="${id}" data-tour>`)).toHaveLength(2);
    expect(html.match(/<li><h3>/g)).toHaveLength(4);
    expect(html.match(/class="bar/g)).toHaveLength(3);
    expect(html.match(/<fieldset/g)).toHaveLength(3);
    expect(html.match(/data-right/g)).toHaveLength(3 + 1);
  });

  it("asks for nothing from outside", async () => {
    const html = await reportPage(await reportFor());
    expect(html).not.toMatch(/<link|<img|<iframe|src=|@import|url\(|href="(?!#)/);
    expect(html.match(/https?:\/\/[^"\s]+/g)?.filter((url) => !url.includes("www.w3.org"))).toEqual(
      [],
    );
  });

  it("shows every free text as text", async () => {
    const report = await reportFor();
    const { trace, manifest, scenario } = report;
    const hostile = {
      ...report,
      scenario: { ...scenario, name: HOSTILE },
      clients: report.clients.map((client) => ({ ...client, client: HOSTILE, lost: true })),
      risks: [{ client: HOSTILE, before: 0.5, after: 0.1 }],
      manifest: {
        ...manifest,
        notes: [HOSTILE],
        engine: HOSTILE,
        command: { name: "run" as const, file: HOSTILE, set: [{ path: HOSTILE, value: HOSTILE }] },
      },
      trace: {
        ...trace,
        stages: trace.stages.map((stage) => ({
          ...{ ...stage, note: HOSTILE, namesIn: [HOSTILE], namesOut: [HOSTILE] },
          examples: [[HOSTILE]],
        })),
        clientLabels: [{ client: HOSTILE, counts: [1, 2] }],
        claims: trace.claims.map((claim) => ({ ...claim, assumption: HOSTILE })),
        statistics: [
          { name: HOSTILE, counts: [1], names: [HOSTILE], quantiles: null, noiseStddev: 1 },
        ],
        heldOut: { ...trace.heldOut, classes: [HOSTILE, `${HOSTILE}2`] },
        fairness: {
          ...{ clients: [{ client: HOSTILE, accuracy: 1 }], source: "simulation" as const },
          ...{ mean: 1, worstDecile: 1, bestDecile: 1 },
        },
        prediction: {
          ...{ label: HOSTILE, likelihood: 0.5, checked: false },
          layers: [{ name: HOSTILE, lines: [HOSTILE] }],
        },
      },
    };
    const html = await reportPage(hostile);
    expect(html).not.toContain("<img");
    expect(html.match(/<\/script>/g)).toHaveLength(1);
    expect(html.split("&lt;/script&gt;").length).toBeGreaterThan(25);
  });

  it("is below 2 MB with ten thousand clients, a thousand rounds and a hundred classes", async () => {
    const report = await reportFor();
    const { trace } = report;
    const names = Array.from({ length: 10_000 }, (_, i) => `c${i}`);
    const classes = Array.from({ length: 100 }, (_, i) => `class ${i}`);
    const html = await reportPage({
      ...report,
      clients: names.flatMap((client) =>
        report.clients.slice(0, 1).map((one) => ({ ...one, client })),
      ),
      risks: names.map((client) => ({ client, before: 0.5, after: 0.1 })),
      trace: {
        ...trace,
        rounds: Array.from({ length: 1_000 }, (_, round) => ({
          ...{ round, attempts: 1, loss: round % 10 === 0 ? 0.5 : null },
          ...{ accuracy: round % 10 === 0 ? 0.5 : null, modelHash: "00" },
          epsilon: { modelRecipients: round / 1_000, otherClients: 1, coordinator: null },
        })),
        heldOut: { ...trace.heldOut, classes, confusion: classes.map(() => classes.map(() => 1)) },
        clientLabels: names
          .slice(0, 40)
          .map((client) => ({ client, counts: classes.map(() => 1) })),
        fairness: {
          ...{ clients: names.map((client) => ({ client, accuracy: 0.5 })), source: "charged" },
          ...{ mean: 1, worstDecile: 1, bestDecile: 1 },
        },
      },
    });
    expect(Buffer.byteLength(html)).toBeLessThan(MAX_BYTES);
  });

  it("shows shapes only where rows are private, and says nothing of clients", async () => {
    const report = await reportFor({}, { clientLabels: [] });
    const stages = report.trace.stages.map((stage) => ({ ...stage, rowsIn: null, rowsOut: null }));
    const told = words(await reportPage({ ...report, trace: { ...report.trace, stages } }));
    expect(told).toContain("Rows are not shown");
    expect(told).toContain("· × 5 → · × 3");
    expect(told).not.toContain("What the clients hold");
    expect(told).not.toContain("1000");
  });
});

describe("the quiz", () => {
  /** What the third question's right answer and its reasons say under a trust. */
  async function third(set: Readonly<Record<string, string>>): Promise<string> {
    const told = words(await reportPage(await reportFor(set)));
    return told.slice(told.indexOf("3. Can the coordinator"), told.indexOf("Do it again"));
  }

  it("says that a trusted coordinator reads exact updates, and whom seeded noise protects", async () => {
    const told = await third({ "privacy.trust": "central" });
    expect(told).toMatch(/and why Yes, exactly as the client computed it\. Trust is central/);
    expect(told).toContain("against the coordinator is ∞");
    expect(told).toContain("protects nobody");
  });

  it("says under local trust that each update has its own noise, and what ε that is worth", async () => {
    const told = await third({ "privacy.trust": "local" });
    expect(told).toMatch(
      /and why Yes, but only with the client's own noise on it\. Trust is local/,
    );
    expect(told).toContain("against the coordinator is 1.000");
  });

  it("says under distributed trust that only the sum can be read, and on how many clients' noise ε rests", async () => {
    const report = await reportFor({ "privacy.trust": "distributed" });
    const { noiseStddev, scale, noiseShares = 0 } = report.plan.privacy;
    const told = await third({ "privacy.trust": "distributed" });
    expect(told).toMatch(/and why No, only the total of many clients\. Trust is distributed/);
    expect(told).toContain("against the coordinator is 1.000");
    // Of independent shares variances add up.
    const together = Math.sqrt(noiseShares * (noiseStddev / scale) ** 2);
    expect(told).toContain(
      `from ${noiseShares} honest ones alone every number of the total has noise of standard deviation ${Number(together.toPrecision(3))}`,
    );
  });

  it("says of a column that is not made coarser that it is kept as it is", async () => {
    const report = await reportFor();
    const { contract } = report.plan;
    const told = async (columns: typeof contract.columns) => {
      const plan = { ...report.plan, contract: { ...contract, columns } };
      return words(await reportPage({ ...report, plan }));
    };
    expect(await told(contract.columns)).toContain(
      "Each client drops name and email and keeps age and location at fixed levels.",
    );
    const columns = contract.columns.map((column) =>
      column.name === "age" && "recoding" in column
        ? { ...column, recoding: NUMBER_RECODING }
        : column,
    );
    expect(await told(columns)).toContain(
      "Each client drops name and email, keeps location at fixed levels and keeps age as in the rows.",
    );
  });

  it("says of the label not that it went no further: training reads it", async () => {
    const report = await reportFor();
    const { contract } = report.plan;
    const label = { name: "theLabel", role: "target", from: "theLabel", vocabulary: null } as const;
    const columns = [...contract.columns, label];
    const html = await reportPage({
      ...report,
      plan: { ...report.plan, contract: { ...contract, columns } },
    });
    const told = words(html);
    expect(told).toContain("Here name and email went no further.");
    expect(told).toContain("3 of 5 columns here");
  });

  it("claims no privacy where nothing is noised", async () => {
    const report = await reportFor({ "privacy.trust": "none" });
    const told = words(await reportPage(report));
    expect(told).toContain("It promises no privacy: nothing was noised.");
    expect(told).not.toContain("if the noise were secure");
    expect(await third({ "privacy.trust": "none" })).toContain("nobody adds noise");
    expect(told).toContain("This run has no noise and its ε is ∞");
  });

  it("tells how much more noise half the ε takes", async () => {
    const report = await reportFor();
    const { privacy } = report.plan;
    const half = planPrivacy({ ...privacy, targetEpsilon: 0.5, statedNoise: null });
    // The Gaussian's ε falls a little slower than 1 / noise.
    const times = half.noiseMultiplier / privacy.noiseMultiplier;
    expect(times).toBeGreaterThan(1.7);
    expect(times).toBeLessThan(2);
    const told = words(await reportPage(report));
    expect(told).toContain(`takes ${Number(times.toPrecision(3))} times the noise`);
  });

  it("has one ε for a run whose small classes were suppressed: that of the raw table", async () => {
    const report = await reportFor({ "data.anonymity.mode": "suppress", "data.anonymity.k": "3" });
    const told = words(await reportPage(report));
    const [claim] = report.trace.claims;
    // Three times the sensitivity at one δ: a little more than three times ε.
    expect(claim?.raw).toBeCloseTo(3.365, 3);
    expect(told).toContain("ε spent 3.365");
    const rounds = told.slice(told.indexOf("Every round that was evaluated"));
    expect(rounds.slice(0, rounds.indexOf("5 Evaluation"))).toMatch(/ 5 0\.\d+ 0\.\d+ 3\.365 1 /);
    expect(told).toContain("ε 0.500 instead of 1.000 against the anonymized table takes");
  });

  it("draws over rounds, and names what half the ε is of, where the raw table has none", async () => {
    const report = await reportFor({ "data.anonymity.mode": "mondrian" });
    const html = await reportPage(report);
    expect(html).not.toContain("ε spent so far");
    expect(words(html)).toContain(
      "ε 0.500 instead of 1.000 against the anonymized table (none holds against the raw one)",
    );
    expect(words(html)).toContain("This run has no such bound");
    expect(await reportPage(await reportFor())).toContain("ε spent so far");
  });

  it("names no other trust that the run could not have", async () => {
    const central = { "privacy.trust": "central" };
    expect(await third(central)).toContain("privacy.trust distributed, or local.");
    const two = { ...central, "clients.count": "2", "clients.minCohort": "2" };
    expect(await third(two)).toContain("takes privacy.trust local.");
  });

  it("says of local noise when it is added, also apart from the stage", async () => {
    const local = { "privacy.trust": "local" };
    expect(await third(local)).toContain(
      "Trust is local: before it sends anything the client adds",
    );
    const steps = { ...local, "training.localSteps": "2" };
    expect(await third(steps)).toContain("Trust is local: in each of its 2 steps the client adds");
  });

  it("warns of seeded noise, and does not where noise is secure", async () => {
    const seeded = words(await reportPage(await reportFor({ "privacy.noise": "seeded" })));
    const secure = words(await reportPage(await reportFor({ "privacy.noise": "secure" })));
    expect(seeded).toContain("seeded noise protects nobody");
    expect(secure).not.toContain("protects nobody");
  });
});

describe("what left the clients", () => {
  const egress = async (set: Readonly<Record<string, string>>) => {
    const told = words(await reportPage(await reportFor(set)));
    return told.slice(told.indexOf("What left the clients"), told.indexOf("What went wrong"));
  };

  it("is a list as long as the model; under masks, keys and shares beside it", async () => {
    const central = await egress({ "privacy.trust": "central" });
    // 9 inputs, 16 hidden, one output, and their biases.
    expect(central).toContain(`one list of ${9 * 16 + 16 + 16 + 1} whole numbers; it`);
    expect(central).not.toContain("masks");
    const distributed = await egress({ "privacy.trust": "distributed" });
    expect(distributed).toContain("each under masks");
    expect(distributed).toContain("keys, sealed shares, signatures");
  });

  it("counts among the lists those of right and wrong, where they were asked for", async () => {
    const counted = "counts of a client's own rows";
    expect(await egress({ "evaluation.federated.noiseMultiplier": "50" })).toContain(counted);
    expect(await egress({})).not.toContain(counted);
  });

  it("is not told client by client where nobody may know", async () => {
    const report = await reportFor();
    const secret = report.clients.map((client) => ({
      ...client,
      ...{ updates: null, bytes: null },
    }));
    const told = words(await reportPage({ ...report, clients: secret }));
    expect(told).toContain("told to nobody");
    expect(told).not.toContain("client lists bytes");
    expect(words(await reportPage(report))).toContain("client lists bytes");
  });
});

it("says how to have norms and noise measured, or that private rows are not", async () => {
  const told = words(await reportPage(await reportFor()));
  expect(told).toContain("npx murmur-fl report RUN_FOLDER measures both");
  const report = await reportFor();
  const { data, ...scenario } = report.scenario;
  const file = { ...data, source: { file: "people.csv", public: false } };
  const own = words(await reportPage({ ...report, scenario: { ...scenario, data: file } }));
  expect(own).toContain("nothing measures it");
  expect(own).not.toContain("measures both");
});

it("says of a clip norm that adapts that its noise does, and shows the share that was released", async () => {
  const set = {
    ...{ "privacy.unit": "client", "privacy.trust": "central", "privacy.population": "10" },
    ...{ "privacy.delta": "0.01", "privacy.epsilon": "8", "training.algorithm": "fedAvg" },
    "training.adaptiveClipping":
      "{ quantile: 0.5, learningRate: 0.2, bounds: [0.05, 5], bitNoise: 20 }",
  };
  const report = await reportFor(set);
  const { rounds, ...trace } = report.trace;
  const { expectedUnits } = report.plan.privacy;
  expect(expectedUnits).toBe(10);
  // Bits are ±1: 8 within the clip norm and 2 beyond are 6 in sum.
  const clipped = rounds.map((round) => ({
    ...{ ...round, clipping: { clipNorm: 0.625, bits: 6, next: 0.5 } },
  }));
  const adapted = { ...report, trace: { ...trace, rounds: clipped } };
  const told = words(await reportPage(adapted));
  expect(told).toMatch(
    /standard deviation [\d.e+]+ at first, that grows and shrinks with the clip/,
  );
  expect(told).toContain("ε attempts clip norm noised share within it 1 ");
  expect(told).toMatch(/ 1 0\.625 80\.0 % 2 /);
  const { data, ...scenario } = report.scenario;
  const file = { ...data, source: { file: "people.csv", public: false } };
  const own = words(await reportPage({ ...adapted, scenario: { ...scenario, data: file } }));
  for (const text of [told, own]) expect(text).toContain("a run releases one noised share a round");
  const bare = words(await reportPage(await reportFor({ ...set, "privacy.trust": "none" })));
  expect(bare).toContain("a run releases one share a round");
  const fixed = words(await reportPage(await reportFor()));
  expect(fixed).not.toMatch(/releases one|share within/);
  expect(fixed).not.toContain("grows and shrinks");
});

it("says how a run is made again: whole where it was forked, the coordinator's part where it was served", async () => {
  const report = await reportFor({ "privacy.epsilon": "0.5", "privacy.noise": "seeded" });
  const line =
    "scenarios/purchases.yaml --seed 7 --set privacy.epsilon=0.5 --set privacy.noise=seeded";
  const run = words(await reportPage(report));
  expect(run).toContain(`npx murmur-fl run ${line} npx murmur-fl verify`);
  expect(run).not.toContain("murmur join");
  const command = { ...report.manifest.command, name: "serve" as const };
  const served = words(await reportPage({ ...report, manifest: { ...report.manifest, command } }));
  expect(served).toContain(
    `npx murmur-fl serve ${line} --listen HOST:PORT --simulation npx murmur`,
  );
  expect(served).toContain("each by murmur join");
  // A dry run needs the rows, and they are with the clients.
  expect(run).toContain("measures both in a dry run");
  expect(served).not.toContain("dry run");
  expect(served).toContain("rows that are not here: nothing measures it");
});

it("promises the same bytes under seeded noise alone: without noise, id and samples are secret coins too", async () => {
  const told = async (trust: string, noise: string) => {
    const set = { "privacy.trust": trust, "privacy.noise": noise };
    return words(await reportPage(await reportFor(set))).split("Do it again")[1] ?? "";
  };
  for (const trust of ["central", "none"]) {
    expect(await told(trust, "seeded")).toContain("byte for byte");
    const secure = await told(trust, "secure");
    expect(secure).not.toContain("byte for byte");
    expect(secure).toContain("came from the operating system and exist nowhere else");
  }
});

it("says why a run ended early, and what was charged after the last release", async () => {
  const report = await reportFor();
  const { trace, manifest } = report;
  const early = { ...trace, rounds: trace.rounds.slice(0, 2) };
  const told = async (ending: "budget" | "cohort", claims = trace.claims) =>
    words(
      await reportPage({
        ...report,
        ...{ trace: { ...early, claims }, manifest: { ...manifest, ending } },
      }),
    );
  expect(await told("budget")).toContain(
    "ended 3 rounds early: one more attempt was not within the budget.",
  );
  const cohort = await told("cohort");
  expect(cohort).toContain("ended 3 rounds early: fewer clients than clients.minCohort were left");
  // The fixture's claims are those of all five rounds.
  expect(cohort).toMatch(/ε against whoever gets the model was 0\.\d+ after the last/);
  expect(cohort).toContain(", and is 1.000.");
  const spent = plannedClaims(report.plan.privacy, 2);
  expect(await told("cohort", spent)).not.toContain("after the last");
  expect(words(await reportPage(report))).not.toContain("early");
});

it("says of a run that went on when its counting began", async () => {
  const report = await reportFor();
  const told = async (resumedAfter: number) => words(await reportPage({ ...report, resumedAfter }));
  const after = await told(4);
  expect(after).toContain(
    "went from 2 clients to the coordinator since the run went on after round 4.",
  );
  expect(after).toContain("The run was cut off and went on after round 4.");
  expect(await told(0)).toContain("went on, before its first round was released.");
  expect(words(await reportPage(report))).not.toContain("went on");
});

describe("what the clients hold", () => {
  /** What is told to who doesn't see a picture. */
  const said = async (report: RunReport) =>
    [...(await reportPage(report)).matchAll(/aria-label="([^"]*)"/g)].map(([, text]) => text);

  it("says of how many of all clients it speaks, and averages a risk over all that have one", async () => {
    const names = Array.from({ length: 60 }, (_, i) => `c${i}`);
    const clientLabels = names
      .slice(0, 40)
      .map((client, i) => ({ client, counts: i === 3 ? [1, 0] : [20, 20 + i] }));
    // The first 40 alone would have 90 %.
    const risks = names.map((client, i) => ({ client, before: i < 40 ? 0.9 : 0.3, after: 0.25 }));
    const report = await reportFor(
      { "clients.count": "500", "privacy.trust": "central" },
      { clientLabels },
    );
    const told = await said({ ...report, risks });
    expect(told).toContain(
      "Of the first 40 of 500 clients the smallest holds 1 row, the largest 79 rows.",
    );
    expect(told).toContain("On average over 60 clients it goes from 70.0 % to 25.0 %.");
    expect(await reportPage({ ...report, risks })).toContain(
      "before and after recoding, the first 40 of 60<",
    );
  });

  it("speaks of all where all are drawn", async () => {
    const report = await reportFor({
      "clients.count": "2",
      "clients.minCohort": "2",
      "privacy.trust": "central",
    });
    expect(await said(report)).toContain("The smallest holds 7 rows, the largest 40 rows.");
  });
});

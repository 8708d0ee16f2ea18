/** Events in, the page that Prometheus reads out: each number worked out by hand from the events. */
import { expect, it } from "vitest";
import { runMetrics } from "../../../server/monitoring/metrics.ts";
import type { RunEvent } from "../../../shared/events/run-event.ts";
import { metricNames, samples } from "../../support/scrape.ts";

const begins = (secretCohort: boolean, epsilon: number | null = 2): RunEvent => ({
  ...{ event: "run-begins", runId: "05", plan: "ab", scenario: "s", clients: 5, rounds: 7 },
  ...{ trust: "central", epsilon, delta: 1e-5, tellsTimes: true, secretCohort },
});
const ids = { task: "train", round: 0, attempt: 0 } as const;
const ROUND: readonly RunEvent[] = [
  {
    event: "clients-joined",
    clients: ["a", "b"],
    elsewhere: true,
    again: false,
    here: 2,
    awaited: 3,
    away: 0,
    lost: 0,
  },
  { event: "clients-lost", clients: ["d", "e"], why: "?", here: 3, awaited: 0, away: 0, lost: 2 },
  {
    event: "attempt-charged",
    ...ids,
    epsilon: { modelRecipients: 0.25, otherClients: 0.5, coordinator: null },
  },
  { event: "stage", stage: "charge", ...ids, durationMs: 2 },
  { event: "stage", stage: "train", ...ids, durationMs: 4_000 },
  { event: "update", status: "counted", round: 0, attempt: 0, bytes: 44 },
  { event: "update", status: "counted", round: 0, attempt: 0, bytes: 44 },
  { event: "update", status: "late", round: 0, attempt: 0, bytes: 44 },
  { event: "update-refused", where: "host", what: "update.shape", message: "m" },
  { event: "sent", kind: "model frame", messages: 3, bytes: 300 },
  { event: "attempt-aborted", ...ids, charged: true },
  { event: "attempt-aborted", ...ids, charged: false },
  { event: "attempt-aborted", ...ids, charged: false },
  { event: "attempt-aborted", ...ids, charged: true, task: "evaluation" },
  { event: "sent", kind: "model frame", messages: 1, bytes: 100 },
  {
    event: "round-released",
    ...{ round: 0, attempts: 2, lost: 1, loss: 0.5, accuracy: 0.75, modelHash: "cd" },
    epsilon: { modelRecipients: 0.25, otherClients: 0.5, coordinator: null },
  },
];
/** Of a secret cohort: neither how many, nor how long or how hard anybody worked. */
const ALWAYS = [
  "murmur_round",
  "murmur_rounds_planned",
  "murmur_epsilon_budget",
  "murmur_cohort_secret",
  "murmur_rounds_total",
  "murmur_attempts_total",
  "murmur_epsilon_spent",
  "murmur_stage_seconds",
  "murmur_clients",
];

async function told(...events: readonly RunEvent[]): Promise<string> {
  const metrics = runMetrics();
  for (const event of events) metrics.observe(event);
  return metrics.text();
}

it("counts attempts, rounds, updates and bytes, and has epsilon as the ledger has it", async () => {
  const series = samples(await told(begins(false), ...ROUND));
  expect(Object.fromEntries(series)).toMatchObject({
    murmur_round: 1,
    murmur_rounds_planned: 7,
    murmur_cohort_secret: 0,
    murmur_epsilon_budget: 2,
    'murmur_rounds_total{outcome="released"}': 1,
    'murmur_rounds_total{outcome="aborted"}': 1,
    'murmur_rounds_total{outcome="uncharged"}': 2,
    'murmur_attempts_total{task="train"}': 1,
    'murmur_epsilon_spent{adversary="modelRecipients"}': 0.25,
    'murmur_epsilon_spent{adversary="otherClients"}': 0.5,
    'murmur_epsilon_spent{adversary="coordinator"}': Number.POSITIVE_INFINITY,
    'murmur_clients{state="here"}': 3,
    'murmur_clients{state="awaited"}': 0,
    'murmur_clients{state="lost"}': 2,
    'murmur_updates_total{status="counted"}': 2,
    'murmur_updates_total{status="late"}': 1,
    'murmur_updates_total{status="refused"}': 1,
    'murmur_bytes_total{direction="in",kind="update"}': 132,
    'murmur_bytes_total{direction="out",kind="model frame"}': 400,
    'murmur_stage_seconds_sum{stage="charge"}': 0.002,
    'murmur_stage_seconds_count{stage="train"}': 1,
    'murmur_stage_seconds_sum{stage="train"}': 4,
  });
  expect(series.has("murmur_process_cpu_seconds_total")).toBe(true);
});

it("tells an epsilon without a bound as +Inf, promised or spent", async () => {
  const text = await told(begins(false, null), ...ROUND);
  expect(text).toContain("murmur_epsilon_budget +Inf\n");
  expect(text).toContain('murmur_epsilon_spent{adversary="coordinator"} +Inf\n');
});

it("has no metric of a secret cohort, and says so; nor before a plan says that it is none", async () => {
  for (const events of [[begins(true), ...ROUND], ROUND]) {
    const text = await told(...events);
    expect(new Set(metricNames(text))).toEqual(new Set(ALWAYS));
  }
  const text = await told(begins(true));
  expect(text).toMatch(/^murmur_cohort_secret 1$/m);
  expect(text).toMatch(/HELP murmur_cohort_secret .*updates, bytes, seconds of training.*left out/);
});

it("has labels of few values: none names a client", async () => {
  const text = await told(begins(false), ...ROUND);
  const labels = new Set([...text.matchAll(/[{,](\w+)="/g)].map(([, label]) => label));
  for (const known of ["le", "version", "major", "minor", "patch", "type", "space", "kind"])
    labels.delete(known);
  expect(labels).toEqual(
    new Set(["outcome", "task", "adversary", "state", "status", "direction", "stage"]),
  );
});

it("begins anew in every run: two in one process share no count", async () => {
  await told(begins(false), ...ROUND);
  const series = samples(await told(begins(false)));
  expect(series.get('murmur_attempts_total{task="train"}')).toBeUndefined();
});

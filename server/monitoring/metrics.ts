/**
 * A run's events as Prometheus metrics. No label names a client, and where epsilon counts on nobody's
 * knowing who was in a round, nothing that would count a cohort is there at all.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { ADVERSARIES, type ByAdversary } from "../../shared/accounting/mechanisms/event.ts";
import type { Observe, Presence, RunEvent } from "../../shared/events/run-event.ts";

const SECONDS = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300];
const MS_PER_SECOND = 1_000;

export interface RunMetrics {
  readonly observe: Observe;
  readonly contentType: string;
  /** As Prometheus reads it. */
  readonly text: () => Promise<string>;
}

export function runMetrics(): RunMetrics {
  const registry = new Registry();
  const always = alwaysTold(registry);
  // Nothing of a cohort before it is known that it may be told.
  let cohort: Observe = () => {};
  const observe: Observe = (event) => {
    if (event.event === "run-begins" && !event.secretCohort) cohort = cohortTold(registry);
    always(event);
    cohort(event);
  };
  return { observe, contentType: registry.contentType, text: () => registry.metrics() };
}

function alwaysTold(registry: Registry): Observe {
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const round = gauge("murmur_round", "Rounds released so far.");
  const rounds = gauge("murmur_rounds_planned", "Rounds that the plan has.");
  const budget = gauge(
    "murmur_epsilon_budget",
    "Epsilon promised against model recipients, of the anonymized table; +Inf: no bound.",
  );
  const secret = gauge(
    "murmur_cohort_secret",
    "1: epsilon counts on nobody's knowing who was in a round; updates, bytes, seconds of training and the process's own metrics are then left out, for they would count the cohort.",
  );
  const ended = new Counter({
    name: "murmur_rounds_total",
    help: "Attempts at a round that ended, by outcome: released; aborted, and charged all the same; uncharged: aborted before anything was.",
    labelNames: ["outcome"],
    registers,
  });
  const { observe: attempts } = attemptMetrics(registry);
  const clients = presenceGauge(registry);
  return (event) => {
    attempts(event);
    switch (event.event) {
      case "run-begins":
        rounds.set(event.rounds);
        budget.set(event.epsilon ?? Number.POSITIVE_INFINITY);
        secret.set(event.secretCohort ? 1 : 0);
        clients({ here: 0, awaited: event.clients, away: 0, lost: 0 });
        return;
      case "clients-joined":
      case "clients-late":
      case "clients-lost":
      case "connection-ended":
        return clients(event);
      case "round-released":
        round.set(event.round + 1);
        return ended.inc({ outcome: "released" });
      case "attempt-aborted":
        if (event.task === "train") ended.inc({ outcome: event.charged ? "aborted" : "uncharged" });
    }
  };
}

function attemptMetrics(registry: Registry): { readonly observe: Observe } {
  const registers = [registry];
  const attempts = new Counter({
    name: "murmur_attempts_total",
    help: "Attempts that were charged, by what they asked of the clients.",
    labelNames: ["task"],
    registers,
  });
  const spent = new Gauge({
    name: "murmur_epsilon_spent",
    help: "Epsilon spent so far as the ledger has it, by adversary, against the anonymized table; +Inf: no bound. Under seeded noise: if the noise were secure.",
    labelNames: ["adversary"],
    registers,
  });
  const seconds = new Histogram({
    name: "murmur_stage_seconds",
    help: "Seconds that a round's stages took at the coordinator.",
    labelNames: ["stage"],
    buckets: SECONDS,
    registers,
  });
  const setSpent = (epsilon: ByAdversary<number | null>) => {
    for (const adversary of ADVERSARIES)
      spent.set({ adversary }, epsilon[adversary] ?? Number.POSITIVE_INFINITY);
  };
  const observe = (event: RunEvent) => {
    switch (event.event) {
      case "attempt-charged":
        attempts.inc({ task: event.task });
        return setSpent(event.epsilon);
      case "stage":
        seconds.observe({ stage: event.stage }, event.durationMs / MS_PER_SECOND);
    }
  };
  return { observe };
}

function presenceGauge(registry: Registry): (presence: Presence) => void {
  const clients = new Gauge({
    name: "murmur_clients",
    help: "Clients of the plan, by where they are: here, awaited, away, lost.",
    labelNames: ["state"],
    registers: [registry],
  });
  return ({ here, awaited, away, lost }) => {
    clients.set({ state: "here" }, here);
    clients.set({ state: "awaited" }, awaited);
    clients.set({ state: "away" }, away);
    clients.set({ state: "lost" }, lost);
  };
}

/** What counts a cohort; the process's own too, for its work grows with the updates that came. */
function cohortTold(registry: Registry): Observe {
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: "murmur_" });
  const updates = new Counter({
    name: "murmur_updates_total",
    help: "Updates that arrived, by what became of them.",
    labelNames: ["status"],
    registers,
  });
  const bytes = new Counter({
    name: "murmur_bytes_total",
    help: "Bytes by direction and kind of message. In: updates alone; out: all, brought up to date when an attempt ends.",
    labelNames: ["direction", "kind"],
    registers,
  });
  return (event) => {
    switch (event.event) {
      case "update":
        updates.inc({ status: event.status });
        return bytes.inc({ direction: "in", kind: "update" }, event.bytes);
      case "update-refused":
        return updates.inc({ status: "refused" });
      case "sent":
        bytes.inc({ direction: "out", kind: event.kind }, event.bytes);
    }
  };
}

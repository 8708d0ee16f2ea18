/** Peers for which a client that dies, or comes again, costs the round or its noise. */
import { expect, it } from "vitest";
import { spentBy } from "../../shared/ledger/ledger-line.ts";
import { type RealRun, realRun } from "../support/real-run.ts";
import { releasedSteps, trueSteps } from "../support/released-sums.ts";
import { smallScenario } from "../support/small-scenario.ts";
import { chiSquareBounds } from "../support/statistics.ts";

const [ROUNDS, KILLED_AFTER, CLIENTS, HOSTS] = [24, 8, 10, 5] as const;
const TIMEOUT_MS = 180_000;
/** Two-sided at 1e-6. */
const Z = 4.8917;

/** Ten clients in five processes, one of which is killed after a third of the rounds. */
function runWithLoss(trust: "central" | "local"): Promise<RealRun> {
  const scenario = smallScenario({
    "privacy.trust": trust,
    "privacy.noiseMultiplier": "3",
    "training.rounds": `${ROUNDS}`,
    "model.kind": "mlp",
    "model.hidden": "[40]",
    "clients.count": `${CLIENTS}`,
    "clients.minCohort": "8",
  });
  const afterRound = async (
    round: number,
    hosts: readonly { pid: number; ended: Promise<unknown> }[],
  ) => {
    const victim = hosts[3];
    if (round !== KILLED_AFTER || !victim) return;
    process.kill(victim.pid, "SIGKILL");
    await victim.ended;
  };
  return realRun(scenario, { hosts: HOSTS, forked: true, afterRound });
}

/** Squares of released minus true, over the plan's variance for one draw: before and after the loss. */
function noiseOf({ sealed, models, clients, held }: RealRun, lost: boolean) {
  const { privacy } = sealed.plan;
  const gone = new Set(lost ? held[3] : []);
  const there = [...clients].filter(([name]) => !gone.has(name)).map(([, rows]) => rows);
  expect(there).toHaveLength(lost ? 8 : 10);
  let [squares, dof] = [0, 0];
  for (let t = lost ? KILLED_AFTER + 1 : 0; t < (lost ? ROUNDS : KILLED_AFTER + 1); t++) {
    const [before = new Float32Array(), after = before] = models.slice(t);
    const due = trueSteps(sealed.model, before, there, privacy);
    const released = releasedSteps(before, after, privacy);
    squares += released.reduce((sum, steps, i) => sum + (steps - (due[i] ?? Number.NaN)) ** 2, 0);
    dof += released.length;
  }
  return { statistic: squares / privacy.noiseStddev ** 2, dof };
}

it.each([
  ["central", 1, 1],
  ["local", 10, 8],
] as const)(
  "defect 4: Flower's lost client, which costs the round or thins the noise; " +
    "defect 15: NVFlare's restart, after which noise and epsilon begin anew (%s)",
  async (trust, noises, noisesLeft) => {
    const run = await runWithLoss(trust);
    // Every round is released, and each costs one step: those with eight of ten clients too.
    expect(run.ending).toEqual({ reason: "done", attempts: ROUNDS });
    expect(run.models).toHaveLength(ROUNDS + 1);
    const charges = run.ledger.filter(({ entry }) => entry.kind === "charge");
    expect(charges).toHaveLength(ROUNDS);
    const spent = run.rounds.map(({ epsilon }) => epsilon.modelRecipients ?? Number.NaN);
    expect(spent.slice(1).every((epsilon, t) => epsilon > (spent[t] ?? Infinity))).toBe(true);
    expect(spent.at(-1)).toBe(run.sealed.plan.privacy.epsilon);
    expect(spentBy(run.ledger).modelRecipients).toBe(spent.at(-1));
    // The divisor stays (releasedSteps finds whole numbers at that of the plan only), and the noise:
    // the coordinator's whole, or that of each client that is left.
    for (const [lost, draws] of [
      [false, noises],
      [true, noisesLeft],
    ] as const) {
      const { statistic, dof } = noiseOf(run, lost);
      const [low, high] = chiSquareBounds(dof, Z);
      expect(statistic / draws, `lost: ${lost}`).toBeGreaterThan(low);
      expect(statistic / draws, `lost: ${lost}`).toBeLessThan(high);
    }
  },
  TIMEOUT_MS,
);

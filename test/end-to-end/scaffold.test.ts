/**
 * SCAFFOLD's controls in real hosts whose clients are lost at random: a control moves with the attempt
 * that was released, and with no other. Held against the clients' own code, told which attempts were.
 */
import { expect, it } from "vitest";
import { clientRound } from "../../client/round/client-round.ts";
import { faultsAt } from "../../client/round/injected-faults.ts";
import { initialState, stepModel } from "../../server/rounds/server-round.ts";
import { addUpdate, newSum } from "../../server/step/gather.ts";
import { broadcastOf } from "../../server/step/release.ts";
import { fusedEngine } from "../../shared/engine/fused/engine.ts";
import { seededRoot } from "../../shared/noise/random.ts";
import { faultScript } from "../../shared/scenario/fault-schema.ts";
import { realRun } from "../support/real-run.ts";
import { smallScenario } from "../support/small-scenario.ts";

const DROP_OUT = 0.3;
const STRAGGLERS = { share: 0.4, localEpochs: 1 };
const scenario = smallScenario({
  "training.algorithm": "scaffold",
  "training.rounds": "8",
  "training.localEpochs": "4",
  "training.batchSize": "5",
  "privacy.unit": "client",
  "privacy.population": "3",
  // Hosts take part in no more attempts than these.
  "privacy.spareAttempts": "12",
  "clients.minCohort": "2",
  "clients.dropOut": `${DROP_OUT}`,
  "clients.stragglers": `{ share: ${STRAGGLERS.share}, localEpochs: ${STRAGGLERS.localEpochs} }`,
});

it("keeps what a released attempt made of each control, and drops what others did", async () => {
  const { sealed, models, rounds, records, clients, ending } = await realRun(scenario);
  expect(ending.reason).toBe("done");
  // The seed has it that some attempts were lost, by one client and another.
  expect(ending.attempts).toBeGreaterThan(8);
  const { plan, model } = sealed;
  const engine = fusedEngine(model);
  const controls = new Map<string, Float32Array>();
  let state = initialState(sealed, scenario.seed);
  let [slow, absent] = [0, 0];
  const strikes = faultsAt(faultScript(scenario.clients), scenario.seed, [...clients.keys()]);
  for (const { round, attempts } of rounds) {
    const attempt = attempts - 1;
    const sum = newSum(plan.privacy.parameters);
    for (const [client, rows] of clients) {
      const struck = strikes({ round, attempt, client }).map(({ kind }) => kind);
      const epochs = struck.includes("straggle") ? STRAGGLERS.localEpochs : undefined;
      if (struck.includes("dropOut")) {
        absent += 1;
        continue;
      }
      slow += epochs === undefined ? 0 : 1;
      const { clipNorm } = plan.privacy;
      const asked = { client, round, attempt, task: "train", clipNorm, epochs } as const;
      const todo = { ...asked, parameters: broadcastOf(state), control: controls.get(client) };
      const answer = await clientRound(todo, rows, engine, plan, seededRoot(scenario.seed));
      addUpdate(sum, answer.update);
      controls.set(client, answer.control ?? new Float32Array());
    }
    state = stepModel(plan, state, round, sum).next;
    expect(models[round + 1], `the model after round ${round}`).toEqual(state.parameters);
  }
  expect(slow).toBeGreaterThan(2);
  expect(absent).toBeGreaterThan(2);
  // Who was lost to one attempt was asked in the next.
  for (const { updates, declined } of records) {
    expect(updates).toBeGreaterThan(1);
    expect(declined).toBe(false);
  }
}, 60_000);

/** What the lines of a scenario's fault script must hold together with the rest of it. */
import { numberedNames } from "../client-names.ts";
import { tellsRounds } from "../privacy/cohort-secrecy.ts";
import type { FaultRule } from "./fault-schema.ts";
import type { Broken, Rule } from "./rule.ts";
import { noiseOf, type Scenario } from "./schema.ts";

/** The first line of `clients.faults` that does not fit. */
function firstBroken(
  { clients: { faults } }: Scenario,
  rule: (fault: FaultRule) => Broken | undefined,
): Broken | undefined {
  for (const [line, fault] of faults.entries()) {
    const broken = rule(fault);
    if (!broken) continue;
    const [what, got, expected, fix] = broken;
    return [`clients.faults.${line}.${what}`, got, expected, fix];
  }
  return undefined;
}

export const FAULT_RULES: readonly Rule[] = [
  (scenario) => {
    const { clients, privacy, training } = scenario;
    const { faults, dropOut } = clients;
    const terms = { ...privacy, sampling: training.sampling, noise: noiseOf(scenario) };
    if ((faults.length === 0 && dropOut === 0) || tellsRounds(terms)) return undefined;
    return [
      `clients.${faults.length > 0 ? "faults" : "dropOut"}`,
      "secure noise, and an ε that counts on nobody's knowing who was drawn",
      "none there: who fails in a round was in it, and an attempt that ends for it says so",
      "Take privacy.noise: seeded, or another sampling.",
    ];
  },
  (scenario) =>
    firstBroken(scenario, ({ clients, share }) => {
      if (clients === undefined || share === undefined) return undefined;
      return [
        "share",
        "clients and share",
        "one of the two",
        "Name clients, or let a share be picked.",
      ];
    }),
  (scenario) => {
    const names = numberedNames("c", scenario.clients.count);
    const known = new Set(names);
    return firstBroken(scenario, ({ clients }) => {
      const stranger = clients?.find((name) => !known.has(name));
      if (stranger === undefined) return undefined;
      const expected = `clients among ${names[0]} to ${names.at(-1)}`;
      return ["clients", stranger, expected, "Name one of those."];
    });
  },
  (scenario) => {
    const { rounds: count } = scenario.training;
    return firstBroken(scenario, ({ rounds }) => {
      if (rounds === undefined) return undefined;
      const named = Array.isArray(rounds) ? rounds : [rounds.from, rounds.to ?? rounds.from];
      const beyond = named.find((round) => round > count);
      if (beyond !== undefined)
        return [
          "rounds",
          beyond,
          `rounds from 1 to ${count}`,
          "Lower it, or raise training.rounds.",
        ];
      if (Array.isArray(rounds) || (rounds.to ?? rounds.from) >= rounds.from) return undefined;
      return ["rounds.to", rounds.to, `at least from, ${rounds.from}`, "Swap them."];
    });
  },
];

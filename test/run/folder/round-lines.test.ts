import { describe, expect, it } from "vitest";
import { readRounds } from "../../../run/folder/round-lines.ts";

describe("a run's rounds, read back", () => {
  const round = {
    round: 0,
    attempts: 1,
    loss: 0.5,
    accuracy: 0.75,
    epsilon: { modelRecipients: 1, otherClients: 1, coordinator: null },
    modelHash: "00",
  };

  it("may lack the held-out figures: a long run is not evaluated after every round", () => {
    const rounds = [
      { ...round, loss: null, accuracy: null },
      { ...round, round: 1 },
    ];
    const text = rounds.map((one) => `${JSON.stringify(one)}\n`).join("");
    expect(readRounds("run", text)).toEqual(rounds);
  });

  it("must be rounds otherwise", () => {
    const text = JSON.stringify({ ...round, loss: "low" });
    expect(() => readRounds("run", text)).toThrow(/run.damaged/);
  });
});

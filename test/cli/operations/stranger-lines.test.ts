/** How many lines strangers can add to a log. */
import { expect, it } from "vitest";
import { strangerGate } from "../../../cli/operations/stranger-lines.ts";
import { eventLine } from "../../../cli/screen/event-line.ts";
import type { RunEvent } from "../../../shared/events/run-event.ts";

const ended = (fate: "stranger" | "away", where = "host at 127.0.0.9"): RunEvent => ({
  ...{ event: "connection-ended", where, clients: fate === "away" ? ["a"] : [], fate },
  ...{ elsewhere: true, why: "auth.late: a valid auth", here: 1, awaited: 0, away: 0, lost: 0 },
});

it("row 26d: strangers add a line a second, which says how many were not told", () => {
  let now = 0;
  const gate = strangerGate(() => now);
  const lines: string[] = [];
  for (; now < 10_000; now += 50) {
    const told = gate(ended("stranger"));
    if (told) lines.push(eventLine(told) ?? "");
  }
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe("host at 127.0.0.9: did not join: auth.late: a valid auth");
  expect(lines[1]).toBe(
    "host at 127.0.0.9: did not join: auth.late: a valid auth (and 19 others in between)",
  );
});

it("of clients of the run, and of all else, every line is told", () => {
  const gate = strangerGate(() => 0);
  for (let i = 0; i < 5; i++) {
    expect(gate(ended("away"))).toEqual(ended("away"));
    expect(gate({ event: "cohort-complete" })).toEqual({ event: "cohort-complete" });
    gate(ended("stranger"));
  }
});

/** What may be told of a run's events where nobody may know who, or how many, were in a round. */
import { expect, it } from "vitest";
import { type RunEvent, withoutCohort } from "../../../shared/events/run-event.ts";

const ids = { task: "train", round: 3, attempt: 0 } as const;

it.each<RunEvent>([
  { event: "update", status: "counted", round: 3, attempt: 0, bytes: 44 },
  { event: "sent", kind: "model frame", messages: 3, bytes: 300 },
  { event: "stage", stage: "train", ...ids, durationMs: 4_000 },
])("drops $event $stage", (event) => {
  expect(withoutCohort(event)).toBeUndefined();
});

it("tells of a refused update what was wrong, not whose it was and when", () => {
  const message = "update.conflict (client 17, round 3, attempt 0): got other bytes, expected …";
  const refused = { event: "update-refused", where: "host", what: "update.conflict" } as const;
  expect(withoutCohort({ ...refused, message })).toEqual({
    ...refused,
    where: "a client",
    message: "update.conflict",
  });
});

it("tells of a lost client that it broke the protocol, not that it did so by an update", () => {
  const told = {
    event: "clients-lost",
    clients: ["c7"],
    here: 1,
    awaited: 0,
    away: 0,
    lost: 1,
  } as const;
  for (const why of [
    "frame.crc: a right checksum",
    "update.foreign: a client of this socket",
    "peer.slow: a peer that takes what it is sent",
    "rate.update: their bytes first",
    "round.stale: after round 3, attempt 0",
    "model.non-finite: a finite model",
    "it left",
  ])
    expect(withoutCohort({ ...told, why })).toEqual({ ...told, why: "it broke the protocol" });
  const why = "plan.limits: a plan within its owner's limits";
  expect(withoutCohort({ ...told, why })).toEqual({ ...told, why });
});

it("tells of a released round all but how many updates were lost", () => {
  const epsilon = { modelRecipients: 1, otherClients: 1, coordinator: null };
  const told = { attempts: 1, loss: 0.5, accuracy: 0.75, epsilon, modelHash: "ab" };
  const event: RunEvent = { event: "round-released", round: 3, lost: 2, ...told };
  expect(withoutCohort(event)).toEqual({ ...event, lost: undefined });
});

it("leaves what does not depend on who was drawn", () => {
  const charge: RunEvent = { event: "stage", stage: "charge", ...ids, durationMs: 1 };
  expect(withoutCohort(charge)).toEqual(charge);
  const lost = {
    clients: ["c7"],
    why: "its connection broke",
    here: 1,
    awaited: 0,
    away: 0,
    lost: 1,
  };
  expect(withoutCohort({ event: "clients-lost", ...lost })).toMatchObject(lost);
});

import { expect, it } from "vitest";
import { egressReport } from "../../../client/report/egress-report.ts";
import { TYPE } from "../../../shared/wire/codec.ts";
import { EgressCount, frameKind } from "../../../shared/wire/egress.ts";
import type { CommonMessage, Messages } from "../../../shared/wire/protocol.ts";

/** Each message there is, by the protocol's own types: a new one does not compile before it is here. */
const MESSAGES: Record<Messages["client"]["t"] | CommonMessage["t"], true> = {
  auth: true,
  ready: true,
  accept: true,
  decline: true,
  update: true,
  closeAck: true,
  step: true,
  put: true,
  have: true,
  ping: true,
  pong: true,
  bye: true,
  error: true,
};
const OWN = { updates: 3, bytes: 84, declined: 1 };

function counted(...left: readonly (readonly [kind: string, bytes: number])[]) {
  const count = new EgressCount();
  for (const [kind, bytes] of left) count.add(kind, bytes);
  return count.kinds;
}

it("adds up what left by kind, and over all kinds", () => {
  const egress = counted(["ready", 100], ["update", 60], ["update frame", 200], ["update", 61]);
  const report = egressReport("the coordinator at x:1", 4, OWN, egress);
  expect(report).toMatchObject({ to: "the coordinator at x:1", own: OWN });
  expect(report.connection).toMatchObject({ clients: 4, messages: 4, bytes: 421 });
  expect(
    report.connection?.kinds.map(({ kind, messages, bytes }) => [kind, messages, bytes]),
  ).toEqual([
    ["ready", 1, 100],
    ["update", 2, 121],
    ["update frame", 1, 200],
  ]);
});

it("can explain each message that a client may send", () => {
  const updates = [TYPE.update, TYPE.masked].flatMap((type) => [
    frameKind(type),
    frameKind(type, true),
  ]);
  const kinds = [...Object.keys(MESSAGES), frameKind(TYPE.blob), ...updates];
  const report = egressReport("x", 1, OWN, counted(...kinds.map((kind) => [kind, 1] as const)));
  for (const { carries } of report.connection?.kinds ?? []) expect(carries).not.toBe("");
  expect(report.connection?.messages).toBe(kinds.length);
});

it("refuses to tell of what it cannot explain, a model from a client among it", () => {
  expect(() => egressReport("x", 1, OWN, counted(["rows", 1]))).toThrow("nobody can explain: rows");
  const model = counted([frameKind(TYPE.model), 1]);
  expect(() => egressReport("x", 1, OWN, model)).toThrow("model frame");
});

it("says what never leaves", () => {
  const { neverLeft } = egressReport("x", 1, OWN, new Map());
  for (const never of ["rows", "identifiers", "keys", "how many rows", "risks"])
    expect(neverLeft.join()).toContain(never);
});

it("counts nothing where that would tell in which rounds a client was drawn", () => {
  const report = egressReport("x", 3, null, counted(["update", 60]));
  expect(report).toMatchObject({ own: null, connection: null });
  expect(report.neverLeft.length).toBeGreaterThan(0);
});

/**
 * What a client's own report says has left is what the coordinator's socket saw come in: message by
 * message and byte by byte, down to what TCP counted.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { type RealRun, realRun } from "../support/real-run.ts";
import { smallScenario } from "../support/small-scenario.ts";
import { framed, type Tapped, tapSockets } from "../support/socket-tap.ts";

const kind = z.object({ kind: z.string(), messages: z.number(), bytes: z.number() });
const ownerFile = z.object({
  client: z.string(),
  egress: z.object({
    own: z.object({ updates: z.number(), bytes: z.number(), declined: z.number() }),
    connection: z.object({
      clients: z.number(),
      messages: z.number(),
      bytes: z.number(),
      kinds: z.array(kind),
    }),
  }),
});

const ROUNDS = 6;
const privateFolder = mkdtempSync(join(tmpdir(), "murmur-egress-"));
let run: RealRun;
let taps: readonly Tapped[];
beforeAll(async () => {
  taps = tapSockets();
  try {
    const scenario = smallScenario({ "training.rounds": String(ROUNDS) });
    run = await realRun(scenario, { privateFolder, forked: true });
  } finally {
    vi.restoreAllMocks();
  }
}, 60_000);
afterAll(() => rmSync(privateFolder, { recursive: true }));

const reportOf = (client: string) =>
  ownerFile.parse(JSON.parse(readFileSync(join(privateFolder, `${client}.json`), "utf8"))).egress;

/** What a socket saw, by kind. */
function seen({ messages }: Tapped) {
  const kinds = new Map<string, { messages: number; bytes: number }>();
  for (const { kind, bytes } of messages) {
    const sum = kinds.get(kind) ?? { messages: 0, bytes: 0 };
    kinds.set(kind, { messages: sum.messages + 1, bytes: sum.bytes + bytes });
  }
  return [...kinds].map(([kind, sum]) => ({ kind, ...sum })).sort(byKind);
}
const byKind = (a: { kind: string }, b: { kind: string }) => (a.kind < b.kind ? -1 : 1);

it("has a socket a host, and a report a client", () => {
  expect(run.held.map((names) => names.length)).toEqual([2, 1]);
  expect(taps).toHaveLength(2);
});

it("tells each connection's messages and bytes as the coordinator's socket saw them", () => {
  const told = run.held.map(([first = ""]) => {
    const { kinds } = reportOf(first).connection;
    return kinds.map(({ kind, messages, bytes }) => ({ kind, messages, bytes })).sort(byKind);
  });
  // Which host joined first is nobody's to say.
  const text = (all: readonly object[]) => all.map((one) => JSON.stringify(one)).sort();
  expect(text(told)).toEqual(text(taps.map(seen)));
  for (const kinds of told) {
    const names = kinds.map(({ kind }) => kind);
    for (const due of ["auth", "ready", "list frame", "accept", "whole update", "closeAck"])
      expect(names).toContain(due);
  }
});

it("leaves nothing of the connection out: TCP brought no byte more", () => {
  for (const tap of taps) {
    const messages = tap.messages.reduce((sum, { bytes }) => sum + framed(bytes), 0);
    expect(tap.receivedBytes()).toBe(tap.requestBytes + messages + (tap.closeBytes ?? NaN));
  }
});

it("tells clients of one host the same of their connection, and adds its kinds up", () => {
  for (const names of run.held) {
    const [first, ...others] = names.map((name) => reportOf(name).connection);
    for (const other of others) expect(other).toEqual(first);
    expect(first?.clients).toBe(names.length);
    const sum = (of: "messages" | "bytes") =>
      first?.kinds.reduce((total, one) => total + one[of], 0);
    expect([first?.messages, first?.bytes]).toEqual([sum("messages"), sum("bytes")]);
  }
});

it("counts each client's own updates as the coordinator did", () => {
  const { parameters } = run.sealed.plan.privacy;
  for (const { name, updates, bytes } of run.records) {
    expect(reportOf(name).own).toEqual({ updates, bytes, declined: 0 });
    expect([updates, bytes]).toEqual([ROUNDS, ROUNDS * 4 * parameters]);
  }
  expect(run.records).toHaveLength(3);
});

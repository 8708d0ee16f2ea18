/**
 * 100,000 frames, in the long run a million, and 100,000 texts, random and spoilt: each is taken for what it says, or refused
 * by a ProtocolError of the protocol's own list, and none leaves anything behind.
 */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../../shared/errors.ts";
import { seededRoot, stream } from "../../../shared/noise/random.ts";
import {
  encodeFrame,
  type Frame,
  type ObjectHeader,
  readFrame,
} from "../../../shared/wire/codec.ts";
import { type Arrived, headerOf, Inbox } from "../../../shared/wire/incoming.ts";
import { parseMessage } from "../../../shared/wire/protocol.ts";
import { effort } from "../../support/effort.ts";
import { FrameMutants, type SentObject } from "../../support/frame-mutants.ts";
import { MessageMutants } from "../../support/message-mutants.ts";
import { settledMemory } from "../../support/settled-memory.ts";

const FRAMES = effort(100_000, 1_000_000);
const TEXTS = 100_000;
const LIMIT_BYTES = 4_096;
const MOST_GROWTH_BYTES = 32 * 2 ** 20;
const TIMEOUT_MS = 300_000;

const mutants = (name: string) =>
  stream(seededRoot(fc.readConfigureGlobal()?.seed ?? 0), "simulate", "fuzz", name);

/** How often each thing happened. */
class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  get names(): string[] {
    return [...this.#counts.keys()].sort();
  }

  get(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  /** What `step` gives; undefined once its refusal is counted. */
  try<T>(step: () => T): T | undefined {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.add(error.problem.what);
      return undefined;
    }
  }
}

/** The wire protocol, section 4: what a frame can be refused for, then what an object can. */
const FRAME_REFUSALS = [
  ...["truncated", "magic", "version", "length", "crc", "type", "flags", "dtype", "chunk"],
  ...["align", "range"],
].map((code) => `frame.${code}`);
const STREAM_REFUSALS = ["unknown", "mismatch", "order", "size"].map((code) => `stream.${code}`);
const JSON_REFUSALS = ["size", "form", "depth", "length", "schema"].map((code) => `json.${code}`);

/** True if written again it is the very same message. */
function isItself({ header, payload, alone }: Frame, message: Buffer): boolean {
  return encodeFrame(header, payload, alone).equals(message);
}

/** True if what was answered is so: the object has the announced bytes, and their hash. */
function isRight({ have, object }: Arrived, sent: readonly Frame[], put: PendingUploads): boolean {
  const hash = createHash("sha256");
  for (const { payload } of sent) hash.update(payload);
  const sha256 = hash.digest("base64url");
  const right = (put.sha256 ?? sha256) === sha256;
  if (have.stream !== put.stream || have.ok !== right) return false;
  return right
    ? object?.values.byteLength === put.bytes && object.put.sha256 === sha256
    : object === undefined && "problem" in have && have.problem.what === "stream.hash";
}

/** As a put or an object's only frame has it. */
type PendingUploads = ObjectHeader & { readonly sha256?: string };

/** One socket's object: its put, if it has one, then its frames until one is refused. @returns frames read */
function send(sent: SentObject, tally: Tally): number {
  const inbox = new Inbox();
  const verdict = { limitBytes: LIMIT_BYTES, keep: true };
  let put: PendingUploads | undefined = sent.put;
  // Frames of an object that was refused go to an inbox that expects none.
  const announce = (announced: PendingUploads) =>
    tally.try(() => inbox.announce(announced, announced.sha256, () => verdict, "peer"));
  if (put) announce(put);
  const taken: Frame[] = [];
  for (const [read, message] of sent.frames.entries()) {
    const frame = tally.try(() => readFrame(message, "peer"));
    if (frame === undefined) return read + 1;
    tally.add(isItself(frame, message) ? "read" : "misread");
    if (frame.alone) {
      tally.add("alone");
      const isAmid = inbox.isAmid;
      announce(headerOf(frame.header));
      if (isAmid) return read + 1;
      put = headerOf(frame.header);
      taken.length = 0;
    }
    taken.push(frame);
    const arrived = tally.try(() => inbox.take(frame, "peer") ?? "more");
    if (arrived === undefined) return read + 1;
    if (arrived === "more") continue;
    const result = arrived.have.ok ? "whole" : "stream.hash";
    tally.add(put && isRight(arrived, taken, put) ? result : `wrongly ${result}`);
  }
  return sent.frames.length;
}

describe("frames, random and spoilt,", () => {
  it(
    "are read as they are or refused by the list, and leave nothing behind",
    () => {
      const tally = new Tally();
      const source = new FrameMutants(mutants("frames"));
      const before = settledMemory();
      for (let read = 0; read < FRAMES; ) read += send(source.next(), tally);
      const growth = settledMemory() - before;
      const outcomes = [
        "read",
        "alone",
        "whole",
        "stream.hash",
        ...FRAME_REFUSALS,
        ...STREAM_REFUSALS,
      ];
      expect(tally.names).toEqual(outcomes.sort());
      // Each check has been run often, on both sides of it.
      for (const name of outcomes) expect([name, tally.get(name) > 10]).toEqual([name, true]);
      expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
    },
    TIMEOUT_MS,
  );
});

describe("texts, random and spoilt,", () => {
  it(
    "are taken for what they say or refused by the list, and leave nothing behind",
    () => {
      const tally = new Tally();
      const source = new MessageMutants(mutants("messages"));
      const before = settledMemory();
      for (let i = 0; i < TEXTS; i++) {
        const text = source.next();
        const parsed = tally.try(() => parseMessage(text, "client", "peer"));
        if (parsed === undefined) continue;
        tally.add(isDeepStrictEqual(parsed.message, JSON.parse(text)) ? "taken" : "mistaken");
      }
      const growth = settledMemory() - before;
      const outcomes = ["taken", ...JSON_REFUSALS];
      expect(tally.names).toEqual(outcomes.sort());
      for (const name of outcomes) expect([name, tally.get(name) > 10]).toEqual([name, true]);
      expect(growth).toBeLessThan(MOST_GROWTH_BYTES);
      expect(Object.prototype).not.toHaveProperty("a");
    },
    TIMEOUT_MS,
  );
});

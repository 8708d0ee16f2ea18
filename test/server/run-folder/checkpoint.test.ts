/** Checkpoints on disk: what is kept, what a damaged one falls back to, and what is refused. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Checkpoint,
  checkOfLedger,
  loadCheckpoint,
  removeCheckpoints,
  saveCheckpoint,
} from "../../../server/run-folder/checkpoint.ts";
import type { ModelState } from "../../../server/step/release.ts";
import { ScenarioError } from "../../../shared/errors.ts";
import { scratch } from "../../support/murmur.ts";
import { sealedWith } from "../../support/plans.ts";
import { stateAt } from "../../support/states.ts";

const sealed = sealedWith({ rounds: 12 });
const { parameters: width } = sealed.model;
const HASH = "ab".repeat(32);
let folder = scratch();
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder.remove());

/** Numbers that a decimal text would round. */
const floats = (start: number) => Float32Array.from({ length: width }, (_, i) => start + i / 3);
function at(round: number, state: Partial<ModelState> = {}): Checkpoint {
  const moment = Float64Array.from(floats(7), (x) => x / 7);
  const optimizer = { moment, variance: new Float64Array() };
  return {
    round,
    state: { ...stateAt(floats(round), 0.5), optimizer, ...state },
    ledger: { seq: 2 * round, hash: HASH },
    statistics: [
      { name: "age", counts: [3, -1], names: null, quantiles: [[0.5, 1 / 3]], noiseStddev: 2 },
    ],
    answers: new Map([[3, Int32Array.of(-4, 9)]]),
    faults: {
      counts: [{ fault: "garbage", became: "refused: update.norm", count: 2 }],
      events: [{ round: 0, attempt: 1, client: "c1", fault: null, became: "lost" }],
      aborted: [{ round: 0, attempt: 0, charged: false }],
    },
  };
}
const save = (checkpoint: Checkpoint, plan = sealed) =>
  saveCheckpoint(folder.path, plan, checkpoint);
const load = (plan = sealed) => loadCheckpoint(folder.path, plan);
const path = (round: number) => join(folder.path, `checkpoint-${round}`);

it("comes back as it was, to the last bit, and the last two are kept", () => {
  for (const round of [0, 1, 2]) save(at(round));
  expect(readdirSync(folder.path).sort()).toEqual(["checkpoint-1", "checkpoint-2"]);
  expect(load()).toEqual(at(2));
  removeCheckpoints(folder.path);
  expect(readdirSync(folder.path)).toEqual([]);
  expect(load()).toBeUndefined();
});

it("counts rounds as numbers, and mends one that was damaged by writing it again", () => {
  for (const round of [9, 10]) save(at(round));
  expect(load()?.round).toBe(10);
  truncateSync(path(10), 40);
  expect(load()?.round).toBe(9);
  save(at(10));
  expect(load()).toEqual(at(10));
  expect(readdirSync(folder.path).sort()).toEqual(["checkpoint-10", "checkpoint-9"]);
});

it("keeps averages, controls and second moments where the plan has them", () => {
  const { plan } = sealed;
  const adam = { kind: "adam", beta1: 0.9, beta2: 0.99, epsilon: 1e-3 } as const;
  const averaging = { kind: "ema", decay: 0.5 } as const;
  const training = {
    ...plan.training,
    ...{ algorithm: "scaffold" as const, optimizer: adam, averaging },
  };
  const rich = { ...sealed, plan: { ...plan, training } };
  const saved = at(4, {
    control: floats(0.1),
    averaged: { mean: Float64Array.from(floats(2)), models: 3 },
    optimizer: {
      moment: Float64Array.from(floats(5)),
      variance: Float64Array.from(floats(6)),
    },
  });
  save(saved, rich);
  expect(load(rich)).toEqual(saved);
  // Another plan's would have neither.
  expect(() => load()).toThrow("checkpoint.shape");
});

describe("falls back to the one before where the newest", () => {
  beforeEach(() => {
    for (const round of [1, 2]) save(at(round));
  });
  it("row 16: was cut at any byte", () => {
    const whole = readFileSync(path(2));
    for (let length = 0; length < whole.length; length++) {
      writeFileSync(path(2), whole.subarray(0, length));
      expect(load()?.round, `${length} of ${whole.length} bytes`).toBe(1);
    }
    writeFileSync(path(2), Buffer.concat([whole, whole.subarray(0, 1)]));
    expect(load()?.round).toBe(1);
  });
  it("has any bit flipped", () => {
    const whole = readFileSync(path(2));
    for (let byte = 0; byte < whole.length; byte++) {
      const bytes = Buffer.from(whole);
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (byte % 8));
      writeFileSync(path(2), bytes);
      expect(load()?.round, `byte ${byte}`).toBe(1);
    }
  });
  it("input checkpoint: a temp file left → removed, and the newest whole one used", () => {
    writeFileSync(`${path(3)}.tmp-123`, "half");
    expect(load()?.round).toBe(2);
    expect(readdirSync(folder.path).sort()).toEqual(["checkpoint-1", "checkpoint-2"]);
  });
});

/** A file whose hash is right, whatever it says. */
function forge(change: (header: string) => string, tamper: (bytes: Buffer) => void = () => {}) {
  const bytes = readFileSync(path(1));
  const end = bytes.indexOf(0x0a);
  const header = Buffer.from(change(bytes.toString("utf8", 0, end)));
  const body = Buffer.concat([header, bytes.subarray(end, -32)]);
  tamper(body);
  const hash = createHash("sha256").update(body).digest();
  writeFileSync(path(1), Buffer.concat([body, hash]));
}

describe("is refused, for no crash leaves that:", () => {
  beforeEach(() => save(at(1)));
  const refused = (what: string) => {
    expect(load).toThrow(ScenarioError);
    expect(load).toThrow(`checkpoint.${what}`);
  };
  it("input checkpoint: both damaged → checkpoint.hash", () => {
    save(at(2));
    for (const round of [1, 2]) truncateSync(path(round), 100);
    refused("hash");
  });
  it("input checkpoint: another plan's → checkpoint.plan", () => {
    forge((header) =>
      header.replace(`"planHash":"${sealed.hash}"`, `"planHash":"${"0".repeat(64)}"`),
    );
    refused("plan");
  });
  it("input checkpoint: a weight that is no number → checkpoint.weights", () => {
    forge(
      (header) => header,
      (bytes) => bytes.writeFloatLE(Number.NaN, bytes.indexOf(0x0a) + 1),
    );
    refused("weights");
  });
  it("input checkpoint: arrays of another shape → checkpoint.shape", () => {
    forge((header) => header.replace('"name":"moment"', '"name":"momentum"'));
    refused("shape");
  });
  it("input checkpoint: a round that the plan does not have → checkpoint.round", () => {
    forge((header) => header.replace('"round":1', '"round":13'));
    refused("round");
  });
  it("input checkpoint: keys that nobody wrote, __proto__ among them → checkpoint.form", () => {
    forge((header) => header.replace('"format":1', '"__proto__":{"round":0},"format":1'));
    refused("form");
  });
  it("input checkpoint: newer than the ledger, or beside another's → checkpoint.ledger", () => {
    const lines = [0, 1, 2].map((seq) => ({ seq, hash: HASH }));
    expect(() => checkOfLedger(at(1), lines, "here")).not.toThrow();
    expect(() => checkOfLedger(at(2), lines, "here")).toThrow("checkpoint.ledger");
    const other = lines.map(({ seq }) => ({ seq, hash: "cd".repeat(32) }));
    expect(() => checkOfLedger(at(1), other, "here")).toThrow("checkpoint.ledger");
  });
});

it("row 20: tells a disk that takes nothing, and leaves what was there", () => {
  save(at(1));
  const before = readFileSync(path(1));
  // A file in the folder's place: the draft cannot be made.
  const nowhere = { what: "disk.full" };
  const write = () => saveCheckpoint(path(1), sealed, at(2));
  expect(write).toThrow(nowhere.what);
  expect(readFileSync(path(1))).toEqual(before);
});

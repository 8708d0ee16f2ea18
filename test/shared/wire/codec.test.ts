import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ProtocolError } from "../../../shared/errors.ts";
import {
  ALL_CLIENTS,
  decodeFrame,
  encodeFrame,
  encodeObject,
  encodeUpdate,
  type FrameHeader,
  PAYLOAD_BYTES,
  readFrame,
} from "../../../shared/wire/codec.ts";

const u32 = z.number().int();
const vectors = z
  .object({
    ok: z.array(
      z.object({
        name: z.string(),
        hex: z.string(),
        fields: z.object({
          type: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
          dtype: z.union([z.literal(1), z.literal(3), z.literal(4), z.literal(5)]),
          vclient: u32,
          round: u32,
          attempt: u32,
          stream: u32,
          chunk: u32,
          chunks: u32,
          total: u32,
          offset: u32,
          payload: z.string(),
          flags: u32,
        }),
      }),
    ),
    bad: z.array(
      z.object({ name: z.string(), hex: z.string(), expect: z.object({ error: z.string() }) }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, "../../vectors/framing.json"), "utf8")));

const bytes = (hex: string) => Buffer.from(hex, "hex");

/** The `what` of the refusal of `message`; undefined where it is accepted. */
function refusalOf(message: Buffer): string | undefined {
  try {
    decodeFrame(message);
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.problem.what;
    throw error;
  }
}

/** `frame` with `change` made to it and its checksum made right again. */
function altered(frame: Buffer, change: (frame: Buffer) => void): Buffer {
  const copy = Buffer.from(frame);
  change(copy);
  copy.writeUInt32LE(crc32(copy.subarray(56), crc32(copy.subarray(0, 52))), 52);
  return copy;
}

describe("published vectors", () => {
  it("are all here", () => {
    expect([vectors.ok.length, vectors.bad.length]).toEqual([5, 20]);
  });

  it.each(vectors.ok)("writes $name byte for byte", ({ hex, fields }) => {
    expect(encodeFrame(fields, bytes(fields.payload)).toString("hex")).toBe(hex);
  });

  it.each(vectors.ok)("reads $name", ({ hex, fields }) => {
    const { payload, flags: _, ...header } = fields;
    const frame = decodeFrame(bytes(hex));
    expect(frame.header).toEqual(header);
    expect(Buffer.from(frame.payload).toString("hex")).toBe(payload);
  });

  it.each(vectors.bad)("input frame: $name → $expect.error", ({ hex, expect: { error } }) => {
    expect(refusalOf(bytes(hex))).toBe(error);
  });
});

describe("order of the checks", () => {
  // Each step breaks one more thing, from the last check to the first: the first failure must win.
  const good = encodeFrame(
    {
      type: 1,
      dtype: 1,
      vclient: 5,
      round: 2,
      attempt: 1,
      stream: 9,
      chunk: 0,
      chunks: 1,
      total: 8,
      offset: 0,
    },
    Buffer.alloc(8),
  );
  const breaks: [code: string, change: (frame: Buffer) => void][] = [
    ["frame.range", (frame) => frame.writeUInt32LE(6, 32)],
    ["frame.align", (frame) => frame.writeUInt32LE(2, 40)],
    ["frame.chunk", (frame) => frame.writeUInt32LE(7, 24)],
    ["frame.dtype", (frame) => frame.writeUInt8(4, 5)],
    ["frame.flags", (frame) => frame.writeUInt16LE(2, 6)],
    ["frame.type", (frame) => frame.writeUInt8(0, 4)],
  ];

  it("lets the first of several faults win, down to the type", () => {
    let frame = good;
    for (const [code, change] of breaks) {
      frame = altered(frame, change);
      expect(refusalOf(frame)).toBe(code);
    }
  });

  it("judges length before checksum, version before length, magic before version", () => {
    const broken = altered(good, (frame) => frame.writeUInt8(0, 4));
    broken.writeUInt8(1, 52);
    expect(refusalOf(broken)).toBe("frame.crc");
    broken.writeUInt32LE(9, 48);
    expect(refusalOf(broken)).toBe("frame.length");
    broken.writeUInt8(0x32, 3);
    expect(refusalOf(broken)).toBe("frame.version");
    broken.write("mrm", 0, "latin1");
    expect(refusalOf(broken)).toBe("frame.magic");
    expect(refusalOf(broken.subarray(0, 55))).toBe("frame.truncated");
  });

  it("input frame: a payload of more than 256 KiB → frame.length", () => {
    const header = { ...decodeFrame(good).header, total: PAYLOAD_BYTES + 4 };
    const frame = encodeFrame(header, Buffer.alloc(PAYLOAD_BYTES + 4));
    expect(refusalOf(frame)).toBe("frame.length");
  });

  it("input frame: an offset past 2^53 → frame.range", () => {
    const frame = altered(good, (copy) => copy.writeBigUInt64LE(2n ** 53n, 40));
    expect(refusalOf(frame)).toBe("frame.range");
  });
});

describe("a frame that announces its object", () => {
  const ids = { vclient: 5, round: 2, attempt: 1, stream: 9 };
  const values = Int32Array.of(-1, 70_000, 3);
  const { header, frames, sha256 } = encodeUpdate({ kind: "update", values }, ids);
  const frame = frames[0] ?? Buffer.alloc(0);

  it("is the object's only frame with bit 1 set", () => {
    const plain = encodeObject({ kind: "update", values }, ids);
    const [expected] = plain.frames.map((one) => altered(one, (copy) => copy.writeUInt16LE(3, 6)));
    expect([frames.length, sha256, header]).toEqual([1, undefined, plain.header]);
    expect(frame.toString("hex")).toBe(expected?.toString("hex"));
    expect(readFrame(frame)).toMatchObject({ alone: true, payload: Buffer.from(values.buffer) });
    expect(readFrame(plain.frames[0] ?? frame).alone).toBe(false);
  });

  it("costs 64 bytes beside its entries, WebSocket's framing and mask among them", () => {
    const [masked] = encodeUpdate({ kind: "masked", values: new Uint32Array(1_000) }, ids).frames;
    // RFC 6455, section 5.2: two bytes, two of length, four of mask.
    expect((masked?.length ?? 0) + 8 - 4_000).toBe(64);
  });

  it("has room for 256 KiB; a longer update is announced by messages", () => {
    const sizes = [65_536, 65_537].map((length) => {
      const update = encodeUpdate({ kind: "update", values: new Int32Array(length) }, ids);
      return update.frames.map((one) => [one.length, one.readUInt16LE(6)]);
    });
    expect(sizes).toEqual([
      [[56 + 262_144, 3]],
      [
        [56 + 262_144, 0],
        [60, 1],
      ],
    ]);
  });

  it.each<[what: string, title: string, change: (frame: Buffer) => void]>([
    ["frame.flags", "of a list", (copy) => copy.set([4, 5], 4)],
    ["frame.flags", "of a model", (copy) => copy.set([1, 1], 4)],
    ["frame.flags", "with another bit", (copy) => copy.writeUInt16LE(7, 6)],
    ["frame.chunk", "without LAST", (copy) => copy.writeUInt16LE(2, 6)],
    ["frame.chunk", "the last of two", (copy) => copy.set([1, 0, 0, 0, 2, 0, 0, 0], 24)],
    ["frame.range", "of entries that are not there", (copy) => copy.writeUInt32LE(16, 32)],
  ])("is refused with %s: %s", (what, _, change) => {
    expect(refusalOf(altered(frame, change))).toBe(what);
  });
});

const id = fc.integer({ min: 0, max: ALL_CLIENTS });
const ids = fc.record({ vclient: id, round: id, attempt: id, stream: id });

describe("frames", () => {
  it("come back as they were written, whatever ids and payload", () => {
    const chunks = fc.integer({ min: 1, max: ALL_CLIENTS });
    fc.assert(
      fc.property(ids, fc.uint8Array({ maxLength: 300 }), chunks, id, (given, payload, all, at) => {
        const chunk = at % all;
        const offset = chunk * 1_000;
        // The last chunk ends the object; the others leave room for it.
        const total = offset + payload.length + (chunk === all - 1 ? 0 : 17);
        const header: FrameHeader = {
          ...given,
          type: 4,
          dtype: 5,
          chunk,
          chunks: all,
          total,
          offset,
        };
        const frame = decodeFrame(encodeFrame(header, payload));
        expect(frame).toEqual({ header, payload, alone: false });
      }),
      { numRuns: 1_000 },
    );
  });

  it("are refused after the flip of any single bit", () => {
    const frame = encodeUpdate(
      { kind: "update", values: Int32Array.of(-1, 70_000, 3) },
      { vclient: 4, round: 2, attempt: 1, stream: 11 },
    ).frames[0];
    const message = Buffer.from(frame ?? []);
    const accepted = Array.from({ length: 8 * message.length }, (_, bit) => bit).filter((bit) => {
      const flipped = Buffer.from(message);
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      return refusalOf(flipped) === undefined;
    });
    expect(refusalOf(message)).toBeUndefined();
    expect(message.length).toBe(68);
    expect(accepted).toEqual([]);
  });

  it("of random bytes never throw anything but a ProtocolError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (random, dressed) => {
        // Half of them with magic, length and checksum right, or no check past those would run.
        const message = dressed
          ? altered(Buffer.concat([Buffer.alloc(56), random]), (frame) => {
              frame.set(random.subarray(0, 44), 4);
              frame.write("MRM1", 0, "latin1");
              frame.writeUInt32LE(random.length, 48);
            })
          : Buffer.from(random);
        expect(refusalOf(message) ?? "accepted").toMatch(/^(frame\.[a-z]+|accepted)$/);
      }),
      { numRuns: 10_000 },
    );
  });

  it("give payloads buffers of their own, aligned whatever the message's offset", () => {
    const header = {
      type: 1,
      dtype: 1,
      vclient: 1,
      round: 0,
      attempt: 0,
      stream: 3,
      chunk: 0,
      chunks: 1,
      total: 8,
      offset: 0,
    } as const;
    const values = Float32Array.of(1.5, -2);
    const frame = encodeFrame(header, new Uint8Array(values.buffer));
    const shifted = Buffer.concat([Buffer.alloc(1), frame]).subarray(1);
    const { payload } = decodeFrame(shifted);
    expect(payload.byteOffset).toBe(0);
    expect(payload.buffer.byteLength).toBe(8);
    expect(new Float32Array(payload.buffer)).toEqual(values);
    shifted.fill(0);
    expect(new Float32Array(payload.buffer)).toEqual(values);
  });
});

describe("objects", () => {
  const given = { vclient: 3, round: 7, attempt: 1, stream: 12 };

  it("are cut into full frames and a rest, and announced with count, bytes and hash", () => {
    const values = Uint32Array.from({ length: 150_000 }, (_, i) => i * 31);
    const { header, frames, sha256 } = encodeObject({ kind: "masked", values }, given);
    expect(frames.map((frame) => frame.length - 56)).toEqual([262_144, 262_144, 75_712]);
    expect(header).toEqual({ ...given, type: 3, dtype: 4, count: 150_000, bytes: 600_000 });
    expect(sha256).toHaveLength(43);
    const whole = Buffer.concat(frames.map((frame) => readFrame(frame).payload));
    expect(Buffer.compare(whole, Buffer.from(values.buffer))).toBe(0);
  });

  it("that are empty still have a frame, and the SHA-256 of nothing", () => {
    const { frames, sha256 = "" } = encodeObject({ kind: "blob", values: new Uint8Array() }, given);
    expect(frames).toHaveLength(1);
    // FIPS 180-4, the empty message.
    expect(Buffer.from(sha256, "base64url").toString("hex")).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it("that are views send their own entries only", () => {
    const values = Float32Array.of(9, 1, 2, 9).subarray(1, 3);
    const { header, frames } = encodeObject({ kind: "model", values }, given);
    const { payload } = decodeFrame(frames[0] ?? Buffer.alloc(0));
    expect([header.count, ...new Float32Array(payload.slice().buffer)]).toEqual([2, 1, 2]);
  });
});

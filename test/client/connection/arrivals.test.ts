import { expect, it } from "vitest";
import { Arrivals, asBytes } from "../../../client/connection/arrivals.ts";
import { ProtocolError } from "../../../shared/errors.ts";
import { DTYPE, TYPE } from "../../../shared/wire/codec.ts";
import type { Received } from "../../../shared/wire/incoming.ts";
import type { Put } from "../../../shared/wire/protocol.ts";
import { refusalOf } from "../../support/refusal.ts";

const put = (stream: number): Put => ({
  t: "put",
  seq: 0,
  stream,
  type: TYPE.blob,
  dtype: DTYPE.u8,
  vclient: 0,
  round: 0,
  attempt: 0,
  count: 3,
  bytes: 3,
  sha256: "",
});
const blob = (stream: number): Received => ({
  kind: "blob",
  values: Uint8Array.of(stream, 2, 3),
  put: put(stream),
});

it("takes an object that was named, to its own limit, and gives it to whoever named it", async () => {
  const arrivals = new Arrivals();
  const [five, nine] = [arrivals.expect(5, 100), arrivals.expect(9, 200)];
  expect(arrivals.judge(put(9), "here")).toEqual({ limitBytes: 200, keep: true });
  arrivals.take(blob(9));
  arrivals.take(blob(5));
  expect((await five).put.stream).toBe(5);
  expect((await nine).put.stream).toBe(9);
});

it("refuses an object that nobody named, or that has come already", async () => {
  const arrivals = new Arrivals();
  expect(refusalOf(() => arrivals.judge(put(5), "here"))).toBe("stream.unknown");
  const five = arrivals.expect(5, 100);
  arrivals.take(blob(5));
  await five;
  expect(refusalOf(() => arrivals.judge(put(5), "here"))).toBe("stream.unknown");
});

it("rejects all that are still to come when the connection ends, and no others", async () => {
  const arrivals = new Arrivals();
  const [five, nine] = [arrivals.expect(5, 100), arrivals.expect(9, 200)];
  arrivals.take(blob(5));
  const problem = { what: "link", where: "here", got: "the end", expected: "more", fix: "." };
  arrivals.lose(new ProtocolError(problem));
  expect((await five).put.stream).toBe(5);
  await expect(nine).rejects.toThrow(ProtocolError);
});

it("reads values of any kind as the bytes they are", () => {
  const values = Float32Array.of(0, 1, -2).subarray(1);
  const model: Received = { kind: "model", values, put: put(1) };
  expect(Buffer.from(asBytes(model)).readFloatLE(4)).toBe(-2);
  expect(asBytes(model)).toHaveLength(8);
});

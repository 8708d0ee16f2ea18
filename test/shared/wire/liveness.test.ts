import { expect, it } from "vitest";
import { Liveness } from "../../../shared/wire/liveness.ts";

const liveness = () => new Liveness({ silenceMs: 30_000, heartbeatMs: 10_000 });
const beats = (count: number, beat: () => string) => Array.from({ length: count }, beat);

it("row 24: calls a peer silent after the time of silence, in beats, and not while we do not read", () => {
  const peer = liveness();
  expect(beats(4, () => peer.beat(false, false))).toEqual(["alive", "alive", "alive", "silent"]);
  peer.heard(false);
  expect(beats(3, () => peer.beat(false, false))).toEqual(["alive", "alive", "alive"]);
  expect(beats(9, () => peer.beat(true, true))).toEqual(new Array(9).fill("alive"));
});

it("row 45: an event loop that was blocked for long has missed beats, and calls nobody dead for it", () => {
  const peer = liveness();
  // One late beat, however late; then the bytes that waited.
  expect(peer.beat(false, false)).toBe("alive");
  peer.heard(false);
  expect(beats(3, () => peer.beat(false, false))).toEqual(["alive", "alive", "alive"]);
});

it("row 32: tells an object whose rest the line has lost, though messages still come", () => {
  const peer = liveness();
  const beat = () => {
    peer.heard(false);
    return peer.beat(false, true);
  };
  expect(beats(4, beat)).toEqual(["alive", "alive", "alive", "stalled"]);
  peer.heard(true);
  expect(beats(3, beat)).toEqual(["alive", "alive", "alive"]);
  expect(peer.beat(false, false)).toBe("alive");
  expect(beats(3, beat)).toEqual(["alive", "alive", "alive"]);
});

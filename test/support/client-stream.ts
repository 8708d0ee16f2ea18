/**
 * All that a client wrote to its socket, taken apart again: the HTTP request, then WebSocket frames
 * (RFC 6455, section 5.2), unmasked. It shares no code with whoever wrote them but the layout of
 * binary frames.
 */
import { readFrame } from "../../shared/wire/codec.ts";

export interface ClientStream {
  /** The HTTP request, up to its blank line. */
  readonly request: Buffer;
  /** Messages of text, in order. */
  readonly texts: readonly string[];
  /** Messages of bytes, headers and all, in order. */
  readonly frames: readonly Buffer[];
  /** What close, ping and pong frames carried, and a frame that was cut off. */
  readonly controls: readonly Buffer[];
  /** Of each object that the binary frames make up: its bytes, by number of stream. */
  readonly objects: ReadonlyMap<number, Buffer>;
}

const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8 } as const;

export function readClientStream(bytes: Buffer): ClientStream {
  const blank = bytes.indexOf("\r\n\r\n");
  const end = blank < 0 ? bytes.length : blank + 4;
  const texts: string[] = [];
  const frames: Buffer[] = [];
  const controls: Buffer[] = [];
  let parts: { opcode: number; payloads: Buffer[] } = { opcode: OPCODE.text, payloads: [] };
  for (const { last, opcode, payload } of webSocketFrames(bytes.subarray(end))) {
    if (opcode >= OPCODE.close) {
      controls.push(payload);
      continue;
    }
    if (opcode !== OPCODE.continuation) parts = { opcode, payloads: [] };
    parts.payloads.push(payload);
    if (!last) continue;
    const whole = Buffer.concat(parts.payloads);
    if (parts.opcode === OPCODE.text) texts.push(whole.toString());
    else frames.push(whole);
  }
  return { request: bytes.subarray(0, end), texts, frames, controls, objects: objectsOf(frames) };
}

function* webSocketFrames(bytes: Buffer) {
  let at = 0;
  while (at < bytes.length) {
    const [first = 0, second = 0] = bytes.subarray(at, at + 2);
    const short = second & 0x7f;
    const [length, header] =
      short === 127
        ? [Number(bytes.readBigUInt64BE(at + 2)), 10]
        : short === 126
          ? [bytes.readUInt16BE(at + 2), 4]
          : [short, 2];
    if ((second & 0x80) === 0) throw new Error("a client's frame must be masked");
    const mask = bytes.subarray(at + header, at + header + 4);
    const from = at + header + 4;
    const whole = from + length <= bytes.length;
    const payload = Buffer.from(bytes.subarray(from, from + length));
    for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0);
    const opcode = whole ? first & 0x0f : OPCODE.close;
    yield { last: (first & 0x80) !== 0, opcode, payload };
    at = from + length;
  }
}

function objectsOf(frames: readonly Buffer[]): Map<number, Buffer> {
  const objects = new Map<number, Buffer>();
  for (const frame of frames) {
    const { header, payload } = readFrame(frame);
    const before = objects.get(header.stream) ?? Buffer.alloc(0);
    objects.set(header.stream, Buffer.concat([before, payload]));
  }
  return objects;
}

/**
 * Every socket that a coordinator in this process takes, as the socket itself counts it: what each
 * client's messages were, and all bytes that came in by TCP, WebSocket's own framing and all.
 */
import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import { seeSockets } from "./taken-sockets.ts";

export interface Tapped {
  /** Of each message as it came in: its kind, as its own bytes tell, and its length. */
  readonly messages: { readonly kind: string; readonly bytes: number; readonly data: Buffer }[];
  /** Of the HTTP request that asked for the socket. */
  readonly requestBytes: number;
  /** All bytes that TCP has brought, at the end. */
  readonly receivedBytes: () => number;
  /** Of the close frame that came; undefined while none has. */
  closeBytes: number | undefined;
}

/** Taps from now on; `vi.restoreAllMocks()` ends it. */
export function tapSockets(): readonly Tapped[] {
  const all: Tapped[] = [];
  seeSockets((client, request) => all.push(tap(client, request)));
  return all;
}

function tap(client: WebSocket, request: IncomingMessage): Tapped {
  const { socket } = request;
  const tapped: Tapped = {
    messages: [],
    requestBytes: requestBytes(request),
    receivedBytes: () => socket.bytesRead,
    closeBytes: undefined,
  };
  client.on("message", (data, isBinary) => {
    if (!Buffer.isBuffer(data)) throw new TypeError("ws gives Buffers unless told otherwise");
    tapped.messages.push({ kind: kindOf(data, isBinary), bytes: data.length, data });
  });
  client.on("close", (_, reason) => {
    tapped.closeBytes = framed(2 + reason.length);
  });
  return tapped;
}

/** A text says what it is; a frame's fifth byte does, and its seventh that it needs no text. */
function kindOf(data: Buffer, isBinary: boolean): string {
  if (!isBinary) return JSON.parse(data.toString()).t;
  const type = data[4] ?? 0;
  if (type === 2) return data[6] === 3 ? "whole update" : "update frame";
  return type === 4 ? "list frame" : `frame of type ${type}`;
}

/** A message of that length as a client sends it: two bytes, four of mask, and its length if long. */
export function framed(bytes: number): number {
  return bytes + 6 + (bytes < 126 ? 0 : bytes < 65_536 ? 2 : 8);
}

/** As HTTP/1.1 writes it. */
function requestBytes({ method, url, rawHeaders }: IncomingMessage): number {
  const fields = rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
  return Buffer.byteLength(`${method} ${url} HTTP/1.1\r\n`) + fields + 2;
}

/** Sockets of a coordinator in this process that break at the message a test names, as a network breaks them. */
import type { WebSocket } from "ws";
import { seeSockets } from "./taken-sockets.ts";

/** A message on its way to the coordinator or from it: a text, or "frame" and its type. */
export interface Passing {
  readonly way: "up" | "down";
  readonly text: string;
}

/**
 * Each socket is gone at once when it sees a message that `isLast` says is its last: on its way up that
 * message is lost, on its way down whatever follows. `vi.restoreAllMocks()` ends it.
 */
export function cutSockets(isLast: (message: Passing) => boolean): void {
  seeSockets((client) => cut(client, isLast));
}

function cut(client: WebSocket, isLast: (message: Passing) => boolean): void {
  let isCut = false;
  const passes = (way: Passing["way"], data: unknown, isBinary: boolean) => {
    if (isCut) return false;
    const text = isBinary && Buffer.isBuffer(data) ? `frame ${data[4]}` : String(data);
    isCut = isLast({ way, text });
    if (isCut) client.terminate();
    return !isCut;
  };
  const emit = client.emit.bind(client);
  client.emit = (name: string | symbol, ...given: unknown[]) => {
    const [data, isBinary] = given;
    // What the socket had read before it broke is lost too.
    if (name === "message" && !passes("up", data, isBinary === true)) return true;
    return Reflect.apply(emit, client, [name, ...given]);
  };
  const send = client.send.bind(client);
  client.send = (data: Parameters<typeof send>[0], ...rest: unknown[]) => {
    Reflect.apply(send, client, [data, ...rest]);
    passes("down", data, typeof data !== "string");
  };
}

/** Every socket that a coordinator in this process takes, before the coordinator has it. */
import type { IncomingMessage } from "node:http";
import { vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";

/** Shows each to `seen` from now on; `vi.restoreAllMocks()` ends it. */
export function seeSockets(seen: (client: WebSocket, request: IncomingMessage) => void): void {
  const upgrade = WebSocketServer.prototype.handleUpgrade;
  vi.spyOn(WebSocketServer.prototype, "handleUpgrade").mockImplementation(function (
    this: WebSocketServer,
    request,
    socket,
    head,
    callback,
  ) {
    upgrade.call(this, request, socket, head, (client, again) => {
      seen(client, request);
      callback(client, again);
    });
  });
}

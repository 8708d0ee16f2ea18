/** Two ends of a real WebSocket connection on loopback, with the limits that both sides set. */
import { type WebSocket, WebSocketServer, WebSocket as WsSocket } from "ws";
import { SOCKET_LIMITS } from "../../shared/wire/protocol.ts";

export interface SocketPair {
  readonly server: WebSocket;
  readonly client: WebSocket;
  /** Ends both, and the listener. */
  readonly end: () => Promise<void>;
}

export async function socketPair(): Promise<SocketPair> {
  const listener = new WebSocketServer({ host: "127.0.0.1", port: 0, ...SOCKET_LIMITS });
  await new Promise<void>((resolve) => listener.once("listening", resolve));
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("no port");
  const server = new Promise<WebSocket>((resolve) => listener.once("connection", resolve));
  const client = new WsSocket(`ws://127.0.0.1:${address.port}`, SOCKET_LIMITS);
  await new Promise<void>((resolve, reject) => {
    client.once("open", resolve);
    client.once("error", reject);
  });
  const ends = { server: await server, client };
  return {
    ...ends,
    end: async () => {
      ends.server.terminate();
      ends.client.terminate();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

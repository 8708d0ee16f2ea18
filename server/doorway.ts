/**
 * IO: the coordinator's HTTP server. Path, host, origin and subprotocol are judged before a
 * WebSocket exists, and what a stranger can make grow has a limit (protocol note, section 1).
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { ScenarioError } from "../shared/errors.ts";
import type { Timing } from "../shared/timing.ts";
import { CLOSE } from "../shared/wire/close-codes.ts";
import { PROTOCOL_PATH, SOCKET_LIMITS, SUBPROTOCOL } from "../shared/wire/protocol.ts";

const MAX_CONNECTIONS = 1_024;
const MAX_HEADERS = 32;
/** Sockets that have not shown who they are. The run's own hosts come on top. */
const MAX_UNKNOWN = 16;

export interface DoorwaySettings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Sockets of our own that may be on their way in at once. */
  readonly ownHosts: number;
  readonly timing: Timing;
  /** A socket that asked rightly and has yet to show who it is: `known` tells the doorway so. */
  readonly enter: (socket: WebSocket, from: string) => void;
}

export class Doorway {
  readonly port: number;
  readonly host: string;
  readonly #http: Server;
  readonly #unknown = new Set<WebSocket>();

  private constructor(http: Server, host: string, port: number) {
    this.#http = http;
    this.host = host;
    this.port = port;
  }

  /** @throws ScenarioError `port` if it cannot be had */
  static async open(settings: DoorwaySettings): Promise<Doorway> {
    const { host, timing } = settings;
    const http = createServer({
      requestTimeout: timing.requestMs,
      headersTimeout: timing.requestMs,
    });
    http.maxHeadersCount = MAX_HEADERS;
    http.maxConnections = MAX_CONNECTIONS;
    const port = await listen(http, settings);
    const doorway = new Doorway(http, host, port);
    const sockets = new WebSocketServer({
      ...SOCKET_LIMITS,
      noServer: true,
      clientTracking: false,
      handleProtocols: () => SUBPROTOCOL,
    });
    http.on("request", (_, response) => response.writeHead(404).end());
    http.on("upgrade", (request, socket, head) => {
      socket.on("error", () => socket.destroy());
      const refusal = doorway.#refusal(request);
      if (refusal) return refuse(socket, refusal);
      sockets.handleUpgrade(request, socket, head, (ws) => {
        if (doorway.#unknown.size >= MAX_UNKNOWN + settings.ownHosts) {
          ws.on("error", () => ws.terminate());
          return ws.close(CLOSE.full, "full");
        }
        doorway.#unknown.add(ws);
        ws.once("close", () => doorway.known(ws));
        settings.enter(ws, request.socket.remoteAddress ?? "unknown");
      });
    });
    return doorway;
  }

  /** This socket has shown a key, or is gone. */
  known(socket: WebSocket): void {
    this.#unknown.delete(socket);
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
  }

  #refusal({ url, headers }: IncomingMessage): string | undefined {
    // A browser on this machine could otherwise reach a coordinator on loopback for any page.
    if (headers.origin !== undefined) return "403 Forbidden";
    // Clients leave the port out where it is the scheme's own.
    const names = [`${this.host}:${this.port}`, ...(this.port === 80 ? [this.host] : [])];
    if (!names.includes(headers.host ?? "")) return "403 Forbidden";
    if (url !== PROTOCOL_PATH) return "400 Bad Request";
    if (headers["sec-websocket-protocol"] !== SUBPROTOCOL) return "400 Bad Request";
    return undefined;
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function listen(http: Server, { host, port }: DoorwaySettings): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once("error", (cause) =>
      reject(
        new ScenarioError(
          {
            what: "port",
            where: "--port",
            got: `${host}:${port}, ${"code" in cause ? cause.code : cause.message}`,
            expected: "a port that is free",
            fix: "Name another, or leave --port away to take any free one.",
          },
          { cause },
        ),
      ),
    );
    http.listen(port, host, () => {
      const address: AddressInfo | string | null = http.address();
      resolve(typeof address === "object" && address ? address.port : port);
    });
  });
}

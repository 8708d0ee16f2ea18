/**
 * IO: the coordinator's HTTP server. Path, host, origin and subprotocol are judged before a
 * WebSocket exists, and what a stranger can make grow has a limit (protocol note, section 1).
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { reasonOf, ScenarioError } from "../shared/errors.ts";
import type { Timing } from "../shared/timing.ts";
import { CLOSE } from "../shared/wire/close-codes.ts";
import { PROTOCOL_PATH, SOCKET_LIMITS, SUBPROTOCOL } from "../shared/wire/protocol.ts";
import { type ListenPlace, listen } from "./listen.ts";

const MAX_CONNECTIONS = 1_024;
const MAX_HEADERS = 32;
/** Sockets that have not shown who they are. The run's own hosts come on top. */
const MAX_UNKNOWN = 16;

/** PEM texts. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface DoorwaySettings extends ListenPlace {
  /** Hosts by which clients may dial, as they stand in a URL, lower case. */
  readonly names: readonly string[];
  /** undefined: plain WebSocket. */
  readonly tls: TlsFiles | undefined;
  /** Sockets of our own that may be on their way in at once. */
  readonly ownHosts: number;
  readonly timing: Timing;
  /** A socket that asked rightly and has yet to show who it is: `known` tells the doorway so. */
  readonly enter: (socket: WebSocket, from: string) => void;
}

export class Doorway {
  readonly port: number;
  readonly #http: Server;
  readonly #unknown = new Set<WebSocket>();
  /** What a request's `Host` may be. */
  readonly #hosts: ReadonlySet<string>;

  private constructor(http: Server, { names, tls }: DoorwaySettings, port: number) {
    this.#http = http;
    this.port = port;
    // Clients leave the port out where it is the scheme's own.
    const bare = port === (tls ? 443 : 80) ? names : [];
    this.#hosts = new Set([...names.map((name) => `${name}:${port}`), ...bare]);
  }

  /** @throws ScenarioError `port` if it cannot be had, `tls` for what is no certificate and its key */
  static async open(settings: DoorwaySettings): Promise<Doorway> {
    const http = newServer(settings);
    http.maxHeadersCount = MAX_HEADERS;
    http.maxConnections = MAX_CONNECTIONS;
    const port = await listen(http, settings);
    const doorway = new Doorway(http, settings, port);
    // Whoever is refused and does not answer would stay for 30 s, and keep others' places.
    const limits = { ...SOCKET_LIMITS, closeTimeout: settings.timing.closeMs };
    const sockets = new WebSocketServer({
      ...limits,
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
    if (!this.#hosts.has(headers.host ?? "")) return "403 Forbidden";
    if (url !== PROTOCOL_PATH) return "400 Bad Request";
    if (headers["sec-websocket-protocol"] !== SUBPROTOCOL) return "400 Bad Request";
    return undefined;
  }
}

function newServer({ tls, timing }: DoorwaySettings): Server {
  const limits = {
    requestTimeout: timing.requestMs,
    headersTimeout: timing.requestMs,
    // Node looks for late requests every 30 s unless told otherwise.
    connectionsCheckingInterval: timing.requestMs / 4,
  };
  if (!tls) return createServer(limits);
  try {
    const handshakeTimeout = timing.requestMs;
    return createTlsServer({ ...limits, ...tls, handshakeTimeout, minVersion: "TLSv1.2" });
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "tls",
        where: "--tls-cert, --tls-key",
        got: reasonOf(cause),
        expected: "a certificate and its private key, PEM",
        fix: "Name the two files that belong together.",
      },
      { cause },
    );
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

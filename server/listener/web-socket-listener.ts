/**
 * IO: the coordinator's HTTP server. Path, host, origin and subprotocol are judged before a
 * WebSocket exists, and what a stranger can make grow has a limit (protocol note, section 1).
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { reasonOf, ScenarioError } from "../../shared/errors.ts";
import type { Timing } from "../../shared/timing.ts";
import { CLOSE } from "../../shared/wire/close-codes.ts";
import { PROTOCOL_PATH, SOCKET_LIMITS, SUBPROTOCOL } from "../../shared/wire/protocol.ts";
import type { Connection, Door, Enter } from "../../shared/wire/transport.ts";
import { ConnectionLimits } from "./connection-limits.ts";
import { type ListenPlace, listen } from "./listen.ts";

const MAX_CONNECTIONS = 1_024;
const MAX_HEADERS = 32;
/** How often in the time for a request Node looks for those that are late. */
const LOOKS = 5;
/** Farewells to those that are turned away in the time for one to a friend. */
const FAREWELLS = 5;
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

/** PEM texts. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface ListenerSettings extends ListenPlace {
  /** Hosts by which clients may dial, as they stand in a URL, lower case. */
  readonly names: readonly string[];
  /** undefined: plain WebSocket. */
  readonly tls: TlsFiles | undefined;
  /** Sockets of our own that may be on their way in at once. */
  readonly ownHosts: number;
  readonly timing: Timing;
  /** A socket that asked rightly and has yet to show who it is: `known` tells the doorway so. */
  readonly enter: Enter;
}

export class WebSocketListener implements Door {
  readonly port: number;
  readonly #http: Server;
  readonly #limits: ConnectionLimits;
  readonly #ids = new WeakMap<Connection, string>();
  /** Those that have not shown a key yet, by id. */
  readonly #strangers = new Map<string, WebSocket>();
  /** What a request's `Host` may be. */
  readonly #hosts: ReadonlySet<string>;

  private constructor(
    http: Server,
    limits: ConnectionLimits,
    settings: ListenerSettings,
    port: number,
  ) {
    const { names, tls } = settings;
    this.#http = http;
    this.#limits = limits;
    this.port = port;
    // Clients leave the port out where it is the scheme's own.
    const bare = port === (tls ? 443 : 80) ? names : [];
    this.#hosts = new Set([...names.map((name) => `${name}:${port}`), ...bare]);
  }

  /** @throws ScenarioError `port` if it cannot be had, `tls` for what is no certificate and its key */
  static async open(settings: ListenerSettings): Promise<WebSocketListener> {
    const http = newServer(settings);
    http.maxHeadersCount = MAX_HEADERS;
    http.maxConnections = MAX_CONNECTIONS;
    const limits = watched(http, settings);
    const port = await listen(http, settings);
    const doorway = new WebSocketListener(http, limits, settings, port);
    // Whoever is refused and does not answer would stay for 30 s, and keep others' places.
    const socketLimits = { ...SOCKET_LIMITS, closeTimeout: settings.timing.closeMs };
    const sockets = new WebSocketServer({
      ...socketLimits,
      noServer: true,
      clientTracking: false,
      handleProtocols: () => SUBPROTOCOL,
    });
    http.on("request", (_, response) => response.writeHead(404, { connection: "close" }).end());
    http.on("upgrade", (request, socket, head) => {
      socket.on("error", () => socket.destroy());
      const refusal = doorway.#refusal(request);
      if (refusal) return refuse(socket, refusal);
      sockets.handleUpgrade(request, socket, head, (ws) => {
        doorway.#enter(ws, idOf(request.socket), settings.timing, () =>
          settings.enter(ws, request.socket.remoteAddress ?? "unknown"),
        );
      });
    });
    return doorway;
  }

  /** This socket has shown a key. */
  known(socket: Connection): void {
    const id = this.#ids.get(socket) ?? "";
    this.#strangers.delete(id);
    this.#limits.known(id);
  }

  /** This one could not. */
  failed(socket: Connection): void {
    this.#limits.failed(this.#ids.get(socket) ?? "");
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#http.close(() => resolve());
      this.#http.closeAllConnections();
    });
  }

  /** In, and where the door is full whoever has stood there longest without a word goes for it. */
  #enter(ws: WebSocket, id: string, timing: Timing, enter: () => void): void {
    const evicted = this.#limits.enter(id);
    if (!evicted) {
      turnAway(ws, timing);
      return;
    }
    for (const one of evicted) {
      const oldest = this.#strangers.get(one);
      this.#strangers.delete(one);
      this.#limits.gone(one);
      if (oldest) turnAway(oldest, timing);
    }
    this.#ids.set(ws, id);
    this.#strangers.set(id, ws);
    ws.once("close", () => this.#strangers.delete(id));
    enter();
  }

  #refusal({ url, headers, socket }: IncomingMessage): string | undefined {
    if (this.#limits.isBanned(socket.remoteAddress ?? "")) return "429 Too Many Requests";
    // A browser on this machine could otherwise reach a coordinator on loopback for any page.
    if (headers.origin !== undefined) return "403 Forbidden";
    if (!this.#hosts.has(headers.host ?? "")) return "403 Forbidden";
    if (url !== PROTOCOL_PATH) return "400 Bad Request";
    if (headers["sec-websocket-protocol"] !== SUBPROTOCOL) return "400 Bad Request";
    return undefined;
  }
}

/** Every connection is counted from its first byte to its last, whatever it asks for. */
function watched(http: Server, { ownHosts, timing }: ListenerSettings): ConnectionLimits {
  const isOwn = (address: string) => LOOPBACK.test(address);
  const clock = () => performance.now();
  const limits = new ConnectionLimits({ clock, timing, ownHosts, isOwn });
  const sockets = new Map<string, Socket>();
  http.on("connection", (socket) => {
    const id = idOf(socket);
    sockets.set(id, socket);
    socket.once("close", () => {
      sockets.delete(id);
      limits.gone(id);
    });
    for (const one of limits.connected(id, socket.remoteAddress ?? "")) {
      limits.gone(one);
      sockets.get(one)?.destroy();
    }
  });
  return limits;
}

/** The same for a TCP connection and the TLS on it. */
function idOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** There is no room: said politely, for a short while. Crowds of those that linger would be the next crowd. */
function turnAway(ws: WebSocket, { closeMs }: Timing): void {
  ws.on("error", () => ws.terminate());
  const timer = setTimeout(() => ws.terminate(), closeMs / FAREWELLS);
  ws.once("close", () => clearTimeout(timer));
  ws.close(CLOSE.full, "full: no room for those that have not shown a key");
}

function newServer({ tls, timing }: ListenerSettings): Server {
  const limits = {
    requestTimeout: timing.requestMs,
    headersTimeout: timing.requestMs,
    // Node looks for late requests every 30 s unless told otherwise.
    connectionsCheckingInterval: timing.requestMs / LOOKS,
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
  const text = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
  // Whoever never closes would keep a place at the door.
  socket.end(text, () => socket.destroy());
}

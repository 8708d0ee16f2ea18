/** IO: what a run tells by HTTP: /metrics for Prometheus, /healthz and /readyz for whoever starts it. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Timing } from "../../shared/timing.ts";
import { type ListenPlace, listen } from "../listener/listen.ts";
import { isReady, type RunStatus } from "./status.ts";

const MAX_CONNECTIONS = 64;
const MAX_HEADERS = 32;
const MAX_HEADER_BYTES = 8_192;
const JSON_TYPE = "application/json";

export interface StatusPageSettings extends ListenPlace {
  readonly timing: Pick<Timing, "requestMs">;
  /** A host by which it may be asked, as `Host` says it without its port. */
  readonly isKnownHost: (host: string) => boolean;
  readonly status: () => RunStatus;
  readonly metrics: { readonly contentType: string; readonly text: () => Promise<string> };
}

export interface StatusPage {
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface Answer {
  readonly code: number;
  readonly type: string;
  readonly text: string;
}

/** @throws ScenarioError `port` if it cannot be had */
export async function openStatusPage(settings: StatusPageSettings): Promise<StatusPage> {
  const { requestMs } = settings.timing;
  const http = createServer(
    {
      requestTimeout: requestMs,
      headersTimeout: requestMs,
      keepAliveTimeout: requestMs,
      connectionsCheckingInterval: requestMs,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => {
      answer(request, settings).then(
        (answered) => send(response, answered),
        // A scrape that fails is no reason for a run to fail.
        () => send(response, plain(500, "no metrics")),
      );
    },
  );
  http.maxHeadersCount = MAX_HEADERS;
  http.maxConnections = MAX_CONNECTIONS;
  const port = await listen(http, settings);
  // It tells of a run, and holds none up.
  http.unref();
  const close = () =>
    new Promise<void>((resolve) => {
      http.close(() => resolve());
      http.closeAllConnections();
    });
  return { port, close };
}

async function answer(
  { method, url, headers }: IncomingMessage,
  { isKnownHost, status, metrics }: StatusPageSettings,
): Promise<Answer> {
  // A browser on this machine could otherwise read it for any page, by a name that it controls.
  const host = (headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (headers.origin !== undefined || !isKnownHost(host)) return plain(403, "forbidden");
  if (method !== "GET") return plain(405, "GET only");
  switch (url) {
    case "/metrics":
      return { code: 200, type: metrics.contentType, text: await metrics.text() };
    case "/healthz":
      return { code: 200, type: JSON_TYPE, text: JSON.stringify(status()) };
    case "/readyz": {
      const told = status();
      return { code: isReady(told) ? 200 : 503, type: JSON_TYPE, text: JSON.stringify(told) };
    }
    default:
      return plain(404, "/metrics, /healthz, /readyz");
  }
}

function plain(code: number, text: string): Answer {
  return { code, type: "text/plain; charset=utf-8", text };
}

function send(response: ServerResponse, { code, type, text }: Answer): void {
  const body = `${text.trimEnd()}\n`;
  response.writeHead(code, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(code === 405 && { allow: "GET" }),
  });
  response.end(body);
}

/** IO: from an address to an open socket, over TLS where it says so. */
import { type ClientOptions, WebSocket } from "ws";
import { ProtocolError } from "../../shared/errors.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Credentials } from "../../shared/wire/handshake.ts";
import { isLoopback } from "../../shared/wire/loopback.ts";
import { PROTOCOL_PATH, SOCKET_LIMITS, SUBPROTOCOL } from "../../shared/wire/protocol.ts";
import type { Dial } from "../../shared/wire/transport.ts";
import { OtherCertificate, PinnedAgent } from "./pinned-agent.ts";

/** How to reach a coordinator, and how to know it. */
export interface Address {
  /** "host:port". */
  readonly audience: string;
  readonly credentials: Credentials;
  /** Once those are refused: the others by which it may be known there. */
  readonly instead?: Credentials | undefined;
  /** The coordinator's public key, 32 bytes; undefined: its certificate alone says who it is. */
  readonly serverKey: Uint8Array | undefined;
  /** 64 hex digits: no other plan is even read. undefined: any. */
  readonly planHash: string | undefined;
  /** Absent: by a WebSocket, over TLS where `tls` says so. */
  readonly dial?: Dial | undefined;
  readonly tls?: TlsTrust | undefined;
}

/** How a certificate is known. */
export type TlsTrust =
  /** By whoever may have signed it, PEM; undefined: the system's own. */
  | { readonly ca: Buffer | undefined }
  /** By what it is: its SHA-256, 64 hex digits. */
  | { readonly pin: string };

/**
 * @param opened called in the very tick in which the socket opens: later, the coordinator's first
 *   message would find no listener
 * @throws ProtocolError `connect` if nobody answers there, or somebody who says "later"; `connect.refused` if it is
 *   no coordinator of this name; `connect.trust` if it cannot be trusted
 */
export function dialSocket<T>(
  { audience, tls }: Address,
  timing: Timing,
  opened: (socket: WebSocket) => T,
): Promise<T> {
  const url = `${tls ? "wss" : "ws"}://${audience}${PROTOCOL_PATH}`;
  const socket = new WebSocket(url, SUBPROTOCOL, {
    ...SOCKET_LIMITS,
    ...(tls ? trustOptions(tls) : loopbackOptions(audience)),
    handshakeTimeout: timing.authMs,
  });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(opened(socket)));
    socket.once("unexpected-response", (request, { statusCode = 0 }) => {
      reject(answeredOtherwise(audience, statusCode));
      request.destroy();
    });
    socket.once("error", (cause) => reject(noAnswer(audience, tls !== undefined, cause)));
  });
}

/** True where dialling again may help: nobody was there, or asked to come later. */
export function isPassing({ problem }: ProtocolError): boolean {
  return problem.what === "connect";
}

const TOO_MANY_REQUESTS = 429;
/** From here on a server, or a proxy before it, says that the fault is its own. */
const SERVER_ERRORS = 500;

function answeredOtherwise(where: string, status: number): ProtocolError {
  const expected = "a WebSocket";
  if (status === TOO_MANY_REQUESTS) {
    const got =
      "HTTP 429: too many wrong proofs came from this address, it is refused for a minute";
    const fix = "Wait: it is dialled again. Look for who else at this address tries other keys.";
    return new ProtocolError({ what: "connect", where, got, expected, fix });
  }
  const what = status >= SERVER_ERRORS ? "connect" : "connect.refused";
  const fix =
    "Check the address: it must be one that murmur serve has told, and lead to it directly.";
  return new ProtocolError({ what, where, got: `HTTP ${status}`, expected, fix });
}

/**
 * On this machine frames are masked by zeros, which `ws` need not write: a mask keeps scripts in a browser from
 * speaking in another protocol's words to a proxy (RFC 6455 §10.3), and here is neither.
 */
function loopbackOptions(audience: string): ClientOptions {
  const host = audience.slice(0, audience.lastIndexOf(":"));
  return isLoopback(host) ? { generateMask: (mask) => void mask.fill(0) } : {};
}

function trustOptions(tls: TlsTrust): ClientOptions {
  if ("pin" in tls) return { agent: new PinnedAgent(tls.pin) };
  return tls.ca ? { ca: tls.ca } : {};
}

/** What Node and OpenSSL say of a certificate, or of an end that speaks no TLS. */
const DISTRUST =
  /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|DEPTH_ZERO|SELF_SIGNED|HOSTNAME|INVALID_|EPROTO)/;

function noAnswer(where: string, isTls: boolean, cause: Error): ProtocolError {
  const got = cause.message;
  const code = "code" in cause ? `${cause.code}` : "";
  const isDistrust = isTls && (cause instanceof OtherCertificate || DISTRUST.test(code));
  const what = isDistrust ? "connect.trust" : "connect";
  const [expected, fix] = isTls
    ? [
        "a coordinator, by a certificate that can be trusted",
        "Check the address; name whoever signed its certificate with --ca, or itself with --pin.",
      ]
    : ["a coordinator", "Check the address, and that the coordinator is up."];
  return new ProtocolError({ what, where, got, expected, fix }, { cause });
}

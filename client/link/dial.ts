/** IO: from an address to an open socket, over TLS where it says so. */
import { type ClientOptions, WebSocket } from "ws";
import { ProtocolError } from "../../shared/errors.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Credentials } from "../../shared/wire/handshake.ts";
import { PROTOCOL_PATH, SOCKET_LIMITS, SUBPROTOCOL } from "../../shared/wire/protocol.ts";
import { PinnedAgent } from "./pinned-agent.ts";

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
  /** Absent: plain WebSocket. */
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
 * @throws ProtocolError `connect` if nobody answers there, or nobody that can be trusted
 */
export function dialSocket<T>(
  { audience, tls }: Address,
  timing: Timing,
  opened: (socket: WebSocket) => T,
): Promise<T> {
  const url = `${tls ? "wss" : "ws"}://${audience}${PROTOCOL_PATH}`;
  const socket = new WebSocket(url, SUBPROTOCOL, {
    ...SOCKET_LIMITS,
    ...(tls && trustOptions(tls)),
    handshakeTimeout: timing.authMs,
  });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(opened(socket)));
    socket.once("error", (cause) => reject(noAnswer(audience, tls !== undefined, cause)));
  });
}

function trustOptions(tls: TlsTrust): ClientOptions {
  if ("pin" in tls) return { agent: new PinnedAgent(tls.pin) };
  return tls.ca ? { ca: tls.ca } : {};
}

function noAnswer(where: string, isTls: boolean, cause: Error): ProtocolError {
  const got = cause.message;
  const [expected, fix] = isTls
    ? [
        "a coordinator, by a certificate that can be trusted",
        "Check the address; name whoever signed its certificate with --ca, or itself with --pin.",
      ]
    : ["a coordinator", "Check the address, and that the coordinator is up."];
  return new ProtocolError({ what: "connect", where, got, expected, fix }, { cause });
}

/** IO: from an address to an open socket, over TLS where it says so. */
import { WebSocket } from "ws";
import { ProtocolError } from "../../shared/errors.ts";
import type { Timing } from "../../shared/timing.ts";
import type { Credentials } from "../../shared/wire/handshake.ts";
import { PROTOCOL_PATH, SOCKET_LIMITS, SUBPROTOCOL } from "../../shared/wire/protocol.ts";

/** How to reach a coordinator, and how to know it. */
export interface Address {
  /** "host:port". */
  readonly audience: string;
  readonly credentials: Credentials;
  /** The coordinator's public key, 32 bytes; undefined: its certificate alone says who it is. */
  readonly serverKey: Uint8Array | undefined;
  /** 64 hex digits: no other plan is even read. undefined: any. */
  readonly planHash: string | undefined;
  /** Absent: plain WebSocket. */
  readonly tls?: TlsTrust | undefined;
}

export interface TlsTrust {
  /** PEM of whoever may have signed the coordinator's certificate; undefined: the system's own. */
  readonly ca: Buffer | undefined;
}

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
    ...(tls?.ca && { ca: tls.ca }),
    handshakeTimeout: timing.authMs,
  });
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(opened(socket)));
    socket.once("error", (cause) => reject(noAnswer(audience, tls !== undefined, cause)));
  });
}

function noAnswer(where: string, isTls: boolean, cause: Error): ProtocolError {
  const got = cause.message;
  const [expected, fix] = isTls
    ? [
        "a coordinator, by a certificate that can be trusted",
        "Check the address; name whoever signed its certificate with --ca.",
      ]
    : ["a coordinator", "Check the address, and that the coordinator is up."];
  return new ProtocolError({ what: "connect", where, got, expected, fix }, { cause });
}

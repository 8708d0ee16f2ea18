/**
 * IO: TLS to the one certificate that a pin names, whoever signed it. Node would refuse a self-signed one
 * before it could be looked at, and has no setting that says "this one": so its own judgement is put off,
 * and the socket is handed out, and a byte sent, only after the certificate's hash was compared. That the
 * peer holds the certificate's key is part of every TLS handshake, judged or not.
 */
import { Agent } from "node:https";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";

/** The peer showed another certificate than the pinned one. */
export class OtherCertificate extends Error {}

export class PinnedAgent extends Agent {
  readonly #pin: string;

  /** @param pin SHA-256 of the certificate (DER), 64 hex digits */
  constructor(pin: string) {
    // No session to resume: it would show no certificate.
    super({ maxCachedSessions: 0 });
    this.#pin = pin;
  }

  override createConnection(
    options: ConnectionOptions,
    done: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const socket = connect({ ...options, path: undefined, rejectUnauthorized: false });
    socket.once("error", (error) => done(error, socket));
    socket.once("secureConnect", () => {
      const got = fingerprintOf(socket);
      if (got === this.#pin) return done(null, socket);
      socket.destroy(
        new OtherCertificate(`another certificate than the pinned one: sha256:${got}`),
      );
    });
    return undefined;
  }
}

function fingerprintOf(socket: TLSSocket): string | undefined {
  return socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase();
}

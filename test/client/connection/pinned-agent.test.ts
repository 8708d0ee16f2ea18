/** A certificate known by its hash alone: no other is spoken to, and nothing is sent before. */
import { X509Certificate } from "node:crypto";
import { createServer, type TLSSocket } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { dialSocket } from "../../../client/connection/dial.ts";
import { WebSocketListener } from "../../../server/listener/web-socket-listener.ts";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { shortened } from "../../../shared/timing.ts";
import { loopbackCertificate } from "../../support/certificate.ts";

const timing = shortened(1);
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const pair = loopbackCertificate();
const files = { cert: Buffer.from(pair.cert), key: Buffer.from(pair.key) };
const pinOf = (cert: string) =>
  new X509Certificate(cert).fingerprint256.replaceAll(":", "").toLowerCase();
const dial = (port: number, pin: string) =>
  dialSocket(
    {
      audience: `localhost:${port}`,
      credentials: { key: signingKey(), token: undefined },
      serverKey: undefined,
      planHash: undefined,
      tls: { pin },
    },
    timing,
    (socket) => socket,
  );

it("opens a socket to a self-signed coordinator by its certificate's hash", async () => {
  const entered: string[] = [];
  const place = { host: "127.0.0.1", port: 0, flag: "--port", names: ["localhost"], ownHosts: 0 };
  const enter = (_: unknown, from: string) => void entered.push(from);
  const door = await WebSocketListener.open({ ...place, tls: files, timing, enter });
  ends.push(() => door.close());
  const socket = await dial(door.port, pinOf(pair.cert));
  ends.unshift(() => socket.terminate());
  expect(entered).toHaveLength(1);
});

it("refuses every other certificate before a byte of the request is sent", async () => {
  let bytes = 0;
  const server = createServer({ ...files }, (socket: TLSSocket) => {
    socket.on("error", () => {});
    socket.on("data", (data) => {
      bytes += data.length;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
  ends.push(() => server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const other = pinOf(loopbackCertificate().cert);
  await expect(dial(port, other)).rejects.toThrow(
    /connect\.trust .*another certificate than the pinned/,
  );
  // Its end comes behind whatever was sent.
  await expect
    .poll(() => new Promise((resolve) => server.getConnections((_, n) => resolve(n))))
    .toBe(0);
  expect(bytes).toBe(0);
});

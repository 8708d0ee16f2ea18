/** How a client masks its frames (RFC 6455 §5.3): by zeros where they cross no network, else at random. */
import { createHash } from "node:crypto";
import { createServer as createPlainServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, expect, it } from "vitest";
import { dialSocket, type TlsTrust } from "../../../client/connection/dial.ts";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { shortened } from "../../../shared/timing.ts";
import { loopbackCertificate } from "../../support/certificate.ts";

/** RFC 6455 §1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MESSAGE = "an update";
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A server's end by hand: it shakes hands, then keeps the first frame's bytes. */
function onSocket(socket: Socket, framed: (frame: Buffer) => void): void {
  socket.on("error", () => {});
  let isOpen = false;
  socket.on("data", (data) => {
    if (isOpen) return framed(data);
    isOpen = true;
    const [, key] = /sec-websocket-key: (\S+)/i.exec(data.toString("latin1")) ?? [];
    const [, protocol] = /sec-websocket-protocol: (\S+)/i.exec(data.toString("latin1")) ?? [];
    const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    const rest = [`Sec-WebSocket-Accept: ${accept}`, `Sec-WebSocket-Protocol: ${protocol}`];
    socket.write([...head, ...rest, "", ""].join("\r\n"));
  });
}

/** The first frame that a client sends to a server there. */
async function firstFrame(
  server: Server,
  tls: TlsTrust | undefined,
  on: "connection" | "secureConnection",
) {
  const frame = new Promise<Buffer>((resolve) => {
    server.on(on, (socket: Socket) => onSocket(socket, resolve));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const credentials = { key: signingKey(), token: undefined };
  const place = { audience: `localhost:${port}`, credentials, serverKey: undefined };
  const socket = await dialSocket({ ...place, planHash: undefined, tls }, shortened(1), (s) => s);
  ends.unshift(() => socket.terminate());
  socket.send(MESSAGE);
  return frame;
}

it("masks frames by zeros in plain text on loopback: they are there to be read", async () => {
  const frame = await firstFrame(createPlainServer(), undefined, "connection");
  expect(frame.readUInt8(1) & 0x80, "a client's frames must carry a mask").toBe(0x80);
  expect(frame.subarray(2, 6).toString("hex")).toBe("00000000");
  expect(frame.subarray(6).toString()).toBe(MESSAGE);
});

it("masks frames at random over TLS, wherever that ends", async () => {
  const pair = loopbackCertificate();
  const server = createTlsServer({ cert: pair.cert, key: pair.key });
  const frame = await firstFrame(server, { ca: Buffer.from(pair.cert) }, "secureConnection");
  expect(frame.readUInt8(1) & 0x80).toBe(0x80);
  expect(frame.subarray(2, 6).toString("hex"), "1 in 2^32 by chance").not.toBe("00000000");
  expect(frame.subarray(6).toString("latin1")).not.toBe(MESSAGE);
});

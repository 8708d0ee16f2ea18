/** What a client makes of a coordinator that does not let it in, and whether it dials again. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { Session } from "../../../client/connection/session.ts";
import { signingKey } from "../../../shared/keys/proofs.ts";
import { LINK_TIMING } from "../../support/linked-run.ts";

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** A server that answers every upgrade by that; @returns a client of it, and why it dials again. */
async function client(upgraded: (http: Server) => void) {
  const http = createServer();
  upgraded(http);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const place: AddressInfo | string | null = http.address();
  if (place === null || typeof place === "string") throw new Error("no port");
  const whys: string[] = [];
  const session = new Session(
    {
      audience: `127.0.0.1:${place.port}`,
      credentials: { key: signingKey(), token: undefined },
      serverKey: undefined,
      planHash: undefined,
    },
    LINK_TIMING,
    { retrying: ({ why }) => whys.push(why) },
  );
  session.plan.catch(() => {});
  ended.push(() => {
    session.leave();
    http.closeAllConnections();
    http.close();
  });
  return { session, whys };
}

const status = (line: string) => (http: Server) =>
  http.on("upgrade", (_, socket) =>
    socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`),
  );

it("takes HTTP 429 for what it is, and comes again", async () => {
  const { whys, session } = await client(status("429 Too Many Requests"));
  await expect.poll(() => whys.length, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(whys[0]).toMatch(/^HTTP 429: too many wrong proofs came from this address/);
  expect(session.end).toBeUndefined();
});

it("takes a close by 1013 for what it is, and comes again", async () => {
  const { whys, session } = await client((http) => {
    const sockets = new WebSocketServer({ server: http });
    sockets.on("connection", (socket) => socket.close(1013, "full"));
  });
  await expect.poll(() => whys.length, { timeout: 10_000 }).toBeGreaterThan(2);
  expect(whys[0]).toMatch(/^1013: its door is full/);
  expect(session.end).toBeUndefined();
});

it("comes again where a proxy says that nobody is behind it yet", async () => {
  const { whys } = await client(status("502 Bad Gateway"));
  await expect.poll(() => whys.length, { timeout: 10_000 }).toBeGreaterThan(1);
  expect(whys[0]).toBe("HTTP 502");
});

it.each(["400 Bad Request", "403 Forbidden", "404 Not Found"])(
  "ends at once where the address is a wrong one: %s",
  async (line) => {
    const { whys, session } = await client(status(line));
    await expect(session.plan).rejects.toThrow(`connect.refused`);
    await expect(session.plan).rejects.toThrow(`HTTP ${line.slice(0, 3)}`);
    expect(whys).toEqual([]);
  },
);

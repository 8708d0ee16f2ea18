import { setImmediate as turn } from "node:timers/promises";
import { expect, it } from "vitest";
import { TIMING } from "../../../shared/timing.ts";
import { connectedPair, MemoryTransport } from "../../../shared/wire/memory-transport.ts";
import type { Connection } from "../../../shared/wire/transport.ts";

const ignored = () => {};

/** All that one end hears, as text. */
function heardBy(end: Connection): string[] {
  const heard: string[] = [];
  end.on("message", (data, isBinary) => heard.push(`${isBinary ? "bytes" : "text"} ${data}`));
  end.on("close", (code, reason) => heard.push(`close ${code} ${reason}`));
  return heard;
}

it("carries texts and bytes in order, each heard in a later turn", async () => {
  const [near, far] = connectedPair();
  const heard = heardBy(far);
  near.send("one", ignored);
  near.send(Buffer.from("two"), ignored);
  near.send("three", ignored);
  expect(heard).toEqual([]);
  await turn();
  await turn();
  expect(heard).toEqual(["text one", "bytes two", "text three"]);
});

it("copies what it carries: memory that the sender poisons afterwards changes nothing", async () => {
  const [near, far] = connectedPair();
  const heard: Buffer[] = [];
  far.on("message", (data) => heard.push(data));
  const bytes = Buffer.from([1, 2, 3]);
  near.send(bytes, ignored);
  bytes.fill(0xff);
  await turn();
  await turn();
  expect([...(heard[0] ?? [])]).toEqual([1, 2, 3]);
});

it("holds messages back while it is paused, and counts their bytes at the sender", async () => {
  const [near, far] = connectedPair();
  const heard = heardBy(far);
  far.pause();
  let left = 0;
  near.send("12345", () => left++);
  await turn();
  await turn();
  expect({ heard, left, waiting: near.bufferedAmount }).toEqual({ heard: [], left: 0, waiting: 5 });
  far.resume();
  await turn();
  await turn();
  expect({ heard, left, waiting: near.bufferedAmount }).toEqual({
    ...{ heard: ["text 12345"], left: 1, waiting: 0 },
  });
});

it("closes at both ends with one code, after what was sent before", async () => {
  const [near, far] = connectedPair();
  const [here, there] = [heardBy(near), heardBy(far)];
  near.send("last", ignored);
  near.close(4000, "done");
  await turn();
  await turn();
  expect(here).toEqual(["close 4000 done"]);
  expect(there).toEqual(["text last", "close 4000 done"]);
  const refused = await new Promise<Error | undefined>((resolve) => near.send("more", resolve));
  expect(refused?.message).toBe("the connection is closed");
});

it("is cut at once by terminate: nothing that was under way is heard", async () => {
  const [near, far] = connectedPair();
  const [here, there] = [heardBy(near), heardBy(far)];
  near.send("lost", ignored);
  near.terminate();
  await turn();
  await turn();
  expect(here).toEqual(["close 1006 "]);
  expect(there).toEqual(["close 1006 "]);
});

it("lets a client in that listens before the coordinator speaks, while the door is open", async () => {
  const transport = new MemoryTransport();
  await expect(transport.dial(TIMING, ignored)).rejects.toThrow("no coordinator");
  const door = transport.open((connection) => connection.send("hello", ignored));
  const heard = await transport.dial(TIMING, heardBy);
  await turn();
  await turn();
  expect(heard).toEqual(["text hello"]);
  await door.close();
  await expect(transport.dial(TIMING, ignored)).rejects.toThrow("no coordinator");
});

it("says its end in a turn of its own: what waited for the last message has gone on", async () => {
  const [near, far] = connectedPair();
  const happened: string[] = [];
  far.on("message", () => void Promise.resolve().then(() => happened.push("went on")));
  far.on("close", () => happened.push("closed"));
  near.send("last", ignored);
  near.close(4000, "done");
  await turn();
  await turn();
  await turn();
  expect(happened).toEqual(["went on", "closed"]);
});

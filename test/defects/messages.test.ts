/** A peer whose clients send their row counts along, unnoised, as weights of the mean. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { scratch } from "../support/murmur.ts";
import { realRun } from "../support/real-run.ts";

const RECORDS = 60;
const TIMEOUT_MS = 180_000;
const folder = scratch();
afterAll(folder.remove);
afterEach(() => vi.restoreAllMocks());

const SCENARIO = `
format: 1
name: shops
seed: 5
data:
  source: { file: shops.csv, testRows: 2, public: true }
  columns:
    shop: { role: quasiIdentifier, hierarchy: { north: [all], south: [all] }, level: 0 }
    age: { role: quasiIdentifier, type: integer, bounds: [0, 100] }
    bought: { role: target }
  target: { name: buys, column: bought, positive: "yes" }
  partition: { kind: byColumn, column: shop }
features: { age: { formula: "age", bounds: [0, 100] } }
training: { rounds: 4, learningRate: 1, clipNorm: 0.5 }
privacy: { trust: local, noiseMultiplier: 5, delta: 1e-5, population: ${RECORDS} }
clients: { count: 2 }
`;

/** Whatever came in over one socket: text, or the length of a frame. */
type Heard = string | number;

/** All that the coordinator's sockets receive in a run, socket by socket, in the order they opened. */
async function heardInRun(
  northern: number,
): Promise<{ heard: Heard[][]; sizes: number[]; hash: string }> {
  const rows = Array.from({ length: RECORDS + 2 }, (_, i) => {
    const shop = i < northern ? "north" : "south";
    return `${shop},${20 + (i % 50)},${i % 3 ? "no" : "yes"}`;
  });
  writeFileSync(join(folder.path, "shops.csv"), `shop,age,bought\n${rows.join("\n")}\n`);
  const sockets = new Map<WebSocket, Heard[]>();
  const emit = WebSocket.prototype.emit;
  vi.spyOn(WebSocket.prototype, "emit").mockImplementation(function (
    this: WebSocket,
    event: string | symbol,
    ...args: unknown[]
  ) {
    const [data, isBinary] = args;
    if (event === "message" && Buffer.isBuffer(data)) {
      const heard = sockets.get(this) ?? [];
      sockets.set(this, heard);
      heard.push(isBinary ? data.length : data.toString("utf8"));
    }
    return emit.call(this, event, ...args);
  });
  const { clients, sealed } = await realRun(parseScenario(SCENARIO, "shops.yaml"), {
    folder: folder.path,
    forked: true,
  });
  vi.restoreAllMocks();
  const sizes = [...clients.values()].map(({ examples }) => examples.count);
  return { heard: [...sockets.values()], sizes, hash: sealed.hash };
}

/** Without heartbeats, and without what is random by nature: keys, proofs and hashes. */
function plain(heard: readonly Heard[]): Heard[] {
  return heard
    .filter((one) => typeof one === "number" || !/^\{"t":"p[io]ng"/.test(one))
    .map((one) => (typeof one === "string" ? one.replace(/"[A-Za-z0-9_-]{22,}"/g, '"…"') : one));
}

describe("defect 3: Flower's num-examples, private row counts in the clear", () => {
  it(
    "hears the same from a client of few rows as from one of nearly all, but for hashes and the update",
    async () => {
      const uneven = await heardInRun(4);
      const even = await heardInRun(31);
      expect(Math.min(...uneven.sizes)).toBeLessThan(5);
      expect(Math.max(...uneven.sizes)).toBeGreaterThan(55);
      expect(Math.min(...even.sizes)).toBeGreaterThan(25);
      // The plans are one, so whatever differs came from the rows.
      expect(uneven.hash).toBe(even.hash);
      const [a = [], b = []] = uneven.heard.map(plain);
      const [c = [], d = []] = even.heard.map(plain);
      expect(uneven.heard).toHaveLength(2);
      // Updates went by: without them nothing is shown.
      expect(a.filter((one) => typeof one === "number").length).toBeGreaterThanOrEqual(4);
      // Neither from client to client, nor from table to table.
      const withoutNames = [a, b, c, d].map((one) => one.map(String).map(withoutId).sort());
      for (const other of withoutNames.slice(1)) expect(other).toEqual(withoutNames[0]);
    },
    TIMEOUT_MS,
  );
});

/** A client's public number, the place in the order, and the coordinator's own stream in receipts. */
function withoutId(message: string): string {
  return message
    .replace(/"(vclient|seq)":\d+,?/g, "")
    .replace(/"t":"have","stream":\d+/, '"t":"have"');
}

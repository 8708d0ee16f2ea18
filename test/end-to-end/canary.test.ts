/**
 * No cell of a client leaves it: each cell of some clients is a canary, real runs are captured whole
 * (test/support/captured-run.ts says what that is), and no canary is in it, in no coding that a leak
 * could take (test/support/needles.ts).
 */
import { createHmac, hkdfSync } from "node:crypto";
import { serialize } from "node:v8";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { personKeys } from "../../client/data/person-keys.ts";
import { seededRoot, stream } from "../../shared/noise/random.ts";
import { parseScenario } from "../../shared/scenario/scenario.ts";
import { adultTables, type CanaryTables, purchasesTables } from "../support/canary-tables.ts";
import { type CapturedRun, capturedRun, haystacksOf } from "../support/captured-run.ts";
import { contractFor } from "../support/contracts.ts";
import { byteNeedles, type Canary, Detector, needlesOf } from "../support/needles.ts";
import { KEY_VARIABLE, pseudonymTables } from "../support/pseudonym-tables.ts";

const TIMEOUT_MS = 180_000;

describe("the detector", () => {
  const canaries: readonly Canary[] = [
    { kind: "text", name: "name", value: " Zoë  <Qvist>-7da1" },
    { kind: "number", name: "amount", value: 71_234.271131843 },
    { kind: "time", name: "date", value: "2024-03-17T13:28:05.292Z" },
  ];
  const detector = new Detector(canaries.flatMap(needlesOf));
  const random = stream(seededRoot(1), "simulate", "haystack");
  const noise = (length: number) => Buffer.from(Array.from({ length }, () => random.below(256)));
  const codingsIn = (bytes: Uint8Array, entries = false) =>
    detector.find([{ place: "", bytes: Buffer.from(bytes), entries }]).map(({ coding }) => coding);

  it.each(canaries)("finds each coding of a $kind amid other bytes", (canary) => {
    for (const { coding, bytes } of needlesOf(canary)) {
      const entries = bytes.length === 4;
      const before = noise(entries ? 4 * 17 : 4 * 17 + 1);
      expect(codingsIn(Buffer.concat([before, bytes, noise(9)]), entries)).toContain(coding);
    }
  });

  // What others wrote, not the needles' own code.
  const [name = "", amount = 0, date = ""] = canaries.map(({ value }) => value);
  const json = JSON.stringify({ t: "auth", software: name });
  it.each<readonly [how: string, bytes: Uint8Array]>([
    ["a message", Buffer.from(json)],
    ["a message in a message", Buffer.from(JSON.stringify({ note: json }))],
    ["base64 of a message", Buffer.from(Buffer.from(json).toString("base64"))],
    [
      "base64 of one that is a byte longer",
      Buffer.from(Buffer.from(`${json} `).toString("base64")),
    ],
    ["base64url behind a byte", Buffer.from(Buffer.from(`.${json}`).toString("base64url"))],
    ["base64url behind two bytes", Buffer.from(Buffer.from(`..${json}`).toString("base64url"))],
    ["a structured clone", serialize({ row: [String(name).trim()] })],
    ["a query", Buffer.from(`?${encodeURIComponent(`name=${name}`)}`)],
    ["a small name", Buffer.from("zoë <qvist>-7da1")],
    ["a clone of a number", serialize([amount])],
    ["a rounded amount", Buffer.from(`{"mean":${Number(amount).toFixed(2)}}`)],
    ["times", new Uint8Array(BigInt64Array.of(BigInt(Date.parse(String(date)))).buffer)],
    ["a clock", Buffer.from(`at ${Date.parse(String(date))}`)],
    ["a day", Buffer.from("since 2024-03-17,")],
  ])("finds %s", (_, bytes) => {
    expect(codingsIn(bytes)).not.toEqual([]);
  });

  it("finds a feature among a payload's entries", () => {
    const features = new Uint8Array(Float32Array.of(1, Number(amount), 0).buffer);
    expect(codingsIn(features, true)).toEqual(["number, float32 LE"]);
  });

  it("finds nothing in other bytes", () => {
    expect(codingsIn(noise(1 << 16))).toEqual([]);
    const others = `${json.replace("Q", "R")} 71234.9 2024-03-18T13:28:05.292Z`;
    expect(codingsIn(Buffer.from(others))).toEqual([]);
  });
});

/** Kinds of messages; a slow machine's heartbeats left out. */
function sent(run: CapturedRun): Set<string> {
  const kinds = [...run.sockets.values()].flatMap(({ texts }) =>
    texts.map((text) => JSON.parse(text).t),
  );
  return new Set(kinds.filter((kind) => kind !== "ping" && kind !== "pong"));
}

function expectWhole(run: CapturedRun, hosts: number): void {
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  // Its log too, at its loudest, is among what is searched.
  expect(String(run.shared.get("log.jsonl"))).toContain('"event":"update"');
  expect(run.sockets.size).toBe(hosts);
  expect(run.whole).toBe(true);
  expect(run.dialled).toEqual(Array.from({ length: hosts }, () => "tcp"));
  const kinds = ["auth", "ready", "accept", "put", "have", "closeAck"];
  expect(sent(run)).toEqual(new Set(kinds));
}

describe.each<readonly [string, () => CanaryTables, ReadonlySet<string>]>([
  ["purchases", purchasesTables, new Set(["c1", "c2"])],
  ["Adult", adultTables, new Set(["c2"])],
])("of %s", (_, tables, planted) => {
  it(
    "no cell leaves its client",
    async () => {
      const { files, canaries, columns } = tables();
      const run = await capturedRun(files);
      expectWhole(run, 2);
      // Every column of theirs, and they did take part.
      const declared = parse(String(files["scenario.yaml"])).data.columns;
      const names = Object.entries<{ from?: string }>(declared).map(
        ([key, { from = key }]) => from,
      );
      const held = [...columns].map((column) => column.split(" ")[0]);
      expect(new Set(held)).toEqual(new Set(names));
      for (const client of planted) expect(ownReport(run, client).stages[2].rows).toBe(3);
      const haystacks = haystacksOf(run);
      expect(new Detector(canaries.flatMap(needlesOf)).find(haystacks)).toEqual([]);
      // What may leave is found by the same search: it is no empty one.
      const known = { kind: "text", name: "a column", value: names.at(-2) ?? "" } as const;
      const places = new Detector(needlesOf(known)).find(haystacks).map(({ place }) => place);
      expect(places).toEqual(expect.arrayContaining(["IPC of host 0", "run/plan.json"]));
    },
    TIMEOUT_MS,
  );
});

function ownReport(run: CapturedRun, client: string) {
  return JSON.parse(String(run.owned.get(`run/clients-private/${client}.json`)));
}

it(
  "a client that leaks by socket, IPC or stderr is found out there, and wherever that gets to",
  async () => {
    const { files, canaries } = purchasesTables();
    const leak = String(canaries.find(({ name }) => name.endsWith("email"))?.value);
    const run = await capturedRun(files, { leak });
    const found = new Detector(canaries.flatMap(needlesOf)).find(haystacksOf(run));
    expect(new Set(found.map(({ place }) => place))).toEqual(
      new Set([
        ...["socket of c1, message 0", "socket of c2, message 0", "IPC of host 0", "stderr"],
        ...["stdout", "run/trace.json", "run/report.html"],
      ]),
    );
  },
  TIMEOUT_MS,
);

it(
  "neither the key of pseudonyms, nor what it derives, nor an identifier is in the run folder",
  async () => {
    const key = Buffer.from(`${"9f".repeat(31)}03`, "hex");
    const { files, canaries } = pseudonymTables();
    const run = await capturedRun(files, { env: { [KEY_VARIABLE]: key.toString("base64") } });
    expectWhole(run, 2);
    const report = ownReport(run, "c1");
    expect(report.stages[0].rows).toBe(10);
    expect(report.pseudonyms).toMatchObject([{ column: "customer" }]);
    const salt = Buffer.from(report.contract.hash, "hex");
    const derived = new Uint8Array(hkdfSync("sha256", key, salt, "murmur/anon/v1|customer", 32));
    const pseudonymOf = (text: string) => createHmac("sha256", derived).update(text).digest();
    const customers = canaries.filter(({ name }) => name.endsWith("customer"));
    const pseudonyms = customers.flatMap(({ name, value }) =>
      byteNeedles(`pseudonym of ${name}`, pseudonymOf(String(value)).subarray(0, 8)),
    );
    expect(pseudonymOf("zoe@shop.example").toString("hex")).toMatch(
      new RegExp(`^${await ownPseudonym(files, key, "zoe@shop.example")}`),
    );
    const secrets = [
      ...byteNeedles("master key", key),
      ...needlesOf({ kind: "text", name: "key", value: key.toString("base64") }),
      ...byteNeedles("derived key", derived),
    ];
    const detector = new Detector([...canaries.flatMap(needlesOf), ...pseudonyms, ...secrets]);
    const owned = [...run.owned].map(([place, bytes]) => ({ place, bytes }));
    expect(owned.length).toBeGreaterThanOrEqual(3);
    expect(detector.find([...haystacksOf(run), ...owned])).toEqual([]);
  },
  TIMEOUT_MS,
);

/** As the clients themselves make it. */
async function ownPseudonym(files: CanaryTables["files"], key: Buffer, customer: string) {
  const scenario = parseScenario(String(files["scenario.yaml"]), "scenario.yaml");
  vi.stubEnv(KEY_VARIABLE, key.toString("base64"));
  const { source } = scenario.data;
  const assignment = { source, seed: 1, folder: "", keys: { customer: { env: KEY_VARIABLE } } };
  const { join } = await personKeys(await contractFor(scenario), assignment);
  vi.unstubAllEnvs();
  return join?.(customer, "");
}

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtocolError } from "../../../shared/errors.ts";
import { CLOSE, closeCode, mayReconnect } from "../../../shared/wire/close-codes.ts";
import { parseMessage, type Side, wireProblem } from "../../../shared/wire/protocol.ts";

const b64 = (bytes: number) => Buffer.alloc(bytes, 0xa7).toString("base64url");
const problem = { what: "update.norm", where: "client 3", got: "9", expected: "≤ 8", fix: "Clip." };
const ids = { vclient: 5, round: 3, attempt: 1 };
const ended = {
  round: 3,
  attempt: 1,
  ledger: { seq: 4, hash: b64(32) },
  spent: { modelRecipients: 0.25, otherClients: 0.25, coordinator: null },
};
const limits = { frame: 262_200, json: 65_536, tensor: 64, blob: 32, clientsPerSocket: 16 };
const deadlines = { acceptMs: 100, trainMs: 12.5 };
const hello = {
  t: "hello",
  v: [1, 1],
  runId: b64(16),
  serverNonce: b64(32),
  auth: ["ed25519", "token"],
  limits,
  heartbeatMs: 10_000,
};
const proof = { v: 1, key: b64(32), clientNonce: b64(32), software: "murmur 0.1.0" };
const put = { t: "put", stream: 9, type: 2, dtype: 3, ...ids, count: 7, bytes: 28 };

const common = [
  { ...put, sha256: b64(32) },
  { t: "have", stream: 9, ok: true },
  { t: "have", stream: 9, ok: false, problem },
  { t: "ping", id: 1, sentAt: 1234.5 },
  { t: "pong", id: 1, sentAt: 1234.5 },
  { t: "bye", reason: "done" },
  { t: "error", problem },
];
const own: Readonly<Record<Side, readonly object[]>> = {
  server: [
    hello,
    { t: "welcome", planHash: b64(32), planStream: 1, serverSig: b64(64) },
    { t: "admitted", clientsStream: 2 },
    {
      t: "round",
      round: 3,
      attempt: 1,
      deadlines,
      task: "train",
      clipNorm: 0.5,
      cohortStream: 4,
      modelStream: 3,
    },
    { t: "updateAck", ...ids, status: "late" },
    { t: "updateAck", ...ids, status: "refused", problem },
    { t: "close", ...ended, outcome: "released" },
    { t: "close", ...ended, outcome: "aborted", reason: "below-minimum" },
  ],
  client: [
    { t: "auth", method: "ed25519", ...proof, sig: b64(64) },
    { t: "auth", method: "token", ...proof, mac: b64(32) },
    { t: "ready", planHash: b64(32), clientsStream: 1 },
    { t: "accept", round: 3, attempt: 1 },
    { t: "decline", ...ids, reason: "budget" },
    { t: "decline", ...ids, reason: "packet", accused: 2 },
    { t: "update", ...ids, stream: 9 },
    { t: "closeAck", round: 3, attempt: 1 },
  ],
};
const SIDES: readonly Side[] = ["server", "client"];

/** The `what` with which `text` is refused, undefined where it is accepted. */
function refusalOf(text: string, from: Side = "client"): string | undefined {
  try {
    parseMessage(text, from, "peer");
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.problem.what;
    throw error;
  }
}
const textOf = (message: object) => JSON.stringify({ ...message, seq: 8 });

describe.each(SIDES)("messages of the %s", (from) => {
  it.each(own[from].map((message) => [textOf(message)]))("come back whole: %s", (text) => {
    const parsed = parseMessage(text, from, "peer");
    expect(parsed.common).toBe(false);
    expect(parsed.message).toEqual(JSON.parse(text));
  });

  it.each(common.map((message) => [textOf(message)]))("include what both may say: %s", (text) => {
    const parsed = parseMessage(text, from, "peer");
    expect(parsed.common).toBe(true);
    expect(parsed.message).toEqual(JSON.parse(text));
  });

  it("are refused from the other side", () => {
    const other = from === "server" ? "client" : "server";
    const refusals = own[from].map((message) => refusalOf(textOf(message), other));
    expect(new Set(refusals)).toEqual(new Set(["json.schema"]));
  });

  it("input message: a key too many, one too few, or of another type → json.schema", () => {
    for (const message of [...own[from], ...common].map((body) => ({ ...body, seq: 8 }))) {
      expect(refusalOf(JSON.stringify({ ...message, extra: 1 }), from)).toBe("json.schema");
      for (const key of Object.keys(message)) {
        const fewer = Object.fromEntries(Object.entries(message).filter(([name]) => name !== key));
        expect([key, refusalOf(JSON.stringify(fewer), from)]).toEqual([key, "json.schema"]);
        const other = JSON.stringify({ ...message, [key]: [[]] });
        expect([key, refusalOf(other, from)]).toEqual([key, "json.schema"]);
      }
    }
  });
});

describe("fields", () => {
  const accept = { t: "accept", round: 3, attempt: 1, seq: 8 };
  it.each([
    ["a fraction", { ...accept, round: 1.5 }],
    ["a negative number", { ...accept, round: -1 }],
    ["2^32", { ...accept, round: 2 ** 32 }],
    ["a number as text", { ...accept, round: "3" }],
    ["bytes beyond 2^53 - 1", { ...put, sha256: b64(32), bytes: 2 ** 53, seq: 8 }],
    ["a hash a byte short", { ...put, sha256: b64(31), seq: 8 }],
    ["a padded hash", { ...put, sha256: `${b64(32).slice(0, 42)}=`, seq: 8 }],
    ["base64 of the other alphabet", { ...put, sha256: `+${b64(32).slice(1)}`, seq: 8 }],
    ["unused bits that are set", { ...put, sha256: `${"A".repeat(42)}B`, seq: 8 }],
    ["an unknown type of object", { ...put, sha256: b64(32), type: 5, seq: 8 }],
    ["a control character", { t: "bye", reason: "a\u001bb", seq: 8 }],
    ["a reason of its own", { t: "decline", ...ids, reason: "17 rows", seq: 8 }],
    ["a bad packet of nobody's", { t: "decline", ...ids, reason: "packet", seq: 8 }],
    ["a bad packet of a name", { t: "decline", ...ids, reason: "packet", accused: "c2", seq: 8 }],
    [
      "an accusation beside a budget",
      { t: "decline", ...ids, reason: "budget", accused: 2, seq: 8 },
    ],
    ["an unknown message", { t: "step", seq: 8 }],
    ["no t", { seq: 8 }],
  ])("input message: %s → json.schema", (_, message) => {
    expect(refusalOf(JSON.stringify(message))).toBe("json.schema");
  });

  it("input message: a name whose text is not to be had → json.schema", () => {
    // String() of such a value throws a TypeError.
    expect(refusalOf('{"t":{"toString":1},"seq":8}')).toBe("json.schema");
  });

  it("input message: null, a number, a text, an array → json.schema", () => {
    expect(["null", "3", '"hello"', "[]"].map((text) => refusalOf(text))).toEqual(
      Array(4).fill("json.schema"),
    );
  });

  it("never show the peer's keys in full or raw", () => {
    const text = JSON.stringify({ ...accept, [`\u001b${"k".repeat(5_000)}`]: 1 });
    expect(() => parseMessage(text, "client", "peer")).toThrow(/^[^\p{Cc}]{1,400}$/u);
  });
});

describe("texts", () => {
  const text = '{"t":"accept","round":3,"attempt":1,"seq":8}';
  it.each(
    [
      ["no JSON", "{", "json.form"],
      ["nothing", "", "json.form"],
      ["a key twice", '{"t":"accept","round":9,"round":3,"attempt":1,"seq":8}', "json.form"],
      [
        "a key twice, once escaped",
        '{"t":"bye","reas\\u006fn":"a","reason":"a","seq":8}',
        "json.form",
      ],
      ["white space", `${text} `, "json.form"],
      ["a byte order mark", `\ufeff${text}`, "json.form"],
      ["minus zero", text.replace("3", "-0"), "json.form"],
      ["1.0", text.replace("3", "3.0"), "json.form"],
      ["a number beyond double range", text.replace("3", "1e999"), "json.form"],
      ["more digits than a double holds", text.replace("3", "9007199254740993"), "json.form"],
      [
        "__proto__",
        '{"t":"accept","round":3,"attempt":1,"seq":8,"__proto__":{"a":1}}',
        "json.form",
      ],
      ["half a surrogate pair", '{"t":"bye","reason":"\\ud83d","seq":8}', "json.form"],
      ["half a pair in a key", '{"t":"bye","\\ud83d":"","seq":8}', "json.form"],
      ["7 levels", `{"t":${"[".repeat(6)}${"]".repeat(6)}}`, "json.depth"],
      ["60,000 levels", `${"[".repeat(30_000)}${"]".repeat(30_000)}`, "json.depth"],
      ["513 entries", `{"t":[${Array(513).fill(0).join()}]}`, "json.length"],
      ["64 KiB and a byte", `{"t":"${"a".repeat(65_536 - 7)}"}`, "json.size"],
      ["64 KiB and a byte in fewer characters", `{"t":"${"é".repeat(32_765)}"}`, "json.size"],
    ].map(([input = "", bad = "", code = ""]) => ({ input, bad, code })),
  )("input message: $input → $code", ({ bad, code }) => {
    expect(refusalOf(bad)).toBe(code);
  });

  it("accept what stands just inside the limits", () => {
    expect(refusalOf(text)).toBeUndefined();
    // Form, depth, length and size pass; no message looks so.
    expect(refusalOf(`{"t":${"[".repeat(5)}${"]".repeat(5)}}`)).toBe("json.schema");
    expect(refusalOf(`{"t":[${Array(512).fill(0).join()}]}`)).toBe("json.schema");
    expect(refusalOf(`{"t":"${"a".repeat(65_536 - 8)}"}`)).toBe("json.schema");
  });

  it("of any kind never throw anything but a ProtocolError", () => {
    const known = fc.constantFrom(...own.client, ...own.server, ...common);
    const mutant = fc
      .tuple(known, fc.string(), fc.jsonValue(), fc.boolean())
      .map(([message, key, value, replace]) => {
        const at = replace ? (Object.keys(message)[key.length] ?? key) : key;
        return JSON.stringify({ ...message, seq: 8, [at]: value });
      });
    const text = fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary" }), mutant);
    fc.assert(
      fc.property(text, fc.constantFrom(...SIDES), (given, from) => {
        expect(refusalOf(given, from) ?? "accepted").toMatch(/^(json\.[a-z]+|accepted)$/);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe("a refusal on its way to the peer", () => {
  it("is a message that the peer accepts, however wild its words", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 400 }),
        fc.string({ unit: "grapheme", maxLength: 400 }),
        (wild, odd) => {
          const sent = wireProblem(
            new ProtocolError({ what: odd, where: wild, got: wild, expected: odd, fix: wild }),
          );
          expect(refusalOf(textOf({ t: "error", problem: sent }))).toBeUndefined();
        },
      ),
    );
  });

  it("keeps its words where they are fit to travel", () => {
    expect(wireProblem(new ProtocolError(problem))).toEqual(problem);
  });

  it("closes with the code that its what stands for", () => {
    const codes = ["stream.size", "json.size", "update.foreign", "auth.refused", "plan.hash"];
    expect(codes.map(closeCode)).toEqual([1009, 1009, 4403, 4401, 4409]);
    expect(["version", "frame.type", "constructor"].map(closeCode)).toEqual([4400, 4400, 4400]);
    const lines = ["json.seq", "frame.crc", "stream.order", "stream.unknown"];
    expect(lines.map(closeCode)).toEqual([1002, 1002, 1002, 1002]);
    expect(["peer.slow", "rate.auth", "full.sockets"].map(closeCode)).toEqual([4410, 4429, 1013]);
  });

  it("leaves dialling again to faults that pass", () => {
    const passing = Object.entries(CLOSE).filter(([, code]) => mayReconnect(code));
    expect(passing.map(([name]) => name)).toEqual(["goingAway", "disorder", "bug", "full", "slow"]);
    expect(mayReconnect(1006)).toBe(true);
  });
});

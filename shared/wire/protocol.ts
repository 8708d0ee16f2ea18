/**
 * The wire protocol, version 1: what each side may say in JSON, and its limits. A message that names
 * a stream goes ahead of that stream's `put`, so that the receiver can judge the `put` by it. Updates of
 * one frame have neither (codec.ts).
 */
import { z } from "zod";
import { TASKS } from "../accounting/mechanisms/event.ts";
import { ProtocolError, shown } from "../errors.ts";
import { OPEN_STEPS, STEPS_DOWN, STEPS_UP } from "../secagg/wire-steps.ts";
import { type Dtype, FRAME_BYTES, type ObjectType } from "./codec.ts";
import { MESSAGE_BYTES, readJson } from "./strict-json.ts";

export const PROTOCOL_VERSION = 1;
/** What a client says that has read the plan, and will come again once its owner agrees. */
export const PLAN_READ = "plan read";
export const PROTOCOL_PATH = "/murmur/v1";
export const SUBPROTOCOL = "murmur.v1";

export const LIMITS = {
  /** Bytes of a binary message. */
  frame: FRAME_BYTES,
  /** Bytes of a JSON message. */
  json: MESSAGE_BYTES,
  /** Bytes of the one message read before `auth` has passed. */
  firstMessage: 2_048,
  /** Bytes of a model or an update. */
  tensor: 2 ** 30,
  /** Bytes of a list or a plan. */
  blob: 2 ** 20,
  clientsPerSocket: 16_384,
} as const;

/** What `ws` must be told on both sides; its own defaults are generous. */
export const SOCKET_LIMITS = {
  maxPayload: FRAME_BYTES,
  maxFragments: 16,
  maxBufferedChunks: 4_096,
  perMessageDeflate: false,
  skipUTF8Validation: false,
} as const;

const u32 = z.number().int().min(0).max(0xffffffff);
const size = z.number().int().min(0); // zod's int is a safe integer
const ms = z.number().positive().max(0x7fffffff); // the longest of Node's timers
/** One line for people; controls could rewrite the terminal that shows it. */
const line = (longest: number) =>
  z
    .string()
    .max(longest)
    .regex(/^\P{Cc}*$/u);
const code = z.string().regex(/^[a-z][a-zA-Z0-9.-]{0,63}$/);
/** `count` bytes as base64url without padding; unused bits must be zero, so one text a value. */
const bytes = (count: number) =>
  z
    .string()
    .length(Math.ceil((count * 8) / 6))
    .refine((text) => Buffer.from(text, "base64url").toString("base64url") === text);
const objectType = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]);
const dtype = z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5)]);
const problem = z.strictObject({
  what: code,
  where: line(200),
  got: line(80),
  expected: line(300),
  fix: line(300),
});
const attempt = { round: u32, attempt: u32 };
const one = { vclient: u32, ...attempt };
const spent = z.number().min(0).nullable(); // null: no bound

function message<T extends string, Shape extends z.core.$ZodLooseShape>(t: T, shape: Shape) {
  return z.strictObject({ t: z.literal(t), seq: u32, ...shape });
}

const common = z.discriminatedUnion("t", [
  message("put", {
    stream: u32,
    type: objectType satisfies z.ZodType<ObjectType>,
    dtype: dtype satisfies z.ZodType<Dtype>,
    ...one,
    count: size,
    bytes: size,
    sha256: bytes(32),
  }),
  z.discriminatedUnion("ok", [
    message("have", { stream: u32, ok: z.literal(true) }),
    message("have", { stream: u32, ok: z.literal(false), problem }),
  ]),
  message("ping", { id: u32, sentAt: z.number().min(0) }),
  message("pong", { id: u32, sentAt: z.number().min(0) }),
  message("bye", { reason: line(200) }),
  message("error", { problem }),
]);

const proof = { v: u32, key: bytes(32), clientNonce: bytes(32), software: line(100) };

const fromClient = z.discriminatedUnion("t", [
  z.discriminatedUnion("method", [
    message("auth", { method: z.literal("ed25519"), ...proof, sig: bytes(64) }),
    message("auth", { method: z.literal("token"), ...proof, mac: bytes(32) }),
  ]),
  /** The stream is a BLOB of the clients' names (`packNames`). */
  message("ready", { planHash: bytes(32), clientsStream: u32 }),
  /** Says for each client of the socket's cohort that it trains, if it does not `decline`. */
  message("accept", attempt),
  /** Fixed reasons: a free text could say something about the data. */
  z.discriminatedUnion("reason", [
    message("decline", { ...one, reason: z.enum(["budget", "lost", "stale", "leaving"]) }),
    /** Of a masked attempt: the packet does not open that came from that place in the cohort. */
    message("decline", { ...one, reason: z.literal("packet"), accused: u32 }),
  ]),
  /** One that does not fit one frame: any other announces itself. */
  message("update", { ...one, stream: u32 }),
  /** Of a masked attempt; the stream is a BLOB. Its vector goes as an update. */
  message("step", { ...one, step: z.enum(STEPS_UP), stream: u32 }),
  message("closeAck", attempt),
]);

const ended = {
  ...attempt,
  ledger: z.strictObject({ seq: u32, hash: bytes(32) }),
  spent: z.strictObject({ modelRecipients: spent, otherClients: spent, coordinator: spent }),
  /** The same against the raw table; absent: the same. */
  raw: z
    .strictObject({ modelRecipients: spent, otherClients: spent, coordinator: spent })
    .optional(),
};

const fromServer = z.discriminatedUnion("t", [
  message("hello", {
    v: z.tuple([u32, u32]),
    runId: bytes(16),
    serverNonce: bytes(32),
    auth: z.array(z.enum(["ed25519", "token"])).min(1),
    limits: z.strictObject({
      frame: size,
      json: size,
      tensor: size,
      blob: size,
      clientsPerSocket: size,
    }),
    heartbeatMs: ms,
  }),
  message("welcome", { planHash: bytes(32), planStream: u32, serverSig: bytes(64) }),
  /** The stream is a BLOB (`packAdmitted`), in the order of the clients' names. */
  message("admitted", { clientsStream: u32 }),
  message("round", {
    ...attempt,
    /** From now, never clock times. */
    deadlines: z.strictObject({ acceptMs: ms, trainMs: ms }),
    task: z.enum(TASKS),
    /** In force in this round. */
    clipNorm: z.number().positive(),
    /** A BLOB of this socket's numbers in the cohort. */
    cohortStream: u32,
    modelStream: u32,
    /** Where updates are masked: the cohort is then pairs of number and place. */
    secagg: z
      .strictObject({
        clients: u32,
        threshold: u32,
        degree: u32.nullable(),
        leastSurvivors: u32,
        quorum: u32,
        /** A BLOB of all members' public keys, 32 bytes each, by place. */
        rosterStream: u32,
        /** null where it begins. After a socket broke, the open step: the cohort is those whose answer is lacking. */
        lacking: z.enum(OPEN_STEPS).nullable(),
      })
      .optional(),
  }),
  /** What a step of a masked attempt gives, for one client or all of the socket: a BLOB. */
  message("step", { ...one, step: z.enum(STEPS_DOWN), stream: u32 }),
  z.discriminatedUnion("status", [
    message("updateAck", { ...one, status: z.enum(["counted", "duplicate", "late"]) }),
    message("updateAck", { ...one, status: z.literal("refused"), problem }),
  ]),
  z.discriminatedUnion("outcome", [
    message("close", { ...ended, outcome: z.literal("released") }),
    message("close", { ...ended, outcome: z.literal("aborted"), reason: code }),
  ]),
]);

export type Side = "server" | "client";
/** What either side may say, and `Channel` deals with. */
export type CommonMessage = z.infer<typeof common>;
/** What a side alone may say. */
export interface Messages {
  readonly server: z.infer<typeof fromServer>;
  readonly client: z.infer<typeof fromClient>;
}
export type Put = Extract<CommonMessage, { t: "put" }>;
type Unnumbered<M> = M extends unknown ? Omit<M, "seq"> : never;
interface Unsent {
  readonly server: Unnumbered<Messages["server"]>;
  readonly client: Unnumbered<Messages["client"]>;
}
/** A message before the channel has numbered it. */
export type Outgoing<S extends Side> = Unsent[S];
export type OutgoingCommon = Unnumbered<CommonMessage>;
/** A Problem as it travels. */
export type WireProblem = z.infer<typeof problem>;

export const SCHEMAS: { readonly [S in Side]: z.ZodType<Messages[S]> } = {
  server: fromServer,
  client: fromClient,
};
const COMMON: ReadonlySet<unknown> = new Set(["put", "have", "ping", "pong", "bye", "error"]);

/** A message, told apart by who deals with it. */
export type Parsed<S extends Side> =
  | { readonly common: true; readonly message: CommonMessage }
  | { readonly common: false; readonly message: Messages[S] };

/** One message that `from` sent, checked whole; refuses with a `json.…` code. */
export function parseMessage<S extends Side>(text: string, from: S, where: string): Parsed<S> {
  const value = readJson(text, where);
  return COMMON.has(tagOf(value))
    ? { common: true, message: checked(common, value, where) }
    : { common: false, message: checked(SCHEMAS[from], value, where) };
}

function checked<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new ProtocolError({
    what: "json.schema",
    where: `${where}, ${[shown(tagOf(value)), ...(issue?.path ?? [])].join(".")}`,
    got: "something else",
    expected: shown(issue?.message ?? "a message of version 1"),
    fix: "Send what version 1 of the wire protocol allows.",
  });
}

function tagOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "t" in value ? value.t : "no message";
}

/** A refusal as it may travel: one line each, short, and never more than `shown` shows. */
export function wireProblem(error: ProtocolError): WireProblem {
  const { what, where, got, expected, fix } = error.problem;
  const cut = (text: string, longest: number) =>
    text
      .replace(/\p{Cc}/gu, " ")
      .slice(0, longest)
      .replace(/\p{Surrogate}/gu, "\ufffd");
  return {
    what: code.safeParse(what).success ? what : "refused",
    where: cut(where, 200),
    got: cut(shown(got), 80),
    expected: cut(expected, 300),
    fix: cut(fix, 300),
  };
}

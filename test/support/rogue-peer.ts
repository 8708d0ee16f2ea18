/**
 * A client that is held to nothing: it speaks raw WebSocket and says what a test wants said. It
 * completes the handshake, numbers its messages if asked to, and keeps all that it hears.
 */
import { WebSocket } from "ws";
import { signingKey } from "../../shared/keys/proofs.ts";
import { unpackAdmitted } from "../../shared/wire/admitted.ts";
import {
  ALL_CLIENTS,
  type EncodedObject,
  encodeObject,
  readFrame,
} from "../../shared/wire/codec.ts";
import { answerHello, type Credentials } from "../../shared/wire/handshake.ts";
import {
  type CommonMessage,
  type Messages,
  PROTOCOL_PATH,
  parseMessage,
  SUBPROTOCOL,
} from "../../shared/wire/protocol.ts";
import { packNames } from "../../shared/wire/wire-values.ts";
import { Mailbox } from "./mailbox.ts";

/** What goes ahead of an object that is not alone. */
export function putOf({ header, sha256 }: EncodedObject) {
  return { t: "put", ...header, sha256 } as const;
}

/** What the coordinator may say. */
type Said = Messages["server"] | CommonMessage;

export type Heard =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "frame"; readonly data: Buffer }
  | { readonly kind: "closed"; readonly code: number; readonly reason: string };

export class RoguePeer {
  readonly socket: WebSocket;
  readonly heard = new Mailbox<Heard>();
  #seq = 0;

  /** @param socket open, or about to be */
  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("error", () => {}); // what a test breaks, breaks
    socket.on("close", (code, reason) =>
      this.heard.put({ kind: "closed", code, reason: reason.toString() }),
    );
    socket.on("message", (data, isBinary) => {
      if (!Buffer.isBuffer(data)) return;
      this.heard.put(isBinary ? { kind: "frame", data } : { kind: "text", text: data.toString() });
    });
  }

  /** Dials `host:port`; resolves when the upgrade has passed, rejects when it was refused. */
  static async dial(address: string, headers: Record<string, string> = {}): Promise<RoguePeer> {
    const url = `ws://${address}${PROTOCOL_PATH}`;
    const socket = new WebSocket(url, SUBPROTOCOL, { headers, perMessageDeflate: false });
    const peer = new RoguePeer(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return peer;
  }

  /** Sends text as it is. */
  text(text: string): void {
    this.socket.send(text);
  }

  /** Sends a binary message as it is. */
  frame(data: Uint8Array): void {
    this.socket.send(data, { binary: true });
  }

  /** Sends `message` with the next number, or one that is `skip` further on. */
  say(message: object, skip = 0): void {
    this.#seq += skip;
    this.text(JSON.stringify({ ...message, seq: this.#seq }));
    this.#seq += 1;
  }

  /** Sends an object as it should be sent: one that is alone counts as a message. */
  object(object: EncodedObject): void {
    if (object.sha256 === undefined) this.#seq += 1;
    else this.say(putOf(object));
    for (const frame of object.frames) this.frame(frame);
  }

  /** The next message called `t`; what comes before it is dropped. */
  async message<T extends Said["t"]>(t: T, deadlineMs = 5_000): Promise<Extract<Said, { t: T }>> {
    for (;;) {
      const heard = await this.heard.take(deadlineMs);
      if (heard.kind === "closed") throw new Error(`closed (${heard.code}) before ${t} came`);
      if (heard.kind === "frame") continue;
      const { message } = parseMessage(heard.text, "server", "server");
      if (isCalled(message, t)) return message;
    }
  }

  /** How the connection ended. */
  async closed(deadlineMs = 5_000): Promise<{ readonly code: number; readonly reason: string }> {
    return this.heard.find((heard) => heard.kind === "closed", deadlineMs);
  }

  /** The next object, whole; says `have`. What comes before its `put` is dropped. */
  async receive(): Promise<{ readonly stream: number; readonly bytes: Buffer }> {
    const { stream } = await this.message("put");
    const parts: Uint8Array[] = [];
    for (let whole = false; !whole; ) {
      const heard = await this.heard.take();
      if (heard.kind !== "frame") throw new Error(`a ${heard.kind} amid the frames`);
      const { header, payload } = readFrame(heard.data);
      parts.push(payload);
      whole = header.chunk === header.chunks - 1;
    }
    this.say({ t: "have", stream, ok: true });
    return { stream, bytes: Buffer.concat(parts) };
  }

  /** From `hello` to `admitted`, as a well-behaved client with those names; what it was told. */
  async join(
    audience: string,
    token: Uint8Array | undefined,
    names: readonly string[],
    key: Credentials["key"] = signingKey(),
  ): Promise<{ readonly plan: Buffer; readonly vclients: readonly number[] }> {
    const part = { audience, credentials: { key, token }, software: "rogue" };
    this.say(answerHello(await this.message("hello"), part).auth);
    const { planHash } = await this.message("welcome");
    const plan = await this.receive();
    const ids = { vclient: ALL_CLIENTS, round: 0, attempt: 0, stream: 1 };
    this.say({ t: "ready", planHash, clientsStream: ids.stream });
    this.object(encodeObject({ kind: "blob", values: packNames(names) }, ids));
    await this.message("admitted");
    const admitted = await this.receive();
    const clients = unpackAdmitted(admitted.bytes, "admitted");
    return { plan: plan.bytes, vclients: clients.map(({ vclient: clientIndex }) => clientIndex) };
  }

  /** Ends without a word. */
  cut(): void {
    this.socket.terminate();
  }
}

function isCalled<T extends Said["t"]>(message: Said, t: T): message is Extract<Said, { t: T }> {
  return message.t === t;
}

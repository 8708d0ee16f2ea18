/**
 * A peer below WebSocket: it writes HTTP and frames byte by byte, right or wrong, over TCP or TLS, and
 * tells how the other side ended it.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { PROTOCOL_PATH, SUBPROTOCOL } from "../../shared/wire/protocol.ts";
import { Mailbox } from "./mailbox.ts";

/** RFC 6455, section 5.2. */
export const OPCODE = { more: 0, text: 1, binary: 2, close: 8, ping: 9 } as const;

export interface RawFrame {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** Bits 4 (compressed), 2, 1. */
  readonly reserved?: number;
  readonly masked?: boolean;
  readonly payload?: string | Uint8Array;
}

/** One frame as a client writes it, its mask of zeros. */
export function rawFrame(given: RawFrame): Buffer {
  const { opcode = OPCODE.text, fin = true, reserved = 0, masked = true, payload = "" } = given;
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(10);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const size = bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10;
  head[1] = (masked ? 0x80 : 0) | (size === 2 ? bytes.length : size === 4 ? 126 : 127);
  if (size === 4) head.writeUInt16BE(bytes.length, 2);
  if (size === 10) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  return Buffer.concat([head.subarray(0, size), Buffer.alloc(masked ? 4 : 0), bytes]);
}

/** The request that opens a WebSocket; `odd` in the place of its fields, none where undefined. */
export function upgradeRequest(
  audience: string,
  odd: Readonly<Record<string, string | undefined>> = {},
  line = `GET ${PROTOCOL_PATH} HTTP/1.1`,
): string {
  const fields = {
    host: audience,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
    "sec-websocket-protocol": SUBPROTOCOL,
    ...odd,
  };
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  );
  return `${[line, ...lines].join("\r\n")}\r\n\r\n`;
}

export class RawPeer {
  readonly socket: Socket;
  /** Texts that came. */
  readonly texts = new Mailbox<string>();
  /**
   * How it ended: the HTTP status, if any came, and the code of WebSocket's close, "cut" if none did.
   */
  readonly ended: Promise<string>;
  #unread: Buffer = Buffer.alloc(0);
  #status = "";
  #code = "cut";

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("error", () => {}); // what a test breaks, breaks
    socket.on("data", (data) => this.#read(data));
    this.ended = new Promise((resolve) => {
      socket.once("close", () => resolve(`${this.#status} ${this.#code}`.trim()));
    });
  }

  /** @param ca PEM; undefined: no TLS */
  static async open(audience: string, ca: string | undefined): Promise<RawPeer> {
    const { hostname: host, port } = new URL(`http://${audience}`);
    const place = { host, port: Number(port) };
    const socket = ca === undefined ? connect(place) : connectTls({ ...place, ca });
    const peer = new RawPeer(socket);
    const open = once(socket, ca === undefined ? "connect" : "secureConnect");
    // Reset before it is open, by a deadline of a slow machine: that is how it has ended.
    await Promise.race([open.catch(() => peer.ended), peer.ended]);
    return peer;
  }

  write(data: string | Uint8Array): void {
    if (this.socket.writable) this.socket.write(data);
  }

  #read(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    if (this.#status === "") {
      const end = this.#unread.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.#status = this.#unread.toString("latin1", 9, 12);
      this.#unread = this.#unread.subarray(end + 4);
    }
    while (this.#status === "101" && this.#readFrame()) {}
  }

  /** A server's frames are whole and have no mask. */
  #readFrame(): boolean {
    const [first = 0, second = 0] = this.#unread;
    const size = second < 126 ? 2 : second === 126 ? 4 : 10;
    if (this.#unread.length < size) return false;
    const length =
      size === 2
        ? second
        : size === 4
          ? this.#unread.readUInt16BE(2)
          : Number(this.#unread.readBigUInt64BE(2));
    if (this.#unread.length < size + length) return false;
    const payload = this.#unread.subarray(size, size + length);
    this.#unread = this.#unread.subarray(size + length);
    const opcode = first & 0xf;
    if (opcode === OPCODE.text) this.texts.put(payload.toString());
    if (opcode === OPCODE.close) this.#code = `${payload.readUInt16BE()}`;
    return true;
  }
}

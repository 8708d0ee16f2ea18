/**
 * IO: a host whose clients train nothing: asked for a round, each sends the same update, made once.
 * It speaks the whole protocol, and leaves out what a sender would spend on hashing.
 */
import { dialSocket } from "../client/connection/dial.ts";
import { signingKey, tokenKey } from "../shared/keys/proofs.ts";
import { TIMING } from "../shared/timing.ts";
import { Channel } from "../shared/wire/channel.ts";
import {
  ALL_CLIENTS,
  type EncodedObject,
  encodeFrame,
  encodeObject,
  encodeUpdate,
  type ObjectIds,
  PAYLOAD_BYTES,
} from "../shared/wire/codec.ts";
import { answerHello, type Credentials } from "../shared/wire/handshake.ts";
import type { Received } from "../shared/wire/incoming.ts";
import type { Messages } from "../shared/wire/protocol.ts";
import { packNames, unpackNumbers } from "../shared/wire/wire-values.ts";

/** What is told of a host by whoever starts it. */
export interface LightAssignment {
  readonly audience: string;
  readonly token: string;
  readonly names: readonly string[];
  readonly parameters: number;
}

/** Updates under way at once: their frames are made when their turn comes. */
const AT_ONCE = 2;

/** What each client of a process sends. */
export interface LightUpdate {
  readonly encoded: EncodedObject;
  readonly bytes: Uint8Array;
}

export function lightUpdate(parameters: number): LightUpdate {
  const values = Int32Array.from({ length: parameters }, (_, i) => (i * 2_654_435_761) | 0);
  const ids = { vclient: 0, round: 0, attempt: 0, stream: 0 };
  const encoded = encodeUpdate({ kind: "update", values }, ids);
  return { encoded, bytes: new Uint8Array(values.buffer) };
}

export class LightHost {
  readonly #told: LightAssignment;
  readonly #credentials: Credentials;
  readonly #update: EncodedObject;
  readonly #bytes: Uint8Array;
  #channel: Channel<"server"> | undefined;
  #planHash = "";
  #stream = 0;
  /** What is to be done with an object, by its stream. */
  readonly #awaited = new Map<number, (object: Received) => unknown>();

  private constructor(told: LightAssignment, { encoded, bytes }: LightUpdate) {
    this.#told = told;
    this.#credentials = { key: signingKey(), token: tokenKey(told.token) };
    this.#bytes = bytes;
    this.#update = encoded;
  }

  /** Resolves when the coordinator has ended it. */
  static async follow(told: LightAssignment, update: LightUpdate): Promise<void> {
    const host = new LightHost(told, update);
    const { audience } = told;
    const address = { audience, serverKey: undefined, planHash: undefined };
    await new Promise<void>((resolve, reject) => {
      const handler = {
        message: (message: Messages["server"]) => host.#message(message),
        judge: () => ({ limitBytes: 2 ** 30, keep: true }),
        object: (object: Received) => host.#awaited.get(object.put.stream)?.(object),
        closed: () => resolve(),
        bug: reject,
      };
      const settings = { where: audience, timing: TIMING };
      dialSocket({ ...address, credentials: host.#credentials }, TIMING, (socket) => {
        host.#channel = new Channel(socket, "server", handler, settings);
      }).catch(reject);
    });
  }

  #message(message: Messages["server"]): void {
    switch (message.t) {
      case "hello": {
        const { audience } = this.#told;
        const part = { audience, credentials: this.#credentials, software: "light host" };
        this.#channel?.open();
        this.#channel?.send(answerHello(message, part).auth);
        return;
      }
      case "welcome":
        this.#planHash = message.planHash;
        this.#awaited.set(message.planStream, () => this.#ready());
        return;
      case "round": {
        const { round, attempt } = message;
        this.#channel?.send({ t: "accept", round, attempt });
        this.#awaited.set(message.cohortStream, ({ values }) => {
          const bytes = new Uint8Array(values.buffer);
          return this.#answer(round, attempt, unpackNumbers(bytes, "cohort"));
        });
      }
    }
  }

  #ready(): Promise<unknown> | undefined {
    const ids = this.#ids(ALL_CLIENTS, 0, 0);
    this.#channel?.send({ t: "ready", planHash: this.#planHash, clientsStream: ids.stream });
    const names = packNames(this.#told.names);
    return this.#channel?.sendObject(encodeObject({ kind: "blob", values: names }, ids));
  }

  async #answer(round: number, attempt: number, cohort: readonly number[]): Promise<void> {
    const under: (Promise<unknown> | undefined)[] = [];
    for (const clientIndex of cohort) {
      if (under.length === AT_ONCE) await under.shift();
      const ids = this.#ids(clientIndex, round, attempt);
      if (this.#update.sha256 !== undefined) this.#channel?.send({ t: "update", ...ids });
      under.push(this.#channel?.sendObject(this.#encoded(ids)));
    }
    await Promise.all(under);
  }

  #encoded(ids: ObjectIds): EncodedObject {
    const { sha256 } = this.#update;
    const { type, dtype, bytes: total, count } = this.#update.header;
    const chunks = this.#update.frames.length;
    const frames = Array.from({ length: chunks }, (_, chunk) => {
      const offset = chunk * PAYLOAD_BYTES;
      const payload = this.#bytes.subarray(offset, offset + PAYLOAD_BYTES);
      const header = { ...ids, type, dtype, chunk, chunks, total, offset };
      return encodeFrame(header, payload, sha256 === undefined);
    });
    return { header: { ...ids, type, dtype, count, bytes: total }, frames, sha256 };
  }

  #ids(clientIndex: number, round: number, attempt: number): ObjectIds {
    return { vclient: clientIndex, round, attempt, stream: this.#stream++ };
  }
}

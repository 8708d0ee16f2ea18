/** One socket's updates that are announced and whose bytes are still to come, by stream. */
import type { ObjectHeader } from "../../shared/wire/codec.ts";
import type { Verdict } from "../../shared/wire/incoming.ts";
import type { Outgoing } from "../../shared/wire/protocol.ts";
import { refusal } from "../attempts/peer-refusals.ts";
import type { UploadSemaphore } from "./upload-semaphore.ts";

/** Of an update, or of a masked attempt's step. */
export type Announcement = Extract<Outgoing<"client">, { t: "update" | "step" }>;

export class PendingUploads {
  readonly #turns: UploadSemaphore;
  readonly #socket: { pause(): void; resume(): void };
  readonly #byStream = new Map<number, Announcement>();
  #endTurn: () => void = () => {};

  constructor(turns: UploadSemaphore, socket: { pause(): void; resume(): void }) {
    this.#turns = turns;
    this.#socket = socket;
  }

  /**
   * @param clients of this socket: none of them needs more at once than its update and that of the
   *   attempt before
   * @throws ProtocolError `rate.update`
   */
  add(update: Announcement, clients: number, where: string): void {
    const waiting = this.#byStream.size;
    if (!(waiting < 2 * clients)) {
      throw refusal("rate.update", where, `${waiting} updates announced`, "their bytes first");
    }
    this.#byStream.set(update.stream, update);
  }

  /**
   * Before its bytes: until there is room for one more update, this socket is not read.
   *
   * @param most bytes of what was announced
   * @throws ProtocolError `stream.unknown`
   */
  judge(put: ObjectHeader, most: (announced: Announcement) => number, where: string): Verdict {
    const announced = this.#byStream.get(put.stream);
    if (announced === undefined || put.vclient !== announced.vclient) {
      throw refusal("stream.unknown", where, put.stream, "a stream announced by update");
    }
    // Of an object whose hash was wrong nobody hears.
    this.#endTurn();
    const limitBytes = most(announced);
    if (put.bytes <= limitBytes) {
      this.#endTurn = this.#turns.take(
        () => this.#socket.pause(),
        () => this.#socket.resume(),
      );
    }
    return { limitBytes, keep: true };
  }

  /** The announcement of what is in now. */
  take(stream: number): Announcement | undefined {
    this.#endTurn();
    const update = this.#byStream.get(stream);
    this.#byStream.delete(stream);
    return update;
  }

  /** The socket is gone. */
  end(): void {
    this.#endTurn();
  }
}

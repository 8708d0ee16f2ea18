/** One socket's updates on their way in: announced, then their bytes, then what became of them. */
import { ProtocolError } from "../../shared/errors.ts";
import type { RunEvent } from "../../shared/events/run-event.ts";
import type { SealedPlan } from "../../shared/plan/plan.ts";
import { longestUpdate } from "../../shared/privacy/plan.ts";
import { mostBytesUp } from "../../shared/secagg/wire-steps.ts";
import type { Channel } from "../../shared/wire/channel.ts";
import type { ObjectHeader } from "../../shared/wire/codec.ts";
import type { Received, Verdict } from "../../shared/wire/incoming.ts";
import { wireProblem } from "../../shared/wire/protocol.ts";
import type { Arrived, UpdateStatus } from "../attempts/arrived.ts";
import { refusal } from "../attempts/peer-refusals.ts";
import { type Announcement, PendingUploads } from "./pending-uploads.ts";
import type { UploadSemaphore } from "./upload-semaphore.ts";

/** Who judges whole answers. */
export interface Judge {
  readonly sealed: SealedPlan;
  /** Over all sockets. */
  readonly turns: UploadSemaphore;
  readonly rounds: {
    /** @returns null for a step's answer. @throws ProtocolError for what cannot be taken */
    offer(arrived: Arrived): UpdateStatus | null;
  };
  observe(event: RunEvent): void;
}

export class UpdateIntake {
  readonly #judge: Judge;
  readonly #channel: Pick<Channel<"client">, "where" | "send" | "pause" | "resume">;
  readonly #announced: PendingUploads;

  constructor(
    judge: Judge,
    channel: Pick<Channel<"client">, "where" | "send" | "pause" | "resume">,
  ) {
    this.#judge = judge;
    this.#channel = channel;
    this.#announced = new PendingUploads(judge.turns, channel);
  }

  /** @param clients of this socket. @throws ProtocolError `rate.update` */
  announce(message: Announcement, clients: number): void {
    this.#announced.add(message, clients, this.#channel.where);
  }

  /** @throws ProtocolError `stream.unknown` for bytes that no `update` has announced */
  judge(put: ObjectHeader): Verdict {
    const { privacy } = this.#judge.sealed.plan;
    const most = (announced: Announcement) =>
      announced.t === "update"
        ? 4 * longestUpdate(privacy)
        : mostBytesUp(announced.step, privacy.clients);
    return this.#announced.judge(put, most, this.#channel.where);
  }

  /** @throws ProtocolError `update.foreign`, which ends the socket; another refusal only the update */
  take(object: Received): void {
    const { where } = this.#channel;
    const announced = this.#announced.take(object.put.stream);
    if (announced === undefined) return;
    const { vclient: clientIndex, round, attempt } = announced;
    const of = { vclient: clientIndex, round, attempt };
    try {
      const status = this.#judge.rounds.offer(this.#arrived(object, announced));
      if (status !== null) this.#channel.send({ t: "updateAck", ...of, status });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { what } = error.problem;
      this.#judge.observe({ event: "update-refused", where, what, message: error.message });
      if (what === "update.foreign") throw error;
      // What a client said wrongly in a step shows in its place among the survivors.
      if (announced.t === "step") return;
      const problem = wireProblem(error);
      this.#channel.send({ t: "updateAck", ...of, status: "refused", problem });
    }
  }

  #arrived(object: Received, announced: Announcement): Arrived {
    const { vclient: clientIndex, round, attempt } = announced;
    const of = { vclient: clientIndex, round, attempt };
    const { kind, put, values } = object;
    const refuse = (expected: string): never => {
      throw refusal("update.shape", this.#channel.where, kind, expected);
    };
    if (announced.t === "step") {
      if (kind !== "blob") return refuse("bytes");
      return { kind: "step", ...of, step: announced.step, bytes: Buffer.from(values.buffer) };
    }
    const { sha256 } = put;
    if (kind === "masked") return { kind, ...of, masked: values, sha256 };
    if (kind === "update") return { kind, ...of, update: values, sha256 };
    return refuse("i32, or u32 under masks");
  }

  /** The socket is gone. */
  end(): void {
    this.#announced.end();
  }
}

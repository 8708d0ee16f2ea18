/** One socket's updates on their way in: announced, then their bytes, then what became of them. */
import { ProtocolError } from "../shared/errors.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { hidesCohort } from "../shared/privacy-events.ts";
import { longestUpdate } from "../shared/privacy-plan.ts";
import type { Channel } from "../shared/wire/channel.ts";
import type { Received, Verdict } from "../shared/wire/incoming.ts";
import { type Messages, type Put, wireProblem } from "../shared/wire/protocol.ts";
import type { ArrivedUpdate, UpdateStatus } from "./attempt.ts";
import { refusal } from "./peer-refusals.ts";

type Announced = Extract<Messages["client"], { t: "update" }>;

/** Who judges whole updates. */
export interface Judge {
  readonly sealed: SealedPlan;
  /** @throws ProtocolError for an update that cannot be taken */
  offer(update: ArrivedUpdate): UpdateStatus;
  log(line: string): void;
}

export class UpdateIntake {
  readonly #judge: Judge;
  readonly #channel: Pick<Channel<"client">, "where" | "send">;
  /** Updates announced whose bytes are still to come, by stream. */
  readonly #announced = new Map<number, Announced>();

  constructor(judge: Judge, channel: Pick<Channel<"client">, "where" | "send">) {
    this.#judge = judge;
    this.#channel = channel;
  }

  announce(message: Announced): void {
    this.#announced.set(message.stream, message);
  }

  /** @throws ProtocolError `stream.unknown` for bytes that no `update` has announced */
  judge({ stream, vclient }: Put): Verdict {
    if (this.#announced.get(stream)?.vclient !== vclient)
      throw refusal("stream.unknown", this.#channel.where, stream, "a stream announced by update");
    return { limitBytes: 4 * longestUpdate(this.#judge.sealed.plan.privacy), keep: true };
  }

  /** @throws ProtocolError `update.foreign`, which ends the socket; another refusal only the update */
  take(object: Received): void {
    const { where } = this.#channel;
    const announced = this.#announced.get(object.put.stream);
    this.#announced.delete(object.put.stream);
    if (announced === undefined) return;
    const { vclient, round, attempt } = announced;
    const of = { vclient, round, attempt };
    try {
      if (object.kind !== "update") throw refusal("update.shape", where, object.kind, "i32");
      const { sha256 } = object.put;
      const status = this.#judge.offer({ ...of, update: object.values, sha256 });
      this.#channel.send({ t: "updateAck", ...of, status });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // The whole message says who was in which round, and epsilon may count on nobody's knowing.
      const secret = hidesCohort(this.#judge.sealed.plan.privacy);
      this.#judge.log(`${where}: ${secret ? error.problem.what : error.message}`);
      if (error.problem.what === "update.foreign") throw error;
      const problem = wireProblem(error);
      this.#channel.send({ t: "updateAck", ...of, status: "refused", problem });
    }
  }
}

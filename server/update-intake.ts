/** One socket's updates on their way in: announced, then their bytes, then what became of them. */
import { ProtocolError } from "../shared/errors.ts";
import type { SealedPlan } from "../shared/plan.ts";
import { longestUpdate } from "../shared/privacy-plan.ts";
import type { RunEvent } from "../shared/run-event.ts";
import type { Channel } from "../shared/wire/channel.ts";
import type { Received, Verdict } from "../shared/wire/incoming.ts";
import { type Put, wireProblem } from "../shared/wire/protocol.ts";
import { Announced, type Announcement } from "./announced.ts";
import type { ArrivedUpdate, UpdateStatus } from "./attempt.ts";
import { refusal } from "./peer-refusals.ts";
import type { Turns } from "./upload-turns.ts";

/** Who judges whole updates. */
export interface Judge {
  readonly sealed: SealedPlan;
  /** Over all sockets. */
  readonly turns: Turns;
  /** @throws ProtocolError for an update that cannot be taken */
  offer(update: ArrivedUpdate): UpdateStatus;
  observe(event: RunEvent): void;
}

export class UpdateIntake {
  readonly #judge: Judge;
  readonly #channel: Pick<Channel<"client">, "where" | "send" | "pause" | "resume">;
  readonly #announced: Announced;

  constructor(
    judge: Judge,
    channel: Pick<Channel<"client">, "where" | "send" | "pause" | "resume">,
  ) {
    this.#judge = judge;
    this.#channel = channel;
    this.#announced = new Announced(judge.turns, channel);
  }

  /** @param clients of this socket. @throws ProtocolError `rate.update` */
  announce(message: Announcement, clients: number): void {
    this.#announced.add(message, clients, this.#channel.where);
  }

  /** @throws ProtocolError `stream.unknown` for bytes that no `update` has announced */
  judge(put: Put): Verdict {
    const limitBytes = 4 * longestUpdate(this.#judge.sealed.plan.privacy);
    return this.#announced.judge(put, limitBytes, this.#channel.where);
  }

  /** @throws ProtocolError `update.foreign`, which ends the socket; another refusal only the update */
  take(object: Received): void {
    const { where } = this.#channel;
    const announced = this.#announced.take(object.put.stream);
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
      const { what } = error.problem;
      this.#judge.observe({ event: "update-refused", where, what, message: error.message });
      if (what === "update.foreign") throw error;
      const problem = wireProblem(error);
      this.#channel.send({ t: "updateAck", ...of, status: "refused", problem });
    }
  }

  /** The socket is gone. */
  end(): void {
    this.#announced.end();
  }
}

/** Objects that a coordinator's messages have named and that are still to come, by stream. */
import { ProtocolError } from "../../shared/errors.ts";
import type { ObjectHeader } from "../../shared/wire/codec.ts";
import type { Received, Verdict } from "../../shared/wire/incoming.ts";
import { type Deferred, deferred } from "./deferred.ts";

export class Arrivals {
  readonly #expected = new Map<number, { limitBytes: number; arrived: Deferred<Received> }>();

  /** Before the object's `put` is in; rejects if the connection ends first. */
  expect(stream: number, limitBytes: number): Promise<Received> {
    const arrived = deferred<Received>();
    arrived.promise.catch(() => {});
    this.#expected.set(stream, { limitBytes, arrived });
    return arrived.promise;
  }

  /** @throws ProtocolError `stream.unknown` for an object that no message has named */
  judge({ stream }: ObjectHeader, where: string): Verdict {
    const expected = this.#expected.get(stream);
    if (expected) return { limitBytes: expected.limitBytes, keep: true };
    throw new ProtocolError({
      what: "stream.unknown",
      where,
      got: stream,
      expected: "a stream announced",
      fix: "Look at the coordinator's log for its side of it.",
    });
  }

  take(object: Received): void {
    this.#expected.get(object.put.stream)?.arrived.resolve(object);
    this.#expected.delete(object.put.stream);
  }

  /** None of them will come any more. */
  lose(why: ProtocolError): void {
    for (const { arrived } of this.#expected.values()) arrived.reject(why);
  }
}

/** A BLOB's bytes; another kind's as they lie in memory, for whoever checks them next. */
export function asBytes({ values }: Received): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

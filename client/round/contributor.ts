/** What is different where updates are masked: when a client's update is asked for, and what leaves in its place. */
import type { Update } from "../connection/attempt-answers.ts";
import type { Member } from "./member.ts";

/** A host's side of one attempt. */
export interface Contributor {
  /**
   * The members whose update is asked for, each when it is, until the attempt is over for this host. What it keeps for
   * the attempt is erased when its reader is done, however that ends.
   */
  turns(): AsyncIterable<Member>;
  /**
   * What leaves in the place of an update: int32[updateLength] as it is, or uint32 under masks.
   *
   * @param update is no longer the caller's
   * @returns undefined where the client has left the attempt: then it has declined
   */
  contribution(member: Member, update: Int32Array): Update | undefined;
  /** That member has no further part in the attempt. */
  drop(member: Member): void;
}

/** Each client is asked at once, one after another, and its update leaves as it is. */
export class PlainContributor implements Contributor {
  readonly #members: Iterable<Member>;

  constructor(members: Iterable<Member>) {
    this.#members = members;
  }

  async *turns(): AsyncGenerator<Member> {
    yield* this.#members;
  }

  contribution(_: Member, update: Int32Array): Int32Array {
    return update;
  }

  drop(): void {}
}

/** What a connection asks of whoever owns it. */
import type { Problem } from "../errors.ts";
import type { Timing } from "../timing.ts";
import type { ObjectHeader } from "./codec.ts";
import type { Received, Verdict } from "./incoming.ts";
import type { Messages, Side } from "./protocol.ts";

/** Why a connection ended. */
export interface End {
  /** Ours if we closed it, else the peer's; 1006 when it broke. */
  readonly code: number;
  readonly reason: string;
  /** The refusal that ended it, ours or the last the peer told us. */
  readonly problem: Problem | undefined;
}

/**
 * What a connection's owner does. `message`, `judge` and `object` may throw, or return a promise that rejects: a
 * ProtocolError is told to the peer and closes the socket with its code, anything else is a bug
 * (1011). Promises are watched, not waited for: the next message may come before one settles.
 */
export interface ChannelHandler<Peer extends Side> {
  readonly message: (message: Messages[Peer]) => unknown;
  /** Anything has come, a heartbeat's answer too. Must not throw. */
  readonly heard?: () => void;
  /** @param alone no message has named its stream: it is an update whose frame announces it */
  readonly judge: (header: ObjectHeader, alone: boolean) => Verdict;
  readonly object: (object: Received) => unknown;
  /** Once, at the end. */
  readonly closed: (end: End) => unknown;
  /** Told of what is no refusal. Must not throw. */
  readonly bug: (error: unknown) => void;
}

export interface ChannelSettings {
  /** The peer's name in refusals. */
  readonly where: string;
  readonly timing: Timing;
}

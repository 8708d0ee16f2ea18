/** All that has left by one socket, by kind: counted where bytes are handed to it, and nowhere else. */
import { type ObjectType, TYPE } from "./codec.ts";

export interface Leaving {
  readonly messages: number;
  /** Of the messages themselves, without WebSocket's own framing. */
  readonly bytes: number;
}

/** Kind → what left of it: a message's `t`, or the kind of object a frame is of. */
export type Egress = ReadonlyMap<string, Leaving>;

export class EgressCount {
  readonly #kinds = new Map<string, { messages: number; bytes: number }>();

  add(kind: string, bytes: number): void {
    const known = this.#kinds.get(kind) ?? { messages: 0, bytes: 0 };
    known.messages += 1;
    known.bytes += bytes;
    this.#kinds.set(kind, known);
  }

  get kinds(): Egress {
    return this.#kinds;
  }
}

/** What has left by two sockets together. */
export function sumOfEgress(a: Egress, b: Egress): Egress {
  const sum = new Map(a);
  for (const [kind, { messages, bytes }] of b) {
    const before = a.get(kind) ?? { messages: 0, bytes: 0 };
    sum.set(kind, { messages: before.messages + messages, bytes: before.bytes + bytes });
  }
  return sum;
}

/** "update frame" and the like; "whole update" where the frame is alone. */
export function frameKind(type: ObjectType, alone = false): string {
  return alone ? `whole ${OBJECTS[type]}` : `${OBJECTS[type]} frame`;
}

/** How many updates have left, each by a message that announced it or whole in its own frame. */
export function updatesIn(egress: Egress): number {
  const kinds = ["update", frameKind(TYPE.update, true), frameKind(TYPE.masked, true)];
  return kinds.reduce((sum, kind) => sum + (egress.get(kind)?.messages ?? 0), 0);
}

const OBJECTS: Record<ObjectType, string> = {
  [TYPE.model]: "model",
  [TYPE.update]: "update",
  [TYPE.masked]: "masked update",
  [TYPE.blob]: "list",
};

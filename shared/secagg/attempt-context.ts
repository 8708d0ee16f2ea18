/**
 * The context of one masked attempt: 32 bytes that salt each of its keys and stand in each of its
 * signatures, so that nothing of it is of use in another run, round or attempt.
 */
import { createHash } from "node:crypto";

export interface AttemptIds {
  /** 32 hex digits. */
  readonly runId: string;
  readonly round: number;
  readonly attempt: number;
  /** 64 hex digits; it covers every parameter of the protocol. */
  readonly planHash: string;
}

/** SHA-256("murmur/secagg/v1" ‖ runId ‖ u32 round ‖ u32 attempt ‖ planHash). */
export function attemptContext({ runId, round, attempt, planHash }: AttemptIds): Buffer {
  return createHash("sha256")
    .update("murmur/secagg/v1")
    .update(Buffer.from(runId, "hex"))
    .update(u32(round, attempt))
    .update(Buffer.from(planHash, "hex"))
    .digest();
}

/** Numbers as the protocol writes them: 4 bytes each, little-endian. */
export function u32(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [i, number] of numbers.entries()) bytes.writeUInt32LE(number, 4 * i);
  return bytes;
}

/**
 * What `admitted` tells of each client: its number, and which of its updates was counted last. By that a
 * client sees whether its own ledger is the one that charged it (faults note, row 11). It hears of itself
 * alone, which it knew: no secret of a cohort. A coordinator that says less gains nothing, for whatever
 * leaves is charged all the same; one that says more does without that client.
 */
import { ProtocolError } from "../errors.ts";
import { LIMITS } from "./protocol.ts";

export interface Admitted {
  readonly vclient: number;
  /** The attempt whose sum holds its last update; null: none does, for all that the coordinator knows. */
  readonly counted: { readonly round: number; readonly attempt: number } | null;
}

/** Number, round, attempt: u32, little-endian. */
const ENTRY_BYTES = 12;
/** In the place of round and attempt: none. */
const NONE = 0xffffffff;

export function packAdmitted(admitted: readonly Admitted[]): Uint8Array {
  const bytes = Buffer.alloc(ENTRY_BYTES * admitted.length);
  for (const [i, { vclient: clientIndex, counted }] of admitted.entries()) {
    const { round, attempt } = counted ?? { round: NONE, attempt: NONE };
    for (const [j, number] of [clientIndex, round, attempt].entries())
      bytes.writeUInt32LE(number, ENTRY_BYTES * i + 4 * j);
  }
  return bytes;
}

/** In the order of the client's names. @throws ProtocolError `client.numbers` */
export function unpackAdmitted(bytes: Uint8Array, where: string): Admitted[] {
  const count = bytes.length / ENTRY_BYTES;
  const most = LIMITS.clientsPerSocket;
  if (!(Number.isInteger(count) && count <= most))
    throw fault(where, `${bytes.length} bytes`, `at most ${most} times ${ENTRY_BYTES} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u32 = (i: number, j: number) => view.getUint32(ENTRY_BYTES * i + 4 * j, true);
  const admitted = Array.from({ length: count }, (_, i) => {
    const [round, attempt] = [u32(i, 1), u32(i, 2)];
    if ((round === NONE) !== (attempt === NONE))
      throw fault(where, "half an attempt", "a round and an attempt, or neither");
    return { vclient: u32(i, 0), counted: round === NONE ? null : { round, attempt } };
  });
  if (new Set(admitted.map(({ vclient: clientIndex }) => clientIndex)).size !== count)
    throw fault(where, "a number twice", "each number once");
  return admitted;
}

function fault(where: string, got: string, expected: string): ProtocolError {
  const fix = "Look at the coordinator's log for its side of it.";
  return new ProtocolError({ what: "client.numbers", where, got, expected, fix });
}

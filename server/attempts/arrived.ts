/** What a client answers in an attempt, as it came off the wire: whole, and with its hash checked. */
import type { StepUp } from "../../shared/secagg/wire-steps.ts";

/** What every answer says of itself. */
interface Named {
  readonly vclient: number;
  readonly round: number;
  readonly attempt: number;
}

interface ArrivedUpdate extends Named {
  readonly kind: "update";
  /** int32[parameters], lattice steps. */
  readonly update: Int32Array;
  readonly sha256: string;
}

/** An update under masks. */
export interface ArrivedMasked extends Named {
  readonly kind: "masked";
  /** uint32[parameters]. */
  readonly masked: Uint32Array;
  readonly sha256: string;
}

/** The answer to a step of a masked attempt. */
export interface ArrivedStep extends Named {
  readonly kind: "step";
  readonly step: StepUp;
  readonly bytes: Buffer;
}

export type Arrived = ArrivedUpdate | ArrivedMasked | ArrivedStep;

/** What an attempt makes of an update; null of a step, which gets no receipt. */
export type UpdateStatus = "counted" | "duplicate" | "late";

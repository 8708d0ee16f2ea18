/**
 * All that the coordinator receives in one masked attempt, in order of arrival. It may be shown to
 * anybody: but for the sum that it opens to, it holds keys, sealed packets, signatures and noise.
 */

import type { Advertisement } from "./signed-steps.ts";
import type { AddressedPacket, GivenShare } from "./step-lists.ts";

export type TranscriptEntry =
  | { readonly step: "keys"; readonly keys: Advertisement }
  | {
      readonly step: "packets";
      readonly client: number;
      readonly packets: readonly AddressedPacket[];
    }
  /** `masked`: uint32[parameters]; valid during the call only, for it may be a buffer that is reused. */
  | { readonly step: "masked"; readonly client: number; readonly masked: Uint32Array }
  | { readonly step: "confirm"; readonly client: number; readonly signature: Buffer }
  | { readonly step: "unmask"; readonly client: number; readonly shares: readonly GivenShare[] };

/** Takes down what arrives; none where nobody asked for a transcript. */
export type Recorder = (entry: TranscriptEntry) => void;

/** One attempt's. */
export interface AttemptRecord {
  readonly took: Recorder;
  /** What it all came to: int32[parameters]. */
  readonly opened: (sum: Int32Array) => void;
}

/** The steps of a masked attempt by name, as messages carry them, and how long their lists can be. */
import { SEALED_BYTES } from "./share-packets.ts";
import { SHARE_BYTES } from "./shares.ts";
import { SIGNATURE_BYTES } from "./signed-steps.ts";
import { KEYS_BYTES } from "./step-lists.ts";

/** From the coordinator: what a step that has closed gives each client. */
export const STEPS_DOWN = ["keys", "packets", "survivors", "signatures"] as const;
export type StepDown = (typeof STEPS_DOWN)[number];
/** From a client; its masked vector travels as an update. */
export const STEPS_UP = ["keys", "packets", "confirm", "unmask"] as const;
export type StepUp = (typeof STEPS_UP)[number];
/** What the coordinator may wait for. */
export const OPEN_STEPS = [...STEPS_UP, "masked"] as const;
export type OpenStep = (typeof OPEN_STEPS)[number];

const PLACE_BYTES = 4;

/** @param clients of the cohort, at most */
export function mostBytesDown(step: StepDown, clients: number): number {
  const each: Record<StepDown, number> = {
    keys: KEYS_BYTES,
    packets: SEALED_BYTES,
    survivors: 0,
    signatures: SIGNATURE_BYTES,
  };
  return clients * (PLACE_BYTES + each[step]);
}

/** @param clients of the cohort, at most */
export function mostBytesUp(step: StepUp, clients: number): number {
  switch (step) {
    case "keys":
      return KEYS_BYTES;
    case "packets":
      return clients * (PLACE_BYTES + SEALED_BYTES);
    case "confirm":
      return SIGNATURE_BYTES;
    case "unmask":
      return clients * (PLACE_BYTES + SHARE_BYTES);
  }
}

/** How long an attempt's stages take, one after another. */
import type { AttemptIds, Observe, RoundStage } from "../shared/run-event.ts";

/** @returns tells how long it is since the last stage ended, or since now */
export function laps(observe: Observe | undefined, ids: AttemptIds): (stage: RoundStage) => void {
  let from = performance.now();
  return (stage) => {
    const now = performance.now();
    observe?.({ event: "stage", stage, ...ids, durationMs: now - from });
    from = now;
  };
}

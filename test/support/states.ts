import type { ModelState } from "../../server/step/release.ts";

/** A model between rounds that plain descent, with momentum or without, goes on from. */
export function stateAt(parameters: Float32Array, clipNorm: number): ModelState {
  return {
    parameters,
    optimizer: { moment: new Float64Array(parameters.length), variance: new Float64Array() },
    control: null,
    averaged: null,
    clipNorm,
  };
}

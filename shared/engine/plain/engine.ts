/**
 * The engine that the others are held against: one example after the other, in float64, its whole
 * gradient written out before it is clipped. Clear and slow; no run uses it.
 */
// biome-ignore-all lint/style/noNonNullAssertion: a numeric kernel, whose every index is in range.
import { layerRanges, type Model } from "../../model/model.ts";
import { type ClipBounds, clipFactor } from "../core/clip.ts";
import { BLOCK_SLOTS, type Engine } from "../core/engine.ts";
import { checkBounds, checkShapes } from "../core/shapes.ts";
import { PlainPass } from "./pass.ts";

/** An engine but for its kind: no scenario can name it. Throws RangeError on wrong lengths. */
export function plainEngine(model: Model): Omit<Engine, "kind"> {
  const pass = new PlainPass(model);
  return {
    model,

    clippedSum(parameters, examples, bounds, sampled, sum = new Float64Array(model.parameters)) {
      checkShapes(model, parameters, examples, sampled);
      checkBounds(model, bounds);
      const block = new Float32Array(model.parameters);
      for (let start = 0; start < examples.count; start += BLOCK_SLOTS) {
        const end = Math.min(start + BLOCK_SLOTS, examples.count);
        for (let slot = start; slot < end; slot++) {
          if (sampled !== undefined && sampled[slot] === 0) continue;
          pass.differentiate(parameters, examples, slot);
          addClipped(model, pass, bounds, block);
        }
        moveInto(sum, block);
      }
      return sum;
    },

    gradientSum(parameters, examples, sum = new Float64Array(model.parameters), fresh = false) {
      checkShapes(model, parameters, examples);
      if (fresh) sum.fill(0);
      for (let i = 0; i < examples.count; i++) {
        pass.differentiate(parameters, examples, i);
        for (let k = 0; k < sum.length; k++) sum[k] = sum[k]! + pass.gradient[k]!;
      }
      return sum;
    },

    gradientNorms(parameters, examples) {
      checkShapes(model, parameters, examples);
      return Float64Array.from({ length: examples.count }, (_, i) => {
        pass.differentiate(parameters, examples, i);
        return Math.sqrt(pass.squares.reduce((all, square) => all + square, 0));
      });
    },

    outputs(parameters, examples) {
      checkShapes(model, parameters, examples);
      const outputs = new Float32Array(examples.count * model.outputs);
      for (let i = 0; i < examples.count; i++) {
        outputs.set(pass.forward(parameters, examples, i), i * model.outputs);
      }
      return outputs;
    },
  };
}

/** Adds the gradient of the pass, all of it times one factor or each layer's part times its own. */
function addClipped(
  model: Model,
  { gradient, squares }: PlainPass,
  bounds: ClipBounds,
  block: Float32Array,
): void {
  const square = squares.reduce((all, one) => all + one, 0);
  if (clipFactor(square, 1) === 0) return; // not finite: none of its layers counts
  for (const [layer, [start, end]] of layerRanges(model).entries()) {
    const factor =
      typeof bounds === "number"
        ? clipFactor(square, bounds)
        : clipFactor(squares[layer]!, bounds[layer]!);
    for (let k = start; k < end; k++) block[k] = block[k]! + factor * gradient[k]!;
  }
}

/** Adds a block's float32 sum to the float64 total, and empties the block. */
function moveInto(total: Float64Array, block: Float32Array): void {
  for (let k = 0; k < total.length; k++) total[k] = total[k]! + block[k]!;
  block.fill(0);
}

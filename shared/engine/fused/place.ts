/** Each kind of layer's places in the arena. */
import type { Layer } from "../../model/model.ts";
import { placeActivation } from "./activation.ts";
import type { Arena } from "./arena.ts";
import { placeConv } from "./conv.ts";
import { placeDense } from "./dense.ts";
import type { LayerRows, Placed } from "./layer.ts";
import { placeNorm } from "./norm.ts";
import { placePool } from "./pool.ts";

/** @param staging address of room for the parameters of any one layer in float64 */
export function placeLayer(layer: Layer, io: LayerRows, arena: Arena, staging: number): Placed {
  switch (layer.kind) {
    case "dense":
      return placeDense(layer, io, arena, staging);
    case "conv":
      return placeConv(layer, io, arena, staging);
    case "pool":
      return placePool(layer, io, arena);
    case "groupNorm":
      return placeNorm(layer, io, arena);
    case "activation":
      return placeActivation(layer.activation, io);
  }
}

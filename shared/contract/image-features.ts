/** Features of an image: what follows from its column's shape, and whether all constants fit it. */
import { ScenarioError } from "../errors.ts";
import { type ContractColumn, recodedColumns } from "./contract.ts";
import type { ImageFeature, ScatterFeature } from "./feature.ts";
import { imageBytes, type KeptImage, shapeText } from "./recoding.ts";
import { SCATTER_CHANNELS, SCATTER_GRID, scatterShape } from "./scatter-shape.ts";

/** As the scenario states it, before anything is derived. */
export type ImageSpec =
  | Pick<ImageFeature, "name" | "kind" | "column" | "mean" | "stddev">
  | Pick<ScatterFeature, "name" | "kind" | "column" | "pad" | "normalisation" | "pool">;

/**
 * Shape and width of a feature, from its column and its public constants alone.
 *
 * @throws ScenarioError where there is no such image, or one that the transform does not take
 */
export function deriveImageFeature(
  spec: ImageSpec,
  columns: readonly ContractColumn[],
  where: string,
): ImageFeature | ScatterFeature {
  const shape = shapeOf(spec.column, columns, `${where}.image`);
  if (spec.kind === "image") return { ...spec, shape, width: imageBytes(shape) };
  const [height, width, channels] = shape;
  const { pad, normalisation, pool } = spec;
  const sides = [height, width].every((side) => side + 2 * pad === SCATTER_GRID && pad < side);
  demand(
    sides && channels === 1,
    `${where}.scatter.pad`,
    `${pad}, with ${shapeText(shape)} pixels`,
    `a grey image that is ${SCATTER_GRID}×${SCATTER_GRID} with as many more on each side`,
  );
  const groups = normalisation.kind === "groups" ? normalisation.groups : 1;
  const divides = SCATTER_CHANNELS % groups === 0;
  demand(divides, `${where}.scatter.groups`, groups, `a divisor of ${SCATTER_CHANNELS} channels`);
  const outputShape = scatterShape(pool);
  return { ...spec, shape, outputShape, width: imageBytes(outputShape) };
}

function shapeOf(
  name: string,
  columns: readonly ContractColumn[],
  where: string,
): KeptImage["shape"] {
  const column = recodedColumns(columns).find((candidate) => candidate.name === name);
  if (column?.recoding.kind === "image") return column.recoding.shape;
  return demand(false, where, name, "a column with type: image");
}

function demand(holds: false, where: string, got: unknown, expected: string): never;
function demand(holds: boolean, where: string, got: unknown, expected: string): void;
function demand(holds: boolean, where: string, got: unknown, expected: string): void {
  if (holds) return;
  throw new ScenarioError({ what: "image", where, got, expected, fix: "Mend the feature." });
}

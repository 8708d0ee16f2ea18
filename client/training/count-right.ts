/**
 * What a simulation may ask beside all accounting: how a model does on each client's own rows,
 * counted outright. For generated and public rows; a host of private ones knows no such request.
 */
import type { Engine, Examples } from "../../shared/engine/core/engine.ts";
import { outputsInTurns } from "../../shared/engine/core/work-slices.ts";
import type { ClientCounts } from "../../shared/events/host-report.ts";
import { likeliestClass } from "../../shared/model/loss.ts";
import { type ClientRows, presentSlots } from "../features/client-rows.ts";

/** @param parameters float32[parameters] */
export async function countRight(
  clients: ReadonlyMap<string, ClientRows>,
  parameters: Float32Array,
  engine: Engine,
): Promise<ClientCounts[]> {
  const counted: ClientCounts[] = [];
  for (const [client, rows] of clients) {
    const isRight = await rightSlots(parameters, rows.examples, engine);
    const slots = presentSlots(rows);
    const right = slots.filter((slot) => isRight[slot] === 1).length;
    counted.push({ client, right, wrong: slots.length - right });
  }
  return counted;
}

/** uint8[count], 1 for each row whose class the model takes for the likeliest. */
export async function rightSlots(
  parameters: Float32Array,
  examples: Examples,
  engine: Engine,
): Promise<Uint8Array> {
  const { loss, outputs: width } = engine.model;
  const outputs = await outputsInTurns(engine, parameters, examples);
  const isRight = new Uint8Array(examples.count);
  for (let slot = 0; slot < isRight.length; slot++) {
    const likeliest = likeliestClass(loss, outputs, slot * width, width);
    isRight[slot] = Number(likeliest === examples.labels[slot]);
  }
  return isRight;
}

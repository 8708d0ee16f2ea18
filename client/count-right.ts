/**
 * What a simulation may ask beside all accounting: how a model does on each client's own rows,
 * counted outright. For generated and public rows; a host of private ones knows no such request.
 */
import type { Engine } from "../shared/engine/engine.ts";
import { outputsInTurns } from "../shared/engine/turns.ts";
import type { ClientCounts } from "../shared/host-report.ts";
import { likeliestClass } from "../shared/model/loss.ts";
import type { ClientRows } from "./client-rows.ts";

/** @param parameters float32[parameters] */
export async function countRight(
  clients: ReadonlyMap<string, ClientRows>,
  parameters: Float32Array,
  engine: Engine,
): Promise<ClientCounts[]> {
  const counted: ClientCounts[] = [];
  for (const [client, { examples, present }] of clients) {
    const { loss, outputs: width } = engine.model;
    const outputs = await outputsInTurns(engine, parameters, examples);
    let [right, wrong] = [0, 0];
    for (const [slot, label] of examples.labels.entries()) {
      if (present?.[slot] === 0) continue;
      if (likeliestClass(loss, outputs, slot * width, width) === label) right++;
      else wrong++;
    }
    counted.push({ client, right, wrong });
  }
  return counted;
}

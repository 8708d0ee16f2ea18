/** The four layers of one prediction, with the numbers that went through them. */

import type { PredictionTrace } from "../shared/events/trace.ts";
import { escapeHtml } from "../shared/page/html-page.ts";

export function predictionPart(prediction: PredictionTrace | null): string[] {
  const layers = (prediction?.layers ?? []).map(
    ({ name, lines }) =>
      `<li><h3>${escapeHtml(name)}</h3><ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("\n")}</ul></li>`,
  );
  return layers.length === 0 ? [] : [`<ol class="layers">${layers.join("\n")}</ol>`];
}

/** What clients hold, and which have little to learn from: told of generated and public rows only. */
import type { ClientSummaries } from "../../shared/events/host-report.ts";
import type { ClientLabels } from "../../shared/events/trace.ts";
import { type ClientRows, presentSlots } from "../features/client-rows.ts";

/** @param classes how many labels there are; 0: the label is a number, and rows are counted alone */
export function clientSummaries(
  clients: ReadonlyMap<string, ClientRows>,
  classes: number,
): ClientSummaries {
  const empty: string[] = [];
  const oneClass: string[] = [];
  const told: ClientLabels[] = [];
  for (const [client, rows] of clients) {
    const slots = presentSlots(rows);
    const { labels } = rows.examples;
    const counts = Array.from({ length: Math.max(1, classes) }, () => 0);
    for (const slot of slots) {
      const place = classes === 0 ? 0 : (labels[slot] ?? 0);
      counts[place] = (counts[place] ?? 0) + 1;
    }
    told.push({ client, counts });
    if (slots.length === 0) empty.push(client);
    else if (classes > 0 && counts.filter((count) => count > 0).length === 1) oneClass.push(client);
  }
  return { empty, oneClass, labels: told };
}

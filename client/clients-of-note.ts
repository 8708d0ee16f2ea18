/** Clients with little to learn from: told of generated and public rows only. */
import type { ClientsOfNote } from "../shared/host-report.ts";
import { type ClientRows, presentSlots } from "./client-rows.ts";

export function clientsOfNote(clients: ReadonlyMap<string, ClientRows>): ClientsOfNote {
  const empty: string[] = [];
  const oneClass: string[] = [];
  for (const [client, rows] of clients) {
    const slots = presentSlots(rows);
    const { labels } = rows.examples;
    if (slots.length === 0) empty.push(client);
    else if (slots.every((slot) => labels[slot] === labels[slots[0] ?? 0])) oneClass.push(client);
  }
  return { empty, oneClass };
}

/** The events of a run that a person should read as they happen, a line each. */
import { printable } from "../shared/errors.ts";
import type { RunEvent } from "../shared/run-event.ts";

/** @returns undefined for what only logs and metrics tell */
export function eventLine(event: RunEvent): string | undefined {
  switch (event.event) {
    case "clients-joined": {
      const { clients, elsewhere, here, awaited, lost } = event;
      if (!elsewhere) return undefined;
      const all = here + awaited + lost;
      return printable(`${told(clients)} joined; ${awaited} of ${all} still to come`);
    }
    case "clients-lost":
      return printable(`lost ${event.clients.join(", ")}: ${event.why}`);
    case "connection-ended": {
      const [first] = event.clients;
      const fate = first === undefined ? "did not join" : `${first} is gone, and awaited again`;
      return printable(`${event.where}: ${fate}: ${event.why}`);
    }
    case "update-refused":
      return printable(`${event.where}: ${event.message}`);
    case "bug":
      // One that ends the process is Node's to print.
      return event.where === "connection" ? `bug: ${event.stack}` : undefined;
    default:
      return undefined;
  }
}

function told(names: readonly string[]): string {
  return names.length > 1 ? `${names[0]} to ${names.at(-1)}` : `${names[0]}`;
}

/** The events of a run that a person should read as they happen, a line each. */
import { printable } from "../../shared/errors.ts";
import type { RunEvent } from "../../shared/events/run-event.ts";

/** More clients than these are told by the first and the last. */
const MOST_NAMES = 3;

/** @returns undefined for what only logs and metrics tell */
export function eventLine(event: RunEvent): string | undefined {
  switch (event.event) {
    case "clients-joined":
      return joinedLine(event);
    case "clients-lost":
      return printable(`lost ${told(event.clients)}: ${event.why}`);
    case "connection-ended":
      return endedLine(event);
    case "clients-late":
      return printable(`${told(event.clients)} did not join in time`);
    case "clients-left-out":
      return leftOutLine(event);
    case "client-sits-out": {
      const { client, silent, rounds } = event;
      return printable(
        `${client} did not answer in ${silent} rounds: not asked in the next ${rounds}`,
      );
    }
    case "waiting":
      return `waiting for clients: ${event.here} of at least ${event.needed} are here`;
    case "update-refused":
      return printable(`${event.where}: ${event.message}`);
    case "bug":
      // One that ends the process is Node's to print.
      return event.where === "connection" ? `bug: ${event.stack}` : undefined;
    default:
      return undefined;
  }
}

type Event<Name extends RunEvent["event"]> = Extract<RunEvent, { readonly event: Name }>;

function joinedLine(event: Event<"clients-joined">): string | undefined {
  const { clients, elsewhere, again, here, awaited, away, lost } = event;
  if (!elsewhere) return undefined;
  if (again) return printable(`${told(clients)} here again`);
  const all = here + awaited + away + lost;
  return printable(`${told(clients)} joined; ${awaited} of ${all} still to come`);
}

function endedLine(event: Event<"connection-ended">): string | undefined {
  const { where, clients, fate, elsewhere, why, untold } = event;
  const others = untold === undefined ? "" : ` (and ${untold} others in between)`;
  if (fate === "stranger") return printable(`${where}: did not join: ${why}${others}`);
  if (fate === "reader") return printable(`${told(clients)} read the plan, and may join`);
  // A host of our own comes back by itself, or its end has a line.
  if (!elsewhere) return undefined;
  return printable(
    `${told(clients)} ${fate === "away" ? "away" : "gone, and awaited again"}: ${why}`,
  );
}

function leftOutLine({ clients, accusations }: Event<"clients-left-out">): string {
  const [first] = accusations;
  const more = accusations.length - 1;
  const others = more > 0 ? `, and ${more} more such` : "";
  const why = `${first?.by} says that the packet of ${first?.of} does not open${others}`;
  return printable(`${told(clients)} left out of all attempts from now on: ${why}`);
}

/** However many they are. */
function told(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(", ");
  return `${names[0]} to ${names.at(-1)}, ${names.length} clients,`;
}

/** What the coordinator says to a peer that does not keep to the protocol. */
import { ProtocolError } from "../../shared/errors.ts";

/** A connection's end in words. */
export function endText(code: number, reason: string): string {
  return reason === "" ? "its connection broke" : `${reason} (${code})`;
}

export function late(where: string): ProtocolError {
  return refusal("auth.late", where, "no valid auth in time", "auth right after hello");
}

export function disorder(where: string, message: string, state: string): ProtocolError {
  return refusal("message.order", where, message, `what follows in state ${state}`);
}

export function refusal(
  what: string,
  where: string,
  got: unknown,
  expected: string,
): ProtocolError {
  const fix = "Run the same release of Murmur on both sides.";
  return new ProtocolError({ what, where, got, expected, fix });
}

/** Clients' names that are not those of whoever brings them. */
export function strangeNames(
  where: string,
  names: readonly string[],
  due: readonly string[],
): ProtocolError {
  const told = (some: readonly string[]) =>
    some.length > 1 ? `${some[0]} to ${some.at(-1)}, ${some.length} clients` : `${some[0]}`;
  return new ProtocolError({
    what: "client.foreign",
    where,
    got: told(names),
    expected: `${told(due)}, by its token or key`,
    fix: "Join with --name and --clients as the coordinator printed them.",
  });
}

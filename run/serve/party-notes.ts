/** What a claim against other owners is worth where each of them is several clients. */
import type { Trust } from "../../shared/privacy/trust.ts";

/** All clients of one key are one party, which knows the noise of all of them. */
export function partyNotes(
  { trust, colluders = 1 }: { readonly trust: Trust; readonly colluders?: number | undefined },
  clientsEach: number,
): string[] {
  if (trust !== "distributed" || clientsEach <= colluders) return [];
  return [
    `each owner has ${clientsEach} ${clientsEach === 1 ? "client" : "clients"}, more than the ${colluders} of privacy.colluders: ε does not hold against another owner`,
  ];
}

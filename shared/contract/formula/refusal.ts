/** How a formula is refused, by its parser and by its checker. */
import { ScenarioError } from "../../errors.ts";

/**
 * @param where for messages: "purchases.yaml, features.recency.formula"
 * @throws ScenarioError `expression`
 */
export function refuse(
  where: string,
  got: string,
  expected: string,
  fix = "Mend the formula.",
): never {
  throw new ScenarioError({ what: "expression", where, got, expected, fix });
}

/** Names for a message, the first of them where they are many. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).join(", ");
  return names.length > MAX_LISTED ? `${shown} and ${names.length - MAX_LISTED} more` : shown;
}

const MAX_LISTED = 20;

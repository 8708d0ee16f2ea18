/** What a rule over several keys of a scenario is, and what it says of one that is broken. */
import type { Scenario } from "./schema.ts";

/** what, got, expected, fix: one broken rule. */
export type Broken = readonly [what: string, got: unknown, expected: string, fix: string];
/** undefined: the rule holds. */
export type Rule = (scenario: Scenario) => Broken | undefined;

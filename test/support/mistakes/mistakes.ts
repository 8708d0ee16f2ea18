import type { Mistake } from "./mistake.ts";
import { PATH_MISTAKES } from "./path-mistakes.ts";
import { SCENARIO_MISTAKES } from "./scenario-mistakes.ts";
import { TABLE_MISTAKES } from "./table-mistakes.ts";

/** All that a new user gets wrong, as far as it was seen or thought of. */
export const MISTAKES: readonly Mistake[] = [
  ...SCENARIO_MISTAKES,
  ...TABLE_MISTAKES,
  ...PATH_MISTAKES,
];

import { ProtocolError } from "../../shared/errors.ts";

/** The code of the refusal that a step ends in; undefined if in none. */
export function refusalOf(step: () => unknown): string | undefined {
  try {
    step();
    return undefined;
  } catch (error) {
    if (error instanceof ProtocolError) return error.problem.what;
    throw error;
  }
}

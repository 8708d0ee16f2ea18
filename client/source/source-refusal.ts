/** How every format refuses a file: by its path and a place in it, never by what a cell holds. */
import { ScenarioError } from "../../shared/errors.ts";

/**
 * @param where the file, as the scenario names it; with a column or line where there is one
 * @param fix where there is more to say
 */
export function refuseFile(
  what: string,
  where: string,
  got: string,
  expected: string,
  fix?: string,
): never {
  throw fileProblem(what, where, got, expected, fix);
}

/** The same, to be thrown by the caller. */
export function fileProblem(
  what: string,
  where: string,
  got: string,
  expected: string,
  fix = "Mend the file.",
): ScenarioError {
  return new ScenarioError({ what, where, got, expected, fix });
}

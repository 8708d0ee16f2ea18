/** What the disk does not take, as a refusal. */
import { reasonOf, ScenarioError } from "../../shared/errors.ts";

/** @throws ScenarioError `disk.full` for whatever `write` throws */
export function onDisk<T>(name: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw new ScenarioError(
      {
        what: "disk.full",
        where: name,
        got: reasonOf(cause),
        expected: "a disk that takes the run folder",
        fix: "Free some of it, or name another place with --out.",
      },
      { cause },
    );
  }
}

/** What a TensorFlow.js model file is refused for: always the file, and the layer where it is one's. */
import { ScenarioError } from "../../errors.ts";

export interface FileFault {
  /** The model file, as the scenario names it. */
  readonly file: string;
  /** Name of the layer at fault, or of another part of the file. */
  readonly part: string;
  readonly got: unknown;
  readonly expected: string;
  readonly fix?: string;
}

export function fileFault({ file, part, got, expected, fix }: FileFault): ScenarioError {
  return new ScenarioError({
    what: "model.file",
    where: `${file}, ${part}`,
    got,
    expected,
    fix: fix ?? "Change the model and save it again.",
  });
}

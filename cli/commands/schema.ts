/** `murmur schema`: the JSON Schema of a scenario, for an editor; the same whatever the flags. */
import { scenarioJsonSchemaText } from "../../run/editor/scenario-schema.ts";

export function schema(): void {
  process.stdout.write(scenarioJsonSchemaText());
}

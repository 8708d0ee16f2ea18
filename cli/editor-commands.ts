/** The commands for editors and shells. */
import type { Command } from "commander";
import { command } from "./terminal/command.ts";

export function addEditorCommands(program: Command): void {
  command(
    program,
    "schema",
    "the JSON Schema of a scenario file: keys, values and what each means, in an editor",
    "schema > scenario.schema.json",
  )
    .addHelpText(
      "after",
      "\nAn editor with a YAML language server reads it where the scenario begins with\n" +
        "  # yaml-language-server: $schema=scenario.schema.json",
    )
    .action(async () => (await import("./commands/schema.ts")).schema());
}

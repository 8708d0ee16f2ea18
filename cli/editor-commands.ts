/** The commands for editors and shells. */
import { Argument, type Command } from "commander";
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

  command(
    program,
    "completion",
    "a script for bash or zsh that completes commands, flags and their values",
    "completion bash > murmur-completion && source ./murmur-completion",
  )
    .addArgument(new Argument("<shell>", "bash or zsh").choices(["bash", "zsh"]))
    .addHelpText(
      "after",
      "\nFor every new shell, in ~/.bashrc or (after compinit) ~/.zshrc, where murmur is installed (npm i -g murmur-fl):\n" +
        "  source <(murmur completion bash)",
    )
    .action(async (shell) => (await import("./commands/completion.ts")).completion(shell, program));
}
